import Glibc

/// Repeatable random numbers (SplitMix64): the same on every machine, cheap enough to begin anew for each user
/// and day, which is what makes the output independent of threads.
struct Chance {
  private var state: UInt64

  init(_ seed: UInt64) { state = seed }

  /// A generator of its own for each combination of numbers.
  init(_ seed: UInt64, _ a: UInt64, _ b: UInt64 = 0) {
    state = Self.mix(Self.mix(seed &+ Self.mix(a)) &+ b &* 0x9e37_79b9_7f4a_7c15)
  }

  static func mix(_ value: UInt64) -> UInt64 {
    var z = value &+ 0x9e37_79b9_7f4a_7c15
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }

  mutating func next() -> UInt64 {
    let value = Self.mix(state)
    state = state &+ 0x9e37_79b9_7f4a_7c15
    return value
  }

  /// 0 ..< limit; the bias of the multiplication is below 2^-32 for our small limits.
  mutating func below(_ limit: Int) -> Int {
    Int(truncatingIfNeeded: ((next() >> 32) &* UInt64(truncatingIfNeeded: limit)) >> 32)
  }

  /// True `parts` times in a million.
  mutating func hits(_ parts: Int) -> Bool { below(1_000_000) < parts }

  /// In [0, 1).
  mutating func unit() -> Double { Double(next() >> 11) * 0x1p-53 }

  /// How often something of mean `mean` happens: Poisson by inversion, at most `limit`.
  mutating func count(mean: Double, limit: Int) -> Int {
    let floor = exp(-mean)
    var product = unit()
    var count = 0
    while product > floor, count < limit {
      product *= unit()
      count += 1
    }
    return count
  }
}

/// A distribution as 1,024 equally likely values: one shift and one load a draw.
struct Quantiles: Sendable {
  private let values: [Int32]

  init(_ quantile: (Double) -> Double) {
    values = (0..<1024).map { Int32(clamping: Int(quantile((Double($0) + 0.5) / 1024).rounded())) }
  }

  /// `exp(mu + sigma × z)`, rounded.
  static func logNormal(median: Double, sigma: Double) -> Quantiles {
    Quantiles { median * exp(sigma * normal($0)) }
  }

  /// Index i as often as `weights[i]` says.
  static func weighted(_ weights: [Int]) -> Quantiles {
    let total = Double(weights.reduce(0, +))
    return Quantiles { share in
      var left = share * total
      for (index, weight) in weights.enumerated() {
        left -= Double(weight)
        if left < 0 { return Double(index) }
      }
      return Double(weights.count - 1)
    }
  }

  func draw(_ chance: inout Chance) -> Int { Int(values[Int(chance.next() >> 54)]) }

  /// The normal quantile by bisection of its distribution function; only for tables.
  private static func normal(_ share: Double) -> Double {
    var low = -8.0
    var high = 8.0
    for _ in 0..<60 {
      let middle = (low + high) / 2
      if erfc(-middle / 2.0.squareRoot()) / 2 < share { low = middle } else { high = middle }
    }
    return (low + high) / 2
  }
}
