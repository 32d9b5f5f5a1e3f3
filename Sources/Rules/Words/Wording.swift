/// A rule, or a part of one, in plain words: a phrase and, where it has several parts, those below it.
///
/// Two rules that mean something else never read alike: values have quotes where they could be taken for words of ours,
/// and what is nested stands in lines of its own, or in parentheses where all of it stands on one line.
public struct Wording: Sendable, Hashable {
  public var text: String
  public var parts: [Wording]
  /// The parts come one after another.
  public var isOrdered: Bool

  public init(_ text: String, parts: [Wording] = [], isOrdered: Bool = false) {
    self.text = text
    self.parts = parts
    self.isOrdered = isOrdered
  }

  /// On one line.
  public var line: String {
    guard !parts.isEmpty else { return text }
    let inner = parts.enumerated().map { (isOrdered ? "\($0.offset + 1). " : "") + $0.element.line }
    return "\(text) (\(inner.joined(separator: "; ")))"
  }

  /// As a sentence, with a list below it where it has parts.
  public var sentence: String {
    let lines = lines
    let first = lines[0].prefix(1).uppercased() + lines[0].dropFirst() + (parts.isEmpty ? "." : "")
    return ([first] + lines.dropFirst()).joined(separator: "\n")
  }

  private var lines: [String] {
    guard !parts.isEmpty else { return [text] }
    var lines = [text + ":"]
    for (index, part) in parts.enumerated() {
      let mark = isOrdered ? "\(index + 1). " : "- "
      let space = String(repeating: " ", count: mark.count)
      let inner = part.lines
      lines.append(mark + inner[0])
      lines += inner.dropFirst().map { space + $0 }
    }
    return lines
  }

  /// A phrase behind which one part goes on; several stand below it.
  init(_ text: String, details: [Wording]) {
    self =
      details.count == 1
      ? Wording("\(text), \(details[0].text)", parts: details[0].parts, isOrdered: details[0].isOrdered)
      : Wording(text, parts: details)
  }

  /// With words in front.
  func after(_ words: String) -> Wording { Wording("\(words) \(text)", parts: parts, isOrdered: isOrdered) }
}
