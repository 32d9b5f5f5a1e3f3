import Bitmaps
import Engine
import Events
import Rules
import Support
import Testing

/// Who moved and why, against sets that the naive evaluator gives.
struct MembershipChangeTests {
  @Test func `each user who moved is counted under one cause, as naive sets have it`() throws {
    for seed in 1...UInt64(max(20, Support.cases(240) / 12)) { try check(seed) }
  }

  private func check(_ seed: UInt64) throws {
    let day = try #require(Day("2026-11-23"))
    let earlier = day.advanced(by: -Int(seed % 9))
    let world = try SampleWorld(seed: seed, zone: "Europe/Amsterdam", asOf: day)
    var generator = RandomRules(seed: seed &* 31, asOf: day)
    var (old, new): ([Segment], [Segment]) = ([], [])
    for index in 0..<12 {
      let root = generator.root(old)
      let segment = Segment(id: "s\(index)", name: "s", purpose: "ads", root: root)
      old.append(segment)
      // Every third rule is another one; those that refer to it change with it.
      var other = segment
      if index % 3 == 0 { other.root = generator.root(new) }
      new.append(other)
    }
    let names = world.source().names
    let (naiveOld, naiveNew) = (NaiveEvaluator(world, old), NaiveEvaluator(world, new))
    let changed = RuleChanges(from: old, to: new).changed
    let sides = (try members(old, world, earlier), try members(old, world, day), try members(new, world, day))
    for (index, segment) in old.enumerated() {
      let isSame = !changed.contains(segment.id)
      let change = MembershipChange(
        from: sides.0[index], to: sides.2[index], oldRule: isSame ? sides.2[index] : sides.1[index])
      let before = naiveOld.outcome(segment.id, earlier).members
      let after = naiveNew.outcome(segment.id, day).members
      let still = naiveOld.outcome(segment.id, day).members
      if isSame { #expect(still == after, "seed \(seed), \(segment.id) is said to be the same") }
      #expect(change.stayed == before.intersection(after).count)
      #expect(change.after.count == change.before.count + change.entered.users - change.left.users)
      let moved = change.users(in: 0)
      func users(_ move: MembershipChange.Move, _ cause: MembershipChange.Cause) -> Set<String> {
        Set(moved.filter { $0.move == move && $0.cause == cause }.map { names[Int($0.ordinal)] })
      }
      let (entered, left) = (after.subtracting(before), before.subtracting(after))
      #expect(users(.entered, .behaviour) == entered.intersection(still), "seed \(seed), \(segment.id)")
      #expect(users(.entered, .rule) == entered.subtracting(still), "seed \(seed), \(segment.id)")
      #expect(users(.left, .behaviour) == left.subtracting(still), "seed \(seed), \(segment.id)")
      #expect(users(.left, .rule) == left.intersection(still), "seed \(seed), \(segment.id)")
      #expect(change.entered.byRule + change.entered.byBehaviour == entered.count)
      #expect(change.left.byRule == users(.left, .rule).count)
    }
  }

  private func members(_ segments: [Segment], _ world: SampleWorld, _ day: Day) throws -> [Membership] {
    let plan = EvaluationPlan(segments, eventNames: .init(), asOf: day, zone: world.zone)
    return try Evaluator(plan, world.source().source).run(Workers(threads: 1)).members
  }

  @Test func `without the old rule on the new day nobody's cause is told`() {
    let change = MembershipChange(
      from: Membership(buckets: [[1, 2], []]), to: Membership(buckets: [[2], [7]]), oldRule: nil)
    let users = change.users(in: 0) + change.users(in: 1)
    #expect(users.map(\.ordinal) == [1, 7] && users.map(\.move) == [.left, .entered])
    #expect(users.allSatisfy { $0.cause == nil })
    #expect(!change.causesAreKnown && change.stayed == 1)
  }
}
