import Support

/// Segment files as people write them on a bad day: every way of YAML to say a tree, with comments wherever they may be.
struct RandomSegmentText {
  indirect enum Tree {
    case text(String)
    case list([Tree])
    case map([(String, Tree)])
  }

  var random: SeededRandom
  private var comments = 0
  /// A comment that is indented more would be a line of the block.
  private var followsBlock = false
  private(set) var text = ""

  init(seed: UInt64) { random = SeededRandom(seed) }

  /// A file and how many comments it has.
  static func file(seed: UInt64) -> (text: String, comments: Int) {
    var maker = RandomSegmentText(seed: seed)
    maker.write()
    return (maker.text, maker.comments)
  }

  private mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &random) < percent }
  private mutating func pick<T>(_ items: [T]) -> T { items[Int.random(in: 0..<items.count, using: &random)] }

  // MARK: Trees

  private static let words = [
    "sport", "sport/formula-1", "no", "yes", "on", "Off", "null", "~", "true", "2026-11-25", "012", "3",
    "1.10", "0x1f",
    "14:05", "homepage:b", "*-sale", "-sale", "a, b", "[x", "{y}", "F1: fans", "sale #5", "it's",
    "say \"hi\"", "back\\slash",
    "é", "日本", "😀", "$fans", "$$5", "at least 3", "last 30d", "a  b", " lead", "trail ", "", "?", "- x", ":",
    "x:", "#", "%a",
    "@b", "`c", "&d", "!e", "|", ">", "'", "\"", "tab\there", "line\nfeed", "line\n\nfeeds\n", "<<", "=",
    "---", "... x",
    "one word after another until the line is far too long to be read on any screen that is not as wide as a street",
  ]
  private static let keys = [
    "where", "when", "reads", "dwell", "any", "all", "none", "at least 2 of", "section", "props.x", "country",
    "only", "no",
    "sum value", "segment", "given", "expect", "a b", "é", "n",
  ]

  private mutating func tree(_ depth: Int) -> Tree {
    let kind = Int.random(in: 0..<10, using: &random)
    if depth == 0 || kind < 4 { return .text(pick(Self.words)) }
    if kind < 6 { return .list((0..<Int.random(in: 0...4, using: &random)).map { _ in tree(depth - 1) }) }
    return map(Self.keys, depth, 0...4)
  }

  private mutating func map(_ keys: [String], _ depth: Int, _ counts: ClosedRange<Int>) -> Tree {
    let names = keys.shuffled(using: &random).prefix(Int.random(in: counts, using: &random))
    return .map(names.map { ($0, tree(depth - 1)) })
  }

  // MARK: Writing

  private mutating func write() {
    let keys = [
      "name", "description", "owner", "purpose", "tags", "expires", "when", "where", "let", "who", "keep",
      "sample", "tests",
      "zebra",
    ]
    guard case .map(let entries) = map(keys, Int.random(in: 2...5, using: &random), 1...8) else { return }
    if chance(5) { text += "\u{feff}" }
    if chance(10) { text += "---" + (chance(30) ? comment() : "") + "\n" }
    lines(before: 0)
    writeMap(entries, pick([0, 0, 0, 2]), isFirst: true)
    lines(before: 0)
    if chance(20), text.hasSuffix("\n") { text.removeLast() }
    if chance(10) {
      text = text.split(separator: "\n", omittingEmptySubsequences: false).joined(separator: "\r\n")
    }
  }

  private mutating func comment() -> String {
    comments += 1
    return pick([" ", "  ", "      "]) + "#"
      + pick([" c", " about: x", "", " - [a, b]", "! {", " \"quoted", " é", "5"]) + " \(comments)"
  }

  /// Comments and blank lines of their own.
  private mutating func lines(before indent: Int) {
    while chance(20) {
      if chance(40) {
        text += pick(["\n", "\n\n", "   \n"])
      } else {
        let spaces = max(0, indent + Int.random(in: -2...(followsBlock ? 0 : 3), using: &random))
        text += String(repeating: " ", count: spaces) + String(comment().drop { $0 == " " }) + "\n"
      }
    }
  }

  private mutating func endLine() {
    if chance(12) { text += comment() }
    text += "\n"
  }

  private func spaces(_ count: Int) -> String { String(repeating: " ", count: count) }

  private mutating func writeMap(_ entries: [(String, Tree)], _ indent: Int, isFirst: Bool) {
    for (index, entry) in entries.enumerated() {
      if index > 0 || isFirst {
        lines(before: indent)
        text += spaces(indent)
      }
      text += chance(10) ? "\"\(entry.0)\":" : key(entry.0) + ":"
      writeValue(entry.1, indent, inMap: true)
    }
  }

  private func key(_ name: String) -> String { name == "no" ? "'no'" : name }

  private mutating func writeList(_ items: [Tree], _ indent: Int, isFirst: Bool) {
    for (index, item) in items.enumerated() {
      if index > 0 || isFirst {
        lines(before: indent)
        text += spaces(indent)
      }
      text += "-"
      writeValue(item, indent, inMap: false)
    }
  }

  /// What stands behind a key or a dash at `indent`.
  private mutating func writeValue(_ tree: Tree, _ indent: Int, inMap: Bool) {
    followsBlock = false
    switch tree {
    case .text(let text) where block(text) && chance(40): writeBlock(text, indent)
    case .map(let entries) where !entries.isEmpty && chance(65): writeBlockMap(entries, indent, inMap)
    case .list(let items) where !items.isEmpty && chance(60): writeBlockList(items, indent, inMap)
    default:
      if chance(8) {
        endLine()
        lines(before: indent + 2)
        text += spaces(indent + 1)
      }
      text += " "
      writeFlow(tree, indent + 1)
      endLine()
    }
  }

  private mutating func writeBlockMap(_ entries: [(String, Tree)], _ indent: Int, _ inMap: Bool) {
    if !inMap, chance(80) {
      text += " "
      writeMap(entries, indent + 2, isFirst: false)
    } else {
      endLine()
      writeMap(entries, indent + pick([1, 2, 2, 4]), isFirst: true)
    }
  }

  private mutating func writeBlockList(_ items: [Tree], _ indent: Int, _ inMap: Bool) {
    if !inMap, chance(70) {
      text += " "
      writeList(items, indent + 2, isFirst: false)
    } else {
      endLine()
      writeList(items, inMap ? indent + pick([0, 0, 2, 2, 3]) : indent + pick([1, 2]), isFirst: true)
    }
  }

  /// Whether a text can be a block of its own lines.
  private func block(_ text: String) -> Bool {
    guard let first = text.first else { return false }
    return first != " " && first != "\t" && first != "\n" && !text.hasSuffix(" ")
  }

  private mutating func writeBlock(_ text: String, _ indent: Int) {
    let ends = text.hasSuffix("\n") ? pick(["|", "|+"]) : "|-"
    self.text += " " + ends + comment(if: 10) + "\n"
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    if text.hasSuffix("\n") { lines.removeLast() }
    let inner = indent + pick([1, 2, 4])
    for line in lines { self.text += line.isEmpty ? "\n" : spaces(inner) + line + "\n" }
    if ends != "|+", chance(20) { self.text += "\n" }
    followsBlock = true
  }

  private mutating func comment(if percent: Int) -> String { chance(percent) ? comment() : "" }

  // MARK: Brackets

  private mutating func writeFlow(_ tree: Tree, _ indent: Int) {
    switch tree {
    case .text(let text): self.text += scalar(text)
    case .list(let items):
      text += "["
      for (index, item) in items.enumerated() {
        if index > 0 { text += "," }
        gap(indent)
        writeFlow(item, indent)
      }
      gap(indent)
      text += "]"
    case .map(let entries):
      text += "{"
      for (index, entry) in entries.enumerated() {
        if index > 0 { text += "," }
        gap(indent)
        text += key(entry.0) + ":"
        gap(indent)
        if text.hasSuffix(":") { text += " " }
        writeFlow(entry.1, indent)
      }
      gap(indent)
      text += "}"
    }
  }

  private mutating func gap(_ indent: Int) {
    guard chance(10) else { return text += chance(50) ? " " : "" }
    if chance(40) { text += comment() }
    text += "\n"
    lines(before: indent)
    text += spaces(indent)
  }

  private mutating func scalar(_ text: String) -> String {
    let special =
      text.isEmpty || !text.allSatisfy { $0.isLetter || $0.isNumber || " /-.*$~".contains($0) }
      || text.first == " " || text.last == " " || "-*.?".contains(text.first ?? "a")
    if !special, chance(70) {
      return chance(10) && !text.contains("  ") ? folded(text) : text
    }
    if !text.contains("\n"), !text.contains("\t"), chance(40) {
      return "'" + text.map { $0 == "'" ? "''" : String($0) }.joined() + "'"
    }
    let escapes: [Character: String] = ["\"": "\\\"", "\\": "\\\\", "\n": "\\n", "\t": "\\t", "é": "\\xe9"]
    return "\"" + text.map { escapes[$0] ?? String($0) }.joined() + "\""
  }

  /// A line feed in plain text is a space.
  private mutating func folded(_ text: String) -> String {
    guard let space = text.firstIndex(of: " ") else { return text }
    return text[..<space] + "\n            " + text[text.index(after: space)...]
  }
}
