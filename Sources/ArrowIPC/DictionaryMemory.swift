/// The dictionaries known so far: replaced or, by deltas, extended.
struct DictionaryMemory {
  private(set) var arrays: [Int64: ArrowArray] = [:]

  mutating func take(
    _ message: ArrowMessage, _ input: any ArrowInput, _ schema: ArrowSchema, _ decoder: BufferDecoder
  ) throws(FormatError) {
    let id = try message.header.int64(0)
    guard var field = schema.dictionaries[id], let data = try message.header.table(1) else {
      throw FormatError("a dictionary that no column uses", at: message.header.at)
    }
    field.dictionary = nil
    let layout = try BatchLayout(data, message.bufferHashes)
    var cursor = BatchCursor(layout, input, body: message.body, dictionaries: arrays, decoder: decoder)
    let values = try cursor.array(field, expected: layout.rows)
    guard try message.header.bool(2), let known = arrays[id] else {
      arrays[id] = values
      return
    }
    guard let joined = known.appending(values) else {
      throw FormatError("a dictionary delta of this type is not read", at: message.body.lowerBound)
    }
    arrays[id] = joined
  }
}

extension ArrowArray {
  /// Both ends to end; nil for nested layouts or where it would grow too large.
  func appending(_ other: ArrowArray) -> ArrowArray? {
    let known = (0..<count).map { isValid($0) } + (0..<other.count).map { other.isValid($0) }
    let storage: Storage
    switch (self.storage, other.storage) {
    case (.u8(let a), .u8(let b)): storage = .u8(a + b)
    case (.u16(let a), .u16(let b)): storage = .u16(a + b)
    case (.u32(let a), .u32(let b)): storage = .u32(a + b)
    case (.u64(let a), .u64(let b)): storage = .u64(a + b)
    case (.wide(let a, let width), .wide(let b, _)): storage = .wide(a + b, width: width)
    case (.bytes(let offsets, let data), .bytes(let more, let others)):
      let end = Int(offsets.last ?? 0)
      guard end + Int(more.last ?? 0) <= Int(Int32.max) else { return nil }
      storage = .bytes(
        offsets: offsets + more.dropFirst().map { $0 + UInt32(end) }, data: data.prefix(end) + others)
    default: return nil
    }
    return ArrowArray(count: count + other.count, validity: Self.bitmap(known), storage: storage)
  }
}
