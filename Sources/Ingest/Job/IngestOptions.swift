import Store

/// How an ingest is done.
public struct IngestOptions: Sendable {
  /// How much memory rows may take before they are spilled, bytes.
  public var memory = 1 << 30
  /// 0: as many as the machine has.
  public var threads = 0
  /// Reads files again that were taken before; event ids keep rows from doubling.
  public var force = false
  public var maximumRejected: RejectLimit?
  /// The source's name; nil: found by the files' names.
  public var source: String?

  /// As `PartCluster.common` wants it.
  public var rowsPerBatch = PartCluster.rowsPerBatch

  public enum RejectLimit: Sendable, Equatable {
    case count(Int)
    /// Of the rows read, 0...1.
    case share(Double)

    func isExceeded(by rejected: Int, of rows: Int) -> Bool {
      switch self {
      case .count(let count): rejected > count
      case .share(let share): Double(rejected) > share * Double(rows)
      }
    }
  }

  public init() {}
}

/// What an ingest did.
public struct IngestSummary: Sendable {
  /// The version that it made; nil where there was nothing new.
  public var version: Int?
  public var entry = IngestEntry()
  /// Files read.
  public var files: [InputEntry] = []
  /// Files passed over, because their content was taken before.
  public var known: [String] = []
  /// Where the rejects are; nil without any.
  public var rejects: String?
  public var newUsers = 0
}

/// How far an ingest is.
public struct IngestProgress: Sendable {
  public enum Step: String, Sendable { case reading, deduplicating, folding, writing }
  public var step: Step
  public var done: Int
  public var total: Int
  /// Rows read so far.
  public var rows: Int
}
