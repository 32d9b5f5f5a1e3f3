import YAML

/// Finds the place of every comment and blank line among the nodes.
///
/// Comments are taken once each, in the order of the file: those before a piece belong to it, one behind it on its line
/// too, and those after a block's last piece that are indented like the block belong to its end.
struct LayoutBuilder {
  private let document: YAMLDocument
  private var taken = 0
  /// The line on which the last thing that was passed ends.
  private var lastLine = 0

  /// What surrounds a node.
  private struct Frame {
    /// Where the next piece of an outer block stands: comments from there on are not this node's.
    var next: TextPosition
    /// The end of the brackets around it.
    var limit: TextPosition?
  }

  init(_ document: YAMLDocument) { self.document = document }

  mutating func document(_ root: YAMLNode, keyOrder: [String]) -> Layout {
    let frame = Frame(next: TextPosition(line: .max, column: root.place.column))
    var layout = Layout(root: collection(root, frame))
    layout.root.end += comments(before: TextPosition(line: .max, column: .max))
    layout.takeHeader()
    layout.orderKeys(keyOrder)
    return layout
  }

  // MARK: Nodes

  private mutating func value(_ node: YAMLNode, _ frame: Frame) -> Layout.Value {
    if case .scalar(let scalar) = node.value {
      let lines = scalar.style == .block ? blockLines(node) : nil
      let text = ScalarText(
        text: scalar.text, style: scalar.style, isWrapped: node.extent.endLine > node.place.line, block: lines
      )
      pass(lines.map { node.place.line + $0.lines.count } ?? node.extent.endLine)
      return .scalar(text)
    }
    return .collection(collection(node, frame))
  }

  private mutating func collection(_ node: YAMLNode, _ frame: Frame) -> Layout.Collection {
    var made = Layout.Collection(isMap: node.entries != nil, isFlow: node.extent.isFlow)
    let limit = node.extent.isFlow ? node.end : frame.limit
    if node.extent.isFlow { pass(node.place.line) }
    let entries = node.entries ?? []
    let items = node.items ?? []
    let anchors = entries.map(\.key.start) + items.map { anchor($0, in: node) }
    for index in anchors.indices {
      let next = index + 1 < anchors.count ? anchors[index + 1] : nil
      // Of a block's pieces the column is the block's, whatever stands behind the dash.
      let after = next.map {
        node.extent.isFlow ? $0 : TextPosition(line: $0.line, column: node.place.column)
      }
      let inner = Frame(next: after ?? frame.next, limit: limit)
      made.pieces.append(
        node.entries != nil
          ? entry(entries[index], inner) : item(items[index], anchors[index], inner))
    }
    made.end = node.extent.isFlow ? comments(before: node.end) : danglers(node.place.column, frame.next)
    if node.extent.isFlow { pass(node.extent.endLine) }
    return made
  }

  private mutating func entry(_ entry: YAMLNode.Entry, _ frame: Frame) -> Layout.Piece {
    var piece = Layout.Piece(before: comments(before: entry.key.start), key: entry.name)
    piece.blankBefore = blank(before: entry.key.place.line)
    pass(entry.key.extent.endLine)
    let isBlock = !entry.value.isScalar && !entry.value.extent.isFlow
    if !entry.value.isEmpty {
      piece.trailing = trailing(on: entry.key.extent.endLine, before: entry.value.start)
      if !isBlock { piece.before += comments(before: entry.value.start) }
    }
    finish(&piece, entry.value, entry.value.isEmpty ? entry.key.extent.endLine : nil, frame)
    return piece
  }

  private mutating func item(_ item: YAMLNode, _ anchor: TextPosition, _ frame: Frame) -> Layout.Piece {
    var piece = Layout.Piece(before: comments(before: anchor))
    piece.blankBefore = blank(before: anchor.line)
    pass(anchor.line)
    piece.addBefore(comments(before: item.start))
    finish(&piece, item, nil, frame)
    // What stands above the first entry stands above the dash.
    if case .collection(var inner) = piece.value, !inner.pieces.isEmpty {
      piece.addBefore(inner.pieces[0].before)
      inner.pieces[0].before = []
      inner.pieces[0].blankBefore = false
      piece.value = .collection(inner)
    }
    return piece
  }

  /// A piece's value, and the comment behind it.
  /// - Parameter line: where an empty value stands: the parser gives it the place of what follows.
  private mutating func finish(_ piece: inout Layout.Piece, _ node: YAMLNode, _ line: Int?, _ frame: Frame) {
    if line == nil || !node.isEmpty { piece.value = value(node, frame) }
    if case .collection(var inner) = piece.value, inner.pieces.isEmpty {
      piece.addBefore(inner.end)
      inner.end = []
      piece.value = .collection(inner)
    }
    guard node.isScalar || node.extent.isFlow else { return }
    var isBlockText = false
    if case .scalar(let scalar) = node.value, scalar.style == .block { isBlockText = true }
    let last = isBlockText ? node.place.line : line ?? node.extent.endLine
    guard let comment = trailing(on: last, before: frame.limit) else { return }
    if let earlier = piece.trailing { piece.addBefore([.init(text: earlier, blankBefore: false)]) }
    piece.trailing = comment
  }

  // MARK: Comments and blank lines

  private mutating func comments(before position: TextPosition) -> [Layout.CommentLine] {
    var lines: [Layout.CommentLine] = []
    while let comment = upcoming, comment.position < position { lines.append(take(comment)) }
    return lines
  }

  /// Comments behind a block's last piece that are indented like the block, not like what comes after.
  private mutating func danglers(_ column: Int, _ next: TextPosition) -> [Layout.CommentLine] {
    var lines: [Layout.CommentLine] = []
    while let comment = upcoming, comment.position < TextPosition(line: next.line, column: 1),
      comment.column > next.column, comment.column >= column
    { lines.append(take(comment)) }
    return lines
  }

  private mutating func trailing(on line: Int, before limit: TextPosition?) -> String? {
    guard let comment = upcoming, comment.line == line, limit.map({ comment.position < $0 }) ?? true else {
      return nil
    }
    return take(comment).text
  }

  private var upcoming: YAMLDocument.Comment? {
    taken < document.comments.count ? document.comments[taken] : nil
  }

  private mutating func take(_ comment: YAMLDocument.Comment) -> Layout.CommentLine {
    let line = Layout.CommentLine(text: comment.text, blankBefore: blank(before: comment.line))
    taken += 1
    pass(comment.line)
    return line
  }

  private func blank(before line: Int) -> Bool { line - lastLine > 1 && document.isBlank(line - 1) }
  private mutating func pass(_ line: Int) { lastLine = max(lastLine, line) }

  // MARK: Places

  /// Where an item begins: at its dash, which the parser does not tell.
  private func anchor(_ item: YAMLNode, in list: YAMLNode) -> TextPosition {
    guard !list.extent.isFlow else { return item.start }
    let column = list.place.column
    var line = item.place.line
    while line > max(list.place.line, lastLine) {
      let scalars = document.line(line)
      if scalars.count >= column, scalars[column - 1] == "-" { break }
      line -= 1
    }
    return TextPosition(line: line, column: column)
  }

  /// The lines of a block of text as they stand, without their indent; nil where an indicator fixes the indent or keeps
  /// the blank lines at the end.
  private func blockLines(_ node: YAMLNode) -> ScalarText.Block? {
    let opening = document.line(node.place.line).dropFirst(node.place.column - 1).prefix {
      $0 != " " && $0 != "\t"
    }
    var header = String(String.UnicodeScalarView(opening))
    guard [">", "|", ">-", "|-"].contains(header) else { return nil }
    // At the end of a file without a last line feed the text has none either.
    if header.count == 1, node.text?.hasSuffix("\n") == false { header += "-" }
    let last = node.extent.endColumn > 1 ? node.extent.endLine : node.extent.endLine - 1
    guard last > node.place.line else { return nil }
    var lines = (node.place.line + 1...last).map { document.line($0) }
    guard let indent = lines.first(where: { $0.contains { $0 != " " } })?.prefix(while: { $0 == " " }).count
    else {
      return nil
    }
    while let line = lines.last, line.count <= indent, line.allSatisfy({ $0 == " " }) { lines.removeLast() }
    return ScalarText.Block(
      header: header, lines: lines.map { String(String.UnicodeScalarView($0.dropFirst(indent))) })
  }
}

extension YAMLDocument.Comment {
  fileprivate var position: TextPosition { TextPosition(line: line, column: column) }
}

extension YAMLNode {
  fileprivate var isScalar: Bool { text != nil }
}

extension Layout.Piece {
  /// Puts comments between what stands before and the piece.
  mutating func addBefore(_ lines: [Layout.CommentLine]) {
    guard !lines.isEmpty else { return }
    var lines = lines
    lines[0].blankBefore = lines[0].blankBefore || blankBefore
    blankBefore = false
    before += lines
  }
}

extension Layout {
  /// Comments above the first key that a blank line sets apart, and lines for editors, speak of the file.
  fileprivate mutating func takeHeader() {
    guard let first = root.pieces.first else { return }
    var count = 0
    for index in first.before.indices {
      let blankAfter =
        index + 1 < first.before.count ? first.before[index + 1].blankBefore : first.blankBefore
      if blankAfter { count = index + 1 }
    }
    while count < first.before.count, first.before[count].text.hasPrefix("# yaml-language-server:") {
      count += 1
    }
    guard count > 0 else { return root.pieces[0].blankBefore = false }
    header = Array(first.before[..<count])
    blankAfterHeader = count < first.before.count ? first.before[count].blankBefore : first.blankBefore
    root.pieces[0].before.removeFirst(count)
    root.pieces[0].setBlankAbove(false)
  }

  fileprivate mutating func orderKeys(_ order: [String]) {
    let ranked = root.pieces.enumerated().map { index, piece in
      (rank: order.firstIndex(of: piece.key ?? "") ?? order.count, index: index, piece: piece)
    }
    root.pieces = ranked.sorted { ($0.rank, $0.index) < ($1.rank, $1.index) }.map(\.piece)
    if !root.pieces.isEmpty { root.pieces[0].setBlankAbove(blankAfterHeader) }
  }
}

extension Layout.Piece {
  /// Whether a blank line stands above its first line.
  fileprivate mutating func setBlankAbove(_ blank: Bool) {
    if before.isEmpty { blankBefore = blank } else { before[0].blankBefore = blank }
  }
}
