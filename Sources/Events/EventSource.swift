import Diagnostics

/// Where a scan's events come from: a pinned version of a store, or the few rows of a segment's own tests.
///
/// Buckets are independent: any number of threads may read different ones at the same time.
public protocol EventSource: Sendable {
  /// A power of two.
  var bucketCount: Int { get }
  /// The days that have parts, ascending.
  var days: [Day] { get }
  var zone: CalendarZone { get }
  /// Whether users without an event are in the universe too: a segment's own tests may be about nobody's events.
  var countsUsersWithoutEvents: Bool { get }
  /// How many ordinals are given in a bucket; every batch's users are below it.
  func userCount(in bucket: BucketIndex) throws(Diagnostic) -> Int
  /// The users' ids in the order of their ordinals.
  func users(in bucket: BucketIndex) throws(Diagnostic) -> UserIDs
  /// Attributes and lists as they held on a day.
  func dimensions(asOf day: Day) throws(Diagnostic) -> any Dimensions
  /// The rows of one bucket on one day, a batch a part, in the order of the commits. Only the columns of `fields`
  /// are decoded, and times where `.eventTime` is among them (`hour` is derived from them, and no column).
  func batches(of day: Day, in bucket: BucketIndex, fields: [Field]) throws(Diagnostic) -> [EventBatch]
}

extension EventSource {
  public var countsUsersWithoutEvents: Bool { false }
  public func dimensions(asOf day: Day) throws(Diagnostic) -> any Dimensions { NoDimensions() }
}
