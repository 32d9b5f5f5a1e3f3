import Events
import Project

/// Takes the rows of a table's file, value by value, whatever its format, and keeps what can be read. A load holds the
/// whole table in memory: the bytes of its ids, 16 bytes a row and 8 a value; ten million users of 36 bytes with three
/// attributes are 760 MB.
struct TableBuilder {
  /// The values of one column, one a row.
  struct Values {
    let column: TableMapping.Column
    /// Codes of `texts`, or the bits of doubles or of milliseconds.
    var bits: [UInt64] = []
    var texts = InternTable()

    /// What stands for a value that is not known.
    var unknown: UInt64 {
      switch column.kind {
      case .text, .boolean: UInt64(UInt32.max)
      case .number: Double.nan.bitPattern
      case .time: UInt64(bitPattern: .min)
      }
    }
  }

  private(set) var columns: [Values]
  /// Row r's id is `keys[keyOffsets[r]..<keyOffsets[r + 1]]`.
  private(set) var keyOffsets: [Int] = [0]
  private(set) var keys: [UInt8] = []
  /// Rows of the file, rejected ones included.
  private(set) var read = 0
  private(set) var problems = LoadProblems()
  private let longestKey: Int
  private let placeholders: Set<String>
  private let zone: CalendarZone
  /// Where the present row stands in its file.
  private var place: UInt64 = 0
  private var dayStarts: [Int32: Int64] = [:]

  static let longestText = 1024
  private static let days = -719_162...2_932_896  // 0001-01-01 to 9999-12-31

  /// - Parameters:
  ///   - zone: in which days begin, and of times that name none.
  ///   - longestKey: bytes.
  ///   - placeholders: ids that are nobody, folded.
  init(_ columns: [TableMapping.Column], zone: CalendarZone, longestKey: Int, placeholders: Set<String>) {
    self.columns = columns.map { Values(column: $0) }
    self.zone = zone
    self.longestKey = longestKey
    self.placeholders = placeholders
  }

  var count: Int { keyOffsets.count - 1 }

  // MARK: Rows

  /// A row that cannot even be split into values.
  /// - Parameter place: its line, or its number in a file without lines; from 1.
  mutating func reject(_ reason: Reject.Reason, at place: UInt64) {
    read += 1
    problems.reject(reason, at: place)
  }

  /// Begins a row, all of whose values are unknown until they are set.
  /// - Parameter key: UTF-8.
  /// - Returns: false where the row is rejected, because its id is no one's.
  mutating func begin(_ key: UnsafeRawBufferPointer, at place: UInt64) -> Bool {
    if let reason = unsafe refusal(key) {
      reject(reason, at: place)
      return false
    }
    read += 1
    self.place = place
    unsafe keys.append(contentsOf: key)
    keyOffsets.append(keys.count)
    for column in columns.indices { columns[column].bits.append(columns[column].unknown) }
    return true
  }

  private func refusal(_ key: UnsafeRawBufferPointer) -> Reject.Reason? {
    if key.count == 0 { return .noKey }
    if key.count > longestKey { return .keyTooLong }
    if unsafe key.contains(0) { return .nulByte }
    // Placeholders are short.
    guard key.count <= 40, !placeholders.isEmpty else { return nil }
    let folded = unsafe TextFold.fold(String(decoding: key, as: UTF8.self))
    return placeholders.contains(folded) ? .placeholder : nil
  }

  // MARK: Values of the row that was begun

  /// Reads text as the column's kind says; empty text is unknown.
  /// - Parameter text: UTF-8.
  mutating func set(_ column: Int, text: UnsafeRawBufferPointer) {
    guard text.count > 0 else { return }
    switch columns[column].column.kind {
    case .text: unsafe setText(column, text)
    case .boolean:
      guard let value = unsafe BooleanText.value(text) else { return unreadable(column, .badBoolean) }
      set(column, boolean: value)
    case .number:
      guard let number = unsafe NumberText.double(text) else { return unreadable(column, .badNumber) }
      set(column, number: number)
    case .time: unsafe setTime(column, text)
    }
  }

  private mutating func setText(_ column: Int, _ text: UnsafeRawBufferPointer) {
    if text.count > Self.longestText { return unreadable(column, .valueTooLong) }
    if unsafe text.contains(0) { return unreadable(column, .nulByte) }
    let code = unsafe columns[column].texts.code(text, hash: Hash.xxh3(text)) { UInt32($0) }
    keep(column, UInt64(code))
  }

  private mutating func setTime(_ column: Int, _ text: UnsafeRawBufferPointer) {
    // A date is the start of its day, which a clock that jumps over midnight makes later than 0:00.
    if text.count == 10, let day = unsafe Day(String(decoding: text, as: UTF8.self)) {
      return set(column, day: day)
    }
    guard let time = unsafe TimeText.milliseconds(text, zone: zone) else {
      return unreadable(column, .badTime)
    }
    set(column, time: time)
  }

  mutating func set(_ column: Int, boolean: Bool) {
    var text = boolean ? "true" : "false"
    text.withUTF8 { unsafe setText(column, UnsafeRawBufferPointer($0)) }
  }

  /// NaN is unknown.
  mutating func set(_ column: Int, number: Double) {
    guard !number.isNaN else { return }
    guard number.magnitude <= Decimal6.limit else { return unreadable(column, .badNumber) }
    keep(column, number.bitPattern)
  }

  /// - Parameter time: an instant, milliseconds.
  mutating func set(_ column: Int, time: Int64) {
    guard Self.days.contains(Int(time / 86_400_000)) else { return unreadable(column, .badTime) }
    keep(column, UInt64(bitPattern: time))
  }

  /// - Parameter clock: what the clock on the wall shows, as milliseconds since 1970.
  mutating func set(_ column: Int, clock: Int64) {
    guard Self.days.contains(Int(clock / 86_400_000)) else { return unreadable(column, .badTime) }
    set(column, time: TimeText.local(clock, zone))
  }

  mutating func set(_ column: Int, day: Day) {
    guard Self.days.contains(Int(day.number)) else { return unreadable(column, .badTime) }
    if dayStarts[day.number] == nil { dayStarts[day.number] = zone.start(of: day).value }
    keep(column, UInt64(bitPattern: dayStarts[day.number] ?? .min))
  }

  /// The value stays unknown, and is counted.
  mutating func unreadable(_ column: Int, _ reason: Reject.Reason) {
    problems.unreadable(reason, field: column, at: place)
  }

  private mutating func keep(_ column: Int, _ bits: UInt64) {
    columns[column].bits[columns[column].bits.count - 1] = bits
  }
}

/// Reads truth values as databases and spreadsheets write them.
enum BooleanText {
  /// `true t yes y 1` and `false f no n 0`, in any case; nil for anything else.
  static func value(_ text: UnsafeRawBufferPointer) -> Bool? {
    guard text.count <= 5 else { return nil }
    switch unsafe String(decoding: text, as: UTF8.self).lowercased() {
    case "true", "t", "yes", "y", "1": return true
    case "false", "f", "no", "n", "0": return false
    default: return nil
    }
  }
}
