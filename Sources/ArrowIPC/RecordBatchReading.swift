/// What a record batch's metadata say: how many rows, and where each buffer of each column is in its body.
struct BatchLayout: Sendable {
  var rows: Int
  /// By column and its children: how many values, and how many of them are null.
  var nodes: [(first: Int64, second: Int64)]
  /// Where each buffer begins in the body, and how long it is.
  var buffers: [(first: Int64, second: Int64)]
  var compression: BufferCompression?
  /// Checksums of the buffers, 8 hexadecimal digits each.
  var hashes: [UInt8]?

  /// No batch may claim more rows.
  static let maximumRows = 1 << 31

  init(_ message: ArrowMessage) throws(FormatError) {
    try self.init(message.header, message.bufferHashes)
  }

  init(_ table: FlatTable, _ hashes: [UInt8]?) throws(FormatError) {
    self.hashes = hashes
    let count = try table.int64(0)
    guard count >= 0, count <= Int64(Self.maximumRows) else {
      throw FormatError("a record batch of \(count) rows", at: table.at)
    }
    rows = Int(count)
    nodes = try Self.pairs(table, 1)
    buffers = try Self.pairs(table, 2)
    if let body = try table.table(3) {
      guard let codec = BufferCompression(rawValue: try body.byte(0)), try body.byte(1) == 0 else {
        throw FormatError("an unknown compression of buffers", at: body.at)
      }
      compression = codec
    }
  }

  /// A vector of structs of two 64-bit numbers. Taken as a whole: a night reads tens of thousands of these.
  private static func pairs(_ table: FlatTable, _ field: Int) throws(FormatError) -> [(
    first: Int64, second: Int64
  )] {
    guard let (start, count) = try table.vector(field, size: 16) else { return [] }
    return unsafe table.bytes.withUnsafeBytes { bytes in
      unsafe [(first: Int64, second: Int64)](unsafeUninitializedCapacity: count) { target, made in
        for index in 0..<count {
          let at = start + index * 16
          unsafe target.initializeElement(
            at: index,
            to: (
              Int64(littleEndian: bytes.loadUnaligned(fromByteOffset: at, as: Int64.self)),
              Int64(littleEndian: bytes.loadUnaligned(fromByteOffset: at + 8, as: Int64.self))
            ))
        }
        made = count
      }
    }
  }
}

/// Which nodes and buffers of a batch a top-level column has.
struct ColumnPlace: Sendable {
  let node: Int
  let buffers: Range<Int>

  /// Of all columns of a schema, in order.
  static func all(_ schema: ArrowSchema) -> [ColumnPlace] {
    var (node, buffer) = (0, 0)
    return schema.fields.map { field in
      let first = (node, buffer)
      step(field, &node, &buffer)
      return ColumnPlace(node: first.0, buffers: first.1..<buffer)
    }
  }

  private static func step(_ field: ArrowField, _ node: inout Int, _ buffer: inout Int) {
    node += 1
    buffer += bufferCount(field.dictionary?.index ?? field.type)
    if field.dictionary == nil { for child in field.children { step(child, &node, &buffer) } }
  }

  private static func bufferCount(_ type: ArrowType) -> Int {
    switch type {
    case .null: 0
    case .structure, .fixedList: 1
    case .utf8, .largeUTF8, .binary, .largeBinary: 3
    default: 2
    }
  }
}

/// Reads wanted columns out of a batch's nodes and buffers.
@safe struct BatchCursor {
  let layout: BatchLayout
  let input: any ArrowInput
  /// Where the batch's body is in the input.
  let body: Range<Int>
  let dictionaries: [Int64: ArrowArray]
  let decoder: BufferDecoder
  /// What was read of the body in one go.
  private var lent: (range: Range<Int>, bytes: UnsafeRawBufferPointer)?
  private var node = 0
  private var buffer = 0

  init(
    _ layout: BatchLayout, _ input: any ArrowInput, body: Range<Int>, dictionaries: [Int64: ArrowArray],
    decoder: BufferDecoder
  ) {
    self.layout = layout
    self.input = input
    self.body = body
    self.dictionaries = dictionaries
    self.decoder = decoder
  }

  /// Reads all wanted buffers in one go where not too much lies between them.
  mutating func lend(_ wanted: [ColumnPlace]) throws(FormatError) {
    var (low, high, sum) = (Int.max, 0, 0)
    for place in wanted {
      let end = min(place.buffers.upperBound, layout.buffers.count)
      for index in min(place.buffers.lowerBound, end)..<end {
        let (offset, length) = layout.buffers[index]
        if length <= 0 { continue }
        let range = try checkedRange(offset, length, in: body.count, "a buffer")
        low = min(low, range.lowerBound)
        high = max(high, range.upperBound)
        sum += range.count
      }
    }
    guard sum > 0, high - low <= sum + max(sum, 1 << 14) else { return }
    unsafe lent = (
      low..<high, try decoder.read(input, (body.lowerBound + low)..<(body.lowerBound + high))
    )
  }

  /// Goes to a column.
  mutating func move(to place: ColumnPlace) {
    node = place.node
    buffer = place.buffers.lowerBound
  }

  /// Whether nothing is known in the column at hand.
  var isUnknown: Bool {
    guard node < layout.nodes.count else { return false }
    let (count, nulls) = layout.nodes[node]
    return count > 0 && nulls == count && count == Int64(layout.rows)
  }

  /// - Parameter expected: how many values there must be; nil at the top, where the batch says it.
  mutating func array(_ field: ArrowField, expected: Int) throws(FormatError) -> ArrowArray {
    guard node < layout.nodes.count else {
      throw FormatError("column '\(field.name)' is missing in a batch", at: body.lowerBound)
    }
    let (count, nulls) = layout.nodes[node]
    node += 1
    guard count == Int64(expected), nulls >= 0, nulls <= count else {
      throw FormatError(
        "column '\(field.name)' has \(count) values instead of \(expected)", at: body.lowerBound)
    }
    if let dictionary = field.dictionary { return try encoded(field, dictionary, expected, nulls) }
    if field.type == .null { return ArrowArray(count: expected, storage: .null) }
    let validity = try validity(field, expected, nulls)
    return ArrowArray(count: expected, validity: validity, storage: try storage(field, expected))
  }

  private mutating func encoded(
    _ field: ArrowField, _ dictionary: ArrowField.Dictionary, _ count: Int, _ nulls: Int64
  ) throws(FormatError) -> ArrowArray {
    let validity = try validity(field, count, nulls)
    let indexes = ArrowArray(
      count: count, validity: validity, storage: try fixed(field, dictionary.index, count))
    guard
      let values = dictionaries[dictionary.id] ?? (count == 0 ? ArrowArray(count: 0, storage: .null) : nil)
    else {
      throw FormatError("column '\(field.name)' has no dictionary", at: body.lowerBound)
    }
    try Self.checkIndexes(indexes, values.count, field, body.lowerBound)
    return ArrowArray(count: count, validity: validity, storage: .dictionary(indexes, values: values))
  }

  /// Indexes of known values are in the dictionary.
  private static func checkIndexes(_ indexes: ArrowArray, _ count: Int, _ field: ArrowField, _ at: Int)
    throws(FormatError)
  {
    let limit = UInt64(count)
    // All slots at once where that settles it; null slots may hold anything, so only known ones can be wrong.
    let all =
      switch indexes.storage {
      case .u8(let values): UInt64(ColumnBuffer.largest(values)) < limit || values.isEmpty
      case .u16(let values): UInt64(ColumnBuffer.largest(values)) < limit || values.isEmpty
      case .u32(let values): UInt64(ColumnBuffer.largest(values)) < limit || values.isEmpty
      case .u64(let values): ColumnBuffer.largest(values) < limit || values.isEmpty
      default: false
      }
    let good =
      all
      || (indexes.validity != nil
        && (0..<indexes.count).allSatisfy { !indexes.isValid($0) || (indexes.bits(at: $0) ?? .max) < limit })
    guard good else { throw FormatError("column '\(field.name)' points outside its dictionary", at: at) }
  }

  private mutating func validity(_ field: ArrowField, _ count: Int, _ nulls: Int64) throws(FormatError)
    -> [UInt8]?
  {
    guard nulls > 0 else {
      try skipBuffer(field)
      return nil
    }
    return try next(field, (count + 7) / 8)
  }

  private mutating func storage(_ field: ArrowField, _ count: Int) throws(FormatError) -> ArrowArray.Storage {
    switch field.type {
    case .bool:
      return .bits(try next(field, (count + 7) / 8))
    case .utf8, .binary: return try bytes(field, count, large: false)
    case .largeUTF8, .largeBinary: return try bytes(field, count, large: true)
    case .list, .map, .largeList:
      let offsets = try offsets(field, count, large: field.type == .largeList)
      return .list(
        offsets: offsets, child: try array(field.children[0], expected: Int(offsets.last ?? 0), atLeast: true)
      )
    case .fixedList(let size):
      return .fixedList(
        size: size, child: try array(field.children[0], expected: try checkedProduct(count, size)))
    case .structure:
      var children: [ArrowArray] = []
      for child in field.children { children.append(try array(child, expected: count)) }
      return .structure(children)
    default: return try fixed(field, field.type, count)
    }
  }

  /// A list's child may hold values behind its last offset.
  private mutating func array(_ field: ArrowField, expected: Int, atLeast: Bool) throws(FormatError)
    -> ArrowArray
  {
    guard node < layout.nodes.count, layout.nodes[node].first >= Int64(expected),
      layout.nodes[node].first <= Int64(BatchLayout.maximumRows)
    else { throw FormatError("the lists of '\(field.name)' reach past their values", at: body.lowerBound) }
    return try array(field, expected: Int(layout.nodes[node].first))
  }

  private mutating func fixed(_ field: ArrowField, _ type: ArrowType, _ count: Int) throws(FormatError)
    -> ArrowArray.Storage
  {
    guard let width = type.width else {
      throw FormatError("column '\(field.name)' has no width", at: body.lowerBound)
    }
    return switch width {
    case 1: .u8(try next(field, count))
    case 2: .u16(try next(field, count))
    case 4: .u32(try next(field, count))
    case 8: .u64(try next(field, count))
    default: .wide(try next(field, try checkedProduct(count, width)), width: width)
    }
  }

  private mutating func bytes(_ field: ArrowField, _ count: Int, large: Bool) throws(FormatError)
    -> ArrowArray.Storage
  {
    let offsets = try offsets(field, count, large: large)
    let data: [UInt8] = try next(field, nil)
    guard Int(offsets.last ?? 0) <= data.count else { throw tooShort(field) }
    if field.type == .utf8 || field.type == .largeUTF8 { try checkUTF8(data, offsets, field) }
    return .bytes(offsets: offsets, data: data)
  }

  /// The whole is UTF-8, and no value begins inside a scalar.
  private func checkUTF8(_ data: [UInt8], _ offsets: [UInt32], _ field: ArrowField) throws(FormatError) {
    let used = data[Int(offsets.first ?? 0)..<Int(offsets.last ?? 0)]
    let ascii = used.allSatisfy { $0 < 0x80 }
    guard
      ascii
        || (String(validating: used, as: UTF8.self) != nil
          && offsets.allSatisfy { Int($0) >= data.count || data[Int($0)] & 0xc0 != 0x80 })
    else { throw FormatError("column '\(field.name)' holds text that is not UTF-8", at: body.lowerBound) }
  }

  private mutating func offsets(_ field: ArrowField, _ count: Int, large: Bool) throws(FormatError)
    -> [UInt32]
  {
    // Of no values there may be no offset either.
    if count == 0, buffer < layout.buffers.count, layout.buffers[buffer].second == 0 {
      try skipBuffer(field)
      return [0]
    }
    let offsets: [UInt32]
    if large {
      let wide: [UInt64] = try next(field, count + 1)
      guard wide.allSatisfy({ $0 <= UInt64(Int32.max) }) else { throw tooShort(field) }
      offsets = wide.map { UInt32($0) }
    } else {
      offsets = try next(field, count + 1)
    }
    guard ColumnBuffer.ascends(offsets), (offsets.last ?? 0) <= UInt32(Int32.max) else {
      throw FormatError("column '\(field.name)' has offsets that do not ascend", at: body.lowerBound)
    }
    return offsets
  }

  private func tooShort(_ field: ArrowField) -> FormatError {
    FormatError("column '\(field.name)' has fewer bytes than its rows need", at: body.lowerBound)
  }

  private mutating func skipBuffer(_ field: ArrowField) throws(FormatError) {
    guard buffer < layout.buffers.count else {
      throw FormatError("column '\(field.name)' lacks a buffer", at: body.lowerBound)
    }
    buffer += 1
  }

  /// The numbers of the next buffer, read or decompressed straight into their array.
  /// - Parameter count: how many are needed; nil: all.
  private mutating func next<Number: FixedWidthInteger>(_ field: ArrowField, _ count: Int?)
    throws(FormatError) -> [Number]
  {
    let index = buffer
    try skipBuffer(field)
    let (offset, length) = layout.buffers[index]
    let range = try checkedRange(offset, length, in: body.count, "a buffer of '\(field.name)'")
    guard !range.isEmpty else {
      guard (count ?? 0) == 0 else { throw tooShort(field) }
      return []
    }
    let place = body.lowerBound + range.lowerBound
    let raw = unsafe try bytes(range)
    if let hashes = layout.hashes {
      guard MetadataHash.short(hashes, at: index) == (unsafe MetadataHash.short(raw)) else {
        throw FormatError("a buffer of '\(field.name)' is damaged (its checksum is wrong)", at: place)
      }
    }
    let numbers: [Number]? =
      if let codec = layout.compression {
        unsafe try decoder.decoded(raw, codec, count, at: place)
      } else {
        unsafe decoder.numbers(raw, count)
      }
    guard let numbers else { throw tooShort(field) }
    return numbers
  }

  /// Of the body; valid until the next call.
  private func bytes(_ range: Range<Int>) throws(FormatError) -> UnsafeRawBufferPointer {
    if let lent = unsafe lent, unsafe lent.range.lowerBound <= range.lowerBound,
      unsafe range.upperBound <= lent.range.upperBound
    {
      let start = unsafe range.lowerBound - lent.range.lowerBound
      return unsafe UnsafeRawBufferPointer(rebasing: lent.bytes[start..<(start + range.count)])
    }
    return unsafe try decoder.read(
      input, (body.lowerBound + range.lowerBound)..<(body.lowerBound + range.upperBound))
  }
}

extension ArrowArray {
  /// A fixed-width value's bits, zero-extended; nil for other layouts.
  public func bits(at index: Int) -> UInt64? {
    switch storage {
    case .u8(let values): UInt64(values[index])
    case .u16(let values): UInt64(values[index])
    case .u32(let values): UInt64(values[index])
    case .u64(let values): values[index]
    default: nil
    }
  }
}

/// Loops over columns.
enum ColumnBuffer {
  /// A loop that uses vectors, as `max()` does not; 0 for none.
  static func largest<Number: FixedWidthInteger & UnsignedInteger>(_ numbers: [Number]) -> Number {
    unsafe numbers.withUnsafeBufferPointer { numbers in
      var largest: Number = 0
      for index in 0..<numbers.count { largest = unsafe max(largest, numbers[index]) }
      return largest
    }
  }

  static func ascends(_ offsets: [UInt32]) -> Bool {
    unsafe offsets.withUnsafeBufferPointer { offsets in
      var bad: UInt32 = 0
      var index = 1
      while index < offsets.count {
        bad |= unsafe offsets[index &- 1] > offsets[index] ? 1 : 0
        index &+= 1
      }
      return bad == 0
    }
  }
}
