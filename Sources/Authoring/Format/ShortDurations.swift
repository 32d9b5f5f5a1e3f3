import Diagnostics
import YAML

/// Writes durations short, `30 days` as `30d`, where the language has a duration or a window and nowhere else: a
/// campaign may be called "30 days".
enum ShortDurations {
  /// What a node is in the language; `text` is left alone.
  private enum Role { case text, words, node, step, filter, userFilter, definition, keep, test, given }

  /// The file's tree with short durations; places stay.
  static func shortened(_ file: YAMLNode) -> YAMLNode {
    mapped(file) { name in
      switch name {
      case "when": .words
      case "where": .filter
      case "let": .definition
      case "who": .node
      case "keep": .keep
      case "tests": .test
      default: .text
      }
    }
  }

  /// The same for `definitions.yaml`.
  static func shortened(definitions file: YAMLNode) -> YAMLNode { visit(file, .definition) }

  private static func visit(_ node: YAMLNode, _ role: Role) -> YAMLNode {
    guard role != .text else { return node }
    switch node.value {
    case .scalar(var scalar):
      guard role == .words || role == .keep, scalar.style != .block else { return node }
      scalar.text = short(scalar.text)
      return with(node, .scalar(scalar))
    case .list(let items): return with(node, .list(items.map { visit($0, role) }))
    case .map: return mapped(node) { self.role(of: $0, in: role, node) }
    }
  }

  private static func mapped(_ node: YAMLNode, _ role: (String) -> Role) -> YAMLNode {
    guard let entries = node.entries else { return node }
    return with(
      node,
      .map(
        entries.map { entry in
          var entry = entry
          entry.value = visit(entry.value, role(entry.name))
          return entry
        }))
  }

  private static func with(_ node: YAMLNode, _ value: YAMLNode.Value) -> YAMLNode {
    var node = node
    node.value = value
    return node
  }

  private static func role(of name: String, in role: Role, _ node: YAMLNode) -> Role {
    switch role {
    case .text, .words: role
    case .node: ofNode(name, node[name])
    case .step: name == "within" ? .words : ["absent", "without"].contains(name) ? .filter : ofFilter(name)
    case .filter: ofFilter(name)
    case .userFilter: groups.contains(name) ? .userFilter : name == "first_seen" ? .words : .text
    // A map of names first, then what they stand for.
    case .definition: ofDefinition(node[name])
    case .keep: name == "for" ? .words : name == "while" ? .node : .text
    case .test: name == "given" ? .given : .text
    case .given: ["dwell", "at"].contains(name) ? .words : .text
    }
  }

  private static let groups: Set<String> = ["all", "any", "none"]

  private static func ofNode(_ name: String, _ value: YAMLNode?) -> Role {
    switch name {
    case "where", "among": .filter
    case "when", "against", "within", "ago": .words
    case "first", "latest": value?.entries == nil ? .words : .filter
    case "sequence": .step
    case "user": .userFilter
    case "list", "segment", "same": .text
    case _ where groups.contains(name) || name.hasSuffix(" of"): .node
    default: .words
    }
  }

  private static func ofFilter(_ name: String) -> Role {
    groups.contains(name) ? .filter : ["dwell", "article.age"].contains(name) ? .words : .text
  }

  /// A name can stand for a filter, a condition or a value; a value alone does not say of what.
  private static func ofDefinition(_ value: YAMLNode?) -> Role {
    guard let value else { return .text }
    if let items = value.items { return items.first?.entries == nil ? .text : .filter }
    guard let entries = value.entries else { return .text }
    let marks = ["when", "first", "latest", "sequence", "segment", "list", "user"]
    return entries.contains { marks.contains($0.name) } ? .node : .filter
  }

  // MARK: Words

  private static let units = [
    "s": "s", "sec": "s", "second": "s", "seconds": "s", "m": "m", "min": "m", "minute": "m", "minutes": "m",
    "h": "h",
    "hour": "h", "hours": "h", "d": "d", "day": "d", "days": "d", "w": "w", "week": "w", "weeks": "w",
  ]

  /// How windows, thresholds and durations begin; other texts are mistakes, which the checker shows as they stand.
  private static let beginnings: Set<String> = [
    "any", "none", "at", "more", "less", "exactly", "between", "top", "bottom", "ever", "today", "last",
    "days", "before",
    "since", "this", "next",
  ]

  /// `last 30 days` → `last 30d`, `1 hour 30 minutes` → `1h30m`; single spaces between words.
  static func short(_ text: String) -> String {
    let words = text.split { $0 == " " || $0 == "\t" }.map(String.init)
    guard let first = words.first,
      beginnings.contains(first) || first.utf8.allSatisfy({ $0 < 0x80 }) && first.first?.isNumber == true
    else { return text }
    var out: [String] = []
    var isOpen = false
    var index = 0
    while index < words.count {
      let (piece, used) = duration(words[index...])
      if let piece {
        if isOpen, let last = out.popLast() { out.append(last + piece) } else { out.append(piece) }
      } else {
        out.append(words[index])
      }
      isOpen = piece != nil
      index += used
    }
    return out.joined(separator: " ")
  }

  /// A number and its unit, in one word or two.
  private static func duration(_ words: ArraySlice<String>) -> (String?, Int) {
    guard let word = words.first else { return (nil, 1) }
    let digits = word.prefix { $0.isASCII && $0.isNumber }
    guard !digits.isEmpty else { return (nil, 1) }
    if digits.count < word.count {
      // `1h30m` is short already; it may be followed by more.
      let isShort = word.dropFirst(digits.count).allSatisfy {
        $0.isASCII && ($0.isNumber || "smhdw".contains($0))
      }
      if isShort, let last = word.last, !last.isNumber { return (word, 1) }
      return (units[String(word.dropFirst(digits.count))].map { digits + $0 }, 1)
    }
    guard words.count > 1, let unit = units[words[words.startIndex + 1]] else { return (nil, 1) }
    return (digits + unit, 2)
  }
}
