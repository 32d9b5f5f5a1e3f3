/// Says quickly of nearly all ids that they are no placeholder; folding each and looking it up would cost more than all else
/// about it.
struct PlaceholderFilter {
  /// A bit for each length of a placeholder, and for its first and last bytes; letters count as lower case.
  private var lengths: UInt64 = 0
  private var firsts = SIMD4<UInt64>.zero
  private var lasts = SIMD4<UInt64>.zero

  /// Placeholders are short; a longer id is none.
  static let longest = 40

  /// - Parameter placeholders: folded.
  init(_ placeholders: Set<String>) {
    for text in placeholders {
      let bytes = Array(text.utf8)
      guard let first = bytes.first, let last = bytes.last, bytes.count <= Self.longest else { continue }
      lengths |= 1 << UInt64(bytes.count)
      firsts[Int(first >> 6)] |= 1 << UInt64(first & 63)
      lasts[Int(last >> 6)] |= 1 << UInt64(last & 63)
    }
  }

  /// Folding keeps ASCII's length, so only other text has to be folded to know.
  func mayHold(_ id: UnsafeRawBufferPointer) -> Bool {
    guard id.count > 0, id.count <= Self.longest else { return false }
    var all: UInt8 = 0
    for index in 0..<id.count { all |= unsafe id[index] }
    if all >= 0x80 { return true }
    let (first, last) = unsafe (Self.lowered(id[0]), Self.lowered(id[id.count - 1]))
    return lengths >> UInt64(id.count) & 1 == 1 && firsts[Int(first >> 6)] >> UInt64(first & 63) & 1 == 1
      && lasts[Int(last >> 6)] >> UInt64(last & 63) & 1 == 1
  }

  private static func lowered(_ byte: UInt8) -> UInt8 { byte &- 0x41 < 26 ? byte | 0x20 : byte }
}
