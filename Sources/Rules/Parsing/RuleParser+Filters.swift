import Diagnostics
import Events
import YAML

extension RuleParser {
  /// Fields that rules can name here.
  private var fields: [Field] { Field.standard + context.properties }

  mutating func field(_ name: String, at place: Place) -> Field? {
    if let field = fields.first(where: { $0.name == name }) { return field }
    if name.hasPrefix("article.") {
      notYet("'\(name)' (attributes of articles)", at: place)
      return nil
    }
    let near = Nearest.word(to: name, among: fields.map(\.name))
    let hint: String
    if let near {
      hint = "did you mean '\(near)'?"
    } else if context.properties.isEmpty || name.hasPrefix("props.") {
      hint = "a project's own fields are mapped in grandstand.yaml and called 'props.…'"
    } else {
      hint = "own ones: \(context.properties.map(\.name).joined(separator: ", "))"
    }
    report(.n2, "no field is called '\(name)'", at: place, hint: hint)
    return nil
  }

  mutating func filter(_ raw: YAMLNode, depth: Int) -> Filter? {
    guard depth <= Self.deepest else {
      report(.y14, "the filter is nested deeper than \(Self.deepest) levels", at: raw.place)
      return nil
    }
    guard let node = resolve(raw) else { return nil }
    guard let entries = node.entries else {
      report(
        .n1, "a filter must be a map of fields, not \(node.kind)", at: node.place,
        hint: "such as {section: sport}")
      return nil
    }
    guard !entries.isEmpty else {
      report(.y13, "an empty filter", at: node.place, hint: "drop it, or name a field")
      return nil
    }
    let parts = entries.map { filterPart($0, depth: depth) }
    guard !parts.contains(where: { $0 == nil }) else { return nil }
    let good = parts.compactMap { $0 }
    return good.count == 1 ? good[0] : .all(good)
  }

  private mutating func filterPart(_ entry: YAMLNode.Entry, depth: Int) -> Filter? {
    if Self.groupKeys.contains(entry.name) {
      guard let value = resolve(entry.value) else { return nil }
      let children = items(value)
      guard !children.isEmpty else {
        report(.y13, "an empty list of filters", at: value.place)
        return nil
      }
      let filters = children.map { filter($0, depth: depth + 1) }
      guard !filters.contains(where: { $0 == nil }) else { return nil }
      let good = filters.compactMap { $0 }
      return entry.name == "all" ? .all(good) : entry.name == "any" ? .any(good) : .none(good)
    }
    if entry.name == "not" {
      report(
        .l2, "there is no key 'not' beside fields", at: entry.key.place,
        hint: "write 'none: [{…}]', or 'country: {not: nl}' for one field")
      return nil
    }
    guard let field = field(entry.name, at: entry.key.place) else { return nil }
    guard let value = resolve(entry.value) else { return nil }
    return match(value, field, depth: depth + 1)
  }

  /// The right side of a field; several keys of one map must all hold.
  private mutating func match(_ node: YAMLNode, _ field: Field, depth: Int) -> Filter? {
    guard depth <= Self.deepest else {
      report(.y14, "the filter is nested deeper than \(Self.deepest) levels", at: node.place)
      return nil
    }
    if let entries = node.entries {
      guard !entries.isEmpty else {
        report(.y13, "'\(field.name)' says nothing", at: node.place)
        return nil
      }
      let parts = entries.map { matchKey($0, field, depth: depth) }
      guard !parts.contains(where: { $0 == nil }) else { return nil }
      let good = parts.compactMap { $0 }.map { Filter.field(field, $0) }
      return good.count == 1 ? good[0] : .all(good)
    }
    return values(node, field).map { .field(field, $0) }
  }

  /// One value, or a list of which any may match.
  private mutating func values(_ node: YAMLNode, _ field: Field) -> Match? {
    guard let items = node.items else { return value(node, field) }
    guard (1...Self.longestList).contains(items.count) else {
      report(
        items.isEmpty ? .y13 : .y14,
        items.isEmpty ? "an empty list matches nothing" : "more than \(Self.longestList) values",
        at: node.place)
      return nil
    }
    let matches = items.map { item -> Match? in
      guard let item = resolve(item) else { return nil }
      guard item.items != nil || item.entries != nil else { return value(item, field) }
      report(.t5, "a list of values cannot hold \(item.kind)", at: item.place)
      return nil
    }
    guard !matches.contains(where: { $0 == nil }) else { return nil }
    let good = matches.compactMap { $0 }
    return good.count == 1 ? good[0] : .anyOf(good)
  }

  private mutating func matchKey(_ entry: YAMLNode.Entry, _ field: Field, depth: Int) -> Match? {
    guard let value = resolve(entry.value) else { return nil }
    let isText = field.kind == .text || field.kind == .textList
    switch entry.name {
    case "known":
      guard let known = ["true": true, "yes": true, "false": false, "no": false][value.text ?? ""] else {
        report(.t5, "'known' is true or false", at: value.place)
        return nil
      }
      return .known(known)
    case "not": return values(value, field).map { .not($0) }
    case "only" where isText: return texts(value, field) { .exactly($0) }
    case "contains" where isText: return texts(value, field) { .contains($0) }
    case "starts" where isText: return texts(value, field) { .starts($0) }
    case "ends" where isText: return texts(value, field) { .ends($0) }
    case "all" where field.kind == .textList:
      let tests = items(value).compactMap { item in text(item, "a value of 'all'").map { Self.textTest($0) } }
      return tests.count == items(value).count ? .allOf(tests) : nil
    case "list":
      notYet("'list' (uploaded lists)", at: entry.key.place)
      return nil
    default:
      let known =
        isText
        ? ["not", "only", "contains", "starts", "ends", "known"] + (field.kind == .textList ? ["all"] : [])
        : ["not", "known"]
      report(
        .n1, "'\(field.name)' knows no test '\(entry.name)'", at: entry.key.place,
        hint: Nearest.word(to: entry.name, among: known).map { "did you mean '\($0)'?" }
          ?? "it knows \(known.joined(separator: ", "))")
      return nil
    }
  }

  private mutating func texts(_ node: YAMLNode, _ field: Field, _ make: (String) -> TextTest) -> Match? {
    let all = items(node).map { item in resolve(item).flatMap { text($0, "a value of '\(field.name)'") } }
    guard !all.isEmpty, !all.contains(where: { $0 == nil }) else { return nil }
    let tests = all.compactMap { $0 }.map { Match.text(make(TextFold.fold(Self.unescaped($0)))) }
    return tests.count == 1 ? tests[0] : .anyOf(tests)
  }

  private mutating func value(_ node: YAMLNode, _ field: Field) -> Match? {
    guard !isNull(node, field) else { return nil }
    guard let text = text(node, "a value of '\(field.name)'") else { return nil }
    switch field.kind {
    case .text, .textList:
      warnAboutLooks(node, text, field)
      let test = Self.textTest(field.separator.map { Self.withoutTrailing($0, text) } ?? text)
      checkSeen(test, field, node)
      return .text(test)
    case .id: return .id(max(1, Hash.xxh3(Array(Self.unescaped(text).utf8))))
    case .weekday: return weekday(node, text)
    case .hour: return hour(node, text)
    case .number, .duration:
      return quantityTest(node, text, field).map { .number($0) }
    case .time, .age:
      notYet("'\(field.name)'", at: node.place)
      return nil
    }
  }

  /// Y12: `tier: null` and `tier: ~`.
  private mutating func isNull(_ node: YAMLNode, _ field: Field) -> Bool {
    guard case .scalar(let scalar) = node.value, scalar.style == .plain,
      ["null", "~", "Null", "NULL", ""].contains(scalar.text)
    else { return false }
    report(
      .y12, "'\(scalar.text)' is no value", at: node.place,
      hint: "'\(field.name): {known: false}' matches events without one; quote it if the word itself is meant"
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
    guard let known = context.knownValues?[field], !known.isEmpty else { return }
    guard !known.contains(where: { test.matches($0, separator: field.separator) }) else { return }
    // Comparing with very many values would take longer than the hint is worth.
    let near =
      known.count > 5000
      ? nil : node.text.flatMap { Nearest.word(to: TextFold.fold($0), among: known.sorted()) }
    report(
      .n3, "no event has '\(node.text ?? "")' as its \(field.name)", at: node.place,
      hint: near.map { "did you mean '\($0)'?" } ?? "check the spelling")
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
    if words.count == 4, words[0] == "between", words[2] == "and", let from = Int(words[1]),
      let through = Int(words[3]),
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
