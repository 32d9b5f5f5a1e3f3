/// How many users are in a set, judged by a sample of users.
///
/// Users fall into buckets by a hash of their ids, so those of some buckets are a simple random sample of all. The
/// interval is Wilson's score interval for a proportion (Wilson 1927) with the correction for a finite population
/// (Cochran, Sampling Techniques, 2.6): the sample counts as `n × (N − 1) ÷ (N − n)` draws.
public struct ReachEstimate: Sendable, Equatable {
  public var users: Int
  /// The 95 % interval, both ends included; equal to `users` where everybody was looked at.
  public var low: Int
  public var high: Int

  public var isExact: Bool { low == high }

  /// - Parameters:
  ///   - found: members among the users that were looked at.
  ///   - sampled: how many were looked at.
  ///   - population: how many there are.
  public init(found: Int, sampled: Int, population: Int) {
    guard sampled > 0, sampled < population else {
      (users, low, high) = (found, found, found)
      return
    }
    let (n, all) = (Double(sampled), Double(population))
    let share = Double(found) / n
    let draws = n * (all - 1) / (all - n)
    let z = 1.959964
    let middle = (share + z * z / (2 * draws)) / (1 + z * z / draws)
    let reach =
      z / (1 + z * z / draws) * (share * (1 - share) / draws + z * z / (4 * draws * draws)).squareRoot()
    users = Int((share * all).rounded())
    // Those that were found are there, and so are those that were looked at and are none.
    low = max(found, Int(((middle - reach) * all).rounded(.down)))
    high = min(population - (sampled - found), Int(((middle + reach) * all).rounded(.up)))
  }

  /// The same of a set that is cut off at so many users.
  public func limited(to most: Int?) -> ReachEstimate {
    guard let most else { return self }
    var limited = self
    (limited.users, limited.low, limited.high) = (min(users, most), min(low, most), min(high, most))
    return limited
  }
}
