import Diagnostics
import Events

/// Rules that nobody or everybody meets. What is reported is certain; much that is true is not seen.
extension RuleParser {
  /// Beyond this many tests in one list, they are not compared with each other.
  private static let mostCompared = 1000

  /// L3 between the measures of one condition, over the same events.
  mutating func holdsTogether(_ condition: Condition) -> Bool {
    guard condition.tests.count > 1, condition.tests.count <= Self.mostCompared else { return true }
    for (index, test) in condition.tests.enumerated() {
      for other in condition.tests[..<index] {
        guard let (less, more) = Self.contradictory(test, other) else { continue }
        report(
          .l3, "nobody can have both: \(less.words), and \(more.words)",
          at: condition.place ?? Place(file: ""),
          hint: "over the same events there are never more \(less.measure.words) than \(more.measure.words)")
        return false
      }
    }
    return true
  }

  /// L3 and L6 in a list of which all must hold.
  mutating func checkAll(_ parts: [RuleNode], _ place: Place) {
    let nodes = parts.flatMap(\.conjuncts)
    checkOpposites(nodes, place)
    checkUsers(nodes, place)
    var seen: [(condition: Condition, test: MeasureTest)] = []
    for case .condition(let condition) in nodes {
      guard condition.same == nil, seen.count + condition.tests.count <= Self.mostCompared else { continue }
      for test in condition.tests {
        if let other = seen.first(where: { Self.contradict((condition, test), $0) }) {
          reportContradiction(condition, other.condition)
        }
      }
      seen += condition.tests.map { (condition, $0) }
    }
  }

  private mutating func reportContradiction(_ condition: Condition, _ other: Condition) {
    guard let place = condition.place else { return }
    report(
      .l3, "this contradicts line \(other.place?.line ?? 0): nobody can have both", at: place,
      notes: [.init("the other condition", at: other.place)], hint: "drop one, or use 'any: […]'")
  }

  /// `x` beside `none: [x]`
  private mutating func checkOpposites(_ nodes: [RuleNode], _ place: Place) {
    let wanted = Set(nodes)
    for case .none(let refused) in nodes {
      for node in refused where wanted.contains(node) || node == .everyone {
        report(
          .l3, "nobody can be in: the same part is wanted and refused", at: node.place ?? place,
          hint: "drop one, or use 'any: […]'")
        return
      }
    }
  }

  /// `user: {tier: gold}` beside `user: {tier: silver}`
  private mutating func checkUsers(_ nodes: [RuleNode], _ place: Place) {
    let filters = nodes.compactMap { if case .user(let filter) = $0 { filter } else { nil } }
    guard filters.count > 1 else { return }
    let outer = scope
    scope = .users
    defer { scope = outer }
    _ = isPossible(.all(filters), place)
  }

  /// L6 in a list of which any is enough.
  mutating func checkAny(_ nodes: [RuleNode], _ place: Place) {
    let wanted = Set(nodes)
    let opposite = nodes.contains {
      if case .none(let refused) = $0 { refused.allSatisfy { wanted.contains($0) } } else { false }
    }
    guard opposite || wanted.contains(.everyone) || coverAll(nodes) else { return }
    report(
      .l6, "'any' always holds: every user meets one of its parts", at: place,
      hint: "drop it, or write 'everyone'")
  }

  mutating func checkNone(_ nodes: [RuleNode], _ place: Place) {
    guard nodes.contains(.everyone) else { return }
    report(.l3, "nobody can be in: everyone is refused", at: place, hint: "drop 'everyone'")
  }

  /// `views: any` or `views: none` of the same events.
  private func coverAll(_ nodes: [RuleNode]) -> Bool {
    var seen: [Condition] = []
    for case .condition(let condition) in nodes where condition.tests.count == 1 && condition.same == nil {
      // Blocks are counted, and sums and dwell of unknown values are absent.
      guard condition.tests[0].measure.isCount, seen.count < Self.mostCompared / 10 else { continue }
      if case .blocks = condition.window { continue }
      for other in seen where other.tests[0].measure == condition.tests[0].measure {
        if Threshold.cover(other.tests[0].threshold, condition.tests[0].threshold),
          other.window == condition.window, other.filter == condition.filter
        {
          return true
        }
      }
      seen.append(condition)
    }
    return false
  }

  // MARK: Certain contradictions

  /// Of two tests over the same events, the one that must be less and the one that must be more, where the first
  /// measure can never be less than the second.
  private static func contradictory(_ a: MeasureTest, _ b: MeasureTest) -> (MeasureTest, MeasureTest)? {
    guard a.measure.isWhole, b.measure.isWhole else { return nil }
    if a.measure.isAtMost(b.measure), a.threshold.range.lowerBound > b.threshold.range.upperBound {
      return (a, b)
    }
    if b.measure.isAtMost(a.measure), b.threshold.range.lowerBound > a.threshold.range.upperBound {
      return (b, a)
    }
    return nil
  }

  private typealias Tested = (condition: Condition, test: MeasureTest)

  private static func contradict(_ a: Tested, _ b: Tested) -> Bool {
    guard a.test.measure.isWhole, b.test.measure.isWhole else { return false }
    if case .blocks = a.condition.window { return false }
    if case .blocks = b.condition.window { return false }
    if a.condition.window == b.condition.window, a.condition.filter == b.condition.filter {
      return (a.test.measure == b.test.measure && Threshold.exclude(a.test.threshold, b.test.threshold))
        || contradictory(a.test, b.test) != nil
    }
    return exceeds(a, b) || exceeds(b, a)
  }

  /// More of a part than there may be of the whole.
  private static func exceeds(_ part: Tested, _ whole: Tested) -> Bool {
    guard part.test.threshold.range.lowerBound > whole.test.threshold.range.upperBound,
      part.test.measure.growsWithEvents, part.test.measure.isAtMost(whole.test.measure),
      part.condition.window.isInside(whole.condition.window)
    else { return false }
    let wanted = Set(part.condition.filter.conjuncts)
    return whole.condition.filter.conjuncts.allSatisfy { wanted.contains($0) }
  }

  /// T8: `at most` alone takes in everybody who never came.
  mutating func checkAbsence(_ condition: Condition, _ place: Place) {
    guard condition.same == nil,
      condition.tests.allSatisfy({ !$0.measure.isAbsentWithoutEvents && $0.threshold.range.contains(0) })
    else { return }
    let isLow = condition.tests.contains {
      $0.threshold.range != 0...0 && $0.threshold.range.upperBound < .max
    }
    guard isLow else { return }
    report(
      .t8, "this also holds for users without any such event", at: place,
      hint: "add 'views: any' if they should be left out")
  }
}

extension Measure {
  fileprivate var isCount: Bool {
    switch self {
    case .views, .clicks, .events, .reads, .days, .sessions, .streak, .distinct: true
    default: false
    }
  }
}

extension RuleNode {
  /// The parts that must all hold.
  fileprivate var conjuncts: [RuleNode] {
    if case .all(let nodes) = self { nodes.flatMap(\.conjuncts) } else { [self] }
  }

  /// Where it stands, as far as it knows.
  var place: Place? {
    switch self {
    case .condition(let condition): condition.place
    case .extreme(let extreme): extreme.place
    case .sequence(let sequence): sequence.place
    default: children.lazy.compactMap(\.place).first
    }
  }
}
