import ArrowIPC
import Diagnostics
import Events

/// Reads some columns of one cluster of a part. Everything that does not depend on the bucket is settled when it is made.
struct ClusterReader: EventReader {
  let snapshot: Snapshot
  let part: Part
  let cluster: Int
  /// Indexes in the file, ascending; the first two are the user's number.
  private let columns: [Int]
  /// Each with its place in `columns`.
  private let fields: [(field: Field, place: Int, dictionary: TextDictionary?)]
  /// In `columns`.
  private let timePlace: Int?
  private let articlePlace: Int?
  /// Of a cluster of one event name: its code, and its column is made instead of read.
  private let event: (code: UInt32, dictionary: TextDictionary)?
  /// In place of columns.
  let articleColumns: [Field: ArticleColumn]
  let articles: TextDictionary?

  /// - Parameter byArticle: whether fields may come by article; otherwise all are columns.
  init(
    _ snapshot: Snapshot, _ part: Part, cluster: Int, fields wanted: [Field],
    byArticle isAllowed: Bool = true
  ) throws(Diagnostic) {
    self.snapshot = snapshot
    self.part = part
    self.cluster = cluster
    event = try Self.event(part, cluster)
    let (byArticle, asColumns) = isAllowed ? try Self.byArticle(part, cluster, wanted) : ([:], wanted)
    articleColumns = byArticle
    articles = asColumns.contains(.article) ? try part.dictionary(of: .article) : nil
    var found: [(field: Field, column: Int)] = []
    for field in asColumns where !(field == .event && event != nil) {
      if let column = try part.column(of: field.name) { found.append((field, column)) }
    }
    found.sort { $0.column < $1.column }
    columns = [0, 1] + found.map(\.column)
    var fields: [(field: Field, place: Int, dictionary: TextDictionary?)] = []
    for (index, (field, _)) in found.enumerated() where field != .eventTime {
      fields.append((field, index + 2, try part.dictionary(of: field)))
    }
    self.fields = fields
    timePlace = found.firstIndex { $0.field == .eventTime }.map { $0 + 2 }
    articlePlace = found.firstIndex { $0.field == .article }.map { $0 + 2 }
  }

  private static func event(_ part: Part, _ cluster: Int) throws(Diagnostic) -> (
    code: UInt32, dictionary: TextDictionary
  )? {
    guard cluster < part.entry.clusters.count else { return nil }
    guard let dictionary = try part.dictionary(of: .event),
      let code = dictionary.values.firstIndex(of: part.entry.clusters[cluster].event)
    else { throw part.events.damaged("it lacks an event name that the manifest says") }
    return (UInt32(code), dictionary)
  }

  /// Which of some fields come by article, and which as columns: an article's number instead of a list, or of two columns,
  /// or where it is read anyway.
  private static func byArticle(_ part: Part, _ cluster: Int, _ wanted: [Field]) throws(Diagnostic) -> (
    [Field: ArticleColumn], columns: [Field]
  ) {
    let known = try part.articleColumns(ofCluster: cluster).filter { wanted.contains($0.key) }
    let pays =
      known.count > 1 || wanted.contains(.article) || known.keys.contains { $0.kind == .textList }
    guard pays, !known.isEmpty else { return ([:], wanted) }
    return (known, Array(Set(wanted.filter { known[$0] == nil } + [.article])))
  }

  func namesWithArticles(_ names: [String?]) -> [String?] {
    if cluster < part.entry.clusters.count { return names }
    // Of these events all rows with an article are elsewhere.
    let elsewhere = part.entry.clusters.filter { $0.byArticle != nil }.map(\.event)
    return names.filter { name in name.map { !elsewhere.contains($0) } ?? true }
  }

  func bytes(in bucket: BucketIndex) throws(Diagnostic) -> Int {
    try part.events.bytes(ofBatch: part.batch(bucket, cluster), columns: columns)
  }

  func batch(in bucket: BucketIndex) throws(Diagnostic) -> EventBatch? {
    let number = part.batch(bucket, cluster)
    let read = try part.events.batch(number, columns: columns, elidesUnknown: true)
    guard read.rows > 0 else { return nil }
    // The scan writes to memory by users' numbers.
    guard let users = Self.users(read.columns[0], read.columns[1]),
      Int(Self.largest(users)) < (try snapshot.userCount(in: bucket))
    else { throw part.events.damaged("its users are out of range", batch: number) }
    var result = EventBatch(day: part.day, users: users, times: [])
    if let timePlace {
      guard case .u64(let times) = read.columns[timePlace].storage else {
        throw part.events.damaged("its times are no times", batch: number)
      }
      result.times = times.map { Int64(bitPattern: $0) }
    }
    if let event {
      result.columns[.event] = .codes(
        .constant(event.code, users.count, event.dictionary.values.count), dictionary: event.dictionary)
      result.isOfOneEvent = true
    }
    for (field, place, dictionary) in fields {
      let array = read.columns[place]
      // Nothing is known in this batch, which is as good as no column.
      if case .null = array.storage { continue }
      if case .list(_, let child) = array.storage, child.count == 0 { continue }
      guard let converted = Self.column(field, array, dictionary) else {
        throw part.events.damaged("column '\(field.name)' is not what it should be", batch: number)
      }
      result.columns[field] = converted
    }
    if !articleColumns.isEmpty {
      guard let articlePlace, read.columns[articlePlace].validity == nil,
        case .codes? = result.columns[.article]
      else { throw part.events.damaged("an article is unknown where all are known", batch: number) }
      result.articleColumns = articleColumns
    }
    result.deletedRows = try deletedRows(bucket, rows: read.rows)
    return result
  }

  /// Of the rows of a bucket that later commits replaced, those of this cluster.
  private func deletedRows(_ bucket: BucketIndex, rows: Int) throws(Diagnostic) -> [UInt32] {
    let all = try snapshot.deletedRows(part, bucket)
    if all.isEmpty { return [] }
    let first = try firstRow(in: bucket)
    if cluster == part.clusterCount - 1, let last = all.last, Int(last) >= first + rows {
      throw part.events.damaged("a deletion points past its rows", batch: part.batch(bucket, cluster))
    }
    return all.filter { Int($0) >= first && Int($0) < first + rows }.map { $0 - UInt32(first) }
  }

  /// How many rows of the bucket stand in the clusters before.
  func firstRow(in bucket: BucketIndex) throws(Diagnostic) -> Int {
    var first = 0
    for other in 0..<cluster { first += try part.events.rows(ofBatch: part.batch(bucket, other)) }
    return first
  }

  /// nil where the columns are none of users' numbers.
  private static func users(_ low: ArrowArray, _ high: ArrowArray) -> [UInt32]? {
    guard case .u16(let numbers) = low.storage, low.validity == nil else { return nil }
    var users = widened(numbers)
    if case .null = high.storage { return users }
    guard case .u16(let highs) = high.storage else { return nil }
    for row in users.indices where high.isValid(row) { users[row] |= UInt32(highs[row]) << 16 }
    return users
  }

  private static func widened(_ numbers: [UInt16]) -> [UInt32] {
    unsafe [UInt32](unsafeUninitializedCapacity: numbers.count) { target, count in
      unsafe numbers.withUnsafeBufferPointer { numbers in
        for index in 0..<numbers.count { unsafe target[index] = UInt32(numbers[index]) }
      }
      count = numbers.count
    }
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

  /// Checked where the file was read: known codes are in the dictionary. Null slots get the code of "unknown" here, so that
  /// the scan may trust all, and asks for no validity.
  private static func codes(_ indexes: ArrowArray, _ count: Int) -> EventColumn.Codes? {
    switch indexes.storage {
    case .u8(let codes): filled(codes, indexes.validity, count).map { .u8($0) }
    case .u16(let codes): filled(codes, indexes.validity, count).map { .u16($0) }
    case .u32(let codes): filled(codes, indexes.validity, count).map { .u32($0) }
    default: nil
    }
  }

  /// nil where the width has no room for "unknown".
  private static func filled<Code: FixedWidthInteger & UnsignedInteger>(
    _ codes: [Code], _ validity: [UInt8]?, _ count: Int
  ) -> [Code]? {
    guard let unknown = Code(exactly: count) else { return nil }
    guard let validity else { return codes }
    var codes = codes
    unsafe codes.withUnsafeMutableBufferPointer { codes in
      for (index, byte) in validity.enumerated() where byte != 0xff {
        for row in (index * 8)..<min(codes.count, index * 8 + 8) where byte >> UInt8(row & 7) & 1 == 0 {
          unsafe codes[row] = unknown
        }
      }
    }
    return codes
  }

  /// A loop that uses vectors, as `max()` does not.
  private static func largest(_ numbers: [UInt32]) -> UInt32 {
    unsafe numbers.withUnsafeBufferPointer { numbers in
      var largest: UInt32 = 0
      for index in 0..<numbers.count { largest = unsafe max(largest, numbers[index]) }
      return largest
    }
  }
}

extension EventColumn.Codes {
  /// One code on every row, in the width of a dictionary of so many values.
  fileprivate static func constant(_ code: UInt32, _ rows: Int, _ count: Int) -> Self {
    switch PartSchema.indexBits(count) {
    case 8: .u8(Array(repeating: UInt8(truncatingIfNeeded: code), count: rows))
    case 16: .u16(Array(repeating: UInt16(truncatingIfNeeded: code), count: rows))
    default: .u32(Array(repeating: code, count: rows))
    }
  }
}
