extension RuleNode {
  /// The farthest day that it looks at, counted back from the as-of day; 0 where it looks at none, or to the beginning.
  /// - Parameter segments: of those that it may refer to.
  func reach(_ segments: [String: Int]) -> Int {
    switch self {
    case .everyone, .user, .list: 0
    case .condition(let condition):
      max(condition.window.farthestDay ?? 0, condition.tests.map { $0.measure.reach(segments) }.max() ?? 0)
    case .extreme(let extreme):
      if case .inWindow(let window) = extreme.test {
        max(extreme.window.farthestDay ?? 0, window.farthestDay ?? 0)
      } else {
        extreme.window.farthestDay ?? 0
      }
    case .sequence(let sequence): sequence.window.farthestDay ?? 0
    case .segment(let reference):
      reference.daysAgo + (reference.names.map { segments[$0.id] ?? 0 }.max() ?? 0)
    case .all, .any, .none, .count: children.map { $0.reach(segments) }.max() ?? 0
    }
  }
}

extension Measure {
  fileprivate func reach(_ segments: [String: Int]) -> Int {
    switch self {
    case .trend(_, let against): against.farthestDay ?? 0
    case .rank(_, let among?): among.reach(segments)
    default: 0
    }
  }
}

extension Segment {
  /// The same of the whole definition: `keep` replays earlier days.
  func reach(_ segments: [String: Int]) -> Int {
    guard let keep = after.keep else { return root.reach(segments) }
    // The first of the kept days is one less ago than there are of them.
    return max(root.reach(segments), keep.condition?.reach(segments) ?? 0, 1) + keep.days - 1
  }
}
