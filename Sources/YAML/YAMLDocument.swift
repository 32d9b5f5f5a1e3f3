import Diagnostics

/// A document with what the reader of its values does not see: its comments and its lines. For what writes it anew.
public struct YAMLDocument: Sendable {
  public struct Comment: Sendable {
    /// From its `#` on, without blanks at the end.
    public var text: String
    /// Of its `#`, from 1.
    public var line: Int
    public var column: Int
  }

  public let root: YAMLNode?
  /// In the order of the file.
  public let comments: [Comment]
  private let lines: [[Unicode.Scalar]]

  /// - Throws: as `YAMLNode.parse`.
  public static func parse(_ source: SourceText, limits: YAMLLimits = .init()) throws(Diagnostic)
    -> YAMLDocument
  {
    let readable = try YAMLNode.readable(source, limits)
    return YAMLDocument(root: try YAMLNode.parse(readable, limits: limits), readable)
  }

  private init(root: YAMLNode?, _ source: SourceText) {
    self.root = root
    lines = source.bytes.split(separator: 0x0a, omittingEmptySubsequences: false).map { bytes in
      var line = Array(String(decoding: bytes, as: UTF8.self).unicodeScalars)
      if line.last == "\r" { line.removeLast() }
      return line
    }
    comments = Self.comments(lines, root?.scalarSpans ?? [])
  }

  /// Line `number` (from 1); empty past the end.
  public func line(_ number: Int) -> ArraySlice<Unicode.Scalar> {
    lines.indices.contains(number - 1) ? lines[number - 1][...] : []
  }

  public func isBlank(_ number: Int) -> Bool { line(number).allSatisfy { $0 == " " || $0 == "\t" } }

  /// A comment is what follows a `#` outside of every scalar: the spaces that YAML wants before it are then there.
  private static func comments(_ lines: [[Unicode.Scalar]], _ spans: [Span]) -> [Comment] {
    var found: [Comment] = []
    var rest = spans[...]
    for (index, line) in lines.enumerated() {
      var at = TextPosition(line: index + 1, column: 1)
      while at.column <= line.count {
        while let span = rest.first, span.end <= at { rest.removeFirst() }
        if let span = rest.first, span.start <= at {
          guard span.end.line == at.line else { break }
          at = span.end
        } else if line[at.column - 1] == "#" {
          let text = String(String.UnicodeScalarView(line[(at.column - 1)...]))
          found.append(Comment(text: trimmed(text), line: at.line, column: at.column))
          break
        } else {
          at.column += 1
        }
      }
    }
    return found
  }

  private static func trimmed(_ text: String) -> String {
    var text = text[...]
    while let last = text.unicodeScalars.last, last == " " || last == "\t" {
      text.unicodeScalars.removeLast()
    }
    return String(text)
  }
}

/// A place in a text, from 1; before another one by line, then by column.
public struct TextPosition: Sendable, Comparable {
  public var line: Int
  public var column: Int
  public init(line: Int, column: Int) {
    self.line = line
    self.column = column
  }
  public static func < (a: Self, b: Self) -> Bool { (a.line, a.column) < (b.line, b.column) }
}

extension YAMLNode {
  public var start: TextPosition { TextPosition(line: place.line, column: place.column) }
  /// Just behind its last character; of a block collection it means nothing.
  public var end: TextPosition { TextPosition(line: extent.endLine, column: extent.endColumn) }

  /// Where the scalars below stand, in order; an empty one stands nowhere.
  fileprivate var scalarSpans: [Span] {
    switch value {
    case .scalar(let scalar):
      // The line that opens a block of text can end in a comment.
      let first = scalar.style == .block ? TextPosition(line: place.line + 1, column: 1) : start
      return first < end ? [Span(start: first, end: end)] : []
    case .list(let items): return items.flatMap(\.scalarSpans)
    case .map(let entries): return entries.flatMap { $0.key.scalarSpans + $0.value.scalarSpans }
    }
  }
}

private struct Span {
  var start: TextPosition
  var end: TextPosition
}
