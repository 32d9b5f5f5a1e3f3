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
  let presence: StoreReader
  let articles: StoreReader?
  private let articleColumns = Mutex<[Int: [Field: ArticleColumn]]>([:])
  private let columns = Mutex<[String: Int]?>(nil)
  private let dictionaries = Mutex<[Int: TextDictionary]>([:])
  /// The batches of `presence` that were read last.
  private let present = Mutex<[(number: Int, users: ArrowArray)]>([])

  init(_ entry: PartEntry, day: Day, store: String) {
    self.entry = entry
    self.day = day
    events = StoreReader(entry.events, store: store)
    index = StoreReader(entry.index, store: store)
    presence = StoreReader(entry.presence, store: store)
    articles = entry.articles.map { StoreReader($0, store: store) }
  }

  var clusterCount: Int { entry.clusters.count + 1 }

  /// Which batch of the file a cluster of a bucket is.
  func batch(_ bucket: BucketIndex, _ cluster: Int) -> Int { Int(bucket.value) * clusterCount + cluster }

  /// The names of a cluster's events; nil is an unknown one.
  func names(ofCluster cluster: Int) throws(Diagnostic) -> [String?] {
    if cluster < entry.clusters.count { return [entry.clusters[cluster].event] }
    let own = Set(entry.clusters.filter { $0.byArticle == nil }.map(\.event))
    return (try dictionary(of: .event)?.values ?? []).filter { !own.contains($0) } + [nil]
  }

  /// The bits of users with a row in a bucket, replaced rows included.
  func presenceBits(_ bucket: BucketIndex) throws(Diagnostic) -> ArraySlice<UInt8> {
    let (number, row) = Int(bucket.value).quotientAndRemainder(dividingBy: PartSchema.presenceBuckets)
    let users = try presenceBatch(number)
    guard row < users.count else { throw presence.damaged("it lacks a bucket", batch: number) }
    return users.bytes(at: row)
  }

  private func presenceBatch(_ number: Int) throws(Diagnostic) -> ArrowArray {
    if let known = present.withLock({ kept in kept.first { $0.number == number } }) { return known.users }
    let users = try presence.batch(number).columns[0]
    guard case .bytes = users.storage else { throw presence.damaged("it holds no users", batch: number) }
    present.withLock { kept in
      kept.insert((number, users), at: 0)
      // Buckets are scanned in order, so that threads look at two neighbours at most.
      if kept.count > 2 { kept.removeLast() }
    }
    return users
  }

  /// Row-aligned event ids and page views of a cluster of a bucket.
  func identities(_ bucket: BucketIndex, of cluster: Int, rows: Int) throws(Diagnostic) -> (
    ids: [UInt128], views: [UInt64]
  ) {
    let number = batch(bucket, cluster)
    let batch = try index.batch(number)
    guard let high = batch.numbers(0), let low = batch.numbers(1), let views = batch.numbers(2),
      views.count == rows
    else { throw index.damaged("its rows are not those of the events", batch: number) }
    return (zip(high, low).map { UInt128($0) << 64 | UInt128($1) }, views)
  }

  /// Where a field's column is; nil where the part has none.
  func column(of field: String) throws(Diagnostic) -> Int? {
    if let known = columns.withLock({ $0 }) { return known[field] }
    var made: [String: Int] = [:]
    for (index, field) in try events.file().schema.fields.enumerated() { made[field.name] = index }
    let result = made
    columns.withLock { $0 = result }
    return result[field]
  }

  /// The values of a text or list column, one object for all; nil where the part has no such column.
  func dictionary(of field: Field) throws(Diagnostic) -> TextDictionary? {
    guard let column = try column(of: field.name) else { return nil }
    if let known = dictionaries.withLock({ $0[column] }) { return known }
    guard let values = try events.file().dictionary(ofColumn: column) else { return nil }
    let made = TextDictionary(values.strings)
    return dictionaries.withLock { known in
      if let other = known[column] { return other }
      known[column] = made
      return made
    }
  }
}

extension Part {
  /// What the articles of a cluster have, one object a field for all; none where it is not by article.
  func articleColumns(ofCluster cluster: Int) throws(Diagnostic) -> [Field: ArticleColumn] {
    guard let articles, cluster < entry.clusters.count, let names = entry.clusters[cluster].byArticle else {
      return [:]
    }
    if let known = articleColumns.withLock({ $0[cluster] }) { return known }
    let number = entry.clusters[..<cluster].count { $0.byArticle != nil }
    let batch = try articles.batch(number)
    let schema = try articles.file().schema
    guard let count = try dictionary(of: .article)?.values.count, batch.rows == count else {
      throw articles.damaged("its rows are not the part's articles", batch: number)
    }
    var made: [Field: ArticleColumn] = [:]
    for (column, array) in zip(schema.fields, batch.columns) where names.contains(column.name) {
      let field = Field(name: column.name, kind: column.type == .list ? .textList : .text)
      guard let dictionary = try dictionary(of: field),
        let values = Self.articleValues(array, dictionary)
      else { throw articles.damaged("column '\(column.name)' is not what it should be", batch: number) }
      made[field] = ArticleColumn(values, dictionary, isMet: (0..<count).map { array.isValid($0) })
    }
    let result = made
    return articleColumns.withLock { slot in
      if let known = slot[cluster] { return known }
      slot[cluster] = result
      return result
    }
  }

  /// nil for a code that is out of range.
  private static func articleValues(_ array: ArrowArray, _ dictionary: TextDictionary) -> EventColumn? {
    let count = UInt32(dictionary.values.count)
    switch array.storage {
    case .u32(let codes):
      return codes.allSatisfy { $0 <= count } ? .codes(.u32(codes), dictionary: dictionary) : nil
    case .list(let offsets, let child):
      guard child.validity == nil, case .u32(let codes) = child.storage, codes.allSatisfy({ $0 < count })
      else { return nil }
      return .lists(offsets: offsets, codes: .u32(codes), dictionary: dictionary)
    default: return nil
    }
  }
}

/// Reads some columns of one cluster of a part.
struct ClusterReader: EventReader {
  let snapshot: Snapshot
  let part: Part
  let cluster: Int
  private let fields: [(field: Field, column: Int, dictionary: TextDictionary?)]
  private let wantsTimes: Bool
  /// Indexes in the file, ascending: the two of users, of `fields`, of times.
  private let columns: [Int]
  /// Of a cluster of one event name: its code, and its column is made instead of read.
  private let event: (code: UInt32, dictionary: TextDictionary)?
  /// In place of columns.
  let articleColumns: [Field: ArticleColumn]
  let articles: TextDictionary?

  /// - Parameter byArticle: whether fields may come by article; otherwise all are columns.
  init(
    _ snapshot: Snapshot, _ part: Part, cluster: Int, fields wanted: [Field], byArticle isAllowed: Bool = true
  )
    throws(Diagnostic)
  {
    self.snapshot = snapshot
    self.part = part
    self.cluster = cluster
    var event: (code: UInt32, dictionary: TextDictionary)?
    var fields: [(field: Field, column: Int, dictionary: TextDictionary?)] = []
    if cluster < part.entry.clusters.count {
      guard let dictionary = try part.dictionary(of: .event),
        let code = dictionary.values.firstIndex(of: part.entry.clusters[cluster].event)
      else { throw part.events.damaged("it lacks an event name that the manifest says") }
      event = (UInt32(code), dictionary)
    }
    let (byArticle, columns) = isAllowed ? try Self.byArticle(part, cluster, wanted) : ([:], wanted)
    articleColumns = byArticle
    articles = columns.contains(.article) ? try part.dictionary(of: .article) : nil
    for field in columns where field != .eventTime && !(field == .event && event != nil) {
      guard let column = try part.column(of: field.name) else { continue }
      fields.append((field, column, try part.dictionary(of: field)))
    }
    self.event = event
    self.fields = fields.sorted { $0.column < $1.column }
    wantsTimes = wanted.contains(.eventTime)
    var indexes = [0, 1] + self.fields.map(\.column)
    if wantsTimes, let time = try part.column(of: Field.eventTime.name) { indexes.append(time) }
    self.columns = indexes.sorted()
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
    let arrays = Dictionary(uniqueKeysWithValues: zip(columns, read.columns))
    // The scan writes to memory by users' numbers.
    guard let users = Self.users(arrays[0], arrays[1]),
      Int(Self.largest(users)) < (try snapshot.userCount(in: bucket))
    else { throw part.events.damaged("its users are out of range", batch: number) }
    var result = EventBatch(day: part.day, users: users, times: [])
    if wantsTimes {
      guard let column = try part.column(of: Field.eventTime.name), let array = arrays[column],
        case .u64(let times) = array.storage
      else { throw part.events.damaged("its times are no times", batch: number) }
      result.times = times.map { Int64(bitPattern: $0) }
    }
    if let event {
      result.columns[.event] = .codes(
        .constant(event.code, users.count, event.dictionary.values.count), dictionary: event.dictionary)
      result.isOfOneEvent = true
    }
    for (field, column, dictionary) in fields {
      guard let array = arrays[column] else { continue }
      // Nothing is known in this batch, which is as good as no column.
      if case .null = array.storage { continue }
      if case .list(_, let child) = array.storage, child.count == 0 { continue }
      guard let converted = Self.column(field, array, dictionary) else {
        throw part.events.damaged("column '\(field.name)' is not what it should be", batch: number)
      }
      result.columns[field] = converted
    }
    if !articleColumns.isEmpty {
      guard let column = try part.column(of: Field.article.name), arrays[column]?.validity == nil,
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
  private static func users(_ low: ArrowArray?, _ high: ArrowArray?) -> [UInt32]? {
    guard let low, let high, case .u16(let numbers) = low.storage, low.validity == nil else { return nil }
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
