import Events

/// How a store is compacted.
public struct CompactionOptions: Sendable {
  /// Which days' parts; nil: all.
  public var days: ClosedRange<Day>?
  /// Takes everything that can become one file, also where it hardly pays.
  public var takesAll = false
  /// How many days an event id, session or page view is remembered after it came; nil: for ever.
  public var deduplicationDays: Int?
  /// 0: as many as the machine has.
  public var threads = 0
  /// As `PartCluster.common` wants it.
  public var rowsPerBatch = PartCluster.rowsPerBatch

  public init() {}
}
