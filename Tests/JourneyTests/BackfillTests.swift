import Bitmaps
import Engine
import Events
import Rules
import Support
import Testing

/// Many days in one scan give each day what it has alone.
struct BackfillTests {
  /// Worlds of 20 rules; the shares run side by side.
  @Test(arguments: 0..<2)
  func `each of many days has the members, arms, universe and rows that it has alone`(share: Int) throws {
    let worlds = max(6, Support.cases(2000) / 200)
    for world in stride(from: share, to: worlds, by: 2) { try check(seed: UInt64(world + 1)) }
  }

  private func check(seed: UInt64) throws {
    let newest = try #require(Day(NaiveOracleTests.days[Int(seed) % NaiveOracleTests.days.count]))
    let zone = NaiveOracleTests.zones[Int(seed) % NaiveOracleTests.zones.count]
    let world = try SampleWorld(seed: seed &+ 9000, zone: zone, asOf: newest.advanced(by: 1), events: 600)
    let stored = try StoredWorld(world, rowsPerBatch: seed % 3 == 0 ? 200 : 1)
    defer { Support.remove(stored.folder) }
    var generator = RandomRules(seed: seed &* 977 &+ 3, asOf: newest)
    let segments = generator.segments(20)
    let snapshot = try stored.store.snapshot()
    // With a gap, and a day that nobody has seen yet.
    let days = [-9, -8, -3, -2, -1, 0, 2].map { newest.advanced(by: $0) }
    func plan(_ days: [Day]) -> EvaluationPlan {
      EvaluationPlan(segments, eventNames: .init(), days: days, zone: world.zone)
    }
    let together = try Evaluator(plan(days), snapshot).runEachDay(Workers(threads: 2))
    for (day, found) in zip(days, together) {
      let alone = try Evaluator(plan([day]), snapshot).run(Workers(threads: 2))
      #expect(found.universe == alone.universe && found.rows == alone.rows, "seed \(seed), \(day)")
      for (index, segment) in segments.enumerated() {
        let isSame =
          found.members[index] == alone.members[index]
          && found.parts[index].map(\.members) == alone.parts[index].map(\.members)
        #expect(isSame, "seed \(seed), \(day): \(segment.root.wording.line)")
      }
    }
  }
}
