import Diagnostics
import Events
import YAML

/// One value of a field, in the words of the field's kind.
extension RuleParser {
  /// How many unseen values of a file are compared with all that were seen.
  private static let mostNearestValues = 20

  mutating func value(_ node: YAMLNode, _ field: Field) -> Match? {
    guard !isNull(node, field) else { return nil }
    guard let text = text(node, "a value of '\(field.name)'") else { return nil }
    switch field.kind {
    case .text, .textList:
      warnAboutLooks(node, text, field)
      let test = Self.textTest(field.separator.map { Self.withoutTrailing($0, text) } ?? text)
      checkSeen(test, field, node)
      return .text(test)
    case .id:
      let id = Self.unescaped(text)
      return .id(max(1, Hash.xxh3(Array(id.utf8))), id)
    case .weekday: return weekday(node, text)
    case .hour: return hour(node, text)
    case .number, .duration, .age: return quantityTest(node, text, field).map { .number($0) }
    case .time: return instant(node, text, field)
    }
  }

  /// `before last 365d`, `since 2026-01-01`, a date, `next 30d`
  private mutating func instant(_ node: YAMLNode, _ text: String, _ field: Field) -> Match? {
    let words = Self.words(text)
    if words.first == "next" {
      guard words.count > 1, let length = duration(words.dropFirst().joined(separator: " "), node) else {
        if words.count == 1 { report(.w5, "'next' does not say how long", at: node.place, hint: "next 30d") }
        return nil
      }
      guard length > 0 else {
        report(.t6, "a window of no time", at: node.place, hint: "next 30d")
        return nil
      }
      return .next(length)
    }
    if let day = Day(text) { return .inWindow(.dates(from: day, through: day)) }
    return window(node, of: .attribute(field)).map { .inWindow($0) }
  }

  /// Y12: `tier: null` and `tier: ~`.
  private mutating func isNull(_ node: YAMLNode, _ field: Field) -> Bool {
    guard case .scalar(let scalar) = node.value, scalar.style == .plain,
      ["null", "~", "Null", "NULL", ""].contains(scalar.text)
    else { return false }
    report(
      .y12, "'\(scalar.text)' is no value", at: node.place,
      hint:
        "'\(field.name): {known: false}' matches \(scope == .events ? "events" : "users") without one; quote it if the word itself is meant"
    )
    return true
  }

  /// Y6 and Y8: read as text here, as something else by other tools.
  private mutating func warnAboutLooks(_ node: YAMLNode, _ text: String, _ field: Field) {
    guard case .scalar(let scalar) = node.value, scalar.style == .plain else { return }
    if ["no", "yes", "on", "off", "y", "n"].contains(text.lowercased()) {
      report(
        .y6, "'\(text)' is read as text; other YAML tools read true or false", at: node.place,
        hint: "write '\"\(text)\"'")
    } else if Day(text) != nil {
      report(
        .y8, "'\(text)' is read as text; other YAML tools read a date", at: node.place,
        hint: "write '\"\(text)\"'")
    }
  }

  /// N3: a value that the store has never seen is likely a typo.
  private mutating func checkSeen(_ test: TextTest, _ field: Field, _ node: YAMLNode) {
    guard scope == .events, let known = context.knownValues?[field], !known.isEmpty else { return }
    if case .value(let literal) = test, known.contains(literal) { return }
    guard !known.contains(where: { test.matches($0, separator: field.separator) }) else { return }
    // Comparing with very many values would take longer than the hint is worth.
    nearestValues += 1
    let near =
      known.count > 5000 || nearestValues > Self.mostNearestValues
      ? nil : node.text.flatMap { Self.nearest(TextFold.fold($0), among: known.sorted()) }
    report(
      .n3, "no event has '\(node.text ?? "")' as its \(field.name)", at: node.place,
      hint: near ?? "check the spelling")
  }

  static func textTest(_ text: String) -> TextTest {
    let literal = TextFold.fold(unescaped(text))
    guard literal.contains("*") else { return .value(literal) }
    return .wildcard(literal.split(separator: "*", omittingEmptySubsequences: false).map(String.init))
  }

  /// `$$` is a dollar.
  static func unescaped(_ text: String) -> String { text.hasPrefix("$$") ? String(text.dropFirst()) : text }

  /// `sport/` means `sport`.
  private static func withoutTrailing(_ separator: UInt8, _ text: String) -> String {
    text.utf8.count > 1 && text.utf8.last == separator ? String(text.dropLast()) : text
  }

  // MARK: Hours and weekdays

  private mutating func weekday(_ node: YAMLNode, _ text: String) -> Match? {
    let names = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
    let full = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
    let folded = TextFold.fold(text)
    guard let index = names.firstIndex(of: folded) ?? full.firstIndex(of: folded) else {
      report(.t5, "'\(text)' is no weekday", at: node.place, hint: "mon, tue, wed, thu, fri, sat or sun")
      return nil
    }
    return .number(.exactly(Int64(index + 1)))
  }

  /// `between 22 and 1` goes over midnight.
  private mutating func hour(_ node: YAMLNode, _ text: String) -> Match? {
    let words = text.split(separator: " ").map(String.init)
    if words.count == 4, words[0] == "between", words[2] == "and", let from = Self.wholeNumber(words[1]),
      let through = Self.wholeNumber(words[3]),
      (0...23).contains(from), (0...23).contains(through)
    {
      return .hours(from: from, through: through)
    }
    guard let threshold = quantityTest(node, text, .hour) else { return nil }
    guard threshold.range.overlaps(0...23) else {
      report(.t6, "hours go from 0 to 23", at: node.place)
      return nil
    }
    return .number(threshold)
  }
}
