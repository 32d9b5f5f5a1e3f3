import Diagnostics
import YAML

/// Finds `$name` of a template's parameters, as a whole value and inside text. `$$` is a dollar.
struct ParameterText {
  enum Piece {
    case text(Substring)
    case parameter(String)
  }

  /// The longest first: `$section-id` is no `$section` where both are parameters.
  private let names: [String]

  init(_ names: [String]) {
    self.names = names.sorted { ($0.utf8.count, $1) > ($1.utf8.count, $0) }
  }

  static func isName(_ text: String) -> Bool {
    guard let first = text.utf8.first, text.utf8.count <= 100 else { return false }
    return isLetter(first) && text.utf8.allSatisfy { isLetter($0) || isDigit($0) || $0 == 0x2d || $0 == 0x5f }
  }

  private static func isLetter(_ byte: UInt8) -> Bool { (0x61...0x7a).contains(byte | 0x20) }
  private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

  /// The parameter that a text stands for as a whole.
  func whole(_ text: String) -> String? {
    guard text.hasPrefix("$") else { return nil }
    let name = text.dropFirst()
    return names.first { $0 == name }
  }

  /// A text in pieces; one piece alone where it names no parameter.
  func pieces(_ text: String) -> [Piece] {
    guard text.utf8.contains(UInt8(ascii: "$")) else { return [.text(text[...])] }
    var pieces: [Piece] = []
    var start = text.startIndex
    var at = text.startIndex
    while let dollar = text.utf8[at...].firstIndex(of: UInt8(ascii: "$")) {
      let next = text.utf8.index(after: dollar)
      at = next
      if next < text.endIndex, text.utf8[next] == UInt8(ascii: "$") {
        at = text.utf8.index(after: next)
      } else if let name = names.first(where: { Self.isAt(next, $0, text) }) {
        if start < dollar { pieces.append(.text(text[start..<dollar])) }
        pieces.append(.parameter(name))
        at = text.utf8.index(next, offsetBy: name.utf8.count)
        start = at
      }
    }
    if start < text.endIndex || pieces.isEmpty { pieces.append(.text(text[start...])) }
    return pieces
  }

  /// Whether the name stands there and no letter or digit follows.
  private static func isAt(_ index: String.Index, _ name: String, _ text: String) -> Bool {
    let rest = text.utf8[index...]
    guard rest.starts(with: name.utf8) else { return false }
    guard let next = rest.dropFirst(name.utf8.count).first else { return true }
    return !(isLetter(next) || isDigit(next) || next == 0x5f)
  }

  /// Parameters that are named anywhere in a tree.
  func mentioned(in node: YAMLNode) -> Set<String> {
    switch node.value {
    case .scalar(let scalar):
      return Set(pieces(scalar.text).compactMap { if case .parameter(let name) = $0 { name } else { nil } })
    case .list(let items): return items.reduce(into: []) { $0.formUnion(mentioned(in: $1)) }
    case .map(let entries): return entries.reduce(into: []) { $0.formUnion(mentioned(in: $1.value)) }
    }
  }
}

/// Puts the parameters of one segment into its template.
struct TemplateFilling {
  private static let mostBytes = 64 << 10

  private let texts: ParameterText
  private let values: [String: YAMLNode]
  /// Text that was put together so far.
  private var bytes = 0
  private(set) var diagnostics: [Diagnostic] = []

  init(_ values: [String: YAMLNode]) {
    self.values = values
    texts = ParameterText(Array(values.keys))
  }

  mutating func fill(_ node: YAMLNode) -> YAMLNode {
    switch node.value {
    case .scalar(let scalar): return fill(scalar, node)
    case .list(let items): return YAMLNode(.list(items.map { fill($0) }), at: node.place)
    case .map(let entries):
      return YAMLNode(.map(entries.map { .init(key: $0.key, value: fill($0.value)) }), at: node.place)
    }
  }

  private mutating func fill(_ scalar: YAMLNode.Scalar, _ node: YAMLNode) -> YAMLNode {
    if let name = texts.whole(scalar.text), let value = values[name] { return value }
    let pieces = texts.pieces(scalar.text)
    if pieces.count == 1, case .text = pieces[0] { return node }
    var text = ""
    for piece in pieces {
      switch piece {
      case .text(let part): text += part
      case .parameter(let name):
        guard let value = values[name] else { continue }
        guard let word = value.text else {
          diagnostics.append(
            Diagnostic(
              .t5, "'$\(name)' is \(value.kind) and cannot stand inside text", at: node.place,
              hint: "write it alone: '$\(name)'"))
          return node
        }
        text += RuleParser.unescaped(word)
      }
      guard bytes + text.utf8.count <= Self.mostBytes else {
        diagnostics.append(
          Diagnostic(
            .y14, "with its parameters the segment has more than \(Self.mostBytes) bytes of text",
            at: node.place, hint: "name a parameter in fewer places"))
        return node
      }
    }
    bytes += text.utf8.count
    return YAMLNode(.scalar(.init(text: text, style: scalar.style)), at: node.place)
  }
}
