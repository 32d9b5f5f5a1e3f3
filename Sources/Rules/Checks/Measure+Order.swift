extension Measure {
  /// Whether this can never be more than another over the same events.
  func isAtMost(_ other: Measure) -> Bool {
    self == other || steps.contains { $0.isAtMost(other) }
  }

  /// What it can never be more than.
  private var steps: [Measure] {
    switch self {
    case .reads: [.views]
    case .views, .clicks, .days, .sessions: [.events]
    case .streak: [.days]
    case .distinct(let field, _): field.kind == .textList ? [] : [.events]
    default: []
    }
  }

  /// Whether it can only grow with more events: what is more than something in a part is so in the whole.
  var growsWithEvents: Bool {
    switch self {
    case .views, .clicks, .events, .reads, .dwell, .days, .sessions, .streak, .max: true
    case .distinct(_, let elements): elements == nil
    case .sum, .min, .share, .per, .trend, .rank: false
    }
  }

  /// Whether its values are whole numbers of its unit: ratios are compared exactly, between those as well.
  var isWhole: Bool {
    switch self {
    case .share, .per, .trend, .rank: false
    default: true
    }
  }
}

extension Window {
  /// Whether all of it surely lies in another; false where it cannot be told.
  func isInside(_ other: Window) -> Bool {
    if self == other { return true }
    switch (self, other) {
    case (.blocks, _), (_, .blocks): return false
    case (_, .ever): return true
    case (.days(let near, let far), .days(let otherNear, let otherFar)):
      return near >= otherNear && far <= otherFar
    case (.days(let near, _), .beforeLast(let days)): return near > days
    case (.beforeLast(let days), .beforeLast(let others)): return days >= others
    case (.dates(let from, let through), .dates(let otherFrom, let otherThrough)):
      let begins = otherFrom.map { wanted in from.map { $0 >= wanted } ?? false } ?? true
      let ends = otherThrough.map { wanted in through.map { $0 <= wanted } ?? false } ?? true
      return begins && ends
    default: return false
    }
  }
}
