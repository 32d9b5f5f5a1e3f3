import Engine
import Events
import Rules
import Support
import Testing

/// What a segment is said to cost is what plans with and without it differ by.
struct NightCostTests {
  @Test func `a segment alone costs what its plan does, and its own is what is saved without it`() throws {
    for seed in UInt64(1)...4 {
      let asOf = try #require(Day(NaiveOracleTests.days[Int(seed) % NaiveOracleTests.days.count]))
      let world = try SampleWorld(seed: seed &+ 70, zone: "UTC", asOf: asOf, events: 300)
      let stored = try StoredWorld(world, ingests: Int(seed % 2) + 1)
      defer { Support.remove(stored.folder) }
      let snapshot = try stored.store.snapshot()
      var generator = RandomRules(seed: seed &* 31, asOf: asOf)
      let segments = generator.segments(15)
      func cost(_ segments: [Segment], groups: [[Int]]? = nil) throws -> NightCost {
        let plan = EvaluationPlan(segments, eventNames: .init(), asOf: asOf, zone: world.zone)
        return try NightCost(plan, snapshot, groups: groups)
      }
      let all = try cost(segments)
      #expect(all.whole.bytes > 0 && all.shares.contains { $0.own.bytes > 0 })
      var unreferred: [Int] = []
      for (index, segment) in segments.enumerated() {
        let share = all.shares[index]
        // With what it refers to, which may be needed as of earlier days only.
        let alone = try cost(segments.closure(of: [segment.id])).whole
        #expect(alone.bytes >= share.alone.bytes, "seed \(seed), \(segment.id)")
        if segment.references.isEmpty { #expect(alone == share.alone, "seed \(seed), \(segment.id)") }
        guard !segments.contains(where: { $0.references.contains(segment.id) }) else { continue }
        unreferred.append(index)
        try expect(all.whole, try cost(segments.filter { $0.id != segment.id }).whole, share.own)
      }
      let some = Array(unreferred.prefix(3))
      let groups = [some] + segments.indices.filter { !some.contains($0) }.map { [$0] }
      let others = segments.indices.filter { !some.contains($0) }.map { segments[$0] }
      try expect(all.whole, try cost(others).whole, try cost(segments, groups: groups).shares[0].own)
    }
  }

  private func expect(_ all: NightCost.Work, _ without: NightCost.Work, _ own: NightCost.Work) throws {
    #expect(all.bytes - without.bytes == own.bytes)
    #expect(all.filters - without.filters == own.filters)
    #expect(all.measurements - without.measurements == own.measurements)
    #expect(all.thresholds - without.thresholds == own.thresholds)
  }
}
