import Bitmaps
import Engine
import Events
import Rules
import Support
import Testing

/// The engine against a naive evaluator, on random events and rules.
struct NaiveOracleTests {
  private static let zones = [
    "UTC", "Europe/Amsterdam", "America/New_York", "Australia/Sydney", "Pacific/Apia", "Australia/Lord_Howe",
  ]
  private static let days = ["2026-11-23", "2026-03-31", "2026-10-26", "2026-01-02", "2027-01-03"]

  @Test func `random rules on random events give the members of the naive evaluator`() throws {
    let rules = Support.cases(2000)
    var left = rules
    var seed: UInt64 = 1
    while left > 0 {
      let count = min(25, left)
      try check(seed: seed, rules: count)
      left -= count
      seed += 1
    }
  }

  private func check(seed: UInt64, rules count: Int) throws {
    let asOf = try #require(Day(Self.days[Int(seed) % Self.days.count]))
    let world = try SampleWorld(
      seed: seed, zone: Self.zones[Int(seed) % Self.zones.count], asOf: asOf.advanced(by: Int(seed % 3)))
    var generator = RandomRules(seed: seed &* 7919, asOf: asOf)
    var segments: [Segment] = []
    for index in 0..<count {
      let root = generator.root(segments.map(\.id))
      segments.append(Segment(id: "s\(index)", name: "s", purpose: "ads", root: root))
      segments.append(Segment(id: "not\(index)", name: "n", purpose: "ads", root: .none([root])))
    }
    let (members, universe) = try evaluate(segments, world, asOf)
    var naive = NaiveEvaluator(events: world.events, asOf: asOf, zone: world.zone)
    #expect(universe == naive.universe)
    for (index, segment) in segments.enumerated() {
      let expected = naive.members(segment.root)
      naive.segments[segment.id] = expected
      if members[index] != expected {
        Issue.record("seed \(seed), \(segment.id): \(try shrunk(segment.root, world, asOf, naive))")
        return
      }
      if index % 2 == 1 { #expect(members[index].count + members[index - 1].count == universe.count) }
    }
  }

  /// Members by segment, and the universe. Half of the events in a second part, some of them twice with the first deleted.
  private func evaluate(_ segments: [Segment], _ world: SampleWorld, _ asOf: Day) throws -> (
    [Set<String>], Set<String>
  ) {
    let names = Set(world.events.map(\.user)).sorted()
    let numbers = Dictionary(uniqueKeysWithValues: names.enumerated().map { ($1, UInt32($0)) })
    var events: [InMemoryEvents.Event] = []
    for (index, event) in world.events.enumerated() {
      var made = InMemoryEvents.Event(
        user: numbers[event.user] ?? 0, time: event.time, texts: event.texts, lists: event.lists,
        numbers: event.numbers,
        dwell: event.dwell, session: event.session, part: index % 2)
      if index % 11 == 0 {
        var old = made
        (old.deleted, old.part, old.dwell) = (true, 0, 999_000)
        events.append(old)
        made.part = 2
      }
      events.append(made)
    }
    let source = InMemoryEvents(events, users: names + ["nobody"], zone: world.zone)
    let evaluation = try Evaluator(
      EvaluationPlan(segments, eventNames: .init(), asOf: asOf, zone: world.zone), source
    ).run(
      Workers(threads: 1))
    func ids(_ membership: Membership) -> Set<String> {
      Set(membership.ordinals(in: 0).map { names[Int($0)] })
    }
    return (evaluation.members.map(ids), ids(evaluation.universe))
  }

  /// The smallest part of a rule that still disagrees.
  private func shrunk(_ node: RuleNode, _ world: SampleWorld, _ asOf: Day, _ naive: NaiveEvaluator) throws
    -> String
  {
    for part in node.parts {
      let (members, _) = try evaluate([Segment(id: "x", name: "x", purpose: "ads", root: part)], world, asOf)
      if members[0] != naive.members(part) { return try shrunk(part, world, asOf, naive) }
    }
    let (members, _) = try evaluate([Segment(id: "x", name: "x", purpose: "ads", root: node)], world, asOf)
    return "\(node)\nengine \(members[0].sorted())\nnaive \(naive.members(node).sorted())"
  }
}

extension RuleNode {
  /// Simpler rules inside this one.
  var parts: [RuleNode] {
    switch self {
    case .all(let nodes), .any(let nodes), .none(let nodes), .count(_, let nodes): nodes
    case .condition(let condition) where condition.tests.count > 1:
      condition.tests.map {
        .condition(Condition(tests: [$0], filter: condition.filter, window: condition.window))
      }
    default: []
    }
  }
}
