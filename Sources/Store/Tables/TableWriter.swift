import ArrowIPC
import Diagnostics
import Events

/// Rows of a table on their way into the store: sorted by the bytes of their keys, each key once.
public struct TableBatch: Sendable {
  /// Row r's key is `keys[keyOffsets[r]..<keyOffsets[r + 1]]`, UTF-8.
  public var keyOffsets: [UInt32]
  public var keys: [UInt8]
  public var columns: [Column]

  /// Values of one attribute, one a row.
  public enum Column: Sendable {
    /// Codes of the column's dictionary; its count is unknown.
    case codes([UInt32])
    /// NaN is unknown.
    case numbers([Double])
    /// Milliseconds; `Int64.min` is unknown.
    case times([Int64])
  }

  public init(keyOffsets: [UInt32], keys: [UInt8], columns: [Column]) {
    self.keyOffsets = keyOffsets
    self.keys = keys
    self.columns = columns
  }

  public var count: Int { keyOffsets.count - 1 }
}

/// Writes a table's file. Users have one batch a bucket, in order; articles and lists have one batch.
public final class TableWriter {
  private let kind: TableEntry.Kind
  private let name: String
  private let version: Int
  private let file: StoreArrowFile
  /// How many values each text attribute has.
  private let sizes: [Int]

  /// - Parameters:
  ///   - name: of a list; "" for the others.
  ///   - fields: the attributes by their plain names (`tier`): texts, numbers and times.
  ///   - dictionaries: the values of each text attribute, sorted by bytes.
  public init(
    _ transaction: Transaction, _ kind: TableEntry.Kind, name: String = "", fields: [Field],
    dictionaries: [[String]]
  ) throws(Diagnostic) {
    self.kind = kind
    self.name = name
    version = transaction.version
    sizes = dictionaries.map(\.count)
    let label = kind == .list ? "list-\(name)" : kind.rawValue
    file = try StoreArrowFile(
      try transaction.file("tables/\(label)-\(padded(version)).arrow"),
      TableSchema.arrow(kind, fields, dictionaries: sizes))
    for (id, values) in dictionaries.enumerated() {
      // A dictionary has a word even where nothing is known, for the null slots to point at.
      try file.append(dictionary: Int64(id), ArrowArray(strings: values.isEmpty ? [""] : values))
    }
  }

  public func append(_ batch: TableBatch) throws(Diagnostic) {
    let keys = ArrowArray(
      count: batch.count, storage: .bytes(offsets: batch.keyOffsets, data: batch.keys))
    var sizes = sizes[...]
    let columns = batch.columns.map { column in
      switch column {
      case .codes(let codes): PartEncoder.codes(codes, sizes.popFirst() ?? 0)
      case .numbers(let numbers): Self.column(numbers.map { $0.isNaN ? nil : $0.bitPattern })
      case .times(let times): Self.column(times.map { $0 == .min ? nil : UInt64(bitPattern: $0) })
      }
    }
    let rows = ArrowBatch(rows: batch.count, columns: [keys] + columns)
    try file.append(file.encoder.encode(rows), rows: batch.count)
  }

  private static func column(_ bits: [UInt64?]) -> ArrowArray {
    ArrowArray(
      count: bits.count, validity: ArrowArray.bitmap(bits.map { $0 != nil }),
      storage: .u64(bits.map { $0 ?? 0 }))
  }

  public func finish(from day: Day) throws(Diagnostic) -> TableEntry {
    TableEntry(kind: kind, name: name, from: day, file: try file.finish(), version: version)
  }
}

/// Which columns a table's file has: the key, then the attributes by their plain names.
enum TableSchema {
  static func arrow(_ kind: TableEntry.Kind, _ fields: [Field], dictionaries: [Int]) -> ArrowSchema {
    var texts = 0
    let columns = fields.map { field in
      switch field.kind {
      case .number: return ArrowField(field.name, .float(bits: 64))
      case .time: return ArrowField(field.name, .timestamp(.millisecond, zone: "UTC"))
      default:
        let bits = PartSchema.indexBits(dictionaries[texts])
        let dictionary = ArrowField.Dictionary(id: Int64(texts), index: .int(bits: bits, signed: false))
        texts += 1
        return ArrowField(field.name, .utf8, dictionary: dictionary)
      }
    }
    return ArrowSchema([ArrowField(key(kind), .utf8, nullable: false)] + columns)
  }

  static func key(_ kind: TableEntry.Kind) -> String {
    switch kind {
    case .users: "user"
    case .articles: "article"
    case .list: "id"
    }
  }

  /// The field that a rule knows a column by; nil for a type that no table has.
  static func field(_ kind: TableEntry.Kind, _ column: ArrowField) -> Field? {
    let valueKind: Field.Kind
    switch (column.type, column.dictionary) {
    case (.utf8, _?): valueKind = .text
    case (.float(bits: 64), nil): valueKind = .number
    case (.timestamp(.millisecond, _), nil): valueKind = .time
    default: return nil
    }
    return kind == .articles
      ? .ofArticle(column.name, valueKind) : Field(name: column.name, kind: valueKind)
  }
}
