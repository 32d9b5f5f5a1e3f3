import ArrowIPC
import Diagnostics

/// Writes a file of what later ingests need: 64-bit columns, one batch a partition, in order.
public final class IndexWriter {
  private let file: StoreArrowFile
  private let kind: String

  /// - Parameters:
  ///   - kind: "events", "sessions", "views" or "pings".
  ///   - columns: their names.
  ///   - number: tells files of one kind and version apart.
  public init(_ transaction: Transaction, kind: String, columns: [String], number: Int = 0) throws(Diagnostic)
  {
    self.kind = kind
    let suffix = number > 0 ? "-\(number)" : ""
    let schema = ArrowSchema(columns.map { ArrowField($0, .int(bits: 64, signed: false), nullable: false) })
    file = try StoreArrowFile(
      try transaction.file("index/\(kind)-\(padded(transaction.version))\(suffix).arrow"), schema)
  }

  /// - Parameter columns: of equal length.
  public func append(_ columns: [[UInt64]]) throws(Diagnostic) {
    let rows = columns.first?.count ?? 0
    let arrays = columns.map { ArrowArray(count: rows, storage: .u64($0)) }
    try file.append(file.encoder.encode(ArrowBatch(rows: rows, columns: arrays)), rows: rows)
  }

  public func finish() throws(Diagnostic) -> IndexEntry { IndexEntry(kind: kind, file: try file.finish()) }
}

/// Writes the ids of new users: one batch a bucket, in order; their ordinals follow those that are there.
public final class UserWriter {
  private let file: StoreArrowFile

  public init(_ transaction: Transaction) throws(Diagnostic) {
    let schema = ArrowSchema([ArrowField("user", .utf8, nullable: false)])
    file = try StoreArrowFile(try transaction.file("users/part-\(padded(transaction.version)).arrow"), schema)
  }

  public func append(_ ids: [[UInt8]]) throws(Diagnostic) { try append(ArrowArray(ids)) }

  func append(_ ids: ArrowArray) throws(Diagnostic) {
    try file.append(file.encoder.encode(ArrowBatch(rows: ids.count, columns: [ids])), rows: ids.count)
  }

  public func finish() throws(Diagnostic) -> FileEntry { try file.finish() }
}

/// A row that this version replaces.
public struct Deletion: Sendable, Hashable {
  public var part: String
  public var bucket: UInt32
  public var row: UInt32
  public init(part: String, bucket: UInt32, row: UInt32) {
    self.part = part
    self.bucket = bucket
    self.row = row
  }
}

extension Transaction {
  /// Writes the list of replaced rows.
  public func write(_ deletions: [Deletion]) throws(Diagnostic) -> FileEntry {
    let sorted = deletions.sorted { ($0.part, $0.bucket, $0.row) < ($1.part, $1.bucket, $1.row) }
    let file = try StoreArrowFile(try file("deletes/part-\(padded(version)).arrow"), Deletions.schema)
    let batch = ArrowBatch(
      rows: sorted.count,
      columns: [
        ArrowArray(strings: sorted.map(\.part)),
        ArrowArray(count: sorted.count, storage: .u32(sorted.map(\.bucket))),
        ArrowArray(count: sorted.count, storage: .u32(sorted.map(\.row))),
      ])
    try file.append(file.encoder.encode(batch), rows: sorted.count)
    return try file.finish()
  }
}

extension ArrowBatch {
  /// A column of an index file; nil where it is none.
  public func numbers(_ column: Int) -> [UInt64]? {
    guard columns.indices.contains(column), case .u64(let values) = columns[column].storage else {
      return nil
    }
    return values
  }
}
