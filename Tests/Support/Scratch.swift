#if canImport(Glibc)
  import Glibc
#endif

extension Support {
  /// A new folder that only this test knows.
  public static func temporaryFolder() -> String {
    var template =
      Array((environment("TMPDIR") ?? "/tmp").utf8CString.dropLast())
      + Array("/grandstand-XXXXXX".utf8CString)
    let made = template.withUnsafeMutableBufferPointer { $0.baseAddress.flatMap { mkdtemp($0) } != nil }
    precondition(made, "no temporary folder")
    return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// Removes a temporary folder. Only long campaigns need it.
  public static func remove(_ folder: String) { _ = system("rm -rf '\(folder)'") }

  /// A whole file; empty where there is none.
  public static func read(_ path: String) -> [UInt8] {
    guard let file = fopen(path, "rb") else { return [] }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = fread(&buffer, 1, buffer.count, file)
      if count == 0 { return bytes }
      bytes += buffer[..<count]
    }
  }

  public static func write(_ bytes: some Sequence<UInt8>, to path: String) {
    guard let file = fopen(path, "wb") else { preconditionFailure("cannot write \(path)") }
    defer { fclose(file) }
    let bytes = Array(bytes)
    _ = fwrite(bytes, 1, bytes.count, file)
  }

  /// The names in a folder, sorted.
  public static func names(in folder: String) -> [String] {
    guard let handle = opendir(folder) else { return [] }
    defer { closedir(handle) }
    var names: [String] = []
    while let entry = readdir(handle) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names.sorted()
  }
}
