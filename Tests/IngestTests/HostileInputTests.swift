import Diagnostics
import Events
import Gzip
import Support
import Testing

@testable import Ingest

/// Broken and hostile files: a reject with its line, or an error with its place; never a crash, never a wrong row.
struct HostileInputTests {
  private static let csv =
    "buckets: 1\nsources: {rows: {format: csv, user: u, time: t, fields: {section: s}}}"

  private func line(_ columns: [Int: String]) -> String { HistoryTests.line(columns) }

  private func view(_ number: Int, _ contexts: String) -> String {
    line([
      3: "2026-03-20 10:00:00", 5: "page_view", 6: "e\(number)", 15: "u\(number)", 52: contexts,
      77: "Mozilla",
      123: "s\(number)", 124: "2026-03-20 10:00:00", 126: "page_view",
    ])
  }

  private func page(_ id: String, _ more: String = "") -> String {
    "{\"data\":[{\"schema\":\"iglu:com.snowplowanalytics.snowplow/web_page/jsonschema/1-0-0\",\"data\":{\"id\":\"\(id)\"}}\(more)]}"
  }

  @Test func `one broken line harms itself only`() throws {
    let bench = try IngestBench(HistoryTests.project)
    let deep = String(repeating: "[", count: 10_000) + String(repeating: "]", count: 10_000)
    let good = view(1, page("v1"))
    let broken: [(String, String)] = [
      ("nul_byte", view(2, page("v2")).replacing("Mozilla", with: "Mo\u{0}zilla")),
      ("bad_json", view(3, deep)),
      ("bad_json", view(4, "{\"data\":[")),
      ("column_count", good + "\t"),
      ("bad_time", good.replacing("2026-03-20 10:00:00", with: "2026-02-30 10:00:00")),
      ("time_out_of_range", good.replacing("2026-03-20 10:00:00", with: "9999-03-20 10:00:00")),
      ("line_too_long", String(repeating: "x", count: 3 << 20)), ("no_page_view_id", view(5, page(""))),
      ("user_id_too_long", good.replacing("\tu1\t", with: "\t" + String(repeating: "u", count: 300) + "\t")),
      ("no_session", good.replacing("\ts1\t", with: "\t\t")),
    ]
    var bytes: [UInt8] = []
    for (_, line) in broken { bytes += Array(line.utf8) + [0x0a] }
    bytes += Array(good.utf8.map { $0 == UInt8(ascii: "z") ? 0xff : $0 }) + [0x0a]
    // A lone quote is text like any other.
    bytes += Array(("\"lone" + view(9, page("v9")) + "\n").utf8)
    bytes += Array(good.utf8)  // No line end at the end of the file.
    let path = bench.folder + "/a.tsv"
    Support.write(bytes, to: path)
    let summary = try bench.ingest([path])
    var expected = Dictionary(grouping: broken, by: \.0).mapValues(\.count)
    expected["not_utf8"] = 1
    #expect(summary.entry.reasons == expected)
    #expect(summary.entry.stored == 2 && summary.entry.isBalanced)
    // The rejects name their lines, and the rows can be read again after mending.
    let log = String(decoding: Support.read(summary.rejects ?? ""), as: UTF8.self)
    #expect(log.contains("\"line\":4,\"reason\":\"column_count\""))
  }

  @Test func `a gzip file cut off anywhere is an error with its place, and nothing is taken`() throws {
    let bench = try IngestBench(Self.csv)
    let text = "u,t,s\n" + (0..<2000).map { "u\($0),2026-01-01 10:00:00,s\($0 &* 7919)\n" }.joined()
    let packed = GzipStream().compress(Array(text.utf8), last: true)
    let path = bench.folder + "/a.csv.gz"
    for cut in [3, 9, 12, 100, packed.count / 2, packed.count - 9, packed.count - 1] {
      Support.write(packed.prefix(cut), to: path)
      let error = #expect(throws: Diagnostic.self) { try bench.ingest([path]) }
      #expect(error?.code == .i3 && error?.place?.file == path, "cut at \(cut)")
    }
    for at in stride(from: 20, to: packed.count, by: packed.count / 15) {
      var broken = packed
      broken[at] ^= 0x10
      Support.write(broken, to: path)
      #expect(throws: Diagnostic.self) { try bench.ingest([path]) }
    }
    #expect(try bench.store.snapshot().manifest.version == 0)
    // Two members end to end are one file.
    Support.write(packed + GzipStream().compress(Array("u0,2026-01-02,x\n".utf8), last: true), to: path)
    #expect(try bench.ingest([path]).entry.stored == 2001)
  }

  @Test(.enabled(if: Support.python != nil, "needs the Python oracles"))
  func `a gzip bomb streams through without filling memory`() throws {
    let bench = try IngestBench(Self.csv)
    let path = bench.folder + "/bomb.csv.gz"
    let script = """
      import gzip, sys
      with gzip.open(sys.argv[1], 'wb', compresslevel=9) as f:
          f.write(b'u,t,s\\n')
          for _ in range(300): f.write(b'0' * 1_000_000)
      """
    _ = try Support.runPython(script, [path])
    let summary = try bench.ingest([path])
    #expect(summary.entry.reasons == ["line_too_long": 1] && summary.entry.read == 1)
  }

  @Test(.enabled(if: Support.python != nil, "needs the Python oracles"))
  func `random quoted CSV gives the rows of Python's csv module`() throws {
    let folder = Support.temporaryFolder()
    let script = """
      import csv, random, sys
      random.seed(11)
      pieces = ['a', '"', ',', '\\n', '\\r\\n', ' ', 'é', '', ';', 'x' * 30]
      with open(sys.argv[1], 'w', newline='') as f:
          w = csv.writer(f, lineterminator=random.choice(['\\n', '\\r\\n']))
          w.writerow(['u', 't', 's'])
          for i in range(3000):
              w.writerow([f'u{i}', '2026-01-01 10:00:00', ''.join(random.choices(pieces, k=random.randint(0, 5)))])
      for row in csv.DictReader(open(sys.argv[1], newline='')):
          print(row['u'], row['s'].encode().hex())
      """
    let expected = try Support.runPython(script, [folder + "/a.csv"]).split(separator: "\n").map(String.init)
      .sorted()
    let bench = try IngestBench(Self.csv)
    let summary = try bench.ingest([folder + "/a.csv"])
    #expect(summary.entry.stored == 3000)
    let snapshot = try bench.store.snapshot()
    let users = try snapshot.users(in: BucketIndex(0))
    var found: [String] = []
    for batch in try snapshot.batches(of: snapshot.days[0], in: BucketIndex(0), fields: [.section]) {
      for row in 0..<batch.rowCount {
        let hex = IngestBench.text(batch.columns[.section], row).utf8.map { byte in
          (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }.joined()
        found.append("\(String(decoding: users[Int(batch.users[row])], as: UTF8.self)) \(hex)")
      }
    }
    // An empty value is unknown here, and nothing stands behind the id.
    #expect(found.sorted() == expected.sorted())
  }

  @Test func `a quote that is never closed costs its own line only`() throws {
    let bench = try IngestBench(Self.csv)
    let path = bench.folder + "/a.csv"
    let rows = (0..<300).map { $0 == 7 ? "u7,2026-01-01,\"open" : "u\($0),2026-01-01,s" }
    Support.write(("u,t,s\n" + rows.joined(separator: "\n") + "\n").utf8, to: path)
    let summary = try bench.ingest([path])
    #expect(summary.entry.stored == 299 && summary.entry.reasons == ["bad_quoting": 1])
  }

  @Test func `self-describing JSON is found by version patterns, in lists and behind several candidates`()
    throws
  {
    let bench = try IngestBench(
      """
      buckets: 1
      sources:
        web:
          format: snowplow
          fields:
            section: [contexts.com.acme/article/2.section, contexts.com.acme/article/1-0.section]
            author: contexts.com.acme/article/*.authors.name
            tag: contexts.com.acme/tag/1.id
            brand: contexts.com.acme/tag/1[1].id
            value: unstruct.com.acme/buy/1.price
      """)
    let more = """
      ,{"schema":"iglu:com.acme/article/jsonschema/1-0-7","data":{"section":"caf\\u00e9\\/x","authors":[{"name":"a"},{"name":"b"}]}}\
      ,{"schema":"iglu:com.acme/article/jsonschema/1-1-0","data":{"section":"wrong"}}\
      ,{"schema":"iglu:com.acme/tag/jsonschema/1-0-0","data":{"id":1}},{"schema":"iglu:com.acme/tag/jsonschema/1-0-0","data":{"id":true}}
      """
    let path = bench.folder + "/a.tsv"
    var columns = view(1, page("v", more)).split(separator: "\t", omittingEmptySubsequences: false).map(
      String.init)
    columns[58] = #"{"data":{"schema":"iglu:com.acme/buy/jsonschema/1-0-0","data":{"price":9.95}}}"#
    Support.write(columns.joined(separator: "\t").utf8, to: path)
    #expect(try bench.ingest([path]).entry.stored == 1)
    let row = try #require(try bench.rows().first)
    #expect(row.contains("café/x") && row.contains("1,true") && row.contains("a,b") && row.contains("9.95"))
    #expect(row.contains("|true|"))
  }
}
