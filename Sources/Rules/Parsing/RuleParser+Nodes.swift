import Diagnostics
import Events
import YAML

extension RuleParser {
  static let groupKeys = ["all", "any", "none"]
  static let measureNames = [
    "views", "reads", "clicks", "events", "dwell", "days", "sessions", "sum", "distinct",
  ]
  /// Measures and keys that the language has and this version does not.
  static let laterMeasures = ["max", "min", "streak", "share", "trend", "rank"]
  static let laterKeys = [
    "same", "among", "against", "sequence", "user", "list", "within", "template", "make",
  ]

  /// `who`.
  mutating func who(_ node: YAMLNode) -> RuleNode? {
    if node.isEmpty {
      report(.y13, "'who' describes nobody", at: node.place, hint: "for all users write 'who: everyone'")
      return nil
    }
    if node.text == "everyone" { return .everyone }
    return nodeOrList(node, depth: 1)
  }

  /// A node, or a list of nodes that must all hold.
  private mutating func nodeOrList(_ node: YAMLNode, depth: Int) -> RuleNode? {
    guard let items = node.items else { return self.node(node, depth: depth) }
    guard let nodes = nodes(items, node.place, depth: depth) else { return nil }
    checkContradictions(nodes)
    return nodes.count == 1 ? nodes[0] : .all(nodes)
  }

  private mutating func nodes(_ items: [YAMLNode], _ place: Place, depth: Int) -> [RuleNode]? {
    if items.isEmpty {
      report(.y13, "an empty list describes nobody", at: place, hint: "for all users write 'who: everyone'")
      return nil
    }
    let nodes = items.map { node($0, depth: depth) }
    return nodes.contains { $0 == nil } ? nil : nodes.compactMap { $0 }
  }

  mutating func node(_ raw: YAMLNode, depth: Int) -> RuleNode? {
    guard depth <= Self.deepest else {
      report(
        .y14, "the rule is nested deeper than \(Self.deepest) levels", at: raw.place,
        hint: "make a part a segment of its own")
      return nil
    }
    guard let node = resolve(raw) else { return nil }
    if node.text == "everyone" { return .everyone }
    if node.items != nil { return nodeOrList(node, depth: depth + 1) }
    guard let entries = node.entries else {
      report(
        .n1, "this is no condition: \(node.text.map { "'\($0)'" } ?? node.kind)", at: node.place,
        hint: "write a measure and a threshold, such as 'reads: at least 3'")
      return nil
    }
    return map(entries, node, depth: depth)
  }

  /// One map: a condition, an extreme, a group, or a segment reference.
  private mutating func map(_ entries: [YAMLNode.Entry], _ node: YAMLNode, depth: Int) -> RuleNode? {
    guard !entries.isEmpty else {
      report(.y13, "an empty map describes nobody", at: node.place, hint: "for all users write 'everyone'")
      return nil
    }
    let kinds = entries.map { kind($0) }
    if kinds.contains(.unknown) || kinds.contains(.later) { return nil }
    let distinct = Set(kinds.filter { $0 != .detail })
    if distinct.count > 1 {
      let other = zip(entries, kinds).first { $0.1 != .detail && $0.1 != kinds.first { $0 != .detail } }
      report(
        .l4, "two kinds of condition in one item: '\(entries[0].name)' and '\(other?.0.name ?? "")'",
        at: other?.0.key.place ?? node.place, hint: "make two list items, each beginning with '- '")
      return nil
    }
    switch distinct.first {
    case .group?: return group(entries, node, depth: depth)
    case .segment?: return segment(entries)
    case .extreme?: return extreme(entries, node)
    case .measure?: return condition(entries, node)
    default:
      report(
        .n4, "no measure stands here, only '\(entries[0].name)'", at: node.place,
        hint: "add one, such as 'views: any' or 'reads: at least 3'")
      return nil
    }
  }

  private enum EntryKind { case group, segment, extreme, measure, detail, later, unknown }

  /// What a key makes of its map; reports unknown ones.
  private mutating func kind(_ entry: YAMLNode.Entry) -> EntryKind {
    let name = entry.name
    let first = String(name.split(separator: " ").first ?? "")
    if Self.groupKeys.contains(name)
      || name.hasSuffix(" of") && ["at", "exactly", "more", "less", "between"].contains(first)
    {
      return .group
    }
    switch name {
    case "segment": return .segment
    case "first", "latest": return .extreme
    case "where", "when": return .detail
    case "not":
      report(
        .l2, "there is no key 'not'", at: entry.key.place,
        hint: "'none: […]' takes users for whom no part holds; 'clicks: none' takes those without a click")
      return .unknown
    default: break
    }
    if Self.laterKeys.contains(name) || Self.laterMeasures.contains(first) || name == "ago"
      || name.contains(" per ")
    {
      notYet("'\(name)'", at: entry.key.place)
      return .later
    }
    if Self.measureNames.contains(first) { return .measure }
    unknownKey(entry)
    return .unknown
  }

  private mutating func unknownKey(_ entry: YAMLNode.Entry) {
    let name = entry.name
    let structure = Self.groupKeys + ["where", "when", "segment", "first", "latest"]
    let aliases = [
      "pageviews": "views", "page_views": "views", "articles": "reads", "time": "dwell", "visits": "sessions",
    ]
    if let measure = aliases[name] ?? Nearest.word(to: name, among: Self.measureNames) {
      return report(
        .n4, "no measure is called '\(name)'", at: entry.key.place, hint: "did you mean '\(measure)'?")
    }
    if Field.standard.contains(where: { $0.name == name }) || name.hasPrefix("props.") {
      return report(
        .n1, "'\(name)' is a field of an event and cannot stand here", at: entry.key.place,
        hint: "write 'where: {\(name): …}'")
    }
    report(
      .n1, "no key is called '\(name)'", at: entry.key.place,
      hint: Nearest.word(to: name, among: structure).map { "did you mean '\($0)'?" }
        ?? "a condition has a measure (\(Self.measureNames.joined(separator: ", "))), 'where' and 'when'")
  }

  // MARK: Groups and references

  private mutating func group(_ entries: [YAMLNode.Entry], _ node: YAMLNode, depth: Int) -> RuleNode? {
    var parts: [RuleNode?] = []
    for entry in entries {
      guard entry.name != "where", entry.name != "when" else {
        report(
          .n1, "'\(entry.name)' cannot stand beside '\(entries[0].name)'", at: entry.key.place,
          hint: "write it in each condition, or once at the top of the file")
        return nil
      }
      parts.append(groupPart(entry, depth: depth))
    }
    guard !parts.contains(where: { $0 == nil }) else { return nil }
    let good = parts.compactMap { $0 }
    return good.count == 1 ? good[0] : .all(good)
  }

  private mutating func groupPart(_ entry: YAMLNode.Entry, depth: Int) -> RuleNode? {
    guard let value = resolve(entry.value) else { return nil }
    guard let children = nodes(items(value), value.place, depth: depth + 1) else { return nil }
    switch entry.name {
    case "all":
      checkContradictions(children)
      return .all(children)
    case "any": return .any(children)
    case "none": return .none(children)
    default: return count(entry, children)
    }
  }

  /// `at least 2 of`
  private mutating func count(_ entry: YAMLNode.Entry, _ children: [RuleNode]) -> RuleNode? {
    let words = entry.name.split(separator: " ").map(String.init)
    let kinds: [[String]: (Int) -> CountTest] = [
      ["at", "least"]: { .atLeast($0) }, ["at", "most"]: { .atMost($0) }, ["exactly"]: { .exactly($0) },
    ]
    guard words.count >= 3, let make = kinds[Array(words.dropLast(2))],
      let number = Int(words[words.count - 2]), number >= 0
    else {
      report(
        .t5, "'\(entry.name)' is no count of conditions", at: entry.key.place,
        hint: "write 'at least 2 of', 'at most 1 of' or 'exactly 2 of'")
      return nil
    }
    let test = make(number)
    if !(0...children.count).contains(where: { test.holds($0) }) {
      report(
        .l1, "'\(entry.name)' can never hold: there are \(children.count) conditions", at: entry.key.place,
        hint: "at most 'at least \(children.count) of'")
      return nil
    }
    if (0...children.count).allSatisfy({ test.holds($0) }) {
      report(
        .t7, "'\(entry.name)' always holds", at: entry.key.place, hint: "write 'at least 1 of', or drop it")
    }
    return .count(test, of: children)
  }

  private mutating func segment(_ entries: [YAMLNode.Entry]) -> RuleNode? {
    var ids: [String] = []
    for entry in entries where entry.name == "segment" {
      for item in items(entry.value) {
        guard let node = resolve(item), let id = text(node, "a segment's name") else { return nil }
        if id.contains(".") {
          notYet("'\(id)' (a split's arm)", at: node.place)
          return nil
        }
        references.append((id, node.place))
        ids.append(id)
      }
    }
    if let extra = entries.first(where: { $0.name != "segment" }) {
      report(
        .n1, "'\(extra.name)' cannot stand beside 'segment'", at: extra.key.place,
        hint: "a segment has windows and filters of its own")
      return nil
    }
    guard !ids.isEmpty else { return nil }
    return .segment(SegmentReference(ids.map { .init($0) }))
  }

  // MARK: Logic

  /// `views: any` and `views: none` of the same events in one list.
  private mutating func checkContradictions(_ nodes: [RuleNode]) {
    var seen: [(condition: Condition, test: MeasureTest)] = []
    for case .condition(let condition) in nodes {
      for test in condition.tests {
        let other = seen.first {
          $0.test.measure == test.measure && $0.condition.filter == condition.filter
            && $0.condition.window == condition.window
            && Threshold.exclude($0.test.threshold, test.threshold)
        }
        if let other, let place = condition.place {
          report(
            .l3, "this contradicts line \(other.condition.place?.line ?? 0): nobody can have both", at: place,
            notes: [.init("the other condition", at: other.condition.place)],
            hint: "drop one, or use 'any: […]'")
        }
        seen.append((condition, test))
      }
    }
  }
}

extension Threshold {
  /// The values for which it holds, as one range of whole numbers.
  public var range: ClosedRange<Int64> {
    switch self {
    case .any: 1...Int64.max
    case .none: 0...0
    case .atLeast(let q): q...Int64.max
    case .atMost(let q): Int64.min...q
    case .moreThan(let q): (q == .max ? q : q + 1)...Int64.max
    case .lessThan(let q): Int64.min...(q == .min ? q : q - 1)
    case .exactly(let q): q...q
    case .between(let a, let b): a...max(a, b)
    case .top, .bottom: 1...Int64.max
    }
  }

  /// Whether no value satisfies both.
  static func exclude(_ a: Threshold, _ b: Threshold) -> Bool { !a.range.overlaps(b.range) }
}
