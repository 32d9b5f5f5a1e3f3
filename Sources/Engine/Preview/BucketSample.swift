import Diagnostics
import Events

/// Some buckets of a source, whose users stand for all.
public struct BucketSample: Sendable, Equatable {
  /// Ascending.
  public let buckets: [Int]
  /// How many users are in them, and in all.
  public let users: Int
  public let population: Int

  public var isEverything: Bool { users == population }

  /// The same buckets every time, evenly apart, so that two versions of a rule are compared on the same people.
  /// - Parameter count: how many buckets, at least 1.
  public init(of source: any EventSource, count: Int) throws(Diagnostic) {
    let all = source.bucketCount
    let count = min(max(count, 1), all)
    self.init(buckets: (0..<count).map { $0 * all / count }, users: try source.userCounts)
  }

  /// - Parameter users: by bucket of the source.
  package init(buckets: [Int], users: [Int]) {
    self.buckets = buckets
    self.users = buckets.reduce(0) { $0 + users[$1] }
    population = users.reduce(0, +)
  }

  /// A number of users of all as a number of those in the sample, rounded, and at least 1 where it was.
  func share(of users: Int) -> Int {
    guard !isEverything, population > 0, users > 0 else { return users }
    return max(1, Int(min(Double(users) / Double(population), 1) * Double(self.users) + 0.5))
  }

  public func estimate(_ found: Int) -> ReachEstimate {
    ReachEstimate(found: found, sampled: users, population: population)
  }
}

extension EventSource {
  /// By bucket.
  package var userCounts: [Int] {
    get throws(Diagnostic) {
      var counts: [Int] = []
      for bucket in 0..<bucketCount { counts.append(try userCount(in: BucketIndex(UInt32(bucket)))) }
      return counts
    }
  }
}
