import Rules

/// Walks a rule that does not hold and finds what the user lacks: the nearest way in.
struct Shortfall {
  typealias Part = (condition: Condition, missing: [Outlook.Missing])

  private let trial: Trial

  init(_ trial: Trial) { self.trial = trial }

  /// What would make a node hold; nil where more events would not, or where it cannot be said. Empty: it holds.
  func parts(_ node: RuleNode) -> [Part]? {
    if trial.holds(node) { return [] }
    switch node {
    case .condition(let condition): return missing(condition).map { [(condition, $0)] }
    case .all(let nodes): return together(nodes.map { parts($0) })
    case .any(let nodes): return nearest(1, of: nodes)
    case .count(.atLeast(let wanted), let nodes), .count(.exactly(let wanted), let nodes):
      return nearest(wanted, of: nodes)
    case .count(.atMost, _), .none, .everyone, .extreme, .sequence, .user, .list, .segment: return nil
    }
  }

  private func together(_ all: [[Part]?]) -> [Part]? {
    var parts: [Part] = []
    for more in all {
      guard let more else { return nil }
      parts += more
    }
    return parts
  }

  /// Those of some nodes that lack least, so many that with those that hold there are enough.
  private func nearest(_ wanted: Int, of nodes: [RuleNode]) -> [Part]? {
    let lacking = nodes.filter { !trial.holds($0) }
    let more = wanted - (nodes.count - lacking.count)
    let ways = lacking.compactMap { parts($0) }
    guard more > 0, ways.count >= more else { return nil }
    return ways.sorted { Self.distance($0) < Self.distance($1) }.prefix(more).flatMap { $0 }
  }

  /// How many conditions lack something, and then how much.
  private static func distance(_ parts: [Part]) -> (Int, Int64) {
    let amounts = parts.flatMap(\.missing).map { missing in
      // A minute is about as far as an event.
      missing.test.measure == .dwell ? missing.amount / 60_000 : missing.amount
    }
    return (parts.count, amounts.reduce(0) { $0.addingReportingOverflow($1).partialValue })
  }

  /// What a condition lacks by each of its tests; nil where one is above its threshold, or cannot be reached by adding.
  func missing(_ condition: Condition) -> [Outlook.Missing]? {
    if case .blocks = condition.window { return nil }
    guard condition.same == nil else { return nil }
    var missing: [Outlook.Missing] = []
    for test in condition.tests where !trial.holds(test, condition) {
      guard Self.adds(test.measure) else { return nil }
      let amount = test.threshold.range.lowerBound.subtractingReportingOverflow(
        Int64(clamping: trial.value(test, condition) ?? 0)
      ).partialValue
      guard amount > 0 else { return nil }
      missing.append(.init(test: test, amount: amount))
    }
    return missing.isEmpty ? nil : missing
  }

  /// Whether each event can add to it, whatever came before.
  private static func adds(_ measure: Measure) -> Bool {
    switch measure {
    case .views, .clicks, .events, .reads, .dwell, .days, .sessions: true
    case .sum, .distinct, .streak, .max, .min, .share, .per, .trend, .rank: false
    }
  }
}
