/// A table inside a FlatBuffer (https://flatbuffers.dev/internals): every access is bounds-checked, so that hostile
/// bytes give an error and never a trap.
struct FlatTable {
  let bytes: [UInt8]
  /// Where the table begins.
  let at: Int
  private let vtable: Int
  private let vtableSize: Int

  /// The root table.
  /// - Parameter start: where the buffer begins in the bytes.
  init(root bytes: [UInt8], at start: Int = 0) throws(FormatError) {
    let offset = try Self.uint32(bytes, start)
    try self.init(bytes, at: start + Int(offset))
  }

  init(_ bytes: [UInt8], at: Int) throws(FormatError) {
    self.bytes = bytes
    self.at = at
    let back = try Self.int32(bytes, at)
    vtable = at - Int(back)
    let size = Int(try Self.uint16(bytes, vtable))
    guard size >= 4, size % 2 == 0, vtable + size <= bytes.count else {
      throw FormatError("a metadata table is broken", at: at)
    }
    vtableSize = size
  }

  /// Where a field's value is; nil where it is absent.
  func position(_ field: Int) throws(FormatError) -> Int? {
    let slot = 4 + field * 2
    guard slot + 2 <= vtableSize else { return nil }
    let offset = try Self.uint16(bytes, vtable + slot)
    return offset == 0 ? nil : at + Int(offset)
  }

  func byte(_ field: Int, default value: UInt8 = 0) throws(FormatError) -> UInt8 {
    guard let position = try position(field) else { return value }
    guard bytes.indices.contains(position) else { throw FormatError("metadata are cut off", at: position) }
    return bytes[position]
  }

  func bool(_ field: Int) throws(FormatError) -> Bool { try byte(field) != 0 }

  func int16(_ field: Int, default value: Int16 = 0) throws(FormatError) -> Int16 {
    guard let position = try position(field) else { return value }
    return Int16(bitPattern: try Self.uint16(bytes, position))
  }

  func int32(_ field: Int, default value: Int32 = 0) throws(FormatError) -> Int32 {
    guard let position = try position(field) else { return value }
    return try Self.int32(bytes, position)
  }

  func int64(_ field: Int, default value: Int64 = 0) throws(FormatError) -> Int64 {
    guard let position = try position(field) else { return value }
    return try Self.int64(bytes, position)
  }

  func table(_ field: Int) throws(FormatError) -> FlatTable? {
    guard let position = try position(field) else { return nil }
    return try FlatTable(bytes, at: try target(position))
  }

  func string(_ field: Int) throws(FormatError) -> String? {
    guard let bytes = try bytes(field) else { return nil }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw FormatError("a metadata text is not UTF-8", at: at)
    }
    return text
  }

  /// The bytes of a text.
  func bytes(_ field: Int) throws(FormatError) -> [UInt8]? {
    guard let (start, count) = try vector(field, size: 1) else { return nil }
    return Array(bytes[start..<start + count])
  }

  /// Where a vector's elements begin, and how many there are.
  /// - Parameter size: bytes an element.
  func vector(_ field: Int, size: Int) throws(FormatError) -> (start: Int, count: Int)? {
    guard let position = try position(field) else { return nil }
    let start = try target(position)
    let count = Int(try Self.uint32(bytes, start))
    guard count <= (bytes.count - start - 4) / size else {
      throw FormatError("a metadata list is cut off", at: start)
    }
    return (start + 4, count)
  }

  func tables(_ field: Int) throws(FormatError) -> [FlatTable] {
    guard let (start, count) = try vector(field, size: 4) else { return [] }
    var tables: [FlatTable] = []
    for index in 0..<count { tables.append(try FlatTable(bytes, at: try target(start + index * 4))) }
    return tables
  }

  private func target(_ position: Int) throws(FormatError) -> Int {
    position + Int(try Self.uint32(bytes, position))
  }

  static func uint16(_ bytes: [UInt8], _ at: Int) throws(FormatError) -> UInt16 { try load(bytes, at) }
  static func uint32(_ bytes: [UInt8], _ at: Int) throws(FormatError) -> UInt32 { try load(bytes, at) }
  static func int32(_ bytes: [UInt8], _ at: Int) throws(FormatError) -> Int32 { try load(bytes, at) }
  static func int64(_ bytes: [UInt8], _ at: Int) throws(FormatError) -> Int64 { try load(bytes, at) }

  private static func load<Number: FixedWidthInteger & BitwiseCopyable>(_ bytes: [UInt8], _ at: Int)
    throws(FormatError) -> Number
  {
    guard at >= 0, at <= bytes.count - MemoryLayout<Number>.size else {
      throw FormatError("metadata are cut off", at: at)
    }
    return Number(
      littleEndian: unsafe bytes.withUnsafeBytes {
        unsafe $0.loadUnaligned(fromByteOffset: at, as: Number.self)
      })
  }
}
