import Bitmaps
import Engine
import Events
import Rules
import Support
import Testing

/// The engine against a naive evaluator, on random events and rules.
struct NaiveOracleTests {
  static let zones = [
    "UTC", "Europe/Amsterdam", "America/New_York", "Australia/Sydney", "Pacific/Apia", "Australia/Lord_Howe",
  ]
  static let days = ["2026-11-23", "2026-03-31", "2026-10-26", "2026-01-02", "2027-01-03"]

  /// Worlds of 25 rules; the shares run side by side.
  @Test(arguments: 0..<2)
  func `random rules on random events give the members of the naive evaluator`(share: Int) throws {
    let worlds = (Support.cases(2000) + 24) / 25
    for world in stride(from: share, to: worlds, by: 2) { try check(seed: UInt64(world + 1), rules: 25) }
  }

  private func check(seed: UInt64, rules count: Int) throws {
    let asOf = try #require(Day(Self.days[Int(seed) % Self.days.count]))
    let world = try SampleWorld(
      seed: seed, zone: Self.zones[Int(seed) % Self.zones.count], asOf: asOf.advanced(by: Int(seed % 3)))
    var generator = RandomRules(seed: seed &* 7919, asOf: asOf)
    var segments: [Segment] = []
    for index in 0..<count {
      // Not after one that takes a sample: its negation is what is asked.
      let root = generator.root(segments)
      let after = generator.after("s\(index)", segments)
      segments.append(Segment(id: "s\(index)", name: "s", purpose: "ads", root: root, after: after))
      segments.append(Segment(id: "not\(index)", name: "n", purpose: "ads", root: .none([root])))
    }
    let (members, universe) = try evaluate(segments, world, asOf)
    let naive = NaiveEvaluator(world, segments)
    #expect(universe == naive.universe(asOf))
    for (index, segment) in segments.enumerated() {
      let expected = naive.outcome(segment.id, asOf)
      if members[index] != expected {
        let all = try evaluate(segments, world, asOf, root: segment.root)
        let right = all == naive.members(segment.root, asOf)
        Issue.record(
          "seed \(seed), \(segment.id): \(right ? "\(segment.after) of \(segment.root.wording.line)\nengine \(members[index])\nnaive \(expected)" : try shrunk(segment.root, segments, world, asOf, naive))"
        )
        return
      }
      if index % 2 == 1, segments[index - 1].after == AfterWho() {
        #expect(members[index].members.count + members[index - 1].members.count == universe.count)
      }
    }
    try checkAlone(segments, world, asOf, naive, seed)
  }

  /// Some rules by themselves: what other rules of a plan have loaded must not be what they need.
  private func checkAlone(
    _ segments: [Segment], _ world: SampleWorld, _ asOf: Day, _ naive: NaiveEvaluator, _ seed: UInt64
  ) throws {
    let free = segments.indices.filter { $0 % 2 == 0 && segments[$0].references.isEmpty }
    for index in free.enumerated().filter({ $0.offset % 4 == Int(seed % 4) }).map(\.element) {
      let outcome = try evaluate([segments[index]], world, asOf).0.first
      let expected = naive.outcome(segments[index].id, asOf)
      #expect(outcome == expected, "seed \(seed), \(segments[index].id) alone: \(segments[index].root)")
    }
  }

  /// Outcomes by segment, and the universe.
  func evaluate(_ segments: [Segment], _ world: SampleWorld, _ asOf: Day) throws -> (
    [NaiveEvaluator.Outcome], Set<String>
  ) {
    let (source, names) = world.source()
    let plan = EvaluationPlan(segments, eventNames: .init(), asOf: asOf, zone: world.zone)
    let evaluation = try Evaluator(plan, source).run(Workers(threads: 1))
    func ids(_ membership: Membership) -> Set<String> {
      Set(membership.ordinals(in: 0).map { names[Int($0)] })
    }
    let outcomes = zip(evaluation.members, evaluation.parts).map { members, parts in
      var outcome = NaiveEvaluator.Outcome(members: ids(members))
      for (name, set) in parts {
        if name == "holdout" { outcome.holdout = ids(set) } else { outcome.arms[name] = ids(set) }
      }
      return outcome
    }
    return (outcomes, ids(evaluation.universe))
  }

  /// Members of one more rule beside some segments.
  private func evaluate(_ segments: [Segment], _ world: SampleWorld, _ asOf: Day, root: RuleNode) throws
    -> Set<String>
  {
    let more = segments + [Segment(id: "x", name: "x", purpose: "ads", root: root)]
    return try evaluate(more, world, asOf).0.last?.members ?? []
  }

  /// The smallest part of a rule that still disagrees.
  private func shrunk(
    _ node: RuleNode, _ segments: [Segment], _ world: SampleWorld, _ asOf: Day, _ naive: NaiveEvaluator
  ) throws -> String {
    for part in node.parts where try evaluate(segments, world, asOf, root: part) != naive.members(part, asOf)
    {
      return try shrunk(part, segments, world, asOf, naive)
    }
    let members = try evaluate(segments, world, asOf, root: node)
    return
      "\(node.wording.line)\n\(node)\nengine \(members.sorted())\nnaive \(naive.members(node, asOf).sorted())"
  }
}

extension RuleNode {
  /// Simpler rules inside this one.
  var parts: [RuleNode] {
    switch self {
    case .all(let nodes), .any(let nodes), .none(let nodes), .count(_, let nodes): nodes
    case .condition(let condition) where condition.tests.count > 1:
      condition.tests.map {
        .condition(
          Condition(tests: [$0], filter: condition.filter, window: condition.window, same: condition.same))
      }
    default: []
    }
  }
}
