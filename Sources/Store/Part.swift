import ArrowIPC
import Diagnostics
import Events
import Synchronization

/// One part of a day, to read: its columns by field, its dictionaries as the scan wants them.
final class Part: Sendable {
  let entry: PartEntry
  let day: Day
  let events: StoreReader
  let index: StoreReader
  private let columns = Mutex<[String: (index: Int, dictionary: TextDictionary?)]?>(nil)

  init(_ entry: PartEntry, day: Day, store: String) {
    self.entry = entry
    self.day = day
    events = StoreReader(entry.events, store: store)
    index = StoreReader(entry.index, store: store)
  }

  /// - Parameter userCount: every ordinal must be below it; the scan writes to memory by them.
  func batch(_ bucket: BucketIndex, fields: [Field], userCount: Int) throws(Diagnostic) -> EventBatch {
    let number = Int(bucket.value)
    let ordinals = try index.batch(number, columns: [0]).columns[0]
    guard case .u32(let users) = ordinals.storage, users.isEmpty || Int(Self.largest(users)) < userCount
    else {
      throw index.damaged("its users are out of range", batch: number)
    }
    guard !users.isEmpty else { return EventBatch(day: day, users: [], times: []) }
    let known = try layout()
    let wanted = fields.compactMap { field in
      field == .eventTime ? nil : known[field.name].map { (field, $0) }
    }.sorted {
      $0.1.index < $1.1.index
    }
    let wantsTimes = fields.contains(.eventTime)
    let batch = try events.batch(number, columns: (wantsTimes ? [1] : []) + wanted.map(\.1.index))
    guard batch.rows == users.count else {
      throw events.damaged("its rows and its index differ", batch: number)
    }
    var result = EventBatch(day: day, users: users, times: [])
    if wantsTimes {
      guard case .u64(let times) = batch.columns[0].storage else {
        throw events.damaged("its times are no times", batch: number)
      }
      result.times = times.map { Int64(bitPattern: $0) }
    }
    for ((field, column), array) in zip(wanted, batch.columns.dropFirst(wantsTimes ? 1 : 0)) {
      guard let converted = Self.column(field, array, column.dictionary) else {
        throw events.damaged("column '\(field.name)' is not what it should be", batch: number)
      }
      result.columns[field] = converted
    }
    return result
  }

  /// How many bytes `batch` reads.
  func bytes(_ bucket: BucketIndex, fields: [Field]) throws(Diagnostic) -> Int {
    let number = Int(bucket.value)
    let known = try layout()
    return try index.bytes(ofBatch: number, columns: [0])
      + (try events.bytes(ofBatch: number, columns: fields.compactMap { known[$0.name]?.index }))
  }

  /// Row-aligned ordinals, event ids and page views of a bucket.
  func identities(_ bucket: BucketIndex) throws(Diagnostic) -> ArrowBatch {
    try index.batch(Int(bucket.value))
  }

  private func layout() throws(Diagnostic) -> [String: (index: Int, dictionary: TextDictionary?)] {
    if let known = columns.withLock({ $0 }) { return known }
    let file = try events.file()
    var made: [String: (index: Int, dictionary: TextDictionary?)] = [:]
    for (index, field) in file.schema.fields.enumerated() {
      made[field.name] = (index, file.dictionary(ofColumn: index).map { TextDictionary($0.strings) })
    }
    let result = made
    return columns.withLock { slot in
      if let known = slot { return known }
      slot = result
      return result
    }
  }

  /// The values of a text or list column; nil where the part has no such column.
  func dictionary(of field: Field) throws(Diagnostic) -> TextDictionary? {
    try layout()[field.name]?.dictionary
  }

  /// nil where the column's layout is not its field's.
  private static func column(_ field: Field, _ array: ArrowArray, _ dictionary: TextDictionary?)
    -> EventColumn?
  {
    switch (field.kind, array.storage) {
    case (.text, .dictionary(let indexes, _)):
      guard let dictionary, let codes = codes(indexes, dictionary.values.count) else { return nil }
      return .codes(codes, dictionary: dictionary)
    case (.textList, .list(let offsets, let child)):
      guard case .dictionary(let indexes, _) = child.storage, let dictionary,
        let codes = codes(indexes, dictionary.values.count)
      else { return nil }
      return .lists(offsets: offsets, codes: codes, dictionary: dictionary)
    case (.number, .u64(let bits)):
      guard array.validity != nil else { return .numbers(bits.map { Double(bitPattern: $0) }) }
      return .numbers(bits.indices.map { array.isValid($0) ? Double(bitPattern: bits[$0]) : .nan })
    case (.duration, .u32(let values)):
      guard array.validity != nil else { return .durations(values) }
      return .durations(values.indices.map { array.isValid($0) ? values[$0] : .max })
    case (.id, .u64(let values)):
      guard array.validity != nil else { return .ids(values) }
      return .ids(values.indices.map { array.isValid($0) ? values[$0] : 0 })
    default: return nil
    }
  }

  /// Checked once here, so that the scan may trust them: at most the dictionary's count, which is unknown.
  private static func codes(_ indexes: ArrowArray, _ count: Int) -> EventColumn.Codes? {
    switch indexes.storage {
    case .u8(let codes): checked(codes, indexes.validity, count).map { .u8($0) }
    case .u16(let codes): checked(codes, indexes.validity, count).map { .u16($0) }
    case .u32(let codes): checked(codes, indexes.validity, count).map { .u32($0) }
    default: nil
    }
  }

  /// Null slots get the code of "unknown", so that the scan asks for no validity. nil for a code out of range.
  private static func checked<Code: FixedWidthInteger & UnsignedInteger>(
    _ codes: [Code], _ validity: [UInt8]?, _ count: Int
  ) -> [Code]? {
    guard let unknown = Code(exactly: count) else { return nil }
    var codes = codes
    if let validity {
      unsafe codes.withUnsafeMutableBufferPointer { codes in
        for row in 0..<min(codes.count, validity.count * 8)
        where validity[row >> 3] >> UInt8(row & 7) & 1 == 0 {
          unsafe codes[row] = unknown
        }
      }
    }
    return codes.isEmpty || largest(codes) <= unknown ? codes : nil
  }

  /// A loop that uses vectors, as `max()` does not.
  private static func largest<Number: FixedWidthInteger & UnsignedInteger>(_ numbers: [Number]) -> Number {
    unsafe numbers.withUnsafeBufferPointer { numbers in
      var largest: Number = 0
      for index in 0..<numbers.count { largest = unsafe max(largest, numbers[index]) }
      return largest
    }
  }
}
