import Diagnostics
import Events
import Store
import Support
import Testing

@testable import Ingest

/// Events from Arrow and Parquet files of other programs.
@Suite(.enabled(if: Support.python != nil, "needs the Python oracles"))
struct ArrowIngestTests {
  private static func project(_ format: String, time: String = "t", more: String = "") -> String {
    """
    buckets: 4
    time_zone: Europe/Brussels
    numbers: [props.score]
    sources:
      rows:
        format: \(format)
        user: [u, other]
        time: \(time)
        time_zone: America/New_York
        event_id: id
        session: s
        view: v
        dwell_unit: ms
        fields: {event: e, article: a.id, section: a.section, tag: tags, author: a.authors.name, dwell: d,
          referrer: url, props.consent: consent, props.age: age, props.score: score}
    \(more)
    """
  }

  /// Python that makes `table`, of random rows.
  private static let random = """
    import sys, json, random, datetime as dt, pyarrow as pa, pyarrow.parquet as pq, pyarrow.csv
    seed, folder, count = int(sys.argv[1]), sys.argv[2], 700
    r = random.Random(seed)
    def some(values, none=0.15): return [None if r.random() < none else r.choice(values) for _ in range(count)]
    words = ['', 'news', 'sport/formula-1', 'é', '日本', 'a,b', '"q"', 'x' * 1030, 'Ω' * 20] + [f'w{i}' for i in range(300)]
    t0 = dt.datetime(2026, 3, 1)
    times = [t0 + dt.timedelta(milliseconds=r.randrange(40 * 86400000)) for _ in range(count)]
    rows = {
      'u': some(['anna', 'ben', 'undefined', 'ÄÖ', 'u' * 300] + [f'u{i}' for i in range(50)]),
      'other': some([1, 2, 300, 0]),
      't': times, 'id': [f'id{r.randrange(650)}' for _ in range(count)], 's': some(['s1', 's2', '']),
      'v': some([f'v{i}' for i in range(90)]), 'e': some(['page_view', 'link_click', 'page_ping', 'x']),
      'd': some([0, 1, 250, 4_000_000]), 'url': some(['https://a.com/x', 'http://b@c.org:80/', 'none', '']),
      'consent': some([True, False]), 'age': some([-1, 5, 2 ** 40]), 'score': some([1.5, -2.25, 1e9, 250.0]),
      'tags': [None if r.random() < .2 else r.choices(words, k=r.randrange(4)) for _ in range(count)],
      'a': [None if r.random() < .1 else {'id': r.choice([None, f'a{r.randrange(60)}']), 'section': r.choice(words),
            'authors': r.choice([None, [], [{'name': r.choice(words)}, {'name': r.choice([None, 'zoë'])}]])}
            for _ in range(count)],
    }
    zoned = seed % 2 == 0
    unit = ['s', 'ms', 'us', 'ns'][seed % 4]
    if unit == 's': rows['t'] = [t.replace(microsecond=0) for t in times]
    types = {'t': pa.timestamp(unit, 'UTC' if zoned else None), 'd': r.choice([pa.int64(), pa.uint32(), pa.float64()]),
      'other': r.choice([pa.int16(), pa.uint64()]), 'consent': pa.bool_(), 'age': pa.int64(), 'score': pa.float64()}
    table = pa.table({k: pa.array(v, types.get(k)) for k, v in rows.items()})
    for k in ['u', 'e', 's', 'url', 'consent', 'age', 'score', 'd', 'v']:
      if r.random() < .5: table = table.set_column(table.schema.get_field_index(k), k, table[k].dictionary_encode())
      elif k in ('u', 'v') and r.random() < .5:
        table = table.set_column(table.schema.get_field_index(k), k, table[k].cast(r.choice([pa.large_string(), pa.binary()])))
    if r.random() < .5:
      table = table.set_column(table.schema.get_field_index('tags'), 'tags',
        pa.array(rows['tags'], pa.list_(pa.dictionary(pa.int8() if len(words) < 100 else pa.int16(), pa.string()))))
    if r.random() < .3: table = table.append_column('not.mapped', pa.array([[1]] * count))

    def text(t): return t.isoformat(timespec='milliseconds') + ('Z' if zoned else '')
    with open(f'{folder}/rows.jsonl', 'w') as f:
      for i in range(count):
        row = {k: v[i] for k, v in rows.items()}
        row['t'] = text(row['t'])
        f.write(json.dumps(row) + '\\n')
    size = r.choice([50, 333, 5000])
    options = pa.ipc.IpcWriteOptions(compression=r.choice([None, 'lz4', 'zstd']))
    def chunks():
      for start in range(0, count, size): yield table.slice(start, size)
    with pa.ipc.new_file(f'{folder}/rows.arrow', table.schema, options=options) as w:
      w.write_table(table.unify_dictionaries(), max_chunksize=size)
    with pa.ipc.new_stream(f'{folder}/rows.arrows', table.schema, options=options) as w:
      for chunk in chunks(): w.write_table(chunk)
    pq.write_table(table, f'{folder}/rows.parquet', row_group_size=size, data_page_version=r.choice(['1.0', '2.0']),
      compression=r.choice(['none', 'snappy', 'gzip', 'zstd', 'lz4', 'brotli']), use_dictionary=r.choice([True, False]),
      store_schema=r.choice([True, False]), coerce_timestamps=None)
    """

  @Test(arguments: 0..<Support.cases(8))
  func `random rows give the same store from JSON lines, Arrow files, streams and Parquet`(_ seed: Int) throws
  {
    let folder = Support.temporaryFolder()
    defer { Support.remove(folder) }
    _ = try Support.runPython(Self.random, ["\(seed)", folder])
    func ingest(_ format: String, _ file: String) throws -> (rows: [String], entry: IngestEntry) {
      let bench = try IngestBench(Self.project(format))
      let summary = try bench.ingest(["\(folder)/\(file)"]) { $0.threads = 1 + seed % 2 }
      #expect(StoreVerification.run(try bench.store.snapshot()).findings == [])
      return (try bench.rows(), summary.entry)
    }
    let wanted = try ingest("jsonl", "rows.jsonl")
    #expect(wanted.rows.count > 200)
    for (format, file) in [("arrow", "rows.arrow"), ("arrow", "rows.arrows"), ("parquet", "rows.parquet")] {
      let got = try ingest(format, file)
      #expect(got.rows == wanted.rows, "seed \(seed), \(file)")
      #expect(got.entry == wanted.entry, "seed \(seed), \(file)")
    }
  }

  /// Writes `table`, which the script makes, in all three ways.
  private func write(_ script: String, _ folder: String) throws {
    let whole = """
      import sys, datetime as dt, decimal, pyarrow as pa, pyarrow.parquet as pq
      T = dt.datetime
      \(script)
      folder = sys.argv[1]
      with pa.ipc.new_file(folder + '/a.arrow', table.schema) as w: w.write_table(table, max_chunksize=2)
      with pa.ipc.new_stream(folder + '/a.arrows', table.schema) as w: w.write_table(table, max_chunksize=2)
      pq.write_table(table, folder + '/a.parquet', row_group_size=2)
      """
    _ = try Support.runPython(whole, [folder])
  }

  private func bench(_ format: String) throws -> IngestBench {
    let text = """
      buckets: 1
      sources:
        rows: {format: \(format), user: u, time: t, dwell_unit: s, fields: {section: s, dwell: dwell, tag: g}}
      """
    return try IngestBench(text)
  }

  /// Gives `body` each of the files and a store for it.
  private func each(_ script: String, parquet: Bool = true, _ body: (IngestBench, String) throws -> Void)
    throws
  {
    let folder = Support.temporaryFolder()
    defer { Support.remove(folder) }
    try write(script, folder)
    for (format, file) in Self.files where format != "parquet" || parquet {
      try body(try bench(format), "\(folder)/\(file)")
    }
  }

  private static let files = [("arrow", "a.arrow"), ("arrow", "a.arrows"), ("parquet", "a.parquet")]

  @Test func `what cannot be taken is a reject with the number of its row`() throws {
    let script = """
      t = T(2026, 3, 20, 10)
      table = pa.table({
        't': pa.array([t, None, T(1, 1, 1), t, t, t, t, t], pa.timestamp('us')),
        'u': pa.array([b'anna', b'b', b'c', b'\\xff', b'e\\x00', b'f', b'u' * 300, None], pa.binary()),
        's': pa.array(['x', 'x', 'x', 'x', 'x', 'n\\x00', 'x', 'x']),
        'dwell': pa.array([1.5, 1, 1, 1, 1, 1, 1, 1]), 'g': pa.array([['a', None, 'b']] * 8)})
      """
    try each(script) { (bench, path) throws in
      let summary = try bench.ingest([path])
      #expect(summary.entry.isBalanced && summary.entry.stored == 1 && summary.entry.anonymous == 1)
      let log = String(decoding: Support.read(summary.rejects ?? ""), as: UTF8.self)
      let places = log.split(separator: "\n").map { String($0.drop { $0 != "," }.dropFirst()) }
      #expect(
        places == [
          "\"line\":2,\"reason\":\"no_time\"}",
          "\"line\":3,\"reason\":\"time_out_of_range\",\"column\":\"t\",\"detail\":\"0001-01-01T00:00:00.000Z\"}",
          "\"line\":4,\"reason\":\"not_utf8\",\"column\":\"u\"}",
          "\"line\":5,\"reason\":\"nul_byte\",\"column\":\"u\"}",
          "\"line\":6,\"reason\":\"nul_byte\",\"column\":\"s\"}",
          "\"line\":7,\"reason\":\"user_id_too_long\",\"column\":\"u\"}",
        ])
      let row = try bench.rows()[0].split(whereSeparator: { " |".contains($0) })
      #expect(row == ["anna", "2026-03-20", "1774000800000", "page_view", "x", "a,b", "1500"])
      // The same content again, under another name, adds nothing.
      Support.write(Support.read(path), to: bench.folder + "/again")
      #expect(try bench.ingest([bench.folder + "/again"]).version == nil)
    }
  }

  @Test(arguments: [
    ("pa.array([1.5])", "pa.array(['a'])", "pa.array([1])", "u", true),
    ("pa.array(['a'])", "pa.array([T(2026, 1, 1)])", "pa.array([1])", "s", false),
    ("pa.array(['a'])", "pa.array([['a', 'b']])", "pa.array([[1]])", "dwell", true),
    ("pa.array(['a'])", "pa.array([{'x': 1}])", "pa.array([1])", "s", false),
    ("pa.array(['a'])", "pa.array([[['a']]])", "pa.array([1])", "s", false),
    ("pa.array(['a'])", "pa.array(['a'])", "pa.array([True])", "dwell", false),
    (
      "pa.array(['a'])", "pa.array(['a'])", "pa.array([decimal.Decimal(1)], pa.decimal256(50, 2))", "dwell",
      false
    ),
    ("pa.array(['a'])", "pa.array([dt.timedelta(1)])", "pa.array([1])", "s", false),
  ])
  func `a column of a wrong type is an error that names it`(
    _ u: String, _ s: String, _ dwell: String, _ name: String, _ parquet: Bool
  ) throws {
    let script =
      "table = pa.table({'u': \(u), 's': \(s), 'dwell': \(dwell), 't': [T(2026, 1, 1)], 'g': ['x']})"
    try each(script, parquet: parquet) { (bench, path) throws in
      let error = #expect(throws: Diagnostic.self) { try bench.ingest([path]) }
      #expect(error?.code == .f3 && error?.message.hasPrefix("the column '\(name)' holds ") == true)
      #expect(try bench.store.snapshot().manifest.version == 0)
    }
  }

  @Test func `a column that is not there is an error with the nearest name`() throws {
    let script = "table = pa.table({'user': ['a'], 't': [T(2026, 1, 1)], 's': ['x'], 'dwel': [1], 'g': ['']})"
    try each(script) { (bench, path) throws in
      let error = #expect(throws: Diagnostic.self) { try bench.ingest([path]) }
      #expect(error?.message == "the file has no column 'dwell', which the source 'rows' maps")
      #expect(error?.hint == "did you mean 'dwel'?")
    }
  }

  @Test(arguments: [
    ("pa.array([T(2026, 7, 1)], pa.timestamp('s'))", 1_782_864_000_000),
    ("pa.array([T(2026, 7, 1)], pa.timestamp('ns', 'Asia/Tokyo'))", 1_782_864_000_000),
    ("pa.array([dt.date(2026, 7, 1)], pa.date32())", 1_782_864_000_000),
    ("pa.array([dt.date(2026, 7, 1)], pa.date64())", 1_782_864_000_000),
    ("pa.array(['2026-07-01 02:00:00.5+02:00'])", 1_782_864_000_500),
    ("pa.array([1782864000])", 1_782_864_000_000),
    ("pa.array([1782864000123], pa.uint64()).dictionary_encode()", 1_782_864_000_123),
  ])
  func `times of every type are instants`(_ array: String, _ time: Int) throws {
    let script = "table = pa.table({'u': ['a'], 't': \(array), 's': ['x'], 'dwell': [1], 'g': ['y']})"
    try each(script, parquet: array.contains("'ns'")) { (bench, path) throws in
      try bench.ingest([path])
      #expect(try bench.rows().first?.hasPrefix("a 2026-07-01 \(time) ") == true, "\(path)")
    }
  }

  @Test func `a file cut off anywhere is an error with its place, and nothing is taken`() throws {
    let script = """
      table = pa.table({'u': [f'u{i}' for i in range(9)], 't': [T(2026, 1, 1)] * 9, 's': ['x'] * 9, 'dwell': [1] * 9, 'g': ['y'] * 9})
      """
    try each(script) { (bench, path) throws in
      let bytes = Support.read(path)
      // Starting Python takes its time.
      let step = path.hasSuffix("parquet") ? bytes.count / 4 : 61
      for cut in stride(from: 0, to: bytes.count - 8, by: step) {
        Support.write(bytes.prefix(cut), to: path)
        let error = #expect(throws: Diagnostic.self, "\(path) cut at \(cut)") { try bench.ingest([path]) }
        #expect(error?.code == .f3 && error?.place?.file == path)
      }
      #expect(try bench.store.snapshot().manifest.version == 0)
    }
  }

  @Test func `a file of another format is told`() throws {
    let folder = Support.temporaryFolder()
    defer { Support.remove(folder) }
    try write("table = pa.table({'u': ['a'], 't': [T(2026, 1, 1)]})", folder)
    let error = #expect(throws: Diagnostic.self) { try bench("arrow").ingest([folder + "/a.parquet"]) }
    #expect(error?.hint == "format: parquet")
    let other = #expect(throws: Diagnostic.self) { try bench("parquet").ingest([folder + "/a.arrow"]) }
    #expect(other?.message.contains("is no Parquet file") == true)
  }
}
