extension ArrowSchema {
  private static let maximumFields = 10_000
  private static let maximumDepth = 32

  init(_ table: FlatTable) throws(FormatError) {
    guard try table.int16(0) == 0 else {
      throw FormatError("big-endian Arrow data are not read", at: table.at)
    }
    var count = 0
    fields = []
    for field in try table.tables(1) { fields.append(try ArrowField(field, depth: 0, &count)) }
    metadata = try Self.metadata(table, 2)
  }

  static func metadata(_ table: FlatTable, _ field: Int) throws(FormatError) -> [String: String] {
    var metadata: [String: String] = [:]
    for pair in try table.tables(field) {
      if let key = try pair.string(0) { metadata[key] = try pair.string(1) ?? "" }
    }
    return metadata
  }

  static func count(_ count: inout Int, _ depth: Int, _ at: Int) throws(FormatError) {
    count += 1
    guard count <= maximumFields else { throw FormatError("more than \(maximumFields) columns", at: at) }
    guard depth <= maximumDepth else {
      throw FormatError("columns nested deeper than \(maximumDepth)", at: at)
    }
  }
}

extension ArrowField {
  init(_ table: FlatTable, depth: Int, _ count: inout Int) throws(FormatError) {
    try ArrowSchema.count(&count, depth, table.at)
    name = try table.string(0) ?? ""
    nullable = try table.bool(1)
    type = try Self.type(table)
    children = []
    for child in try table.tables(5) { children.append(try ArrowField(child, depth: depth + 1, &count)) }
    if let wanted = type.childCount, children.count != wanted {
      throw FormatError("column '\(name)' has \(children.count) children instead of \(wanted)", at: table.at)
    }
    metadata = try ArrowSchema.metadata(table, 6)
    if let encoding = try table.table(4) {
      let index = try encoding.table(1).map { table throws(FormatError) in try Self.integer(table) }
      dictionary = .init(
        id: try encoding.int64(0), index: index ?? .int(bits: 32, signed: true), ordered: try encoding.bool(2)
      )
    }
  }

  private static func integer(_ table: FlatTable) throws(FormatError) -> ArrowType {
    let bits = Int(try table.int32(0))
    guard [8, 16, 32, 64].contains(bits) else {
      throw FormatError("an integer of \(bits) bits", at: table.at)
    }
    return .int(bits: bits, signed: try table.bool(1))
  }

  private static func unit(_ table: FlatTable, default value: Int16) throws(FormatError) -> ArrowType.TimeUnit
  {
    guard let unit = ArrowType.TimeUnit(rawValue: try table.int16(0, default: value)) else {
      throw FormatError("an unknown unit of time", at: table.at)
    }
    return unit
  }

  private static func type(_ field: FlatTable) throws(FormatError) -> ArrowType {
    let kind = try field.byte(2)
    guard let table = try field.table(3) else { throw FormatError("a column without a type", at: field.at) }
    switch kind {
    case 1: return .null
    case 2: return try integer(table)
    case 3:
      guard let bits = [0: 16, 1: 32, 2: 64][try table.int16(0)] else {
        throw FormatError("an unknown floating-point type", at: table.at)
      }
      return .float(bits: bits)
    case 4: return .binary
    case 5: return .utf8
    case 6: return .bool
    case 7:
      let bits = Int(try table.int32(2, default: 128))
      guard [32, 64, 128, 256].contains(bits) else {
        throw FormatError("a decimal of \(bits) bits", at: table.at)
      }
      return .decimal(precision: Int(try table.int32(0)), scale: Int(try table.int32(1)), bits: bits)
    case 8: return .date(try table.int16(0, default: 1) == 0 ? nil : .millisecond)
    case 9:
      let bits = Int(try table.int32(1, default: 32))
      guard bits == 32 || bits == 64 else { throw FormatError("a time of \(bits) bits", at: table.at) }
      return .time(try unit(table, default: 1), bits: bits)
    case 10: return .timestamp(try unit(table, default: 0), zone: try table.string(1))
    case 11:
      let unit = Int(try table.int16(0))
      guard (0...2).contains(unit) else { throw FormatError("an unknown interval", at: table.at) }
      return .interval(unit)
    case 12: return .list
    case 13: return .structure
    case 15:
      let width = Int(try table.int32(0))
      guard (1...1 << 20).contains(width) else {
        throw FormatError("fixed binary of \(width) bytes", at: table.at)
      }
      return .fixedBinary(width: width)
    case 16:
      let size = Int(try table.int32(0))
      guard (0...1 << 20).contains(size) else { throw FormatError("fixed lists of \(size)", at: table.at) }
      return .fixedList(size: size)
    case 17: return .map(keysSorted: try table.bool(0))
    case 18: return .duration(try unit(table, default: 1))
    case 19: return .largeBinary
    case 20: return .largeUTF8
    case 21: return .largeList
    default: throw FormatError("a column type (\(kind)) that is not read", at: field.at)
    }
  }
}
