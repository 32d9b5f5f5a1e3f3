import Diagnostics
import Events
import YAML

/// What the measures of one condition have in common.
struct ConditionParts {
  /// The file's `where`, `among` where it is a filter, and the condition's own `where`.
  var filter: Filter
  /// The first two of these: what a share divides by.
  var divisor: Filter
  /// `among` of a ranking.
  var ranked: RuleNode?
  /// nil: not said, or wrong.
  var window: Window?
  var against: Window?
}

extension RuleParser {
  /// Keys of a condition that are no measures.
  static let conditionKeys: Set<String> = ["where", "when", "same", "among", "against"]

  /// Measures with thresholds, `where`, `when`, `same`, `among`, `against`.
  mutating func condition(_ entries: [YAMLNode.Entry], _ node: YAMLNode, depth: Int) -> RuleNode? {
    countCondition(node)
    let before = errors
    let parts = parts(entries, node, depth: depth)
    let same = same(entries)
    var tests: [MeasureTest] = []
    for entry in entries where !Self.conditionKeys.contains(entry.name) {
      if let test = measureTest(entry, parts) { tests.append(test) }
    }
    guard let window = parts.window, errors == before, !tests.isEmpty else { return nil }
    let condition = Condition(
      tests: tests, filter: parts.filter, window: window, same: same, place: node.place)
    guard holdsTogether(condition) else { return nil }
    checkAbsence(condition, node.place)
    return .condition(condition)
  }

  mutating func countCondition(_ node: YAMLNode) {
    conditions += 1
    if conditions == Self.mostConditions + 1 {
      report(.y14, "more than \(Self.mostConditions) conditions", at: node.place, hint: "split the segment")
    }
  }

  private mutating func parts(_ entries: [YAMLNode.Entry], _ node: YAMLNode, depth: Int) -> ConditionParts {
    let own = ownFilter(entries)
    let among = among(entries, depth: depth)
    var parts = ConditionParts(filter: .always, divisor: .always)
    if case .filter(let filter) = among {
      parts.divisor = joined([everyEvent, filter], node.place)
    } else {
      parts.divisor = everyEvent
    }
    if case .node(let ranked) = among { parts.ranked = ranked }
    parts.filter = joined([parts.divisor, own], node.place)
    parts.window = window(in: entries, node)
    parts.against = against(entries)
    return parts
  }

  /// Filters of different places that one event must pass; a filter that is already joined stays one part.
  mutating func joined(_ filters: [Filter], _ place: Place) -> Filter {
    var parts: [Filter] = []
    for filter in filters {
      if case .all(let inner) = filter { parts += inner } else { parts.append(filter) }
    }
    let filter = Filter.joined(parts)
    _ = filters.count { $0 != .always } > 1 ? isPossible(filter, place) : true
    return filter
  }

  /// `where`; every event where there is none, or where it is wrong.
  mutating func ownFilter(_ entries: [YAMLNode.Entry]) -> Filter {
    entries.first { $0.name == "where" }.flatMap { filter($0.value, depth: 1) } ?? .always
  }

  private mutating func window(in entries: [YAMLNode.Entry], _ node: YAMLNode) -> Window? {
    if let entry = entries.first(where: { $0.name == "when" }) { return window(entry.value, of: .condition) }
    if let defaultWindow { return defaultWindow }
    guard !hasBrokenDefaultWindow else { return nil }
    report(
      .w1, "'\(entries[0].name)' does not say on which days", at: entries[0].key.place,
      hint: "add 'when: last 30d', or 'when: ever'")
    return nil
  }

  // MARK: same, among, against

  /// `same: session`
  private mutating func same(_ entries: [YAMLNode.Entry]) -> Field? {
    guard let entry = entries.first(where: { $0.name == "same" }) else { return nil }
    if let other = entries.first(where: { ["rank", "trend"].contains(Self.words($0.name).first) }) {
      report(
        .n1, "'same' cannot stand beside '\(other.name)', which compares users or days", at: entry.key.place,
        hint: "make two list items, each beginning with '- '")
      return nil
    }
    return groupingField(entry.value)
  }

  /// A field whose values make groups of events.
  mutating func groupingField(_ raw: YAMLNode) -> Field? {
    guard let node = resolve(raw), let name = text(node, "'same'") else { return nil }
    guard let field = field(name, at: node.place) else { return nil }
    switch field.kind {
    case .text, .textList, .id, .hour, .weekday: return field
    case .number, .duration, .time, .age:
      report(
        .t5, "events cannot be grouped by '\(field.name)': it is a quantity", at: node.place,
        hint: "such as session, article, author or section")
      return nil
    }
  }

  private enum Among {
    case nothing
    case filter(Filter)
    case node(RuleNode)
  }

  /// A filter beside `share of`, a node beside `rank of`.
  private mutating func among(_ entries: [YAMLNode.Entry], depth: Int) -> Among {
    guard let entry = entries.first(where: { $0.name == "among" }) else { return .nothing }
    let share = entries.first { Self.words($0.name).first == "share" }
    let rank = entries.first { Self.words($0.name).first == "rank" }
    switch (share, rank) {
    case (_?, nil): return filter(entry.value, depth: 1).map { .filter($0) } ?? .nothing
    case (nil, _?): return nodeOrList(entry.value, depth: depth + 1).map { .node($0) } ?? .nothing
    case (let share?, let rank?):
      report(
        .l4, "'among' means events to '\(share.name)' and users to '\(rank.name)'", at: entry.key.place,
        hint: "make two list items, each beginning with '- '")
    case (nil, nil):
      report(
        .n1, "'among' belongs to 'share of …' and 'rank of …'", at: entry.key.place,
        hint: "'where' chooses the events that are measured")
    }
    return .nothing
  }

  private mutating func against(_ entries: [YAMLNode.Entry]) -> Window? {
    let trend = entries.first { Self.words($0.name).first == "trend" }
    guard let entry = entries.first(where: { $0.name == "against" }) else {
      if let trend {
        report(
          .w1, "'\(trend.name)' does not say which days it is compared with", at: trend.key.place,
          hint: "add 'against: days 8-35'")
      }
      return nil
    }
    guard trend != nil else {
      report(
        .n1, "'against' belongs to 'trend of …'", at: entry.key.place,
        hint: "'trend of reads: at least 2x' compares 'when' with it")
      return nil
    }
    return window(entry.value, of: .events("against"))
  }
}
