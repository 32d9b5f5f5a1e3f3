/// Rows of one event that get batches of their own.
public struct PartCluster: Sendable, Hashable {
  public var event: String
  /// Only those whose article is known; others stand among all other rows.
  public var byArticle: Bool

  public init(event: String, byArticle: Bool) {
    self.event = event
    self.byArticle = byArticle
  }
}

extension PartCluster {
  /// Events get batches of their own in a part where they have so many rows a bucket: a batch costs about as much to read.
  public static let rowsPerBatch = 200

  /// How often an event is in a part.
  public struct Frequency: Sendable {
    public var event: String
    public var rows: Int
    /// Of them those whose article is known.
    public var rowsWithArticle: Int

    public init(event: String, rows: Int, rowsWithArticle: Int) {
      self.event = event
      self.rows = rows
      self.rowsWithArticle = rowsWithArticle
    }
  }

  /// Events that are common enough for batches of their own: a filter of one name, as most are, then reads nothing else, and columns that other
  /// events lack cost nothing.
  /// Where most rows of an event know their article, those make its batches, because what an article has need not be read of each.
  public static func common(_ events: [Frequency], buckets: Int, rowsPerBatch: Int) -> [PartCluster] {
    let all = events.reduce(0) { $0 + $1.rows }
    return events.filter { $0.rows * 50 >= all && $0.rows >= buckets * rowsPerBatch }
      .map { PartCluster(event: $0.event, byArticle: $0.rowsWithArticle * 2 >= $0.rows) }
      .sorted { $0.event.utf8.lexicographicallyPrecedes($1.event.utf8) }
  }
}
