import Bitmaps
import Diagnostics
import Engine
import Events
import Ingest
import Project
import Rules
import Store
import Support
import Testing

/// The whole way on real files: JSON lines are ingested, rules run on the store, and DuckDB says who the members are
/// from the store's own Arrow files.
@Suite(.enabled(if: Support.python != nil, "needs the Python oracles"))
struct DuckDBTests {
  private static let projectText = """
    buckets: 4
    sources:
      rows:
        format: jsonl
        user: user
        time: time
        event_id: id
        session: session
        fields:
          event: event
          section: section
          device: device
          country: country
          element: element
          article: article
          tag: tag
          experiment: experiment
          value: value
          dwell: dwell
        dwell_unit: ms
    """

  @Test func `DuckDB computes the same members from the store's Arrow files`() throws {
    let rounds = max(1, Support.cases(2000) / 400)
    for seed in 1...UInt64(rounds) {
      try check(seed: seed, zone: seed % 2 == 0 ? "Europe/Amsterdam" : "America/New_York", rules: 60)
    }
  }

  private func check(seed: UInt64, zone: String, rules: Int) throws {
    let asOf = try #require(Day(seed % 2 == 0 ? "2026-11-05" : "2026-03-20"))
    let world = try SampleWorld(seed: seed &+ 1000, zone: zone, asOf: asOf.advanced(by: 1), events: 500)
    let folder = Support.temporaryFolder()
    let text = "time_zone: \(zone)\n" + Self.projectText
    let project = try #require(
      Project.parse(SourceText(file: "grandstand.yaml", text: text), folder: folder).project)
    let store = Store(at: project.store)
    try store.create(StoreSettings(timeZone: zone, buckets: project.buckets))
    // Two ingests, so that days have two parts.
    for half in 0..<2 {
      let lines = world.events.enumerated().filter { $0.offset % 2 == half }.map {
        Self.json($0.element, $0.offset)
      }
      Support.write(lines.joined(separator: "\n").utf8, to: "\(folder)/\(half).jsonl")
      let summary = try IngestJob(project: project, store: store, options: IngestOptions()).run([
        "\(folder)/\(half).jsonl"
      ])
      #expect(summary.entry.stored == lines.count)
    }
    try compare(try store.snapshot(), folder, project, asOf, world.zone, seed: seed, rules: rules)
  }

  private func compare(
    _ snapshot: Snapshot, _ folder: String, _ project: Project, _ asOf: Day, _ zone: CalendarZone,
    seed: UInt64, rules: Int
  ) throws {
    var generator = RandomRules(seed: seed &* 31 &+ 5, asOf: asOf, onlySQL: true)
    var segments: [Segment] = []
    for index in 0..<rules {
      segments.append(
        Segment(id: "s\(index)", name: "s", purpose: "ads", root: generator.root(segments)))
    }
    let plan = EvaluationPlan(segments, eventNames: .init(), asOf: asOf, zone: zone)
    let evaluation = try Evaluator(plan, snapshot).run(Workers(threads: 2))
    let oracle = SQLOracle(asOf: asOf, zone: zone)
    let queries = segments.map { "\($0.id)\t\(oracle.query($0.root))" }.joined(separator: "\n")
    Support.write(queries.utf8, to: folder + "/queries")
    let output = try Support.runPython(
      Self.script, [project.store, folder + "/queries", zone.name, asOf.description])
    let answers = output.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    let users = try (0..<UInt32(snapshot.bucketCount)).map { try snapshot.users(in: BucketIndex($0)) }
    for (index, segment) in segments.enumerated() {
      var ids: [String] = []
      for bucket in 0..<snapshot.bucketCount {
        ids += evaluation.members[index].ordinals(in: bucket).map {
          String(decoding: users[bucket][Int($0)], as: UTF8.self)
        }
      }
      let expected = answers[index]
      #expect(
        "\(segment.id):" + ids.sorted().joined(separator: ",") == expected, "seed \(seed), \(segment.root)")
    }
  }

  private static let script = """
    import sys, glob, json, datetime, zoneinfo, duckdb, pyarrow as pa, polars as pl
    store, queries, zone, as_of = sys.argv[1:]
    manifest = json.load(open(store + '/' + open(store + '/CURRENT').read().split()[0]))
    tables = []
    for part in manifest['parts']:
        table = pa.ipc.open_file(store + '/' + part['events']['path']).read_all()
        table.validate(full=True)
        # Polars and pandas read what we write, too.
        assert pl.read_ipc(store + '/' + part['events']['path']).height == table.num_rows
        assert len(table.to_pandas()) == table.num_rows
        tables.append(table.append_column('day', pa.array([datetime.date.fromisoformat(part['day'])] * table.num_rows, pa.date32())))
    decoded = [pa.table({n: (c.cast(pa.string()) if pa.types.is_dictionary(c.type) else
                             c.cast(pa.list_(pa.string())) if pa.types.is_list(c.type) else c)
                         for n, c in zip(t.column_names, t.columns)}) for t in tables]
    ev = pa.concat_tables(decoded, promote_options='default')
    tz = zoneinfo.ZoneInfo(zone)
    local = [t.as_py().astimezone(tz) for t in ev['time']]
    assert [t.date() for t in local] == ev['day'].to_pylist()
    ev = ev.append_column('hour', pa.array([t.hour for t in local], pa.int64()))
    ev = ev.append_column('weekday', pa.array([t.isoweekday() for t in local], pa.int64()))
    ev = ev.append_column('ms', ev['time'].cast(pa.int64()))
    con = duckdb.connect()
    con.register('arrow_ev', ev)
    con.execute('CREATE TABLE ev AS SELECT * FROM arrow_ev')
    con.execute(f"CREATE TABLE universe AS SELECT DISTINCT \\"user\\" AS u FROM ev WHERE day <= DATE '{as_of}'")
    for line in open(queries):
        name, query = line.rstrip('\\n').split('\\t')
        con.execute(f'CREATE TABLE "{name}" AS {query}')
        print(name + ':' + ','.join(sorted(r[0] for r in con.execute(f'SELECT u FROM "{name}"').fetchall())))
    """

  static func json(_ event: SampleEvent, _ id: Int) -> String {
    var members = [
      "\"id\":\"\(id)\"", "\"user\":\"\(event.user)\"", "\"time\":\"\(Milliseconds(event.time).text)\"",
    ]
    for (field, text) in event.texts { members.append("\"\(field.name)\":\(JSONText.quoted(text))") }
    for (field, list) in event.lists {
      members.append("\"\(field.name)\":[\(list.map { JSONText.quoted($0) }.joined(separator: ","))]")
    }
    for (field, number) in event.numbers { members.append("\"\(field.name)\":\(number)") }
    if let dwell = event.dwell { members.append("\"dwell\":\(dwell)") }
    if let session = event.session { members.append("\"session\":\"\(session)\"") }
    return "{\(members.joined(separator: ","))}"
  }
}
