/// From a layout to lines.
enum LayoutWriter {
  /// Braces longer than this become a block.
  static let width = 100

  /// Lines of a block. Behind a dash a comment cannot stand on a line of its own, so the dash takes those above the first
  /// piece further up.
  private struct Block {
    var above: [String] = []
    var lines: [String] = []
  }

  static func text(_ layout: Layout) -> String {
    var lines: [String] = []
    for comment in layout.header { add(comment, 0, &lines) }
    let body = block(layout.root, 0).lines
    if layout.blankAfterHeader, !lines.isEmpty, !body.isEmpty { lines.append("") }
    return (lines + body).map { $0 + "\n" }.joined()
  }

  private static func block(_ collection: Layout.Collection, _ indent: Int) -> Block {
    var block = Block()
    for (index, piece) in collection.pieces.enumerated() {
      for comment in piece.before { add(comment, indent, &block.lines) }
      if piece.blankBefore, !block.lines.isEmpty { block.lines.append("") }
      let inner = piece.key.map { Block(lines: entry($0, piece, indent)) } ?? item(piece, indent)
      if index == 0, block.lines.isEmpty {
        block.above = inner.above
      } else {
        block.lines += inner.above.map { spaces(indent) + $0 }
      }
      block.lines += inner.lines
    }
    for comment in collection.end { add(comment, indent, &block.lines) }
    return block
  }

  private static func add(_ comment: Layout.CommentLine, _ indent: Int, _ lines: inout [String]) {
    if comment.blankBefore, !lines.isEmpty { lines.append("") }
    lines.append(spaces(indent) + comment.text)
  }

  private static func entry(_ key: String, _ piece: Layout.Piece, _ indent: Int) -> [String] {
    let head = spaces(indent) + ScalarText.key(key, inFlow: false) + ":"
    if let lines = leaf(piece, head, indent) { return lines }
    guard case .collection(let collection) = piece.value else { return [] }
    let inner = block(collection, indent + 2)
    return [behind(head, piece.trailing)] + inner.above.map { spaces(indent + 2) + $0 } + inner.lines
  }

  private static func item(_ piece: Layout.Piece, _ indent: Int) -> Block {
    if let lines = leaf(piece, spaces(indent) + "-", indent) { return Block(lines: lines) }
    guard case .collection(let collection) = piece.value else { return Block() }
    var inner = block(collection, indent + 2)
    if !inner.lines.isEmpty {
      inner.lines[0] = spaces(indent) + "- " + String(inner.lines[0].unicodeScalars.dropFirst(indent + 2))
    }
    inner.above = (piece.trailing.map { [$0] } ?? []) + inner.above
    return inner
  }

  /// A piece that begins and ends on its line, or is one text; nil for what becomes a block.
  private static func leaf(_ piece: Layout.Piece, _ head: String, _ indent: Int) -> [String]? {
    switch piece.value {
    case .scalar(let scalar):
      if let block = scalar.blockLines {
        let rest = block.lines.map { $0.isEmpty ? "" : spaces(indent + 2) + $0 }
        return [behind(head + " " + block.header, piece.trailing)] + rest
      }
      var lines = scalar.wrapped(behind: head, indent: indent + 2, key: piece.key)
      lines.append(behind(lines.removeLast(), piece.trailing))
      return lines
    case .collection(let collection):
      guard collection.isFlow || collection.pieces.isEmpty, let flat = flat(collection),
        head.count + 1 + flat.count <= width || collection.pieces.isEmpty
      else { return nil }
      return [behind(head + " " + flat, piece.trailing)]
    }
  }

  /// A collection on one line; nil where a comment, a block of text or an absent value forbids that.
  private static func flat(_ collection: Layout.Collection) -> String? {
    guard collection.end.isEmpty else { return nil }
    var parts: [String] = []
    for piece in collection.pieces {
      guard piece.before.isEmpty, piece.trailing == nil, let value = flat(piece.value, piece.key) else {
        return nil
      }
      parts.append((piece.key.map { ScalarText.key($0, inFlow: true) + ": " } ?? "") + value)
    }
    let inside = parts.joined(separator: ", ")
    return collection.isMap ? "{\(inside)}" : "[\(inside)]"
  }

  private static func flat(_ value: Layout.Value, _ key: String?) -> String? {
    switch value {
    case .scalar(let scalar):
      let text = scalar.line(inFlow: true, key: key)
      return text.isEmpty ? nil : text
    case .collection(let collection): return flat(collection)
    }
  }

  private static func behind(_ text: String, _ comment: String?) -> String {
    comment.map { "\(text)  \($0)" } ?? text
  }

  private static func spaces(_ count: Int) -> String { String(repeating: " ", count: count) }
}
