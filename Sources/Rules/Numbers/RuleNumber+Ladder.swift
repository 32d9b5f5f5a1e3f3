extension RuleNumber {
  /// Values that people would try, ascending, with the number's own among them.
  /// - Parameter around: how many on either side.
  public func ladder(around count: Int) -> [Int64] {
    let nice = niceValues.filter { $0 != value }
    let below = nice.prefix { $0 < value }.suffix(count)
    let above = nice.drop { $0 < value }.prefix(count)
    return below + [value] + above
  }

  /// Values strictly between two neighbours of a ladder: all whole ones, or an even choice of them.
  public func steps(between low: Int64, and high: Int64, most: Int) -> [Int64] {
    let unit: Int64 =
      switch scale {
      case .count, .choice, .days: 1
      case .milliseconds: 1000
      case .share: 1000
      case .millionths: 10_000
      }
    let (first, last) = (low / unit + 1, (high - 1) / unit)
    guard first <= last, most > 0 else { return [] }
    let stride = max(1, (last - first + 1) / Int64(most))
    return Swift.stride(from: first, through: last, by: Int64.Stride(stride)).map { $0 * unit }
  }

  private var niceValues: [Int64] {
    switch scale {
    case .count(let from): return Array(from...10) + Self.decades.filter { $0 > 10 }
    case .choice(let all): return Array(0...max(0, all))
    case .days: return [1, 2, 3, 5, 7, 10, 14, 21, 28, 30, 45, 60, 90, 120, 180, 270, 365, 540, 730]
    case .milliseconds:
      let seconds = [1, 2, 3, 5, 10, 15, 20, 30, 45]
      let minutes = [1, 2, 3, 5, 10, 15, 20, 30, 45].map { $0 * 60 }
      let hours = [1, 2, 3, 5, 8, 12, 24, 36, 48, 72, 96, 168, 336, 720].map { $0 * 3600 }
      return (seconds + minutes + hours).map { Int64($0) * 1000 }
    case .share: return [1, 2, 5, 10, 20, 25, 30, 40, 50, 60, 70, 75, 80, 90, 100].map { $0 * 10_000 }
    case .millionths:
      return [100_000, 200_000, 250_000, 500_000, 750_000]
        + (Array(1...10) + Self.decades.filter { $0 > 10 })
        .map { $0 * 1_000_000 }
    }
  }

  /// 1, 1.5, 2, 2.5, 3, 4, 5, 6, 8 times every power of ten, as far as they are whole.
  private static let decades: [Int64] = {
    var values: [Int64] = []
    var ten: Int64 = 1
    for _ in 0..<9 {
      for tenths: Int64 in [10, 15, 20, 25, 30, 40, 50, 60, 80] where tenths * ten % 10 == 0 {
        values.append(tenths * ten / 10)
      }
      ten *= 10
    }
    return values
  }()
}
