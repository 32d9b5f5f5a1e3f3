import Diagnostics
import Events
import Generator
import Ingest
import Project
import Store
import Support
import Testing

/// What ingest counts of generated traffic is the truth that the generator states.
struct GeneratedTrafficTests {
  private struct Bench {
    let folder = Support.temporaryFolder()
    let project: Project
    let truth: GeneratedSummary
    var store: Store { Store(at: project.store) }

    init(seed: UInt64) throws {
      let text = String(decoding: Support.read(Support.packageRoot + "grandstand.yaml"), as: UTF8.self)
      let reading = Project.parse(SourceText(file: "grandstand.yaml", text: text), folder: folder)
      guard let project = reading.project else { throw reading.diagnostics[0] }
      self.project = project
      // 25 October 2026 has 25 hours.
      var options = TrafficOptions(
        users: 1500, days: 4, firstDay: try #require(Day("2026-10-23")), eventsPerUserPerDay: 8, seed: seed)
      options.zone = project.zone
      options.filesPerDay = 3
      options.bigDay = 1
      truth = try TrafficGenerator(options).generate(into: folder + "/events")
      try store.create(StoreSettings(timeZone: project.zone.name, buckets: project.buckets))
    }

    func ingest(_ paths: [String]) throws -> IngestEntry {
      var options = IngestOptions()
      options.threads = 2
      return try IngestJob(project: project, store: store, options: options).run(
        paths.map { folder + "/" + $0 }
      )
      .entry
    }

    /// Rows, views, engaged views and milliseconds, and users, as they stand in the store.
    func found() throws -> [Int] {
      let snapshot = try store.snapshot()
      var counts = [0, 0, 0, 0, 0]
      for bucket in (0..<UInt32(snapshot.bucketCount)).map(BucketIndex.init) {
        counts[4] += try snapshot.userCount(in: bucket)
        for day in snapshot.days {
          for batch in try snapshot.batches(of: day, in: bucket, fields: [.event, .dwell]) {
            add(batch, to: &counts)
          }
        }
      }
      return counts
    }

    private func add(_ batch: EventBatch, to counts: inout [Int]) {
      guard case .codes(let codes, let dictionary)? = batch.columns[.event] else { return }
      // Where no row has a dwell there is no column.
      let dwell: [UInt32]? = if case .durations(let values)? = batch.columns[.dwell] { values } else { nil }
      let deleted = Set(batch.deletedRows)
      for row in 0..<batch.rowCount where !deleted.contains(UInt32(row)) {
        counts[0] += 1
        guard dictionary.values[Int(codes[row])] == "page_view" else { continue }
        counts[1] += 1
        guard let dwell = dwell?[row], dwell != .max, dwell > 0 else { continue }
        counts[2] += 1
        counts[3] += Int(dwell)
      }
    }

    /// The same of the truth.
    var expected: [Int] {
      [
        truth.views + truth.clicks + truth.purchases, truth.views, truth.engagedViews,
        truth.engagedSeconds * 1000,
        truth.userIDs,
      ]
    }
  }

  @Test(arguments: [1, 2] as [UInt64])
  func `every row is accounted for as it was made`(seed: UInt64) throws {
    let bench = try Bench(seed: seed)
    let (entry, truth) = (try bench.ingest(["events"]), bench.truth)
    #expect(entry.read == truth.rows && entry.isBalanced)
    #expect(entry.stored == truth.views + truth.clicks + truth.purchases)
    #expect(entry.folded == truth.pings + truth.anonymousPings)
    #expect(entry.duplicate == truth.duplicates + truth.conflicts)
    #expect(entry.conflicting == truth.conflicts)
    #expect(entry.bot == truth.bots)
    #expect(entry.anonymous == truth.anonymous - truth.anonymousPings)
    #expect(entry.rejected == truth.broken)
    #expect(entry.reasons["column_count", default: 0] == truth.brokenColumns)
    #expect(entry.reasons["bad_time", default: 0] == truth.brokenTimes)
    #expect(entry.reasons["bad_json", default: 0] == truth.brokenJSON)
    #expect(try bench.found() == bench.expected)
  }

  @Test func `day by day, backwards, comes to the same`() throws {
    let bench = try Bench(seed: 3)
    for day in ["dt=2026-10-26", "dt=2026-10-24", "dt=2026-10-25", "dt=2026-10-23"] {
      #expect(try bench.ingest(["events/" + day]).isBalanced)
    }
    #expect(try bench.found() == bench.expected)
  }
}
