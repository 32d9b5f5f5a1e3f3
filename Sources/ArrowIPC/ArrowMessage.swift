import CXXHash

/// One encapsulated message: its header table and where its body is.
struct ArrowMessage {
  enum Kind: UInt8 { case schema = 1, dictionary = 2, batch = 3 }
  var kind: Kind
  var header: FlatTable
  var body: Range<Int>
  /// Of the prefix and the metadata.
  var hash: UInt64
  /// Checksums of the body's buffers, 8 hexadecimal digits each; nil where another program wrote the file.
  let bufferHashes: [UInt8]?
  /// Where the next message begins.
  var end: Int { body.upperBound }

  static let maximumMetadata = 256 << 20

  /// Reads the message at an offset of a stream.
  /// - Returns: nil at the end of the stream.
  init?(_ input: any ArrowInput, at offset: Int) throws(FormatError) {
    guard offset <= input.size - 4 else {
      if offset == input.size { return nil }
      throw FormatError("a message is cut off", at: offset)
    }
    var prefix = 4
    var length = Int(try FlatTable.int32(try input.read(offset, 4), 0))
    if length == -1 {
      length = Int(try FlatTable.int32(try input.read(offset + 4, 4), 0))
      prefix = 8
    }
    if length == 0 { return nil }
    guard length > 0, length <= Self.maximumMetadata else {
      throw FormatError("a message of \(length) bytes", at: offset)
    }
    try self.init(try input.read(offset, prefix + length), prefix: prefix, input, at: offset)
  }

  /// Reads the message of a file's block.
  /// - Parameter metadata: where its prefix and metadata are.
  init(_ input: any ArrowInput, metadata: Range<Int>) throws(FormatError) {
    guard metadata.count >= 8, metadata.count <= Self.maximumMetadata else {
      throw FormatError("a message of \(metadata.count) bytes", at: metadata.lowerBound)
    }
    let bytes = try input.read(metadata.lowerBound, metadata.count)
    let marked = try FlatTable.int32(bytes, 0) == -1
    let length = try FlatTable.int32(bytes, marked ? 4 : 0)
    let prefix = marked ? 8 : 4
    guard Int(length) == bytes.count - prefix else {
      throw FormatError("a message has another length than the footer says", at: metadata.lowerBound)
    }
    try self.init(bytes, prefix: prefix, input, at: metadata.lowerBound)
  }

  /// - Parameter bytes: the prefix, which is so long, and the metadata.
  private init(_ bytes: [UInt8], prefix: Int, _ input: any ArrowInput, at offset: Int) throws(FormatError) {
    hash = MetadataHash.value(bytes)
    let table = try FlatTable(root: bytes, at: prefix)
    guard let kind = Kind(rawValue: try table.byte(1)), let header = try table.table(2) else {
      throw FormatError("a message of an unknown kind", at: offset)
    }
    self.kind = kind
    self.header = header
    bufferHashes = try Self.bufferHashes(table)
    body = try checkedRange(
      Int64(offset + bytes.count), try table.int64(3), in: input.size, "a message's body")
  }

  static let bufferHashesKey = "buffers_xxh3"

  /// Message.fbs, `custom_metadata`.
  private static func bufferHashes(_ message: FlatTable) throws(FormatError) -> [UInt8]? {
    guard try message.vector(4, size: 4)?.count == 1, let pair = try message.tables(4).first,
      try pair.bytes(0) == Array(bufferHashesKey.utf8)
    else { return nil }
    return try pair.bytes(1)
  }

  /// A message's bytes: the prefix and the padded metadata; the body follows.
  /// - Parameter hashes: of the body's buffers.
  static func encode(_ kind: Kind, _ header: [FlatBuilder.Value], bodyLength: Int, hashes: String? = nil)
    -> [UInt8]
  {
    let metadata = FlatBuilder.root([
      .int16(4), .byte(kind.rawValue), .table(header), .int64(Int64(bodyLength)),
      ArrowSchema.flat(hashes.map { [bufferHashesKey: $0] } ?? [:]),
    ])
    let length = UInt32(metadata.count)
    return [0xff, 0xff, 0xff, 0xff] + (0..<4).map { UInt8(truncatingIfNeeded: length >> UInt32($0 * 8)) }
      + metadata
  }
}

/// Checksums of what is read: of messages' metadata, and of their bodies' buffers.
enum MetadataHash {
  static func value(_ bytes: [UInt8]) -> UInt64 {
    unsafe bytes.withUnsafeBytes { unsafe gs_xxh3_64($0.baseAddress, $0.count) }
  }

  /// XXH3-64 as 16 hexadecimal digits.
  static func text(_ bytes: [UInt8]) -> String {
    let digits = String(value(bytes), radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }

  /// The low half of XXH3-64.
  static func short(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
    UInt32(truncatingIfNeeded: unsafe gs_xxh3_64(bytes.baseAddress, bytes.count))
  }

  /// 8 hexadecimal digits.
  static func shortText(_ hash: UInt32) -> String {
    let digits = String(hash, radix: 16)
    return String(repeating: "0", count: 8 - digits.count) + digits
  }

  /// The hash that 8 digits at a place say; nil where there are none.
  static func short(_ digits: [UInt8], at index: Int) -> UInt32? {
    guard index * 8 + 8 <= digits.count else { return nil }
    var hash: UInt32 = 0
    for digit in digits[(index * 8)..<(index * 8 + 8)] {
      let value: UInt8
      switch digit {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): value = digit - UInt8(ascii: "0")
      case UInt8(ascii: "a")...UInt8(ascii: "f"): value = digit - UInt8(ascii: "a") + 10
      default: return nil
      }
      hash = hash << 4 | UInt32(value)
    }
    return hash
  }
}
