import CYAML
import Diagnostics

/// How much a file may hold.
public struct YAMLLimits: Sendable {
  public var bytes: Int
  public var depth: Int
  public init(bytes: Int = 1 << 20, depth: Int = 64) {
    self.bytes = bytes
    self.depth = depth
  }
  /// For segment files: 64 KB. The language's own depth is checked later, with better words.
  public static let segment = YAMLLimits(bytes: 64 << 10, depth: 64)
}

extension YAMLNode {
  /// Reads one YAML document.
  /// - Returns: its root; nil for a file without any content.
  /// - Throws: a diagnostic with its place: `Y0` for broken YAML, `Y1` for a tab that indents, `Y2` for a
  ///   repeated key, `Y5` for anchors, aliases and tags, `Y14` over a limit.
  public static func parse(_ source: SourceText, limits: YAMLLimits = .init()) throws(Diagnostic) -> YAMLNode?
  {
    var builder = YAMLBuilder(source: try readable(source, limits), limits: limits)
    return try builder.document()
  }

  /// The text as libyaml may have it: of the right size, UTF-8, without a byte order mark, no tab indents, only line feeds
  /// end lines.
  static func readable(_ source: SourceText, _ limits: YAMLLimits) throws(Diagnostic) -> SourceText {
    guard source.bytes.count <= limits.bytes else {
      throw Diagnostic(
        .y14, "the file has \(source.bytes.count) bytes; the limit is \(limits.bytes)",
        at: Place(file: source.file), hint: "split it into several files")
    }
    if source.bytes.starts(with: [0xef, 0xbb, 0xbf]) {
      // A byte order mark, which some editors write, would become part of the first key.
      return try readable(
        SourceText(file: source.file, bytes: Array(source.bytes.dropFirst(3))), limits)
    }
    guard let text = String(validating: source.bytes, as: UTF8.self) else {
      throw Diagnostic(.y0, "the file is not UTF-8", at: Place(file: source.file), hint: "save it as UTF-8")
    }
    if let tab = tabIndent(text, source.file) { throw tab }
    return SourceText(file: source.file, text: onlyNewlinesBreak(text))
  }

  /// Text in which only LF and CR LF end lines, as people and their editors count them: YAML 1.1 also breaks at a
  /// lone CR, NEL, LS and PS, which would put every later place on a wrong line. A blank takes their place.
  private static func onlyNewlinesBreak(_ text: String) -> String {
    let breaks: Set<Unicode.Scalar> = ["\r", "\u{85}", "\u{2028}", "\u{2029}"]
    guard text.unicodeScalars.contains(where: { breaks.contains($0) }) else { return text }
    let scalars = Array(text.unicodeScalars)
    var plain = String.UnicodeScalarView()
    for (index, scalar) in scalars.enumerated() {
      let endsLine = scalar == "\r" && index + 1 < scalars.count && scalars[index + 1] == "\n"
      plain.append(breaks.contains(scalar) && !endsLine ? " " : scalar)
    }
    return String(plain)
  }

  /// A line whose indent contains a tab; YAML forbids it, and libyaml's own words for it are obscure.
  private static func tabIndent(_ text: String, _ file: String) -> Diagnostic? {
    var line = 1
    var column = 1
    var inIndent = true
    for scalar in text.unicodeScalars {
      if scalar == "\n" {
        (line, column, inIndent) = (line + 1, 1, true)
        continue
      }
      if inIndent, scalar == "\t" {
        return Diagnostic(
          .y1, "a tab indents this line", at: Place(file: file, line: line, column: column),
          hint: "indent with two spaces")
      }
      if scalar != " " { inIndent = false }
      column += 1
    }
    return nil
  }
}

/// Turns libyaml's events into nodes. Nesting is bounded before it is followed, so that recursion is too.
private struct YAMLBuilder {
  let source: SourceText
  let limits: YAMLLimits
  private let events: YAMLEvents

  init(source: SourceText, limits: YAMLLimits) {
    self.source = source
    self.limits = limits
    self.events = YAMLEvents(source)
  }

  mutating func document() throws(Diagnostic) -> YAMLNode? {
    var root: YAMLNode?
    while true {
      let event = try events.next()
      switch event.kind {
      case .streamEnd: return root
      case .documentStart:
        guard root == nil else {
          throw Diagnostic(
            .y0, "a second document begins here", at: event.place,
            hint: "one file holds one document; drop the '---'")
        }
        root = try node(try events.next(), depth: 1)
        if root?.isEmpty == true { root = nil }
      default: continue
      }
    }
  }

  private mutating func node(_ event: YAMLEvents.Event, depth: Int) throws(Diagnostic) -> YAMLNode {
    guard depth <= limits.depth else {
      throw Diagnostic(
        .y14, "nested deeper than \(limits.depth) levels", at: event.place,
        hint: "name an inner part under 'let'")
    }
    switch event.kind {
    case .scalar(let scalar): return made(.scalar(scalar), from: event, to: event)
    case .listStart: return try list(event, depth)
    case .mapStart: return try map(event, depth)
    case .refused(let what):
      throw Diagnostic(
        .y5, "\(what) is not used here", at: event.place, hint: "name the part under 'let' and write $name")
    default: throw Diagnostic(.y0, "this is not a value", at: event.place)
    }
  }

  private func made(_ value: YAMLNode.Value, from start: YAMLEvents.Event, to end: YAMLEvents.Event)
    -> YAMLNode
  {
    var node = YAMLNode(value, at: start.place)
    node.extent = end.extent
    node.extent.isFlow = start.extent.isFlow
    return node
  }

  private mutating func list(_ start: YAMLEvents.Event, _ depth: Int) throws(Diagnostic) -> YAMLNode {
    var items: [YAMLNode] = []
    while true {
      let event = try events.next()
      if case .listEnd = event.kind { return made(.list(items), from: start, to: event) }
      items.append(try node(event, depth: depth + 1))
    }
  }

  private mutating func map(_ start: YAMLEvents.Event, _ depth: Int) throws(Diagnostic) -> YAMLNode {
    var entries: [YAMLNode.Entry] = []
    var seen: [String: Place] = [:]
    while true {
      let event = try events.next()
      if case .mapEnd = event.kind { return made(.map(entries), from: start, to: event) }
      let key = try node(event, depth: depth + 1)
      guard let name = key.text else {
        throw Diagnostic(.y0, "a key must be text, not \(key.kind)", at: key.place)
      }
      if name == "<<" {
        throw Diagnostic(
          .y5, "merge keys are not used here", at: key.place,
          hint: "name the part under 'let' and write $name")
      }
      // Compared as bytes: Swift's equality would take two spellings of one accent for one key.
      let bytes = name.utf8.map { String($0, radix: 16) }.joined(separator: " ")
      if let first = seen[bytes] {
        throw Diagnostic(
          .y2, "'\(name)' stands here again; it was first said on line \(first.line)", at: key.place,
          notes: [.init("first said here", at: first)],
          hint: "did you mean two list items? begin each with '- '")
      }
      seen[bytes] = key.place
      entries.append(.init(key: key, value: try node(try events.next(), depth: depth + 1)))
    }
  }
}
