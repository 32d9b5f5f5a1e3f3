import Diagnostics
import Support
import Testing

@testable import Delivery

struct MemberExportTests {
  private let folder = Support.temporaryFolder()

  private func export(_ ids: [String], _ format: MemberFormat, compressed: Bool = false, count: Int? = nil)
    throws -> ExportReceipt
  {
    let export = MemberExport(
      segment: "fans", format: format, compressed: compressed, count: count ?? ids.count)
    return try export.write(to: folder) { take throws(Diagnostic) in
      try take(ids.map { Array($0.utf8)[...] })
    }
  }

  @Test func `ids with commas, quotes and line ends come back from csv byte for byte`() throws {
    let receipt = try export(["plain", "a,b", "say \"hi\"", "two\nlines", "é🙂", " lead"], .csv)
    #expect(receipt.rows == 6)
    let expected = "user_id\nplain\n\"a,b\"\n\"say \"\"hi\"\"\"\n\"two\nlines\"\né🙂\n lead\n"
    #expect(Support.read(receipt.path) == Array(expected.utf8))
  }

  @Test func `a wrong count writes nothing`() throws {
    #expect(throws: Diagnostic.self) { try export(["a", "b"], .csv, count: 3) }
    #expect(Support.names(in: folder).isEmpty)
  }

  @Test(.enabled(if: Support.python != nil, "needs the Python oracles"))
  func `gzip and sha-256 agree with Python's`() throws {
    let ids = (0..<200_000).map { "user-\($0 &* 7919)" }
    let receipt = try export(ids, .jsonl, compressed: true)
    let script = """
      import gzip, hashlib, json, sys
      data = open(sys.argv[1], 'rb').read()
      rows = [json.loads(line)['user_id'] for line in gzip.decompress(data).splitlines()]
      assert rows == [f'user-{i * 7919}' for i in range(200000)]
      print(hashlib.sha256(data).hexdigest(), end='')
      """
    #expect(try Support.runPython(script, [receipt.path]) == receipt.sha256)
  }
}
