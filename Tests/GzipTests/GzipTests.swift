import Support
import Testing

@testable import Gzip

@Suite(.enabled(if: Support.python != nil, "needs the Python oracles"))
struct GzipTests {
  @Test func `Python unpacks what we packed in pieces`() throws {
    let stream = GzipStream()
    var packed: [UInt8] = []
    for piece in 0..<50 {
      packed += stream.compress(
        Array("line \(piece) \(String(repeating: "é", count: piece * 97))\n".utf8), last: piece == 49)
    }
    let path = Support.temporaryFolder() + "/x.gz"
    Support.write(packed, to: path)
    let script = """
      import gzip, sys
      text = ''.join(f'line {i} ' + 'é' * (i * 97) + '\\n' for i in range(50))
      print(gzip.open(sys.argv[1]).read().decode() == text, end='')
      """
    #expect(try Support.runPython(script, [path]) == "True")
  }
}
