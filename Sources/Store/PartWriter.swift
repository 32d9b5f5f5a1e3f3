import ArrowIPC
import Diagnostics
import Events

/// Writes one part of a day: the events and, row for row, the index beside them; one batch a bucket, in order.
public final class PartWriter {
  private let day: Day
  private let version: Int
  private let events: StoreArrowFile
  private let index: StoreArrowFile
  public let encoder: PartEncoder

  /// - Parameter dictionaries: for each text and then each list field its values, sorted by bytes.
  public init(_ transaction: Transaction, day: Day, schema: PartSchema, dictionaries: [[String]])
    throws(Diagnostic)
  {
    self.day = day
    version = transaction.version
    let name = "dt=\(day)/part-\(padded(version)).arrow"
    let arrow = schema.arrow(dictionaries: dictionaries.map(\.count))
    events = try StoreArrowFile(try transaction.file("events/" + name), arrow)
    index = try StoreArrowFile(try transaction.file("index/" + name), PartSchema.index)
    for (id, values) in dictionaries.enumerated() {
      // A dictionary has a word even where nothing is known, for the null slots to point at.
      try events.append(dictionary: Int64(id), ArrowArray(strings: values.isEmpty ? [""] : values))
    }
    encoder = PartEncoder(
      events: events.encoder, index: index.encoder, dictionaries: dictionaries.map(\.count))
  }

  public func append(_ batch: PartEncoder.Batch) throws(Diagnostic) {
    try events.append(batch.events, rows: batch.rows)
    try index.append(batch.index, rows: batch.rows)
  }

  public func finish() throws(Diagnostic) -> PartEntry {
    PartEntry(day: day.description, events: try events.finish(), index: try index.finish(), version: version)
  }
}

/// Turns a bucket's rows into bytes; pure, for any thread.
public struct PartEncoder: Sendable {
  let events: ArrowFileLayout
  let index: ArrowFileLayout
  let dictionaries: [Int]

  public struct Batch: Sendable {
    let events: EncodedMessage
    let index: EncodedMessage
    let rows: Int
  }

  public func encode(_ rows: PartRows) -> Batch {
    Batch(
      events: events.encode(ArrowBatch(rows: rows.count, columns: eventColumns(rows))),
      index: index.encode(ArrowBatch(rows: rows.count, columns: Self.indexColumns(rows))), rows: rows.count)
  }

  private func eventColumns(_ rows: PartRows) -> [ArrowArray] {
    let count = rows.count
    var columns = [
      ArrowArray(count: count, storage: .bytes(offsets: rows.userOffsets, data: rows.users)),
      ArrowArray(count: count, storage: .u64(rows.times.map { UInt64(bitPattern: $0) })),
    ]
    for (codes, size) in zip(rows.texts, dictionaries) { columns.append(Self.codes(codes, size)) }
    for (list, size) in zip(rows.lists.indices, dictionaries.dropFirst(rows.texts.count)) {
      let child = Self.codes(rows.lists[list], size)
      columns.append(ArrowArray(count: count, storage: .list(offsets: rows.listOffsets[list], child: child)))
    }
    for numbers in rows.numbers {
      columns.append(
        ArrowArray(
          count: count, validity: ArrowArray.bitmap(numbers.map { !$0.isNaN }),
          storage: .u64(numbers.map { $0.isNaN ? 0 : $0.bitPattern })))
    }
    columns.append(
      ArrowArray(
        count: count, validity: ArrowArray.bitmap(rows.dwell.map { $0 != .max }), storage: .u32(rows.dwell)))
    columns.append(
      ArrowArray(
        count: count, validity: ArrowArray.bitmap(rows.sessions.map { $0 != 0 }), storage: .u64(rows.sessions)
      ))
    return columns
  }

  /// Indexes in the dictionary's width; unknown is null. A null slot holds 0, because some readers (Polars) look it up.
  static func codes(_ codes: [UInt32], _ size: Int) -> ArrowArray {
    let validity = ArrowArray.bitmap(codes.map { $0 < UInt32(size) })
    let storage: ArrowArray.Storage =
      switch PartSchema.indexBits(size) {
      case 8: .u8(codes.map { $0 < UInt32(size) ? UInt8(truncatingIfNeeded: $0) : 0 })
      case 16: .u16(codes.map { $0 < UInt32(size) ? UInt16(truncatingIfNeeded: $0) : 0 })
      default: .u32(codes.map { $0 < UInt32(size) ? $0 : 0 })
      }
    // The values are in the file already.
    let indexes = ArrowArray(count: codes.count, validity: validity, storage: storage)
    return ArrowArray(
      count: codes.count, validity: validity,
      storage: .dictionary(indexes, values: ArrowArray(count: 0, storage: .null)))
  }

  private static func indexColumns(_ rows: PartRows) -> [ArrowArray] {
    [
      ArrowArray(count: rows.count, storage: .u32(rows.ordinals)),
      ArrowArray(
        count: rows.count, storage: .u64(rows.eventIDs.map { UInt64(truncatingIfNeeded: $0 >> 64) })),
      ArrowArray(count: rows.count, storage: .u64(rows.eventIDs.map { UInt64(truncatingIfNeeded: $0) })),
      ArrowArray(count: rows.count, storage: .u64(rows.views)),
    ]
  }
}
