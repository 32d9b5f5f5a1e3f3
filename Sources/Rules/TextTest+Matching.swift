extension TextTest {
  /// Whether a folded text passes.
  /// - Parameter separator: of the field's levels, or nil.
  public func matches(_ text: String, separator: UInt8?) -> Bool {
    let bytes = Array(text.utf8)
    switch self {
    case .value(let literal):
      let wanted = Array(literal.utf8)
      if bytes == wanted { return true }
      guard let separator, bytes.count > wanted.count else { return false }
      return bytes.starts(with: wanted) && bytes[wanted.count] == separator
    case .exactly(let literal): return bytes.elementsEqual(literal.utf8)
    case .contains(let literal): return Self.find(Array(literal.utf8), in: bytes, from: 0) != nil
    case .starts(let literal): return bytes.starts(with: literal.utf8)
    case .ends(let literal): return bytes.reversed().starts(with: literal.utf8.reversed())
    case .wildcard(let pieces): return Self.wildcard(pieces.map { Array($0.utf8) }, bytes)
    }
  }

  /// Pieces in order; the first at the start, the last at the end.
  private static func wildcard(_ pieces: [[UInt8]], _ bytes: [UInt8]) -> Bool {
    guard let first = pieces.first, let last = pieces.last, pieces.count > 1, bytes.starts(with: first) else {
      return false
    }
    var at = first.count
    for piece in pieces.dropFirst().dropLast() {
      guard let found = find(piece, in: bytes, from: at) else { return false }
      at = found + piece.count
    }
    return bytes.count - at >= last.count && bytes.suffix(last.count).elementsEqual(last)
  }

  private static func find(_ piece: [UInt8], in bytes: [UInt8], from: Int) -> Int? {
    guard bytes.count - from >= piece.count else { return nil }
    return (from...bytes.count - piece.count).first { bytes[$0..<$0 + piece.count].elementsEqual(piece) }
  }
}
