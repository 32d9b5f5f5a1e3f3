import Diagnostics
import Events
import Support
import Testing

@testable import Store

/// Compaction and vacuum beside readers and crashes.
struct MaintenanceTests {
  /// Three commits of two days, with replaced rows, and copies of it for tests to break.
  private static func base() throws -> String {
    let path = try FaultTests.freshStore()
    try FaultTests.commit(Store(at: path), day: 20_001)
    let part = "events/dt=\(Day(number: 20_000))/part-000001.arrow"
    try FaultTests.commit(
      Store(at: path), day: 20_000, replacing: (0..<20).map { Deletion(part: part, bucket: $0 % 2, row: $0) })
    return path
  }

  private static func copy(_ path: String) throws -> String {
    let copy = Support.temporaryFolder() + "/store"
    _ = try Support.run("/bin/cp", ["-a", path, copy])
    return copy
  }

  /// All that counts, whatever files it is in.
  private static func rows(_ snapshot: Snapshot) throws -> [String] {
    var all: [String] = []
    for day in snapshot.days {
      for bucket in 0..<UInt32(snapshot.bucketCount) {
        let users = try snapshot.users(in: BucketIndex(bucket))
        for rows in try snapshot.storedRows(
          of: day, in: BucketIndex(bucket), fields: Field.stored + [.eventTime])
        {
          let columns = rows.batch.columns.sorted { $0.key < $1.key }
          for row in rows.batch.keptRows {
            let values = columns.map { "\($0.key.name) \(text($0.value, row))" }
            let user = Array(users[Int(rows.batch.users[row])])
            all.append(
              "\(day) \(user) \(rows.batch.times[row]) \(rows.eventIDs[row]) \(rows.views[row]) \(values)")
          }
        }
      }
    }
    return all.sorted()
  }

  private static func text(_ column: EventColumn, _ row: Int) -> String {
    switch column {
    case .codes(let codes, let dictionary):
      Int(codes[row]) < dictionary.values.count ? dictionary.values[Int(codes[row])] : "-"
    case .lists(let offsets, let codes, let dictionary):
      "\((offsets[row]..<offsets[row + 1]).map { dictionary.values[Int(codes[Int($0)])] })"
    case .numbers(let values): "\(values[row])"
    case .durations(let values): "\(values[row])"
    case .times(let values): "\(values[row])"
    case .ids(let values): "\(values[row])"
    }
  }

  private static var everything: CompactionOptions {
    var options = CompactionOptions()
    options.takesAll = true
    return options
  }

  /// As if the next day had come.
  private static var tomorrow: VacuumOptions {
    var options = VacuumOptions()
    options.now += 100_000
    return options
  }

  private static func files(_ path: String) throws -> [String] {
    let folders = [
      "manifests", "users", "events", "index", "presence", "articles", "deletes", "tables", "tmp", "runs",
    ]
    return try folders.flatMap { try Store(at: path).allFiles(in: $0).map(\.path) }.sorted()
  }

  @Test(arguments: [FaultyFiles.Fault.killed, .diskFull])
  func `killed or out of disk at every writing call of a compaction leaves the same rows, whole`(
    _ fault: FaultyFiles.Fault
  ) throws {
    let base = try Self.base()
    let expected = try Self.rows(try Store(at: base).snapshot())
    #expect(expected.count == 600 - 20)
    var step = 1
    var finished = false
    while !finished {
      let path = try Self.copy(base)
      let files = FaultyFiles(at: step, fault)
      do {
        _ = try Compaction(store: Store(at: path, files: files), options: Self.everything).run()
        finished = files.count < step
      } catch {
        #expect(error.code == .f2 && error.place != nil)
      }
      let snapshot = try Store(at: path).snapshot()
      #expect([3, 4].contains(snapshot.manifest.version))
      #expect(StoreVerification.run(snapshot).findings == [], "step \(step)")
      #expect(try Self.rows(snapshot) == expected, "step \(step)")
      // Whatever it left, the next one and a vacuum end with the files of one version.
      _ = try Compaction(store: Store(at: path), options: Self.everything).run()
      try Vacuum(Store(at: path), Self.tomorrow).run()
      let manifest = try Store(at: path).manifest()
      #expect(manifest.parts.count == 2 && manifest.deletions == [])
      #expect(try Self.files(path) == (manifest.files.map(\.path) + ["manifests/000004.json"]).sorted())
      #expect(try Self.rows(try Store(at: path).snapshot()) == expected)
      step += 1
      Support.remove(path)
    }
    #expect(step > 20)
  }

  @Test
  func `killed at every step of a vacuum, no version is left without its files, and the next one ends it`()
    throws
  {
    let base = try Self.base()
    _ = try Compaction(store: Store(at: base), options: Self.everything).run()
    let expected = (try Store(at: base).manifest().files.map(\.path) + ["manifests/000004.json"]).sorted()
    for name in [
      "manifests/000009.json", "manifests/000005.json.tmp", "events/dt=2024-10-04/part-000005.arrow",
      "events/dt=2024-10-04/part-000004.arrow.tmp", "tmp/stdin-7",
      "runs/2024-10-04-0123456789abcdef/members/a.roaring",
    ] { try Store(at: base).writeFile(name, [1, 2, 3]) }
    var step = 1
    var finished = false
    while !finished {
      let path = try Self.copy(base)
      let files = FaultyFiles(at: step, .killed)
      do {
        try Vacuum(Store(at: path, files: files), Self.tomorrow).run()
        finished = files.count < step
      } catch {
        #expect(error.place != nil)
      }
      for version in 1...4 {
        guard let snapshot = try Store(at: path).snapshot(version: version) else { continue }
        #expect(StoreVerification.run(snapshot).findings == [], "step \(step), version \(version)")
      }
      try Vacuum(Store(at: path), Self.tomorrow).run()
      #expect(try Self.files(path) == expected)
      step += 1
      Support.remove(path)
    }
    #expect(step > 20)
  }

  @Test func `a reader keeps its version, however old that is, while it was the current one a day ago`()
    throws
  {
    let path = try Self.base()
    let reader = try Store(at: path).snapshot()
    _ = try Compaction(store: Store(at: path), options: Self.everything).run()
    _ = try Support.run("/usr/bin/touch", ["-d", "2020-01-01", path + "/manifests/000003.json"])
    // Versions 0 and 1 ended long ago by that clock.
    for version in 1...2 {
      _ = try Support.run("/usr/bin/touch", ["-d", "2019-01-01", path + "/manifests/00000\(version).json"])
    }
    let vacuum = try Vacuum(Store(at: path), VacuumOptions())
    #expect(vacuum.plan.kept == [3, 4])
    #expect(vacuum.plan.items.map(\.reason) == [.version, .version, .version])
    try vacuum.run()
    #expect(StoreVerification.run(reader).findings == [])
    #expect(throws: Diagnostic.self) { try Vacuum(Store(at: path), VacuumOptions()) }
  }

  @Test func `versions, rejects and foreign files stay unless asked for`() throws {
    let path = try Self.base()
    let store = Store(at: path)
    try store.writeFile("rejects/000002/rejects.jsonl", [1])
    try store.writeFile("events/notes.txt", [1])
    try store.writeFile("events/mine.arrow", [1])
    var options = Self.tomorrow
    options.versions = 2
    #expect(try VacuumPlan(store, options).kept == [2, 3])
    let files = ["manifests/000000.json", "manifests/000001.json"]
    #expect(try VacuumPlan(store, options).items.map(\.path) == files)
    options.rejectSeconds = 3600
    #expect(try VacuumPlan(store, options).items.map(\.path) == files + ["rejects/000002/rejects.jsonl"])
    options.rejectSeconds = 1_000_000
    #expect(try VacuumPlan(store, options).items.map(\.path) == files)
  }

  @Test func `files become few, and each row is written as often as the store doubles`() {
    var sizes: [Int] = []
    var written = 0
    for day in 1...1000 {
      sizes.append(10 + day % 3)
      let start = CompactionPlan.tail(sizes, takesAll: false)
      if sizes.count - start > 1 {
        let sum = sizes[start...].reduce(0, +)
        written += sum
        sizes = Array(sizes[..<start]) + [sum]
      }
      #expect(sizes.count <= 11)
    }
    #expect(written < sizes.reduce(0, +) * 10)
  }

  @Test func `late rows do not write the past again`() throws {
    let path = try Self.base()
    for _ in 0..<2 { try FaultTests.commit(Store(at: path), day: 20_001) }
    _ = try Compaction(store: Store(at: path), options: Self.everything).run()
    let snapshot = try Store(at: path).snapshot()
    #expect(try CompactionPlan(snapshot, CompactionOptions()).isEmpty)
    var only = CompactionOptions()
    only.takesAll = true
    only.days = Day(number: 20_005)...Day(number: 20_009)
    try FaultTests.commit(Store(at: path), day: 20_001)
    #expect(try CompactionPlan(try Store(at: path).snapshot(), only).days == [])
    only.days = Day(number: 20_001)...Day(number: 20_009)
    #expect(try CompactionPlan(try Store(at: path).snapshot(), only).days.map(\.parts.count) == [2])
  }

  @Test func `four late parts become one, and rows that they replaced stay replaced`() throws {
    let path = try FaultTests.freshStore()
    for _ in 0..<60 { try FaultTests.commit(Store(at: path), day: 20_000) }
    _ = try Compaction(store: Store(at: path), options: Self.everything).run()
    let large = try #require(try Store(at: path).manifest().parts.first)
    #expect(large.events.rows == 61 * 200)
    for number in 0..<4 {
      #expect(try CompactionPlan(try Store(at: path).snapshot(), CompactionOptions()).days == [])
      try FaultTests.commit(
        Store(at: path), day: 20_000,
        replacing: [Deletion(part: large.events.path, bucket: 0, row: UInt32(number))])
    }
    let before = try Self.rows(try Store(at: path).snapshot())
    let summary = try Compaction(store: Store(at: path), options: CompactionOptions()).run()
    #expect(summary.plan.days.map(\.parts.count) == [4] && summary.plan.deletions.count == 4)
    let snapshot = try Store(at: path).snapshot()
    #expect(snapshot.manifest.parts.map(\.events.rows) == [61 * 200, 800])
    #expect(snapshot.manifest.deletions.map(\.rows) == [4])
    #expect(try Self.rows(snapshot) == before && before.count == 65 * 200 - 4)
    #expect(StoreVerification.run(snapshot).findings == [])
  }
}
