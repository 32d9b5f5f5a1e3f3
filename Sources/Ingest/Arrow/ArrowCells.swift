import ArrowIPC
import Events
import Project

/// The values of one Arrow column, given to a builder as its kinds want them.
struct ArrowCells {
  private let type: ArrowType
  private let array: ArrowArray

  /// - Parameter type: of the values; of a dictionary-encoded column, its dictionary's.
  init(_ type: ArrowType, _ array: ArrowArray) {
    self.type = type
    self.array = array
  }

  // MARK: Which types are read

  static func areIDs(_ type: ArrowType) -> Bool {
    switch type {
    case .utf8, .largeUTF8, .binary, .largeBinary, .int, .null: true
    default: false
    }
  }

  static func canBe(_ kind: TableMapping.Kind, _ type: ArrowType) -> Bool {
    switch (kind, type) {
    case (_, .utf8), (_, .largeUTF8), (_, .binary), (_, .largeBinary), (_, .null): true
    case (.text, .int), (.text, .bool), (.boolean, .int), (.boolean, .bool): true
    case (.number, .int), (.number, .float): true
    case (.number, .decimal(_, _, let bits)): bits <= 128
    case (.time, .date), (.time, .timestamp): true
    default: false
    }
  }

  static func isNumber(_ type: ArrowType) -> Bool {
    switch type {
    case .int, .float, .decimal: true
    default: false
    }
  }

  static func isTime(_ type: ArrowType) -> Bool {
    switch type {
    case .date, .timestamp: true
    default: false
    }
  }

  static func isBytes(_ type: ArrowType) -> Bool {
    switch type {
    case .utf8, .largeUTF8, .binary, .largeBinary: true
    default: false
    }
  }

  static func words(_ type: ArrowType) -> String {
    switch type {
    case .bool: "booleans"
    case .int: "whole numbers"
    case .float, .decimal: "numbers"
    case .utf8, .largeUTF8: "text"
    case .date: "dates"
    case .timestamp: "timestamps"
    case .list, .largeList, .fixedList, .map, .structure: "lists or structures"
    default: "values of another type"
    }
  }

  // MARK: Values

  /// Begins a row with this column's id.
  func begin(_ row: Int, at place: UInt64, _ builder: inout TableBuilder) -> Bool {
    guard let (array, index) = known(row) else {
      builder.reject(.noKey, at: place)
      return false
    }
    guard let text = text(array, index) else {
      builder.reject(.notUTF8, at: place)
      return false
    }
    return unsafe text.withUnsafeBytes { unsafe builder.begin($0, at: place) }
  }

  /// Sets a column of the row that was begun.
  func set(_ row: Int, _ column: Int, _ builder: inout TableBuilder) {
    guard let (array, index) = known(row) else { return }
    switch type {
    case .float(let bits): builder.set(column, number: Self.number(array, index, bits))
    case .decimal(_, let scale, _): builder.set(column, number: Self.decimal(array, index, scale))
    case .date, .timestamp: setTime(array, index, column, &builder)
    default:
      guard let text = text(array, index) else { return builder.unreadable(column, .notUTF8) }
      unsafe text.withUnsafeBytes { unsafe builder.set(column, text: $0) }
    }
  }

  /// Where a value is behind its dictionary; nil for null.
  private func known(_ row: Int) -> (ArrowArray, Int)? {
    guard array.isValid(row), type != .null else { return nil }
    guard case .dictionary(let indexes, let values) = array.storage else { return (array, row) }
    guard let code = indexes.bits(at: row), code < UInt64(values.count), values.isValid(Int(code)) else {
      return nil
    }
    return (values, Int(code))
  }

  /// Texts as they are, whole numbers in digits, `true` and `false`; nil for bytes that are not UTF-8.
  private func text(_ array: ArrowArray, _ index: Int) -> ArraySlice<UInt8>? {
    switch type {
    case .binary, .largeBinary:
      let bytes = array.bytes(at: index)
      return unsafe bytes.withUnsafeBytes { unsafe LineCheck.isUTF8($0) } ? bytes : nil
    case .int(let bits, let signed):
      let value = array.bits(at: index) ?? 0
      return ArraySlice((signed ? String(Self.signed(value, bits)) : String(value)).utf8)
    case .bool:
      guard case .bits(let bits) = array.storage else { return nil }
      return ArraySlice((bits[index >> 3] >> UInt8(index & 7) & 1 == 1 ? "true" : "false").utf8)
    default: return array.bytes(at: index)
    }
  }

  static func signed(_ value: UInt64, _ bits: Int) -> Int64 {
    let shift = Int64(64 - bits)
    return (Int64(bitPattern: value) << shift) >> shift
  }

  static func number(_ array: ArrowArray, _ index: Int, _ bits: Int) -> Double {
    let value = array.bits(at: index) ?? 0
    return switch bits {
    case 16: Double(Float16(bitPattern: UInt16(truncatingIfNeeded: value)))
    case 32: Double(Float(bitPattern: UInt32(truncatingIfNeeded: value)))
    default: Double(bitPattern: value)
    }
  }

  /// Both the digits and the power of ten are exact up to 2^53 and 10^22, and so is their rounded quotient.
  static func decimal(_ array: ArrowArray, _ index: Int, _ scale: Int) -> Double {
    guard (-38...38).contains(scale) else { return .infinity }
    var power = 1.0
    for _ in 0..<abs(scale) { power *= 10 }
    let digits = Double(decimalDigits(array, index))
    return scale < 0 ? digits * power : digits / power
  }

  private static func decimalDigits(_ array: ArrowArray, _ index: Int) -> Int128 {
    switch array.storage {
    case .u32(let values): return Int128(Int32(bitPattern: values[index]))
    case .u64(let values): return Int128(Int64(bitPattern: values[index]))
    case .wide(let bytes, let width):
      let little = bytes[index * width..<(index + 1) * width]
      let value = little.reversed().reduce(UInt128(0)) { $0 << 8 | UInt128($1) }
      return Int128(truncatingIfNeeded: value)
    default: return 0
    }
  }

  private func setTime(_ array: ArrowArray, _ index: Int, _ column: Int, _ builder: inout TableBuilder) {
    switch Self.time(type, array.bits(at: index) ?? 0) {
    case .day(let day): builder.set(column, day: day)
    case .clock(let milliseconds): builder.set(column, clock: milliseconds)
    case .instant(let milliseconds): builder.set(column, time: milliseconds)
    case nil: builder.unreadable(column, .badTime)
    }
  }

  enum Time {
    case day(Day)
    /// What a clock on the wall showed, as milliseconds since 1970.
    case clock(Int64)
    case instant(Int64)
  }

  /// A date's or timestamp's bits; nil for what is beyond all calendars.
  static func time(_ type: ArrowType, _ bits: UInt64) -> Time? {
    let value = Int64(bitPattern: bits)
    switch type {
    case .date(nil): return .day(Day(number: Int32(truncatingIfNeeded: value)))
    case .date: return .day(Day(number: Int32(clamping: floor(value, 86_400_000))))
    case .timestamp(let unit, let zone):
      let (milliseconds, overflow) =
        switch unit {
        case .second: value.multipliedReportingOverflow(by: 1000)
        case .millisecond: (value, false)
        case .microsecond: (floor(value, 1000), false)
        case .nanosecond: (floor(value, 1_000_000), false)
        }
      if overflow { return nil }
      // Without a zone it is what a clock on the wall showed (Schema.fbs, Timestamp).
      return zone?.isEmpty ?? true ? .clock(milliseconds) : .instant(milliseconds)
    default: return nil
    }
  }

  /// A whole number, float or decimal.
  static func double(_ type: ArrowType, _ array: ArrowArray, _ index: Int) -> Double {
    switch type {
    case .int(let bits, let signed):
      let value = array.bits(at: index) ?? 0
      return signed ? Double(Self.signed(value, bits)) : Double(value)
    case .float(let bits): return number(array, index, bits)
    case .decimal(_, let scale, _): return decimal(array, index, scale)
    default: return .nan
    }
  }

  /// All values as texts end to end: those of bytes as they are, whole numbers in digits, `true` and `false`.
  static func texts(_ type: ArrowType, _ array: ArrowArray) -> (offsets: [UInt32], data: [UInt8]) {
    if case .bytes(let offsets, let data) = array.storage { return (offsets, data) }
    let cells = ArrowCells(type, array)
    var (offsets, data): ([UInt32], [UInt8]) = ([0], [])
    offsets.reserveCapacity(array.count + 1)
    for index in 0..<array.count {
      if !array.isNull, let text = cells.text(array, index) { data += text }
      offsets.append(UInt32(data.count))
    }
    return (offsets, data)
  }

  private static func floor(_ a: Int64, _ b: Int64) -> Int64 {
    let quotient = a / b
    return a % b < 0 ? quotient - 1 : quotient
  }
}
