extension Threshold {
  /// The values for which it holds, as one range of whole numbers.
  public var range: ClosedRange<Int64> {
    switch self {
    case .any: 1...Int64.max
    case .none: 0...0
    case .atLeast(let q): q...Int64.max
    case .atMost(let q): Int64.min...q
    case .moreThan(let q): (q == .max ? q : q + 1)...Int64.max
    case .lessThan(let q): Int64.min...(q == .min ? q : q - 1)
    case .exactly(let q): q...q
    case .between(let a, let b): a...max(a, b)
    case .top, .bottom: 1...Int64.max
    }
  }

  /// Whether no whole value satisfies both.
  static func exclude(_ a: Threshold, _ b: Threshold) -> Bool { !a.range.overlaps(b.range) }

  /// Whether every value from 0 satisfies one of them.
  static func cover(_ a: Threshold, _ b: Threshold) -> Bool {
    let (low, high) = a.range.lowerBound <= b.range.lowerBound ? (a.range, b.range) : (b.range, a.range)
    guard low.lowerBound <= 0, max(low.upperBound, high.upperBound) == .max else { return false }
    return low.upperBound == .max || high.lowerBound <= low.upperBound + 1
  }
}
