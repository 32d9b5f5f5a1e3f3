import CLibFuzzer
import Glibc

// `tools/fuzz` builds and starts this. FUZZ_TARGET chooses what is fuzzed; the arguments are libFuzzer's.

let chosen = getenv("FUZZ_TARGET").map { String(cString: $0) } ?? ""
guard let target = FuzzTarget(rawValue: chosen) else {
  let names = FuzzTarget.allCases.map(\.rawValue).joined(separator: " ")
  print("FUZZ_TARGET must be one of: \(names)")
  exit(2)
}
FuzzTarget.current = target

var count = CommandLine.argc
var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = CommandLine.unsafeArgv
exit(
  LLVMFuzzerRunDriver(&count, &arguments) { data, size in
    FuzzTarget.current.run(Array(UnsafeBufferPointer(start: data, count: size)))
    return 0
  })
