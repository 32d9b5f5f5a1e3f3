import Events
import YAML

/// A text and how it is to be written: without quotes where every YAML tool then reads this very text.
struct ScalarText {
  /// A text in a block of its own lines.
  struct Block {
    /// `|`, `>`, with what happens to the line feeds at the end.
    var header: String
    /// Without their indent.
    var lines: [String]
  }

  var text: String
  var style: YAMLNode.Scalar.Style
  /// It stands on several lines now.
  var isWrapped = false
  /// The lines of a block as they stand.
  var block: Block?

  // MARK: One line

  /// - Parameters:
  ///   - inFlow: inside brackets, where commas and brackets are no text.
  ///   - key: what it stands behind.
  func line(inFlow: Bool, key: String?) -> String {
    if text.isEmpty { return style == .plain ? "" : "\"\"" }
    if Self.isNullLike(text) { return style == .plain ? text : Self.quoted(text) }
    let plain = Self.isPlain(text, inFlow: inFlow) && !Self.looksOtherwise(text, key: key)
    return plain ? text : Self.quoted(text)
  }

  static func key(_ text: String, inFlow: Bool) -> String {
    let words = ["yes", "no", "on", "off", "true", "false"]
    let plain = isPlain(text, inFlow: inFlow) && !words.contains(text.lowercased()) && !isNullLike(text)
    return plain && !isOddNumber(text) ? text : quoted(text)
  }

  /// Words that mean "nothing" where they are not quoted; whether they are is part of what a file says.
  static func isNullLike(_ text: String) -> Bool { ["null", "Null", "NULL", "~", ""].contains(text) }

  // MARK: Several lines

  /// The lines of a text that stays a block.
  var blockLines: Block? {
    guard style == .block else { return nil }
    if let block { return block }
    let body = text.last == "\n" ? text.dropLast() : text[...]
    // Blank lines at an end, or an indent of its own, need indicators that nobody reads; quotes say the same.
    guard let first = body.first, first != " ", first != "\t", first != "\n", body.last != "\n",
      Self.isPrintable(body)
    else {
      return nil
    }
    let lines = body.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    return Block(header: text.last == "\n" ? "|" : "|-", lines: lines)
  }

  /// The text behind its key or dash. One that was written on several lines may have several again, where it is too long
  /// for one.
  func wrapped(behind head: String, indent: Int, key: String?) -> [String] {
    let line = line(inFlow: false, key: key)
    let whole = line.isEmpty ? head : head + " " + line
    guard isWrapped, whole.count > LayoutWriter.width, line == text, !text.contains("  ") else {
      return [whole]
    }
    var lines = [head]
    for word in text.split(separator: " ") {
      let longer = lines[lines.count - 1] + " " + word
      if lines.count == 1, lines[0] == head || longer.count <= LayoutWriter.width {
        lines[0] = longer
      } else if lines.count > 1, longer.count <= LayoutWriter.width {
        lines[lines.count - 1] = longer
      } else {
        lines.append(String(repeating: " ", count: indent) + word)
      }
    }
    return lines
  }

  // MARK: What needs quotes

  /// Whether the text can stand without quotes and be read back as it is.
  private static func isPlain(_ text: String, inFlow: Bool) -> Bool {
    let scalars = Array(text.unicodeScalars)
    guard let first = scalars.first, let last = scalars.last, first != " ", last != " ", last != ":",
      isPrintable(text), !text.unicodeScalars.contains(where: { $0 == "\n" || $0 == "\t" })
    else { return false }
    if "#,[]{}&*!|>'\"%@`".unicodeScalars.contains(first) { return false }
    if "-?:".unicodeScalars.contains(first), scalars.count == 1 || !isWord(scalars[1]) { return false }
    if ["---", "...", "=", "<<"].contains(where: { text == $0 || text.hasPrefix($0 + " ") }) { return false }
    for (scalar, next) in zip(scalars, scalars.dropFirst()) {
      if scalar == ":" && next == " " || scalar == " " && next == "#" { return false }
    }
    return !inFlow || !scalars.contains { ",[]{}?".unicodeScalars.contains($0) }
  }

  private static func isWord(_ scalar: Unicode.Scalar) -> Bool {
    scalar.properties.isAlphabetic || ("0"..."9").contains(scalar)
  }

  /// What YAML allows in a file, without the odd ends of lines.
  private static func isPrintable(_ text: some StringProtocol) -> Bool {
    text.unicodeScalars.allSatisfy { scalar in
      switch scalar.value {
      case 0x9, 0xa, 0x20...0x7e, 0xa0...0x2027, 0x202a...0xd7ff, 0xe000...0xfefe, 0xff00...0xfffd: true
      case 0x1_0000...: true
      default: false
      }
    }
  }

  /// Whether other YAML tools read it as something else than this text.
  private static func looksOtherwise(_ text: String, key: String?) -> Bool {
    if ["yes", "no", "on", "off", "y", "n"].contains(text.lowercased()) { return true }
    // The last day of delivery is meant as a date.
    if key != "expires", isDateLike(text) { return true }
    return isOddNumber(text) && !(["value", "position", "scroll"].contains(key) && Double(text) != nil)
  }

  private static func isDateLike(_ text: String) -> Bool {
    let parts = text.prefix { $0 != "T" && $0 != "t" && $0 != " " }.split(
      separator: "-", omittingEmptySubsequences: false)
    return parts.count == 3 && parts[0].count == 4
      && parts.allSatisfy {
        !$0.isEmpty && $0.count <= 4 && $0.utf8.allSatisfy { (0x30...0x39).contains($0) }
      }
  }

  /// Numbers that come back from other tools in another form: `007`, `1.10`, `0x1f`, `1e3`, `1_000`, `14:05`, `.5`.
  private static func isOddNumber(_ text: String) -> Bool {
    let body = text.hasPrefix("-") || text.hasPrefix("+") ? text.dropFirst() : text[...]
    if [".inf", ".nan"].contains(body.lowercased()) { return true }
    guard let first = body.utf8.first, (0x30...0x39).contains(first) || first == 0x2e && body.utf8.count > 1
    else {
      return false
    }
    if ["0x", "0o", "0b"].contains(body.prefix(2).lowercased()) { return body.utf8.count > 2 }
    // A digit, then digits, points, signs of an exponent, underscores and colons only.
    guard
      body.utf8.allSatisfy({
        (0x30...0x39).contains($0) || [0x2e, 0x5f, 0x3a, 0x65, 0x45, 0x2b, 0x2d].contains($0)
      })
    else { return false }
    return !isSteadyNumber(body, signed: text.hasPrefix("+"))
  }

  /// A number that every tool prints as it stands.
  private static func isSteadyNumber(_ body: Substring, signed: Bool) -> Bool {
    let parts = body.split(separator: ".", omittingEmptySubsequences: false)
    let digits = parts.allSatisfy { !$0.isEmpty && $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }
    guard digits, parts.count <= 2, !signed, body.utf8.count <= 15 else { return false }
    if parts[0].utf8.count > 1, parts[0].hasPrefix("0") { return false }
    return parts.count == 1 || !parts[1].hasSuffix("0")
  }

  // MARK: Quotes

  static func quoted(_ text: String) -> String {
    let odd = text.contains("\"") || text.contains("\\")
    if odd, isPrintable(text), !text.unicodeScalars.contains(where: { $0 == "\n" || $0 == "\t" }) {
      return "'" + text.unicodeScalars.map { $0 == "'" ? "''" : String($0) }.joined() + "'"
    }
    return "\"" + text.unicodeScalars.map { escaped($0) }.joined() + "\""
  }

  private static func escaped(_ scalar: Unicode.Scalar) -> String {
    switch scalar {
    case "\"": return "\\\""
    case "\\": return "\\\\"
    case "\n": return "\\n"
    case "\t": return "\\t"
    case "\r": return "\\r"
    default: break
    }
    if isPrintable(String(scalar)) { return String(scalar) }
    let hex = String(scalar.value, radix: 16)
    let (letter, width) = scalar.value > 0xffff ? ("U", 8) : scalar.value > 0xff ? ("u", 4) : ("x", 2)
    return "\\" + letter + String(repeating: "0", count: width - hex.count) + hex
  }
}
