import Events
import Rules

/// Rules that differ from one in a single thing: a number, a value, a field, an operator.
enum RuleMutations {
  /// Values that could be taken for words of a description, or for each other.
  static let values = [
    "a", "b", "or", "and", "a or b", "a, b", "a or b (or below)", "a (or below)", "\"a\"", "\\\"a\\\"", "a\"",
    "\\", "\\\\",
    "a\nb", "a\\nb", "a b", " a", "a ", "", "not", "known", "exactly a", "containing a", "like a*", "a*b",
    "a\\*b", "a:", "a.",
    "a; b", "a)", "(a", "- a", "in the last 7 days", ", in the last 7 days", "at any time", "at least 3",
    "from the list a",
    "é", "e\u{327}", "a\u{200B}", "a\u{A0}b", "日本", "😀", "$a", "a/b", "a-b", "a_b", "0", "1,000", "\u{0}",
    "a, on device b", "*", "**", "nothing", "all of a and b", "monday to friday", "a\tb", "a\rb",
  ]

  static func nodes(_ node: RuleNode) -> [RuleNode] {
    switch node {
    case .everyone: [.list(["a"])]
    case .condition(let condition): conditions(condition).map { .condition($0) }
    case .extreme(let extreme): extremes(extreme).map { .extreme($0) }
    case .sequence(let sequence): sequences(sequence).map { .sequence($0) }
    case .user(let filter): filters(filter).map { .user($0) }
    case .list(let names): lists(names).map { .list($0) }
    case .segment(let reference): references(reference).map { .segment($0) }
    case .all(let nodes): groups(nodes, node) { .all($0) }
    case .any(let nodes): groups(nodes, node) { .any($0) }
    case .none(let nodes): groups(nodes, node) { .none($0) }
    case .count(let test, let nodes):
      groups(nodes, node) { .count(test, of: $0) } + counts(test).map { .count($0, of: nodes) }
    }
  }

  static func each<T>(_ items: [T], _ change: (T) -> [T]) -> [[T]] {
    items.indices.flatMap { index in
      change(items[index]).map { item in
        var changed = items
        changed[index] = item
        return changed
      }
    }
  }

  private static func groups(_ nodes: [RuleNode], _ whole: RuleNode, _ make: ([RuleNode]) -> RuleNode)
    -> [RuleNode]
  {
    each(nodes, self.nodes).map(make) + [
      .all(nodes), .any(nodes), .none(nodes), .count(.atLeast(1), of: nodes), .none([whole]),
      make(nodes + [.list(["a"])]), make([.all(nodes), .list(["a"])]), make([.none(nodes), .list(["a"])]),
    ]
  }

  private static func counts(_ test: CountTest) -> [CountTest] {
    switch test {
    case .atLeast(let n), .atMost(let n), .exactly(let n):
      [.atLeast(n + 1), .atMost(n), .exactly(n), .atLeast(n), .atMost(n + 1), .exactly(n + 1)]
    }
  }

  private static func lists(_ names: [String]) -> [[String]] {
    each(names) { _ in values + ["A"] } + [names + ["b"]]
  }

  private static func references(_ reference: SegmentReference) -> [SegmentReference] {
    let names = each(reference.names) { name in
      [
        .init(name.id + "x", name.part), .init(name.id), .init(name.id, .arm("a")), .init(name.id, .arm("b")),
        .init(name.id, .holdout),
      ]
    }
    return names.map { SegmentReference($0, daysAgo: reference.daysAgo) }
      + [1, 2, 7].map { SegmentReference(reference.names, daysAgo: reference.daysAgo + $0) }
  }

  // MARK: Conditions

  private static func conditions(_ condition: Condition) -> [Condition] {
    func with(_ change: (inout Condition) -> Void) -> Condition {
      var changed = condition
      change(&changed)
      return changed
    }
    return each(condition.tests, tests).map { tests in with { $0.tests = tests } }
      + filters(condition.filter).map { filter in with { $0.filter = filter } }
      + windows(condition.window, blocks: true).map { window in with { $0.window = window } }
      + [nil, .session, .author, .tag].map { field in with { $0.same = field } }
      + [with { $0.tests.append(MeasureTest(.sessions, .any)) }]
  }

  private static func tests(_ test: MeasureTest) -> [MeasureTest] {
    var tests = thresholds(test.threshold).map { MeasureTest(test.measure, $0) }
    switch test.measure {
    case .share(let base, let among):
      tests += filters(among).map { MeasureTest(.share(of: base, among: $0), test.threshold) }
      tests += [.share(of: .views, among: among), .share(of: .dwell, among: among)].map {
        MeasureTest($0, test.threshold)
      }
    case .trend(let base, let against):
      tests += windows(against).map { MeasureTest(.trend(of: base, against: $0), test.threshold) }
      tests.append(MeasureTest(.trend(of: .clicks, against: against), test.threshold))
    case .rank(let base, let among):
      tests += (among.map(nodes) ?? [.list(["a"])]).map {
        MeasureTest(.rank(of: base, among: $0), test.threshold)
      }
      tests.append(MeasureTest(.rank(of: .per(.dwell, .clicks), among: among), test.threshold))
    case .per(let base, _):
      tests += [.views, .reads, .clicks, .events, .days, .sessions].map {
        MeasureTest(.per(base, $0), test.threshold)
      }
    default:
      tests += [
        .views, .clicks, .events, .reads, .days, .sessions, .streak, .distinct(.section, elements: nil),
        .distinct(.tag, elements: nil), .distinct(.tag, elements: .text(.value("a"))),
        .distinct(.device, elements: nil),
      ].filter { $0.unit == test.measure.unit }.map { MeasureTest($0, test.threshold) }
    }
    return tests
  }

  static func thresholds(_ threshold: Threshold) -> [Threshold] {
    switch threshold {
    case .any, .none: [.any, .none, .atLeast(5), .atMost(5)]
    case .atLeast(let q), .atMost(let q), .moreThan(let q), .lessThan(let q), .exactly(let q):
      [1, 1000, 10_000, 1_000_000, 60_000_000].flatMap { [.atLeast(q + $0), .exactly(q - $0)] }
        + [
          .atLeast(q), .atMost(q), .moreThan(q), .lessThan(q), .exactly(q), .between(q, q),
          .between(q, q + 1),
        ]
    case .between(let a, let b): [.between(a, b + 1), .between(a - 1, b), .atLeast(a), .exactly(b)]
    case .top(let cut): cuts(cut).flatMap { [.top($0), .bottom($0)] }
    case .bottom(let cut): cuts(cut).flatMap { [.bottom($0), .top($0)] }
    }
  }

  private static func cuts(_ cut: RankCut) -> [RankCut] {
    switch cut {
    case .share(let q): [.share(q), .share(q + 100), .share(q * 10), .users(q)]
    case .users(let n): [.users(n), .users(n + 1), .share(n * 10_000)]
    }
  }

  static func windows(_ window: Window, blocks: Bool = false) -> [Window] {
    let day = Day(number: 20_000)
    var windows: [Window] = [
      .ever, .days(near: 1, far: 1), .days(near: 2, far: 2), .days(near: 1, far: 7), .days(near: 2, far: 7),
      .days(near: 7, far: 7),
      .days(near: 3, far: 8), .beforeLast(days: 8), .dates(from: nil, through: day.advanced(by: 1)),
      .beforeLast(days: 7), .lastTime(7 * 3_600_000), .lastTime(90_000), .dates(from: day, through: nil),
      .dates(from: nil, through: day), .dates(from: day, through: day),
      .dates(from: day, through: day.advanced(by: 7)),
    ]
    for period in Window.Period.allCases { windows += [.current(period), .previous(period)] }
    if blocks {
      windows += [1, 7].flatMap { days in
        [2, 3].flatMap { count in counts(.atLeast(1)).map { .blocks($0, of: count, days: days) } }
      }
    }
    return windows
  }

  // MARK: Extremes and sequences

  private static func extremes(_ extreme: Extreme) -> [Extreme] {
    func with(_ change: (inout Extreme) -> Void) -> Extreme {
      var changed = extreme
      change(&changed)
      return changed
    }
    let tests: [Extreme.Test] =
      switch extreme.test {
      case .inWindow: windows(.ever).map { .inWindow($0) } + [.matches(.always)]
      case .matches(let filter): filters(filter).map { .matches($0) } + [.inWindow(.ever)]
      }
    return [with { $0.which = extreme.which == .first ? .latest : .first }]
      + tests.map { test in with { $0.test = test } }
      + filters(extreme.filter).map { filter in with { $0.filter = filter } }
      + windows(extreme.window).map { window in with { $0.window = window } }
  }

  private static func sequences(_ sequence: Rules.Sequence) -> [Rules.Sequence] {
    func with(_ change: (inout Rules.Sequence) -> Void) -> Rules.Sequence {
      var changed = sequence
      change(&changed)
      return changed
    }
    return each(sequence.steps, steps).map { steps in with { $0.steps = steps } }
      + [nil, 1000, 60_000, 3_600_000].map { within in with { $0.within = within } }
      + [[], [.session], [.tag], [.author, .tag], [.session, .tag]].map { same in with { $0.same = same } }
      + filters(sequence.filter).map { filter in with { $0.filter = filter } }
      + windows(sequence.window).map { window in with { $0.window = window } }
      + [
        with { $0.steps.append(.events(.init(.always))) },
        with { $0.steps.append(.absent(.always, within: 60_000)) },
      ]
  }

  private static func steps(_ step: Rules.Sequence.Step) -> [Rules.Sequence.Step] {
    switch step {
    case .absent(let filter, let within):
      return filters(filter).map { .absent($0, within: within) } + [
        .absent(filter, within: within + 1000), .events(.init(filter)),
      ]
    case .events(let step):
      func with(_ change: (inout Rules.Sequence.EventStep) -> Void) -> Rules.Sequence.Step {
        var changed = step
        change(&changed)
        return .events(changed)
      }
      return filters(step.filter).map { filter in with { $0.filter = filter } }
        + (filters(step.without ?? .always) + [.always]).map { filter in with { $0.without = filter } }
        + [
          with { $0.without = nil }, with { $0.times += 1 }, with { $0.directly.toggle() },
          with { $0.within = 5000 },
          with { $0.within = nil },
        ]
    }
  }
}
