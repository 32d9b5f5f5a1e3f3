import Events
import Rules
import Support
import Testing

@testable import Engine

/// What is said of later days, against the naive evaluator on the user's events with those appended that are asked for.
struct OutlookTests {
  private struct Counts { var (leaves, enters, needs, deadlines) = (0, 0, 0, 0) }

  @Test func `what is said of later days comes true, and no day later`() throws {
    var counts = Counts()
    for seed in 1...UInt64(max(20, Support.cases(200) / 10)) { try check(seed, &counts) }
    // Otherwise nothing was tested.
    #expect(
      counts.leaves > 10 && counts.enters > 0 && counts.needs > 20 && counts.deadlines > 10, "\(counts)")
  }

  private func check(_ seed: UInt64, _ counts: inout Counts) throws {
    let newest = try #require(Day("2026-11-23"))
    let zone = ["Europe/Amsterdam", "America/New_York", "Australia/Sydney"][Int(seed % 3)]
    let world = try SampleWorld(seed: seed, zone: zone, asOf: newest)
    // What came after the day that is looked at is hidden.
    let asOf = newest.advanced(by: -Int(seed % 4))
    var generator = RandomRules(seed: seed &* 104_729, asOf: asOf)
    var segments: [Segment] = []
    for index in 0..<10 {
      let root = index % 2 == 0 ? generator.reachableRoot() : generator.root(segments)
      let after = index % 3 == 0 ? AfterWho() : generator.after("s\(index)", segments)
      segments.append(Segment(id: "s\(index)", name: "s", purpose: "ads", root: root, after: after))
    }
    let (source, names) = world.source()
    for (index, segment) in segments.enumerated() {
      let plan = EvaluationPlan(
        segments.closure(of: [segment.id]),
        eventNames: .init(),
        asOf: asOf, zone: world.zone)
      let user = (index + Int(seed)) % names.count
      let outlook = try Explainer(plan, source).outlook(
        plan.segments.count - 1, BucketIndex(0), UserOrdinal(UInt32(user)))
      let own = world.cut(to: names[user], through: asOf)
      let case_ = Case(
        name: "seed \(seed), \(segment.id) \(segment.root.wording.line), \(names[user])", segment: segment,
        segments: segments, user: names[user], world: own, asOf: asOf)
      guard plan.levels == 0, !own.events.isEmpty else {
        #expect(outlook == nil, "\(case_.name)")
        continue
      }
      try case_.check(try #require(outlook), &counts)
    }
  }

  /// One user of one segment.
  private struct Case {
    var name: String
    var segment: Segment
    var segments: [Segment]
    var user: String
    var world: SampleWorld
    var asOf: Day

    /// The world with some events more.
    private func naive(_ more: [InMemoryEvents.Event]) -> NaiveEvaluator {
      var world = world
      world.events += more.map {
        SampleEvent(
          user: user, time: $0.time, texts: $0.texts, lists: $0.lists, numbers: $0.numbers, dwell: $0.dwell,
          session: $0.session)
      }
      return NaiveEvaluator(world, segments)
    }

    func isMember(_ day: Day, _ more: [InMemoryEvents.Event] = []) -> Bool {
      naive(more).outcome(segment.id, day).members.contains(user)
    }

    private func holds(_ node: RuleNode, _ day: Day, _ more: [InMemoryEvents.Event]) -> Bool {
      naive(more).holds(node, user, day)
    }

    func check(_ outlook: Outlook, _ counts: inout Counts) throws {
      let now = isMember(asOf)
      let change = now ? outlook.leaves : outlook.enters
      #expect((now ? outlook.enters : outlook.leaves) == nil && (!now || outlook.needs.isEmpty), "\(name)")
      let last = change.map { asOf.distance(to: $0) - 1 } ?? Outlook.days
      for ahead in Set([1, 2, 7, last / 2, last - 1, last])
      where (1...max(1, last)).contains(ahead) && ahead <= last {
        #expect(isMember(asOf.advanced(by: ahead)) == now, "\(name), \(ahead) days ahead")
      }
      if let change {
        #expect(isMember(change) != now, "\(name), on \(change)")
        if now { counts.leaves += 1 } else { counts.enters += 1 }
      }
      if !outlook.needs.isEmpty { try checkNeeds(outlook, &counts) }
    }

    private func checkNeeds(_ outlook: Outlook, _ counts: inout Counts) throws {
      let needs = outlook.needs
      let events = needs.compactMap { NeededEvents($0.condition, $0.missing, .init()) }
      #expect(events.count == needs.count)
      let first = asOf.advanced(by: events.map(\.dayCount).max() ?? 1)
      func appended(_ day: Day) -> [InMemoryEvents.Event] { events.flatMap { $0.on(day, zone: world.zone) } }
      let by = outlook.by
      let last = by ?? asOf.advanced(by: Outlook.days)
      #expect(
        isMember(first, appended(first)) && isMember(last, appended(last)),
        "\(name), needs \(needs.map(\.words)) by \(last)")
      counts.needs += 1
      guard let by else { return }
      counts.deadlines += 1
      let late = by.advanced(by: 1)
      // A later day asks for more of the whole rule, or of one condition by the events that it alone lacks.
      let isLate = zip(needs, events).contains { need, own in
        need.by == by && !holds(.condition(need.condition), late, own.on(late, zone: world.zone))
      }
      #expect(
        isLate || !isMember(late, appended(late)), "\(name), needs \(needs.map(\.words)) also on \(late)")
      for (need, own) in zip(needs, events) { try checkAlone(need, own) }
    }

    /// A condition holds with its own events up to its own day, and no day later.
    private func checkAlone(_ need: Outlook.Need, _ own: NeededEvents) throws {
      let node = RuleNode.condition(need.condition)
      let last = need.by ?? asOf.advanced(by: Outlook.days)
      #expect(holds(node, last, own.on(last, zone: world.zone)), "\(name), \(need.words) on \(last)")
      if let late = need.by?.advanced(by: 1) {
        #expect(!holds(node, late, own.on(late, zone: world.zone)), "\(name), \(need.words) on \(late)")
      }
      try checkAmounts(need)
    }

    /// The amounts are what the naive evaluator measures to be missing.
    private func checkAmounts(_ need: Outlook.Need) throws {
      for (missing, day) in need.missing.map({ ($0, asOf.advanced(by: 1)) })
        + (need.afterwards ?? []).map({ ($0, need.by?.advanced(by: 1) ?? asOf) })
      {
        var condition = need.condition
        let enough = missing.test.threshold.range.lowerBound - missing.amount
        condition.tests = [MeasureTest(missing.test.measure, enough > 0 ? .exactly(enough) : .atMost(0))]
        let isAbsent = missing.test.measure == .dwell && enough == 0
        #expect(
          isAbsent || holds(.condition(condition), day, []), "\(name), \(missing.words) on \(day)")
      }
    }
  }
}

extension RandomRules {
  /// A rule that a few more events may satisfy.
  fileprivate mutating func reachableRoot() -> RuleNode {
    func condition(_ measure: Measure, _ most: Int64, _ random: inout SeededRandom) -> RuleNode {
      let filters: [Filter] = [
        .always, .field(.section, .text(.value("sport"))), .field(.tag, .allOf([.value("a"), .value("b")])),
        .all([.field(.device, .not(.text(.value("mobile")))), .field(.hour, .hours(from: 22, through: 3))]),
        .any([.field(.country, .known(false)), .field(.value, .number(.atLeast(3_000_000)))]),
        .field(.weekday, .number(.between(1, 5))),
      ]
      let windows: [Window] = [
        .days(near: 1, far: Int.random(in: 2...20, using: &random)), .current(.week), .current(.month), .ever,
        .lastTime(Int64.random(in: 20...90, using: &random) * 3_600_000),
        .dates(from: nil, through: asOf.advanced(by: 9)),
        .days(near: 3, far: 12),
      ]
      let least = Int64.random(in: 1...most, using: &random)
      return .condition(
        Condition(
          tests: [
            MeasureTest(
              measure, Bool.random(using: &random) ? .atLeast(least) : .between(least, least + most))
          ],
          filter: filters.randomElement(using: &random) ?? .always,
          window: windows.randomElement(using: &random) ?? .ever))
    }
    let measures: [(Measure, Int64)] = [
      (.views, 9), (.reads, 6), (.clicks, 4), (.events, 12), (.days, 6), (.sessions, 5), (.dwell, 400_000),
    ]
    let nodes = (0..<Int.random(in: 1...3, using: &random)).map { _ in
      let (measure, most) = measures.randomElement(using: &random) ?? (.views, 9)
      return condition(measure, most, &random)
    }
    switch Int.random(in: 0...4, using: &random) {
    case 0, 1: return .all(nodes)
    case 2: return .any(nodes)
    case 3: return .count(.atLeast(Int.random(in: 1...nodes.count, using: &random)), of: nodes)
    default: return .all(nodes + [.none([condition(.events, 3, &random)])])
    }
  }
}
