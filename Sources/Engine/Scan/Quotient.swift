import Rules

/// A measured value, exactly: sums and ratios are compared without rounding.
struct Quotient: Sendable, Hashable {
  var numerator: Int128
  /// Above 0.
  var denominator: Int128

  init(_ value: Int128) {
    numerator = value
    denominator = 1
  }

  /// - Returns: nil where the divisor is not above 0, or where numbers get too large to compare: then the measure is
  ///   absent.
  init?(_ top: Int128, _ topScale: Int64, over bottom: Int128, _ bottomScale: Int64) {
    let (numerator, topOverflow) = top.multipliedReportingOverflow(by: Int128(topScale))
    let (denominator, bottomOverflow) = bottom.multipliedReportingOverflow(by: Int128(bottomScale))
    guard !topOverflow, !bottomOverflow, denominator > 0, denominator < 1 << 62,
      numerator.magnitude < 1 << 126
    else { return nil }
    self.numerator = numerator
    self.denominator = denominator
  }

  /// As a whole number of the measure's unit, for people.
  var rounded: Int128 { numerator / denominator }
}

extension Quotient: Comparable {
  static func < (a: Self, b: Self) -> Bool {
    if a.denominator == b.denominator { return a.numerator < b.numerator }
    let (left, right) = (
      a.numerator.multipliedFullWidth(by: b.denominator), b.numerator.multipliedFullWidth(by: a.denominator)
    )
    return left.high != right.high ? left.high < right.high : left.low < right.low
  }

  static func == (a: Self, b: Self) -> Bool { !(a < b) && !(b < a) }

  /// Equal values have equal hashes: lowest terms.
  func hash(into hasher: inout Hasher) {
    var (a, b) = (numerator.magnitude, denominator.magnitude)
    while b != 0 { (a, b) = (b, a % b) }
    let divisor = Int128(a == 0 ? 1 : a)
    hasher.combine(numerator / divisor)
    hasher.combine(denominator / divisor)
  }
}

extension Threshold {
  /// - Parameter value: nil is absent, for which every threshold is false.
  func holds(_ value: Quotient?) -> Bool {
    guard let value else { return false }
    if value.denominator == 1 { return holds(value.numerator) }
    // The ends of a range of whole numbers decide for what lies between two of them, too.
    func compared(_ quantity: Int64) -> (less: Bool, equal: Bool) {
      let other = Quotient(Int128(quantity))
      return (value < other, value == other)
    }
    switch self {
    case .any: return value.numerator > 0
    case .none: return value.numerator == 0
    case .atLeast(let q): return !compared(q).less
    case .atMost(let q): return compared(q).less || compared(q).equal
    case .moreThan(let q): return !compared(q).less && !compared(q).equal
    case .lessThan(let q): return compared(q).less
    case .exactly(let q): return compared(q).equal
    case .between(let a, let b): return !compared(a).less && (compared(b).less || compared(b).equal)
    case .top, .bottom: return false
    }
  }
}
