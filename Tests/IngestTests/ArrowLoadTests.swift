import Diagnostics
import Events
import Store
import Support
import Testing

@testable import Ingest

/// Tables from Arrow files of other programs, and ours in their hands.
@Suite(.enabled(if: Support.python != nil, "needs the Python oracles"))
struct ArrowLoadTests {
  /// Writes `table`, which the script makes, as an Arrow file.
  private func write(_ script: String, _ path: String) throws {
    let whole = """
      import sys, datetime as dt, decimal, pyarrow as pa
      T = dt.datetime
      \(script)
      with pa.ipc.new_file(sys.argv[1], table.schema) as w: w.write_table(table, max_chunksize=2)
      """
    _ = try Support.runPython(whole, [path])
  }

  private func load(_ bench: LoadBench, _ target: LoadTarget, _ script: String) throws -> LoadSummary {
    let path = bench.bench.folder + "/made.arrow"
    try write(script, path)
    return try bench.load(target, Support.read(path), name: "copy.arrow")
  }

  @Test func `pyarrow's types are read as the project says`() throws {
    let bench = try LoadBench()
    let summary = try load(
      bench, .users,
      """
      table = pa.table({
        'tier': pa.array(['gold', None, 'é', 'gold', 'x']).dictionary_encode(),
        'is_premium': pa.array([True, False, None, True, False]),
        'age': pa.array([1.5, float('nan'), None, 5e9, -2.0]),
        'since': pa.array([T(2026,1,1), None, T(2026,7,1,12), T(2026,3,29,2,30), T(1,1,1)], pa.timestamp('us')),
        'user_id': pa.array([7, -8, 9, 10, None]),
      })
      """)
    #expect(summary.read == 5 && summary.rows == 4)
    #expect(
      summary.problems.map(\.words) == [
        "no_id: 1 row rejected (row 5)", "age: 1 value unknown, bad_number (row 4)",
      ])
    #expect(
      try bench.users() == [
        "-8 premium=false", "10 premium=true since=2026-03-29T01:00:00.000Z tier=gold",
        "7 age=1.5 premium=true since=2025-12-31T23:00:00.000Z tier=gold",
        "9 since=2026-07-01T10:00:00.000Z tier=é",
      ])
  }

  @Test(arguments: [
    ("pa.array([dt.date(2026, 7, 1)], pa.date32())", "2026-06-30T22:00:00.000Z"),
    ("pa.array([dt.date(2026, 7, 1)], pa.date64())", "2026-06-30T22:00:00.000Z"),
    ("pa.array([T(2026, 7, 1)], pa.timestamp('s', 'UTC'))", "2026-07-01T00:00:00.000Z"),
    ("pa.array([T(2026, 7, 1)], pa.timestamp('ns', 'Asia/Tokyo'))", "2026-07-01T00:00:00.000Z"),
    ("pa.array([T(2026, 7, 1)], pa.timestamp('ms'))", "2026-06-30T22:00:00.000Z"),
    ("pa.array(['2026-07-01'], pa.large_string())", "2026-06-30T22:00:00.000Z"),
  ])
  func `times of every unit are instants`(_ array: String, _ time: String) throws {
    let bench = try LoadBench()
    _ = try load(
      bench, .articles,
      "table = pa.table({'id': pa.array([b'a'], pa.large_binary()), 'words': pa.nulls(1), 'published': \(array)})"
    )
    #expect(try bench.articles() == ["a article.published=\(time)"])
  }

  @Test(arguments: [
    "pa.array([250], pa.uint8())", "pa.array([250], pa.int64())", "pa.array([250.0], pa.float32())",
    "pa.array([decimal.Decimal('250.00')], pa.decimal128(12, 2))",
    "pa.array([decimal.Decimal('250.00')], pa.decimal64(12, 2))", "pa.array(['250'])",
    "pa.array([250]).dictionary_encode()", "pa.array([250.0], pa.float16())",
  ])
  func `numbers of every width are numbers`(_ array: String) throws {
    let bench = try LoadBench()
    _ = try load(
      bench, .articles,
      "table = pa.table({'id': ['a'], 'words': \(array), 'published': pa.nulls(1)})")
    #expect(try bench.articles() == ["a article.words=250.0"])
  }

  @Test(arguments: [
    ("['a']", "pa.array([[1]])", "words"), ("['a']", "[True]", "words"),
    ("['a']", "[dt.date(2026, 1, 1)]", "words"), ("[1.5]", "[1]", "id"),
    ("['a']", "pa.array([decimal.Decimal(1)], pa.decimal256(50, 2))", "words"),
  ])
  func `a column of a wrong kind is an error that names it`(_ id: String, _ words: String, _ column: String)
    throws
  {
    let bench = try LoadBench()
    let error = #expect(throws: Diagnostic.self) {
      try load(
        bench, .articles, "table = pa.table({'id': \(id), 'words': \(words), 'published': pa.nulls(1)})")
    }
    #expect(error?.code == .f3 && error?.message.hasPrefix("the column '\(column)' holds ") == true)
    #expect(try bench.bench.store.snapshot().manifest.version == 0)
  }

  @Test(arguments: ["pq.write_table(table, sys.argv[1], row_group_size=2)", "stream()"])
  func `a table comes from Parquet or an Arrow stream as well`(_ write: String) throws {
    let bench = try LoadBench()
    let path = bench.bench.folder + "/made"
    let script = """
      import sys, datetime as dt, pyarrow as pa, pyarrow.parquet as pq
      table = pa.table({
        'tier': ['gold', None, 'é', 'gold'], 'is_premium': [True, False, None, True], 'age': [1.5, None, 3, 5e9],
        'since': [dt.datetime(2026, 1, 1)] * 4, 'user_id': ['anna', 'ben', 'cleo', None]})
      def stream():
        with pa.ipc.new_stream(sys.argv[1], table.schema) as w: w.write_table(table, max_chunksize=2)
      \(write)
      """
    _ = try Support.runPython(script, [path])
    let summary = try bench.load(.users, Support.read(path))
    #expect(summary.read == 4 && summary.problems.map(\.words) == ["no_id: 1 row rejected (row 4)"])
    let since = "since=2025-12-31T23:00:00.000Z"
    #expect(
      try bench.users() == [
        "anna age=1.5 premium=true \(since) tier=gold", "ben premium=false \(since)",
        "cleo age=3.0 \(since) tier=é",
      ])
  }

  @Test func `lists, also of bytes that are no text`() throws {
    let bench = try LoadBench()
    let summary = try load(
      bench, .list("vips", column: nil),
      "table = pa.table({'x': [1, 2, 3], 'user_id': pa.array([b'anna', b'\\xff', b'b\\x00'], pa.binary())})")
    #expect(summary.column == "user_id" && summary.problems.map(\.reason) == ["not_utf8", "nul_byte"])
    #expect(try bench.list("vips") == ["anna"])
    _ = try load(
      bench, .list("vips", column: "x"), "table = pa.table({'x': [1, 2, 2], 'user_id': ['a'] * 3})")
    #expect(try bench.list("vips") == ["1", "2"])
    let missing = #expect(throws: Diagnostic.self) {
      try load(bench, .list("vips", column: "usr_id"), "table = pa.table({'user_id': ['a']})")
    }
    #expect(missing?.hint == "did you mean 'user_id'?")
  }

  @Test func `a file cut off or damaged anywhere is an error with its place, or gives what it holds`() throws
  {
    let bench = try LoadBench()
    let path = bench.bench.folder + "/made.arrow"
    try write("table = pa.table({'user_id': ['anna', 'ben', 'cleo']})", path)
    let bytes = Support.read(path)
    for cut in stride(from: 6, to: bytes.count, by: 7) {
      let error = #expect(throws: Diagnostic.self) {
        try bench.load(.list("a", column: nil), bytes.prefix(cut))
      }
      #expect(error?.code == .f3)
    }
    #expect(try bench.bench.store.snapshot().manifest.version == 0)
    for at in 0..<bytes.count {
      var broken = bytes
      broken[at] ^= 1 << UInt8(at % 8)
      // pyarrow writes no checksums, so some bits give other ids; none may give a crash or a broken store.
      do { try bench.load(.list("a", column: nil), broken) } catch is Diagnostic {}
    }
    #expect(StoreVerification.run(try bench.bench.store.snapshot()).findings == [])
  }

  @Test func `pyarrow, pandas and Polars read what we write`() throws {
    let bench = try LoadBench()
    try bench.load(
      .users, (LoadTests.header + "anna,gold,2026-01-01,1,true\nben,,,,\ncleo,é,,2.5,no\n").utf8)
    try bench.load(.articles, "id;published;words\na1;2026-01-01;3\n".utf8)
    try bench.load(.list("vips", column: nil), "b\na\n".utf8)
    let script = """
      import sys, pyarrow as pa, polars as pl
      folder = sys.argv[1]
      reader = pa.ipc.open_file(f'{folder}/users-000001.arrow')
      assert reader.num_record_batches == 4
      users = reader.read_all()
      users.validate(full=True)
      assert users.schema.field('since').type == pa.timestamp('ms', 'UTC')
      rows = {r['user']: r for r in users.to_pylist()}
      assert rows['ben'] == dict(user='ben', tier=None, since=None, age=None, premium=None)
      print(rows['anna']['since'].isoformat(), rows['anna']['premium'], rows['cleo']['tier'], rows['cleo']['age'])
      assert users.to_pandas().shape == (3, 5)
      assert pl.read_ipc(f'{folder}/users-000001.arrow').height == 3
      assert pa.ipc.open_file(f'{folder}/articles-000002.arrow').read_all().column_names == ['article', 'published', 'words']
      print(pa.ipc.open_file(f'{folder}/list-vips-000003.arrow').read_all().to_pydict(), end='')
      """
    #expect(
      try Support.runPython(script, [bench.bench.project.store + "/tables"])
        == "2025-12-31T23:00:00+00:00 true é 2.5\n{'id': ['a', 'b']}")
  }
}
