#if canImport(Glibc)
  import Glibc
#endif
import Diagnostics
import Events
import Store

/// Step 4, one user bucket: new users get ordinals, rows are sorted by (event name, ordinal, time, event id)
/// and laid out as the columns of each day's part. Rows of one event name stand together because most filters want one.
struct Assemble {
  let codec: RecordCodec
  let schema: PartSchema

  struct Outcome: Sendable {
    /// Ids of new users in the order of their ordinals.
    var newUsers: [[UInt8]] = []
    var rows: [Int32: PartRows] = [:]
  }

  /// - Parameters:
  ///   - users: those that the bucket has.
  ///   - codes: by day, for each text and list field from the ingest's code to the part's.
  func run(_ partition: borrowing Partition, users: UserIDs, codes: [Int32: DayDictionaries]) -> Outcome {
    var outcome = Outcome()
    let records = unsafe partition.records
    guard unsafe !records.isEmpty else { return outcome }
    let ordinals = unsafe ordinals(records, users, &outcome.newUsers)
    for index in unsafe sorted(records, ordinals, codes) {
      let record = unsafe records[index]
      let day = unsafe record.day
      guard let dictionaries = codes[day] else { continue }
      unsafe append(record, ordinals[index], dictionaries, to: &outcome.rows[day, default: PartRows(schema)])
    }
    return outcome
  }

  private func ordinals(_ records: [RecordView], _ users: UserIDs, _ new: inout [[UInt8]]) -> [UInt32] {
    var table = unsafe OrdinalTable(capacity: users.count + records.count)
    for ordinal in 0..<users.count { _ = unsafe users[ordinal].withUnsafeBytes { unsafe table.insert($0) } }
    let numbers = unsafe records.map { unsafe table.insert($0.user(codec)) }
    // Ordinals of new users follow the order of their bytes, not that of their rows.
    let first = users.count
    let order = (first..<max(first, table.count)).map { (table.prefix($0), $0) }.sorted { a, b in
      a.0 != b.0 ? a.0 < b.0 : table[a.1].lexicographicallyPrecedes(table[b.1])
    }
    var ordinals = Array(0..<UInt32(table.count))
    for (position, (_, number)) in order.enumerated() {
      ordinals[number] = UInt32(first + position)
      new.append(table[number])
    }
    return numbers.map { ordinals[$0] }
  }

  private func sorted(
    _ records: [RecordView], _ ordinals: [UInt32], _ codes: [Int32: DayDictionaries]
  ) -> [Int] {
    struct Key {
      var event: UInt32
      var ordinal: UInt32
      var time: Int64
      var index: Int
    }
    let field = schema.texts.firstIndex(of: .event)
    var keys = unsafe records.indices.map { index in
      let record = unsafe records[index]
      // Days go to parts of their own, so that their codes are never compared with those of another.
      let event = field.flatMap { field in
        unsafe codes[record.day]?.code(field, unsafe record.code(field, codec))
      }
      return unsafe Key(event: event ?? 0, ordinal: ordinals[index], time: record.time, index: index)
    }
    keys.sort { a, b in
      if a.event != b.event { return a.event < b.event }
      if a.ordinal != b.ordinal { return a.ordinal < b.ordinal }
      if a.time != b.time { return a.time < b.time }
      return unsafe records[a.index].eventID < records[b.index].eventID
    }
    return keys.map(\.index)
  }

  private func append(
    _ record: RecordView, _ ordinal: UInt32, _ codes: DayDictionaries, to rows: inout PartRows
  ) {
    rows.ordinals.append(ordinal)
    rows.times.append(unsafe record.time)
    unsafe rows.users.append(contentsOf: record.user(codec))
    rows.userOffsets.append(UInt32(rows.users.count))
    for field in rows.texts.indices {
      rows.texts[field].append(codes.code(field, unsafe record.code(field, codec)))
    }
    for field in rows.lists.indices {
      for index in unsafe record.listEnd(field - 1, codec)..<record.listEnd(field, codec) {
        rows.lists[field].append(codes.code(codec.texts + field, unsafe record.element(index, codec)))
      }
      rows.listOffsets[field].append(UInt32(rows.lists[field].count))
    }
    for field in rows.numbers.indices { rows.numbers[field].append(unsafe record.number(field)) }
    rows.dwell.append(unsafe record.dwell)
    rows.sessions.append(unsafe record.session)
    rows.eventIDs.append(unsafe record.eventID)
    rows.views.append(unsafe record.view)
  }
}

/// The values that a day uses, sorted by bytes, and how the ingest's codes map to them.
struct DayDictionaries: Sendable {
  /// By text and then list field.
  let values: [[String]]
  private let maps: [[UInt32]]

  /// - Parameters:
  ///   - use: which codes the day uses.
  ///   - all: the ingest's values by field and code.
  init(_ use: DayUse, _ all: [[String]]) {
    var values: [[String]] = []
    var maps: [[UInt32]] = []
    for (field, texts) in all.enumerated() {
      let used = use.codes(field)
      let order = used.sorted { texts[$0].utf8.lexicographicallyPrecedes(texts[$1].utf8) }
      var map = [UInt32](repeating: .max, count: (used.last ?? -1) + 1)
      for (position, code) in order.enumerated() { map[code] = UInt32(position) }
      values.append(order.map { texts[$0] })
      maps.append(map)
    }
    self.values = values
    self.maps = maps
  }

  /// - Returns: the part's code; the dictionary's count for unknown.
  @inline(__always) func code(_ field: Int, _ code: UInt32) -> UInt32 {
    code == .max ? UInt32(values[field].count) : maps[field][Int(code)]
  }
}

/// Which codes the rows of a day use, by field, and how often.
struct DayUse: Sendable {
  private var counts: [[Int]]
  /// By code of the event: rows whose article is known.
  private var articleCounts: [Int] = []

  init(fields: Int) { counts = Array(repeating: [], count: fields) }

  @inline(__always) mutating func mark(_ field: Int, _ code: UInt32, _ times: Int = 1) {
    guard code != .max else { return }
    let index = Int(code)
    if index >= counts[field].count {
      counts[field] += repeatElement(0, count: max(index + 1, counts[field].count * 2) - counts[field].count)
    }
    counts[field][index] &+= times
  }

  /// A row of an event whose article is known.
  @inline(__always) mutating func markArticle(event: UInt32, _ times: Int = 1) {
    guard event != .max else { return }
    let index = Int(event)
    if index >= articleCounts.count {
      articleCounts += repeatElement(0, count: index + 1 - articleCounts.count)
    }
    articleCounts[index] &+= times
  }

  /// How many rows of an event know their article.
  func articleRows(event code: Int) -> Int { code < articleCounts.count ? articleCounts[code] : 0 }

  mutating func form(_ other: DayUse) {
    for (event, times) in other.articleCounts.enumerated() where times > 0 {
      markArticle(event: UInt32(event), times)
    }
    for field in counts.indices {
      for (code, times) in other.counts[field].enumerated() where times > 0 {
        mark(field, UInt32(code), times)
      }
    }
  }

  /// Ascending.
  func codes(_ field: Int) -> [Int] { counts[field].indices.filter { counts[field][$0] > 0 } }

  /// How many rows have each code; of lists, elements.
  func counts(_ field: Int) -> [(code: Int, rows: Int)] {
    codes(field).map { ($0, counts[field][$0]) }
  }
}

/// Numbers user ids by their first appearance.
private struct OrdinalTable {
  private var slots: [UInt32]
  private var offsets: [Int] = [0]
  private var bytes: [UInt8] = []
  var count: Int { offsets.count - 1 }

  init(capacity: Int) {
    var size = 64
    while size < capacity * 2 { size *= 2 }
    slots = Array(repeating: 0, count: size)
  }

  subscript(number: Int) -> [UInt8] { Array(bytes[offsets[number]..<offsets[number + 1]]) }

  /// The first eight bytes as a number that orders as they do; ids that are shorter are followed by zeros.
  func prefix(_ number: Int) -> UInt64 {
    var prefix: UInt64 = 0
    for index in offsets[number]..<offsets[number] + 8 {
      prefix = prefix << 8 | (index < offsets[number + 1] ? UInt64(bytes[index]) : 0)
    }
    return prefix
  }

  mutating func insert(_ id: UnsafeRawBufferPointer) -> Int {
    // The low bits chose the bucket.
    var slot = Int(truncatingIfNeeded: unsafe Hash.xxh3(id) >> 20) & (slots.count - 1)
    while slots[slot] != 0 {
      let number = Int(slots[slot]) - 1
      let (start, end) = (offsets[number], offsets[number + 1])
      if end - start == id.count, unsafe holds(id, at: start) { return number }
      slot = (slot + 1) & (slots.count - 1)
    }
    unsafe bytes.append(contentsOf: id)
    offsets.append(bytes.count)
    slots[slot] = UInt32(count)
    return count - 1
  }

  private func holds(_ id: UnsafeRawBufferPointer, at start: Int) -> Bool {
    guard let first = id.baseAddress else { return id.count == 0 }
    return unsafe bytes.withUnsafeBytes { bytes in
      guard let base = bytes.baseAddress else { return false }
      return unsafe memcmp(base + start, first, id.count) == 0
    }
  }
}
