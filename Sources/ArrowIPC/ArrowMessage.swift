import CXXHash

/// One encapsulated message: its header table and where its body is.
struct ArrowMessage {
  enum Kind: UInt8 { case schema = 1, dictionary = 2, batch = 3 }
  var kind: Kind
  var header: FlatTable
  var body: Range<Int>
  /// Of the prefix and the metadata.
  var hash: String
  /// Where the next message begins.
  var end: Int { body.upperBound }

  static let maximumMetadata = 256 << 20

  /// Reads the message at an offset of a stream or file.
  /// - Returns: nil at the end of the stream.
  init?(_ input: any ArrowInput, at offset: Int) throws(FormatError) {
    guard offset <= input.size - 4 else {
      if offset == input.size { return nil }
      throw FormatError("a message is cut off", at: offset)
    }
    var start = offset + 4
    var length = Int(try FlatTable.int32(try input.read(offset, 4), 0))
    if length == -1 {
      length = Int(try FlatTable.int32(try input.read(start, 4), 0))
      start += 4
    }
    if length == 0 { return nil }
    guard length > 0, length <= Self.maximumMetadata else {
      throw FormatError("a message of \(length) bytes", at: offset)
    }
    let metadata = try input.read(start, length)
    hash = MetadataHash.text(try input.read(offset, start - offset) + metadata)
    let table = try FlatTable(root: metadata)
    guard let kind = Kind(rawValue: try table.byte(1)), let header = try table.table(2) else {
      throw FormatError("a message of an unknown kind", at: offset)
    }
    self.kind = kind
    self.header = header
    body = try checkedRange(Int64(start + length), try table.int64(3), in: input.size, "a message's body")
  }

  /// A message's bytes: the prefix and the padded metadata; the body follows.
  static func encode(_ kind: Kind, _ header: [FlatBuilder.Value], bodyLength: Int) -> [UInt8] {
    let metadata = FlatBuilder.root([
      .int16(4), .byte(kind.rawValue), .table(header), .int64(Int64(bodyLength)),
    ])
    let length = UInt32(metadata.count)
    return [0xff, 0xff, 0xff, 0xff] + (0..<4).map { UInt8(truncatingIfNeeded: length >> UInt32($0 * 8)) }
      + metadata
  }
}

/// A checksum of a message's metadata. Buffers carry LZ4's own; with this one every byte that is read is covered.
enum MetadataHash {
  /// XXH3-64 as 16 hexadecimal digits.
  static func text(_ bytes: [UInt8]) -> String {
    let hash = unsafe bytes.withUnsafeBytes { unsafe gs_xxh3_64($0.baseAddress, $0.count) }
    let digits = String(hash, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}
