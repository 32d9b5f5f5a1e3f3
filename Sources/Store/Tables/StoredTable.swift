import ArrowIPC
import Diagnostics
import Events
import Synchronization

/// One committed table or list, to read. Articles and lists are read once and kept; of users one bucket is read at a
/// time, as the scan goes. Any number of threads may share it.
final class StoredTable: Sendable {
  let entry: TableEntry
  let reader: StoreReader
  private let layout = Mutex<Layout?>(nil)
  private let attributes = Mutex<AttributeTable?>(nil)
  private let members = Mutex<Set<[UInt8]>?>(nil)

  /// The attributes of the file with the dictionaries of its texts: one object each, so that a scan decides a value once.
  private typealias Layout = [(field: Field, dictionary: TextDictionary?)]

  /// - Throws: `S2` for a day or a name that no table can have.
  init(_ entry: TableEntry, store: String) throws(Diagnostic) {
    guard Day(entry.from) != nil, entry.kind == .list ? TableEntry.isListName(entry.name) : entry.name == ""
    else {
      throw Diagnostic(
        .s2, "the manifest names a table '\(entry.name)' of '\(entry.from)'", at: Place(file: store))
    }
    self.entry = entry
    reader = StoreReader(entry.file, store: store)
  }

  /// The rows of one batch: a bucket's users, or all articles.
  /// - Throws: `S2` where the file is damaged.
  func table(batch number: Int) throws(Diagnostic) -> AttributeTable {
    let layout = try fields()
    let batch = try reader.batch(number)
    var table = AttributeTable()
    let keys = try keys(batch, number)
    table.rows.reserveCapacity(batch.rows)
    for row in 0..<batch.rows { table.rows[Array(keys.bytes(at: row))] = row }
    for ((field, dictionary), array) in zip(layout, batch.columns.dropFirst()) {
      guard let column = Self.column(field, array, dictionary) else {
        throw reader.damaged("column '\(field.name)' is not what it should be", batch: number)
      }
      table.columns[field] = column
    }
    return table
  }

  /// All rows of a file with one batch; the same after the first time.
  func whole() throws(Diagnostic) -> AttributeTable {
    if let known = attributes.withLock({ $0 }) { return known }
    let table = try table(batch: 0)
    attributes.withLock { $0 = table }
    return table
  }

  /// The entries of a list; the same after the first time.
  func list() throws(Diagnostic) -> Set<[UInt8]> {
    if let known = members.withLock({ $0 }) { return known }
    let batch = try reader.batch(0)
    let keys = try keys(batch, 0)
    var entries = Set<[UInt8]>(minimumCapacity: batch.rows)
    for row in 0..<batch.rows { entries.insert(Array(keys.bytes(at: row))) }
    let made = entries
    members.withLock { $0 = made }
    return made
  }

  func keys(_ batch: ArrowBatch, _ number: Int) throws(Diagnostic) -> ArrowArray {
    guard let keys = batch.columns.first, case .bytes = keys.storage, keys.validity == nil else {
      throw reader.damaged("it holds no ids", batch: number)
    }
    return keys
  }

  private func fields() throws(Diagnostic) -> Layout {
    if let known = layout.withLock({ $0 }) { return known }
    let file = try reader.file()
    var made: Layout = []
    for (index, column) in file.schema.fields.enumerated().dropFirst() {
      guard let field = TableSchema.field(entry.kind, column) else {
        throw reader.damaged("column '\(column.name)' is of a type that no table has")
      }
      made.append((field, file.dictionary(ofColumn: index).map { TextDictionary($0.strings) }))
    }
    let result = made
    return layout.withLock { slot in
      if let known = slot { return known }
      slot = result
      return result
    }
  }

  /// nil where the column's layout is not its field's, or a value is none that a table may hold.
  private static func column(_ field: Field, _ array: ArrowArray, _ dictionary: TextDictionary?)
    -> EventColumn?
  {
    switch (field.kind, array.storage) {
    case (.text, .dictionary(let indexes, _)):
      guard let dictionary, let codes = codes(indexes, dictionary.values.count) else { return nil }
      return .codes(.u32(codes), dictionary: dictionary)
    case (.number, .u64(let bits)):
      let numbers = bits.indices.map { array.isValid($0) ? Double(bitPattern: bits[$0]) : .nan }
      guard numbers.allSatisfy({ $0.isNaN || $0.magnitude <= Decimal6.limit }) else { return nil }
      return .numbers(numbers)
    case (.time, .u64(let bits)):
      return .times(bits.indices.map { array.isValid($0) ? Int64(bitPattern: bits[$0]) : .min })
    default: return nil
    }
  }

  private static func codes(_ indexes: ArrowArray, _ count: Int) -> [UInt32]? {
    guard let unknown = UInt32(exactly: count) else { return nil }
    var codes: [UInt32] = []
    codes.reserveCapacity(indexes.count)
    for row in 0..<indexes.count {
      guard indexes.isValid(row) else {
        codes.append(unknown)
        continue
      }
      guard let code = indexes.bits(at: row), code < UInt64(unknown) else { return nil }
      codes.append(UInt32(code))
    }
    return codes
  }
}
