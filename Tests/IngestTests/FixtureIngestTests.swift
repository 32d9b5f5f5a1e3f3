import Diagnostics
import Events
import Project
import Store
import Support
import Testing

@testable import Ingest

/// A project and an empty store in a folder of its own.
struct IngestBench {
  let folder = Support.temporaryFolder()
  var project: Project

  init(_ text: String) throws {
    let reading = Project.parse(SourceText(file: "grandstand.yaml", text: text), folder: folder)
    guard let project = reading.project else { throw reading.diagnostics[0] }
    self.project = project
    try store.create(StoreSettings(timeZone: project.zone.name, buckets: project.buckets))
  }

  var store: Store { Store(at: project.store) }

  @discardableResult
  func ingest(_ paths: [String], _ change: (inout IngestOptions) -> Void = { _ in }) throws -> IngestSummary {
    var options = IngestOptions()
    change(&options)
    return try IngestJob(project: project, store: store, options: options).run(paths)
  }

  /// All rows that are not deleted, as text, sorted.
  func rows() throws -> [String] {
    let snapshot = try store.snapshot()
    var all: [String] = []
    for bucket in 0..<UInt32(snapshot.bucketCount) {
      let users = try snapshot.users(in: BucketIndex(bucket))
      for day in snapshot.days {
        for batch in try snapshot.batches(
          of: day, in: BucketIndex(bucket), fields: project.storedFields + [.eventTime])
        {
          let deleted = Set(batch.deletedRows)
          for row in 0..<batch.rowCount where !deleted.contains(UInt32(row)) {
            let values = project.storedFields.map { Self.text(batch.columns[$0], row) }.joined(separator: "|")
            all.append(
              "\(String(decoding: users[Int(batch.users[row])], as: UTF8.self)) \(day) \(batch.times[row]) \(values)"
            )
          }
        }
      }
    }
    return all.sorted()
  }

  static func text(_ column: EventColumn?, _ row: Int) -> String {
    switch column {
    case nil: ""
    case .codes(let codes, let dictionary)?:
      Int(codes[row]) < dictionary.values.count ? dictionary.values[Int(codes[row])] : ""
    case .lists(let offsets, let codes, let dictionary)?:
      (Int(offsets[row])..<Int(offsets[row + 1])).map { dictionary.values[Int(codes[$0])] }.joined(
        separator: ",")
    case .numbers(let numbers)?: numbers[row].isNaN ? "" : "\(numbers[row])"
    case .durations(let values)?: values[row] == .max ? "" : "\(values[row])"
    case .times: ""
    case .ids(let values)?: values[row] == 0 ? "" : "\(values[row])"
    }
  }
}

@Suite(.enabled(if: Support.fixtures != nil, "needs the fixtures"))
struct FixtureIngestTests {
  private let fixtures = Support.fixtures ?? ""

  private func web(_ dwell: String = "{}") throws -> IngestBench {
    try IngestBench("dwell: \(dwell)\nbuckets: 8\nsources: {web: {format: snowplow}}")
  }

  private func views(_ bench: IngestBench) throws -> (views: Int, seconds: Int) {
    let volumes = try bench.store.snapshot().manifest.ingests.flatMap {
      $0.volumes.values.compactMap { $0["page_view"] }
    }
    return (volumes.reduce(0) { $0 + $1.rows }, volumes.reduce(0) { $0 + $1.dwell } / 1000)
  }

  @Test func `the web events give 19 page views and 45 engaged seconds`() throws {
    let bench = try web()
    let summary = try bench.ingest([fixtures + "snowplow/web/events.tsv"])
    #expect(summary.entry.read == 107 && summary.entry.isBalanced)
    #expect(summary.entry.duplicate == 1)
    let (views, seconds) = try views(bench)
    #expect(views == 19 && seconds == 45)
    #expect(try bench.rows().filter { $0.contains("|page_view|") || $0.contains(" page_view|") }.count == 18)
  }

  @Test(arguments: [(30, 10, 130), (60, 5, 245), (120, 5, 245), (300, 5, 5)])
  func `other heartbeats give the documented seconds`(_ heartbeat: Int, _ minimum: Int, _ expected: Int)
    throws
  {
    let bench = try web("{heartbeat: \(heartbeat)s, minimum_visit: \(minimum)s}")
    try bench.ingest([fixtures + "snowplow/web/events.tsv"])
    #expect(try views(bench).seconds == expected)
  }

  @Test func `48 lines are good and two are refused with their column counts`() throws {
    let bench = try web()
    let summary = try bench.ingest([fixtures + "snowplow/tsv/events.tsv"])
    #expect(summary.entry.read == 50 && summary.entry.rejected == 2)
    // Each of the 48 has a user of its own: 30 views, 18 link clicks.
    #expect(summary.entry.stored == 48 && summary.newUsers == 48)
    let events = try bench.rows()
    #expect(events.filter { $0.contains(" page_view|") }.count == 30)
    #expect(events.filter { $0.contains(" link_click|") }.count == 18)
    #expect(summary.entry.reasons["column_count"] == 2)
    let log = String(decoding: Support.read(summary.rejects ?? ""), as: UTF8.self)
    #expect(log.contains("found 130 columns") && log.contains("found 129 columns"))
  }

  @Test(.enabled(if: Support.python != nil, "needs the Python oracles"))
  func `the good lines have the fields that the loader gives them`() throws {
    let bench = try IngestBench(
      "buckets: 2\nsources: {web: {format: snowplow, fields: {props.page: page_urlpath}}}")
    try bench.ingest([fixtures + "snowplow/tsv/events.tsv"])
    let script = """
      import sys, json, glob, datetime, pyarrow as pa
      store, expected = sys.argv[1:]
      want = {e['domain_userid']: e for e in map(json.loads, open(expected))}
      names = {'event': 'event_name', 'brand': 'app_id', 'device': 'dvce_type', 'os': 'os_name', 'country': 'geo_country',
               'region': 'geo_region_name', 'campaign': 'mkt_campaign', 'props.page': 'page_urlpath'}
      rows = 0
      for path in glob.glob(store + '/events/*/*.arrow'):
          for row in pa.ipc.open_file(path).read_all().to_pylist():
              e = want[row['user']]
              for ours, theirs in names.items():
                  assert row[ours] == (e[theirs] or None), (ours, row[ours], e[theirs])
              time = e['derived_tstamp'] or e['collector_tstamp']
              time = datetime.datetime.fromisoformat(time[:19]).replace(tzinfo=datetime.timezone.utc)
              assert row['time'].replace(microsecond=0) == time, (row['time'], time)
              assert row['referrer'] == (e['refr_source'] or e['refr_medium'] or None)
              rows += 1
      print(rows, end='')
      """
    let expected = fixtures + "snowplow/tsv/events_expected.jsonl"
    #expect(try Support.runPython(script, [bench.project.store, expected]) == "48")
  }

  @Test func `real readers from CSV are all stored`() throws {
    let bench = try IngestBench(
      """
      buckets: 4
      sources:
        reads:
          format: csv
          user: user_id
          time: read_at
          fields: {article: article_id, dwell: read_time_s, scroll: scroll_pct}
      """)
    let summary = try bench.ingest([fixtures + "behaviour/ebnerd_history.csv"])
    #expect(summary.entry.read == 8303 && summary.entry.stored == 8303 && summary.newUsers == 44)
    let (views, seconds) = try views(bench)
    #expect(views == 8303 && seconds == 348_916)
  }
}
