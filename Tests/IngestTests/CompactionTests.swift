import Diagnostics
import Events
import Project
import Store
import Support
import Testing

@testable import Ingest

/// A store that is compacted and vacuumed now and then takes later ingests as if it had not been.
struct CompactionTests {
  /// Shares lines out among ingests in random order; now and then some come again.
  private static func groups(_ lines: [String], _ random: inout SeededRandom) -> [[String]] {
    var groups: [[String]] = Array(repeating: [], count: Int.random(in: 3...8, using: &random))
    for line in lines.shuffled(using: &random) {
      groups[Int.random(in: 0..<groups.count, using: &random)].append(line)
      if Int.random(in: 0...9, using: &random) == 0 {
        groups[Int.random(in: 0..<groups.count, using: &random)].append(line)
      }
    }
    return groups
  }

  private static func options(_ random: inout SeededRandom) -> CompactionOptions {
    var options = CompactionOptions()
    options.takesAll = Bool.random(using: &random)
    options.threads = Int.random(in: 1...3, using: &random)
    options.rowsPerBatch = [1, 200].randomElement(using: &random) ?? 1
    return options
  }

  @Test func `histories with compaction and vacuum at random moments are those without`() throws {
    for seed in 1...UInt64(Support.isNightly ? 500 : 12) {
      var random = SeededRandom(seed &+ 900)
      let (plain, bench) = (try IngestBench(HistoryTests.project), try IngestBench(HistoryTests.project))
      let rowsPerBatch = Int(seed % 2) * 199 + 1
      for (index, group) in Self.groups(HistoryTests.history(&random), &random).enumerated()
      where !group.isEmpty {
        let path = plain.folder + "/\(index).tsv"
        Support.write((group.joined(separator: "\n") + "\n").utf8, to: path)
        var entries = try [plain, bench].map {
          try $0.ingest([path]) { $0.rowsPerBatch = rowsPerBatch }.entry
        }
        for place in entries.indices { entries[place].version = 0 }
        #expect(entries[0] == entries[1], "seed \(seed), ingest \(index)")
        if Bool.random(using: &random) {
          _ = try Compaction(store: bench.store, options: Self.options(&random)).run()
          #expect(try bench.rows() == plain.rows(), "seed \(seed), ingest \(index)")
        }
        if Bool.random(using: &random) {
          var options = VacuumOptions()
          options.seconds = -1000
          try Vacuum(bench.store, options).run()
        }
        #expect(StoreVerification.run(try bench.store.snapshot()).findings == [], "seed \(seed)")
      }
      #expect(try bench.rows() == plain.rows(), "seed \(seed)")
      #expect(try Self.users(bench) == Self.users(plain), "seed \(seed)")
      Support.remove(plain.folder)
      Support.remove(bench.folder)
    }
  }

  /// Ordinals included.
  private static func users(_ bench: IngestBench) throws -> [[UInt8]] {
    let snapshot = try bench.store.snapshot()
    return try (0..<UInt32(snapshot.bucketCount)).flatMap { bucket in
      let users = try snapshot.users(in: BucketIndex(bucket))
      return (0..<users.count).map { Array(users[$0]) }
    }
  }

  @Test(arguments: [1, 200])
  func `parts of a day compacted into one are byte for byte the part of one ingest`(rowsPerBatch: Int) throws
  {
    var random = SeededRandom(5)
    let lines = (0..<8).flatMap { copy in
      HistoryTests.history(&random).map { Self.renamed($0, "copy\(copy)") }
    }
    func bench(_ pieces: Int) throws -> IngestBench {
      let bench = try IngestBench(HistoryTests.project)
      // All users are known before, so that they have the same numbers.
      let before = lines.map { Self.renamed($0, "before").replacing("\t2026-", with: "\t2025-") }
      Support.write((before.joined(separator: "\n") + "\n").utf8, to: bench.folder + "/before.tsv")
      try bench.ingest([bench.folder + "/before.tsv"]) { $0.rowsPerBatch = rowsPerBatch }
      for piece in 0..<pieces {
        let part = lines.enumerated().filter { $0.offset % pieces == piece }.map(\.element)
        let path = bench.folder + "/\(piece).tsv"
        Support.write((part.joined(separator: "\n") + "\n").utf8, to: path)
        try bench.ingest([path]) { $0.rowsPerBatch = rowsPerBatch }
      }
      return bench
    }
    func hashes(_ bench: IngestBench) throws -> [[String]] {
      try bench.store.snapshot().manifest.parts.sorted { $0.day < $1.day }.map { part in
        [part.day, "\(part.clusters)"] + part.files.map(\.hash)
      }
    }
    let (whole, pieces) = (try bench(1), try bench(3))
    #expect(try hashes(whole) != hashes(pieces))
    var options = CompactionOptions()
    options.takesAll = true
    options.rowsPerBatch = rowsPerBatch
    let summary = try Compaction(store: pieces.store, options: options).run()
    #expect(summary.plan.days.contains { $0.replaced > 0 })
    #expect(try hashes(whole) == hashes(pieces))
    let manifest = try pieces.store.snapshot().manifest
    #expect(manifest.deletions == [] && manifest.users.count == 1)
    #expect(Set(manifest.indexes.map(\.kind)).count == manifest.indexes.count)
    // Now nothing is left to do.
    #expect(try Compaction(store: pieces.store, options: options).run().version == nil)
  }

  @Test func `ids are forgotten past the days of deduplication, and not before`() throws {
    let bench = try IngestBench(
      """
      buckets: 2
      deduplication: 16d
      sources: {rows: {format: csv, user: u, time: t, event_id: e}}
      """)
    var options = CompactionOptions()
    options.deduplicationDays = try #require(bench.project.deduplicationDays)
    func ingest(_ day: Day, _ ids: [String]) throws -> IngestEntry {
      let path = bench.folder + "/\(day)-\(ids.count).csv"
      let rows = ids.map { "anna,\(day) 10:00:00,\($0)\n" }.joined()
      Support.write("u,t,e\n\(rows)".utf8, to: path)
      return try bench.ingest([path]).entry
    }
    let first = try #require(Day("2026-01-01"))
    for number in 0..<40 {
      let day = first.advanced(by: number)
      // What came 16 days before is known; so is what came in between.
      let known = [16, 9, 1].filter { $0 <= number }.map { "e\(number - $0)" }
      let entry = try ingest(day, ["e\(number)"] + known)
      #expect(entry.stored == 1 && entry.duplicate == known.count, "day \(day)")
      _ = try Compaction(store: bench.store, options: options).run()
      #expect(try bench.store.snapshot().manifest.indexes.filter { $0.kind == "events" }.count <= 12)
    }
    // A file that comes weeks after its first copy is new.
    let entry = try ingest(first.advanced(by: 41), ["e0", "e1", "e30"])
    #expect(entry.stored == 2 && entry.duplicate == 1)
    let rows = try bench.store.snapshot().manifest.indexes.filter { $0.kind == "events" }.reduce(0) {
      $0 + $1.file.rows
    }
    #expect(rows <= 22)
  }

  @Test func `without the key nothing is forgotten, and it cannot undercut what ingest takes late`() throws {
    let project = "sources: {rows: {format: csv, user: u, time: t}}\n"
    func reading(_ text: String) -> ProjectReading {
      Project.parse(SourceText(file: "grandstand.yaml", text: project + text), folder: "/x")
    }
    #expect(reading("").project?.deduplicationDays == nil)
    #expect(reading("deduplication: 3d\n").project?.deduplicationDays == 3)
    for text in ["deduplication: 2d", "deduplication: 36h", "deduplication: 5d\ndwell: {late_limit: 6d}"] {
      #expect(reading(text + "\n").diagnostics.map(\.code) == [.c2], "\(text)")
    }
  }

  /// The same line of another event, session and page view.
  private static func renamed(_ line: String, _ name: String) -> String {
    var columns = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
    columns[6] += "-\(name)"
    columns[123] += "-\(name)"
    columns[52] = columns[52].replacing("\"id\":\"", with: "\"id\":\"\(name)-")
    return columns.joined(separator: "\t")
  }
}
