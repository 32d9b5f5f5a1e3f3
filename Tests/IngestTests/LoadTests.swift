import Diagnostics
import Events
import Gzip
import Project
import Store
import Support
import Testing

@testable import Ingest

/// A project with attributes, and what a day knows of it.
struct LoadBench {
  var bench: IngestBench
  static let text = """
    buckets: 4
    time_zone: Europe/Brussels
    users:
      key: user_id
      fields: {tier: text, since: time, age: number, premium: {column: is_premium, kind: boolean}}
    articles: {key: id, fields: {published: time, words: number}, delimiter: ;}
    sources: {rows: {format: csv, user: u, time: t, fields: {article: a}}}
    """

  init() throws { bench = try IngestBench(Self.text) }

  var day: Day { Day(number: 20_000) }

  @discardableResult
  func load(
    _ target: LoadTarget, _ bytes: some Sequence<UInt8>, from: Int = 20_000, name: String = "table",
    _ change: (inout LoadOptions) -> Void = { _ in }
  ) throws -> LoadSummary {
    let path = bench.folder + "/" + name
    Support.write(bytes, to: path)
    var options = LoadOptions(from: Day(number: Int32(from)))
    change(&options)
    return try LoadJob(project: bench.project, store: bench.store, target: target, options: options).run(path)
  }

  /// The users, sorted: `anna tier=gold since=… age=41`.
  func users(asOf day: Int = 20_000) throws -> [String] {
    let snapshot = try bench.store.snapshot()
    let dimensions = try snapshot.dimensions(asOf: Day(number: Int32(day)))
    return try (0..<snapshot.bucketCount).flatMap {
      Self.rows(try dimensions.users(in: BucketIndex(UInt32($0))))
    }.sorted()
  }

  func articles() throws -> [String] {
    Self.rows(try bench.store.snapshot().dimensions(asOf: day).articles()).sorted()
  }

  func list(_ name: String, asOf day: Int = 20_000) throws -> [String]? {
    try bench.store.snapshot().dimensions(asOf: Day(number: Int32(day))).list(name)?.map {
      String(decoding: $0, as: UTF8.self)
    }.sorted()
  }

  private static func rows(_ table: AttributeTable) -> [String] {
    table.rows.map { key, row in
      var text = String(decoding: key, as: UTF8.self)
      for (field, column) in table.columns.sorted(by: { $0.key < $1.key }) {
        switch column {
        case .codes(let codes, let dictionary) where Int(codes[row]) < dictionary.values.count:
          text += " \(field.name)=\(dictionary.values[Int(codes[row])])"
        case .numbers(let numbers) where !numbers[row].isNaN: text += " \(field.name)=\(numbers[row])"
        case .times(let times) where times[row] != .min:
          text += " \(field.name)=\(Milliseconds(times[row]).text)"
        default: break
        }
      }
      return text
    }
  }
}

struct LoadTests {
  static let header = "user_id,tier,since,age,is_premium\n"

  @Test func `values become what the project says, in the zone of the store`() throws {
    let bench = try LoadBench()
    let rows = """
      anna,gold,2026-03-29,41,true
      ben,"a ""b"", c",2026-03-29T12:00:00Z,1e3,No
      cleo,,2026-07-01 08:00:00,-0.5,1
      dora,silver,2026-07-01 08:00:00-05:00,,
      """
    let summary = try bench.load(.users, (Self.header + rows).utf8)
    #expect(summary.version == 1 && summary.read == 4 && summary.rows == 4 && summary.problems == [])
    #expect(
      try bench.users() == [
        "anna age=41.0 premium=true since=2026-03-28T23:00:00.000Z tier=gold",
        "ben age=1000.0 premium=false since=2026-03-29T12:00:00.000Z tier=a \"b\", c",
        "cleo age=-0.5 premium=true since=2026-07-01T06:00:00.000Z",
        "dora since=2026-07-01T13:00:00.000Z tier=silver",
      ])
    // Columns in another order, more of them, gzip, and the delimiter of the section.
    let articles = "x;words;published;id\n;900;2026-01-02;a1\n;;;0\n"
    let packed = GzipStream().compress(Array(articles.utf8), last: true)
    try bench.load(.articles, packed)
    #expect(
      try bench.articles() == ["0", "a1 article.published=2026-01-01T23:00:00.000Z article.words=900.0"])
    #expect(StoreVerification.run(try bench.bench.store.snapshot()).findings == [])
  }

  @Test func `each load replaces the whole table from its day on`() throws {
    let bench = try LoadBench()
    try bench.load(.users, (Self.header + "anna,gold,,,\nben,gold,,,\n").utf8, from: 20_000)
    let summary = try bench.load(.users, (Self.header + "anna,silver,,,\n").utf8, from: 20_010)
    #expect(summary.before == 2 && summary.rows == 1 && summary.until == nil)
    #expect(try bench.users(asOf: 19_999) == [])
    #expect(try bench.users(asOf: 20_000) == ["anna tier=gold", "ben tier=gold"])
    #expect(try bench.users(asOf: 20_009) == ["anna tier=gold", "ben tier=gold"])
    #expect(try bench.users(asOf: 20_010) == ["anna tier=silver"])
    let backdated = try bench.load(.users, (Self.header + "cleo,gold,,,\n").utf8, from: 20_005)
    #expect(backdated.until == Day(number: 20_010).description)
    #expect(try bench.users(asOf: 20_006) == ["cleo tier=gold"])
    #expect(try bench.users(asOf: 20_010) == ["anna tier=silver"])
  }

  @Test func `the same content for the same day adds nothing, and going back to older content does`() throws {
    let bench = try LoadBench()
    let (first, second) = (Self.header + "anna,gold,,,\n", Self.header + "anna,silver,,,\n")
    #expect(try bench.load(.users, first.utf8).version == 1)
    #expect(try bench.load(.users, first.utf8).version == nil)
    #expect(try bench.load(.users, GzipStream().compress(Array(first.utf8), last: true)).version == nil)
    #expect(try bench.bench.store.snapshot().manifest.tables.count == 1)
    #expect(Support.names(in: bench.bench.project.store + "/tables") == ["users-000001.arrow"])
    #expect(try bench.load(.users, second.utf8).version == 2)
    #expect(try bench.load(.users, first.utf8).version == 3)
    #expect(try bench.users() == ["anna tier=gold"])
    #expect(try bench.load(.users, first.utf8, from: 20_001).version == 4)
  }

  @Test func `of an id that comes twice the last row counts, and every row is accounted for`() throws {
    let bench = try LoadBench()
    let rows = """
      anna,gold,2026-01-01,40,true
      ,gold,,,
      NULL,gold,,,
      ben,silver,01/02/2026,forty,perhaps
      anna,silver,,5e9,
      short,row
      \(String(repeating: "x", count: 256)),gold,,,

      cleo,\(String(repeating: "x", count: 1025)),,,
      """
    let summary = try bench.load(.users, (Self.header + rows).utf8)
    #expect(summary.read == 8 && summary.rows == 3 && summary.repeated == 1 && summary.rejected == 4)
    #expect(summary.read == summary.rows + summary.repeated + summary.rejected && summary.unreadable == 5)
    #expect(try bench.users() == ["anna tier=silver", "ben tier=silver", "cleo"])
    #expect(
      Set(summary.problems.map(\.words)) == [
        "no_id: 1 row rejected (line 3)", "placeholder_id: 1 row rejected (line 4)",
        "column_count: 1 row rejected (line 7)", "id_too_long: 1 row rejected (line 8)",
        "tier: 1 value unknown, value_too_long (line 10)", "since: 1 value unknown, bad_time (line 5)",
        "age: 2 values unknown, bad_number (lines 5, 6)", "premium: 1 value unknown, bad_boolean (line 5)",
      ])
    #expect(StoreVerification.run(try bench.bench.store.snapshot()).findings == [])
  }

  @Test func `too many troubled rows leave the store as it was`() throws {
    let bench = try LoadBench()
    let rows = Self.header + "anna,,x,,\nben,,,,\n,,,,\ncleo,,,,\n"
    for limit in [IngestOptions.RejectLimit.count(1), .share(0.49)] {
      let error = #expect(throws: Diagnostic.self) {
        try bench.load(.users, rows.utf8) { $0.maximumRejected = limit }
      }
      #expect(error?.code == .i1 && error?.notes.count == 2)
    }
    #expect(try bench.bench.store.snapshot().manifest.version == 0)
    #expect(try bench.load(.users, rows.utf8) { $0.maximumRejected = .share(0.5) }.rows == 3)
  }

  @Test func `an outage does not become nobody`() throws {
    let bench = try LoadBench()
    try bench.load(.list("stop", column: nil), "anna\n".utf8)
    for empty in ["", "\n\n", "user_id\n", "\u{feff}"] {
      let error = #expect(throws: Diagnostic.self) { try bench.load(.list("stop", column: nil), empty.utf8) }
      #expect(error?.code == .i4, "\(empty)")
    }
    let useless = #expect(throws: Diagnostic.self) {
      try bench.load(.list("stop", column: nil), "null\nundefined\n".utf8) { $0.allowsEmpty = true }
    }
    #expect(useless?.code == .i1)
    #expect(throws: Diagnostic.self) { try bench.load(.users, "".utf8) }
    #expect(throws: Diagnostic.self) { try bench.load(.users, Self.header.utf8) }
    #expect(try bench.list("stop") == ["anna"])
    try bench.load(.list("stop", column: nil), "".utf8) { $0.allowsEmpty = true }
    try bench.load(.users, Self.header.utf8) { $0.allowsEmpty = true }
    #expect(try bench.list("stop") == [] && bench.users() == [])
  }

  @Test(arguments: [
    ("anna\nben\n", nil, nil, ["anna", "ben"]), ("\u{feff}anna\r\n\r\nben", nil, nil, ["anna", "ben"]),
    ("user_id\nanna\n", nil, "user_id", ["anna"]), ("\"USER_ID\"\n\"an,na\"\n", nil, "USER_ID", ["an,na"]),
    ("email,user_id\nx@y,anna\n", nil, "user_id", ["anna"]), ("id,email\nanna,x@y\n", nil, "id", ["anna"]),
    ("a,b\n1,2\n", "b", "b", ["2"]), ("hash\nanna\n", "hash", "hash", ["anna"]),
    ("hash\nanna\n", nil, nil, ["anna", "hash"]), ("007\n7\n", nil, nil, ["007", "7"]),
  ])
  func `a list is one id a line, or a column of a CSV file`(
    _ text: String, _ column: String?, _ found: String?, _ ids: [String]
  ) throws {
    let bench = try LoadBench()
    let summary = try bench.load(.list("vips", column: column), text.utf8)
    #expect(summary.column == found && summary.rejected == 0)
    #expect(try bench.list("vips") == ids)
  }

  @Test func `where the clock jumps over midnight a date begins with the end of the gap`() throws {
    var bench = try LoadBench()
    bench.bench = try IngestBench(LoadBench.text.replacing("Europe/Brussels", with: "America/Santiago"))
    try bench.load(
      .users,
      (Self.header + "anna,,2026-09-06,,\nben,,2026-09-06 00:30:00,,\ncleo,,2026-09-06 01:00:00,,\n").utf8)
    #expect(try bench.users().allSatisfy { $0.hasSuffix("since=2026-09-06T04:00:00.000Z") })
    #expect(try bench.users().count == 3)
  }

  @Test func `ids that are in the store are counted`() throws {
    let bench = try LoadBench()
    let path = bench.bench.folder + "/a.csv"
    Support.write("u,t,a\nanna,2026-01-01 10:00:00,a1\nben,2026-01-01 10:00:00,é\n".utf8, to: path)
    try bench.bench.ingest([path])
    #expect(try bench.load(.users, (Self.header + "anna,,,,\nzoe,,,,\n").utf8).known == 1)
    #expect(try bench.load(.list("vips", column: nil), "ben\nanna\nzoe\nanna\n".utf8).known == 2)
    // Ids compare as bytes: the same letter in another composition is another article.
    #expect(try bench.load(.articles, "id;published;words\na1;;\ne\u{301};;\na2;;\n".utf8).known == 1)
  }

  @Test func `a file of tables without their section, or a store of other buckets, is refused`() throws {
    let bare = try IngestBench("buckets: 4\nsources: {rows: {format: csv, user: u, time: t}}")
    let job = LoadJob(
      project: bare.project, store: bare.store, target: .users, options: LoadOptions(from: Day(number: 1)))
    #expect(#expect(throws: Diagnostic.self) { try job.run("x") }?.code == .c1)
    var other = try LoadBench().bench
    other.project.buckets = 8
    let list = LoadJob(
      project: other.project, store: other.store, target: .list("a", column: nil),
      options: LoadOptions(from: Day(number: 1)))
    #expect(#expect(throws: Diagnostic.self) { try list.run("x") }?.code == .s5)
  }
}
