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
  /// The rows of a day as pieces of rows that share event names, in the order of the commits.
  /// - Parameter columns: which columns rows of some event names need (nil is an unknown name); nil: such rows are not
  ///   needed at all. Times are read where `.eventTime` is among them (`hour` is derived from them, and no column).
  func readers(of day: Day, columns: ([String?]) -> [Field]?) throws(Diagnostic) -> [any EventReader]
  /// Who has an event on a day: a bit a user, least significant first.
  func presence(on day: Day, in bucket: BucketIndex) throws(Diagnostic) -> [UInt64]
}

/// Reads some columns of rows of one part of a day that share event names. Made once, then used for any bucket by any thread.
public protocol EventReader: Sendable {
  /// nil where there are no rows.
  func batch(in bucket: BucketIndex) throws(Diagnostic) -> EventBatch?
  /// How many bytes of files that reads.
  func bytes(in bucket: BucketIndex) throws(Diagnostic) -> Int
  /// The fields that its batches have by article.
  var articleColumns: [Field: ArticleColumn] { get }
  /// The values of articles, in the order of their codes; nil where its batches have no column of them.
  var articles: TextDictionary? { get }
  /// Of the names of its rows' events those whose rows may know an article.
  func namesWithArticles(_ names: [String?]) -> [String?]
}

extension EventReader {
  public var articleColumns: [Field: ArticleColumn] { [:] }
  public func namesWithArticles(_ names: [String?]) -> [String?] { names }
}

extension EventSource {
  /// All rows of one bucket on one day with some columns.
  public func batches(of day: Day, in bucket: BucketIndex, fields: [Field]) throws(Diagnostic) -> [EventBatch]
  {
    var batches: [EventBatch] = []
    for reader in try readers(of: day, columns: { _ in fields }) {
      if let batch = try reader.batch(in: bucket) { batches.append(batch.expanded) }
    }
    return batches
  }

  public func presence(on day: Day, in bucket: BucketIndex) throws(Diagnostic) -> [UInt64] {
    var words = [UInt64](repeating: 0, count: (try userCount(in: bucket) + 63) / 64)
    for batch in try batches(of: day, in: bucket, fields: []) { batch.mark(&words) }
    return words
  }

  public var countsUsersWithoutEvents: Bool { false }
  public func dimensions(asOf day: Day) throws(Diagnostic) -> any Dimensions { NoDimensions() }
}
