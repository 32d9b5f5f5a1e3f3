import Engine
import Events
import Rules
import Store
import Support
import Testing

/// The layout of parts changes nothing: rules on a store of any batches give the members that they give on plain events in memory.
struct StoredRulesTests {
  /// Worlds of 30 rules; the shares run side by side.
  @Test(arguments: 0..<2)
  func `rules on a store give the members that they give in memory`(share: Int) throws {
    let worlds = max(6, Support.cases(2000) / 100)
    for world in stride(from: share, to: worlds, by: 2) { try check(seed: UInt64(world + 1)) }
  }

  @Test func `compaction and vacuum change no byte of any membership`() throws {
    for seed in 1...UInt64(max(3, Support.cases(2000) / 600)) {
      var random = SeededRandom(seed)
      let asOf = try #require(Day(NaiveOracleTests.days[Int(seed) % NaiveOracleTests.days.count]))
      var world = try SampleWorld(
        seed: seed &+ 7000, zone: "Europe/Brussels", asOf: asOf.advanced(by: 1), events: 400)
      world.settleArticles(seed: seed, moved: seed % 2 == 0)
      let rowsPerBatch = seed % 3 == 0 ? 200 : 1
      let plain = try StoredWorld(world, ingests: 4, rowsPerBatch: rowsPerBatch)
      let compacted = try StoredWorld(world, ingests: 4, rowsPerBatch: rowsPerBatch) { store in
        var options = CompactionOptions()
        options.takesAll = Bool.random(using: &random)
        options.rowsPerBatch = rowsPerBatch
        #expect(try Compaction(store: store, options: options).run().version ?? 1 > 0)
        var vacuum = VacuumOptions()
        vacuum.seconds = -1000
        try Vacuum(store, vacuum).run()
      }
      var generator = RandomRules(seed: seed &* 137 &+ 11, asOf: asOf)
      let plan = EvaluationPlan(generator.segments(30), eventNames: .init(), asOf: asOf, zone: world.zone)
      let before = try Evaluator(plan, try plain.store.snapshot()).run(Workers(threads: 2))
      let after = try Evaluator(plan, try compacted.store.snapshot()).run(Workers(threads: 2))
      #expect(before.universe.bytes == after.universe.bytes, "seed \(seed)")
      for (index, segment) in plan.segments.enumerated() {
        #expect(
          before.members[index].bytes == after.members[index].bytes,
          "seed \(seed), \(compacted.folder): \(segment.root.wording.line)")
      }
      #expect(StoreVerification.run(try compacted.store.snapshot()).findings == [])
      for world in [plain, compacted] { Support.remove(world.folder) }
    }
  }

  private func check(seed: UInt64) throws {
    let asOf = try #require(Day(NaiveOracleTests.days[Int(seed) % NaiveOracleTests.days.count]))
    let zone = NaiveOracleTests.zones[Int(seed) % NaiveOracleTests.zones.count]
    var world = try SampleWorld(seed: seed &+ 5000, zone: zone, asOf: asOf.advanced(by: 1), events: 600)
    // Articles that always have one section, author and tags; that are moved once; and that have any.
    if seed % 3 > 0 { world.settleArticles(seed: seed, moved: seed % 3 == 2) }
    let stored = try StoredWorld(world, ingests: 1 + Int(seed % 2), rowsPerBatch: seed % 5 == 0 ? 200 : 0)
    var generator = RandomRules(seed: seed &* 131 &+ 7, asOf: asOf)
    try compare(generator.segments(30), world, stored, asOf, seed)
    // Few random rules count different articles of one value, which is what values by article are for.
    try compare(try EventStore.segments(Self.reads), world, stored, asOf, seed)
    #expect(StoreVerification.run(try stored.store.snapshot()).findings == [])
    Support.remove(stored.folder)
  }

  private static let reads: [String] = [("section", SampleWorld.sections), ("tag", SampleWorld.tags)]
    .flatMap { field, values in
      values.filter { !$0.contains(":") }.flatMap { value in
        [(1, 45), (2, 9), (2, 45), (3, 20), (4, 45)].map { least, days in
          "{reads: at least \(least), where: {\(field): \"\(value)\"}, when: last \(days)d}"
        }
      }
    }

  private func compare(
    _ segments: [Segment], _ world: SampleWorld, _ stored: StoredWorld, _ asOf: Day, _ seed: UInt64
  ) throws {
    let plan = EvaluationPlan(segments, eventNames: .init(), asOf: asOf, zone: world.zone)
    let snapshot = try stored.store.snapshot()
    let inStore = try Evaluator(plan, snapshot).run(Workers(threads: 2))
    let (source, names) = world.source()
    let inMemory = try Evaluator(plan, source).run(Workers(threads: 1))
    let users = try UserNames(snapshot)
    #expect(users.of(inStore.universe) == inMemory.universe.ordinals(in: 0).map { names[Int($0)] })
    for (index, segment) in segments.enumerated() {
      let expected = inMemory.members[index].ordinals(in: 0).map { names[Int($0)] }
      #expect(
        users.of(inStore.members[index]) == expected,
        "seed \(seed), \(stored.folder): \(segment.root.wording.line)")
    }
  }
}
