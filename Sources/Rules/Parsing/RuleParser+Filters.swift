import Diagnostics
import Events
import YAML

extension RuleParser {
  /// Tests of one event, or of a user's attributes: a map of fields and groups, all of which must hold.
  mutating func filter(_ raw: YAMLNode, depth: Int) -> Filter? {
    guard depth <= Self.deepest else {
      report(.y14, "the filter is nested deeper than \(Self.deepest) levels", at: raw.place)
      return nil
    }
    guard let node = resolve(raw) else { return nil }
    guard let entries = node.entries else {
      report(
        .n1, "a filter must be a map of fields, not \(node.kind)", at: node.place,
        hint: scope == .events ? "such as {section: sport}" : "such as {tier: gold}")
      return nil
    }
    guard !entries.isEmpty else {
      report(.y13, "an empty filter", at: node.place, hint: "drop it, or name a field")
      return nil
    }
    return filter(entries, node.place, depth: depth)
  }

  /// Fields and groups that must all hold; none of them: every event.
  mutating func filter(_ entries: [YAMLNode.Entry], _ place: Place, depth: Int) -> Filter? {
    let parts = entries.map { filterPart($0, depth: depth) }
    guard !parts.contains(where: { $0 == nil }) else { return nil }
    let filter = Filter.joined(parts.compactMap { $0 })
    return isPossible(filter, place) ? filter : nil
  }

  /// L3: two parts that one event cannot have.
  mutating func isPossible(_ filter: Filter, _ place: Place) -> Bool {
    guard let (field, first, second) = filter.contradiction else { return true }
    report(
      .l3,
      "no \(scope == .events ? "event" : "user") can be both: \(first.words(field)), and \(second.words(field))",
      at: place, hint: "a list means any of its values: \(field.name): [a, b]")
    return false
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
      let parts = entries.map { matchKey($0, field) }
      guard !parts.contains(where: { $0 == nil }) else { return nil }
      return Filter.joined(parts.compactMap { $0 }.map { Filter.field(field, $0) })
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

  private mutating func matchKey(_ entry: YAMLNode.Entry, _ field: Field) -> Match? {
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
    case "all" where field.kind == .textList: return allOf(value)
    case "list" where isText: return lists(value)
    default:
      unknownTest(entry, field, isText)
      return nil
    }
  }

  private mutating func unknownTest(_ entry: YAMLNode.Entry, _ field: Field, _ isText: Bool) {
    let texts =
      isText
      ? ["only", "contains", "starts", "ends", "list"] + (field.kind == .textList ? ["all"] : []) : []
    let known = ["not", "known"] + texts
    let hint: String
    if let near = Self.nearest(entry.name, among: known) {
      hint = near
    } else if entry.name == "any" || entry.name == "none" {
      hint = "'[a, b]' means any of these, '{not: [a, b]}' none of them"
    } else {
      hint = "it knows \(known.joined(separator: ", "))"
    }
    report(.n1, "'\(field.name)' knows no test '\(entry.name)'", at: entry.key.place, hint: hint)
  }

  private mutating func allOf(_ node: YAMLNode) -> Match? {
    guard let names = names(node, "value") else { return nil }
    let tests = names.map { item in resolvedText(item, "a value of 'all'").map { Self.textTest($0) } }
    return tests.contains { $0 == nil } ? nil : .allOf(tests.compactMap { $0 })
  }

  /// `{list: NAME}`
  private mutating func lists(_ node: YAMLNode) -> Match? {
    guard let names = names(node, "list") else { return nil }
    let lists = names.map { item in listName(item).map { Match.list($0) } }
    guard !lists.contains(where: { $0 == nil }) else { return nil }
    let good = lists.compactMap { $0 }
    return good.count == 1 ? good[0] : .anyOf(good)
  }

  private mutating func texts(_ node: YAMLNode, _ field: Field, _ make: (String) -> TextTest) -> Match? {
    guard let names = names(node, "value") else { return nil }
    let all = names.map { item in resolvedText(item, "a value of '\(field.name)'") }
    guard !all.contains(where: { $0 == nil }) else { return nil }
    let tests = all.compactMap { $0 }.map { Match.text(make(TextFold.fold(Self.unescaped($0)))) }
    return tests.count == 1 ? tests[0] : .anyOf(tests)
  }
}

extension Filter {
  /// All of these, without those that take every event.
  static func joined(_ filters: [Filter]) -> Filter {
    let real = filters.filter { $0 != .always }
    return real.isEmpty ? .always : real.count == 1 ? real[0] : .all(real)
  }
}
