/// Writes a FlatBuffer front to back: a table's children are appended behind it and its offsets patched, which
/// needs no knowledge of sizes beforehand. (The usual builders go back to front; readers do not care.)
struct FlatBuilder {
  private(set) var bytes: [UInt8] = [0, 0, 0, 0]

  /// A value of a table, in the order of its fields.
  enum Value {
    case absent
    case byte(UInt8)
    case int16(Int16)
    case int32(Int32)
    case int64(Int64)
    case string(String)
    indirect case table([Value])
    case tables([[Value]])
    /// Structs of 64-bit numbers, laid end to end.
    case structs([[Int64]])
  }

  /// A whole buffer with `table` as its root, padded to 8 bytes.
  static func root(_ table: [Value]) -> [UInt8] {
    var builder = FlatBuilder()
    let at = builder.append(table)
    builder.patch(0, UInt32(at))
    builder.pad(8)
    return builder.bytes
  }

  private mutating func append(_ fields: [Value]) -> Int {
    // The vtable stands before its table. Fields are laid out by falling size, so that each is aligned.
    let order = fields.indices.filter { Self.size(fields[$0]) > 0 }.sorted {
      (Self.size(fields[$1]), $0) < (Self.size(fields[$0]), $1)
    }
    let vtableSize = 4 + fields.count * 2
    // The table is 4 bytes past an 8-byte boundary: its first 8-byte field behind the 4-byte head is aligned.
    while (bytes.count + vtableSize) % 8 != 4 { bytes.append(0) }
    let vtable = bytes.count
    bytes += [UInt8](repeating: 0, count: vtableSize)
    let table = bytes.count
    append32(UInt32(bitPattern: Int32(table - vtable)))
    var places = [Int](repeating: 0, count: fields.count)
    for field in order {
      places[field] = bytes.count
      bytes += [UInt8](repeating: 0, count: Self.size(fields[field]))
    }
    patch16(vtable, UInt16(vtableSize))
    patch16(vtable + 2, UInt16(bytes.count - table))
    for field in order {
      patch16(vtable + 4 + field * 2, UInt16(places[field] - table))
      fill(fields[field], places[field])
    }
    return table
  }

  private mutating func fill(_ value: Value, _ place: Int) {
    switch value {
    case .absent: break
    case .byte(let value): bytes[place] = value
    case .int16(let value): patch16(place, UInt16(bitPattern: value))
    case .int32(let value): patch(place, UInt32(bitPattern: value))
    case .int64(let value):
      patch(place, UInt32(truncatingIfNeeded: value))
      patch(place + 4, UInt32(truncatingIfNeeded: value >> 32))
    case .string(let text):
      pad(4)
      patch(place, UInt32(bytes.count - place))
      append32(UInt32(text.utf8.count))
      bytes += text.utf8
      bytes.append(0)
    case .table(let fields):
      let at = append(fields)
      patch(place, UInt32(at - place))
    case .tables(let tables): fill(tables, place)
    case .structs(let structs): fill(structs, place)
    }
  }

  private mutating func fill(_ tables: [[Value]], _ place: Int) {
    pad(4)
    patch(place, UInt32(bytes.count - place))
    append32(UInt32(tables.count))
    let slots = bytes.count
    bytes += [UInt8](repeating: 0, count: tables.count * 4)
    for (index, table) in tables.enumerated() {
      let at = append(table)
      patch(slots + index * 4, UInt32(at - slots - index * 4))
    }
  }

  private mutating func fill(_ structs: [[Int64]], _ place: Int) {
    while bytes.count % 8 != 4 { bytes.append(0) }
    patch(place, UInt32(bytes.count - place))
    append32(UInt32(structs.count))
    for value in structs.joined() {
      append32(UInt32(truncatingIfNeeded: value))
      append32(UInt32(truncatingIfNeeded: value >> 32))
    }
  }

  /// Bytes a value takes inside its table.
  private static func size(_ value: Value) -> Int {
    switch value {
    case .absent: 0
    case .byte: 1
    case .int16: 2
    case .int32, .string, .table, .tables, .structs: 4
    case .int64: 8
    }
  }

  private mutating func pad(_ alignment: Int) {
    while bytes.count % alignment != 0 { bytes.append(0) }
  }

  private mutating func append32(_ value: UInt32) {
    for shift in [0, 8, 16, 24] as [UInt32] { bytes.append(UInt8(truncatingIfNeeded: value >> shift)) }
  }

  private mutating func patch(_ place: Int, _ value: UInt32) {
    for byte in 0..<4 { bytes[place + byte] = UInt8(truncatingIfNeeded: value >> UInt32(8 * byte)) }
  }

  private mutating func patch16(_ place: Int, _ value: UInt16) {
    bytes[place] = UInt8(truncatingIfNeeded: value)
    bytes[place + 1] = UInt8(truncatingIfNeeded: value >> 8)
  }
}
