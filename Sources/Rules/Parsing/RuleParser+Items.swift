import Diagnostics
import Events
import YAML

/// What the keys of an item make of it.
enum ItemKind {
  case group, segment, extreme, sequence, user, list, measure
  /// A key that says more about another.
  case detail
  case unknown

  /// The details that it takes.
  var details: Set<String> {
    switch self {
    case .measure: RuleParser.conditionKeys
    case .extreme: ["where", "when"]
    case .sequence: ["within", "same", "where", "when"]
    case .segment: ["ago"]
    case .group, .user, .list, .detail, .unknown: []
    }
  }
}

extension RuleParser {
  static let groupKeys = ["all", "any", "none"]
  static let measureNames = [
    "views", "reads", "clicks", "events", "dwell", "days", "sessions", "sum", "distinct", "max", "min",
    "streak",
    "share", "trend", "rank",
  ]
  private static let itemKeys: [String: ItemKind] = [
    "all": .group, "any": .group, "none": .group, "segment": .segment, "first": .extreme, "latest": .extreme,
    "sequence": .sequence, "user": .user, "list": .list, "where": .detail, "when": .detail, "same": .detail,
    "among": .detail, "against": .detail, "within": .detail, "ago": .detail,
  ]

  /// What a key makes of its map; reports unknown ones.
  mutating func itemKind(_ entry: YAMLNode.Entry) -> ItemKind {
    let name = entry.name
    if let kind = Self.itemKeys[name] { return kind }
    let first = Self.words(name).first ?? ""
    if name.hasSuffix(" of"), ["at", "exactly", "more", "less", "between"].contains(first) { return .group }
    if name == "not" {
      report(
        .l2, "there is no key 'not'", at: entry.key.place,
        hint: "'none: […]' takes users for whom no part holds; 'clicks: none' takes those without a click")
      return .unknown
    }
    if Self.measureNames.contains(first) { return .measure }
    unknownKey(entry)
    return .unknown
  }

  private mutating func unknownKey(_ entry: YAMLNode.Entry) {
    let name = entry.name
    let aliases = [
      "pageviews": "views", "page_views": "views", "articles": "reads", "time": "dwell", "visits": "sessions",
    ]
    if let measure = aliases[name] ?? Nearest.word(to: name, among: Self.measureNames) {
      return report(
        .n4, "no measure is called '\(name)'", at: entry.key.place, hint: "did you mean '\(measure)'?")
    }
    if fields[name, .events] != nil || name.hasPrefix("props.") || name.hasPrefix("article.") {
      return report(
        .n1, "'\(name)' is a field of an event and cannot stand here", at: entry.key.place,
        hint: "write 'where: {\(name): …}'")
    }
    if fields[name, .users] != nil {
      return report(
        .n1, "'\(name)' is an attribute of users and cannot stand here", at: entry.key.place,
        hint: "write 'user: {\(name): …}'")
    }
    report(
      .n1, "no key is called '\(name)'", at: entry.key.place,
      hint: Self.nearest(name, among: Self.itemKeys.keys.sorted())
        ?? "a condition has a measure (\(Self.measureNames.joined(separator: ", "))), 'where' and 'when'")
  }

  /// N1 for details that the kind does not take.
  mutating func takesDetails(
    _ entries: [YAMLNode.Entry], _ kinds: [ItemKind], _ kind: ItemKind, _ name: String
  ) -> Bool {
    let before = errors
    for (entry, detail) in zip(entries, kinds) where detail == .detail && !kind.details.contains(entry.name) {
      report(
        .n1, "'\(entry.name)' cannot stand beside '\(name)'", at: entry.key.place,
        hint: Self.whyNot(entry.name, kind))
    }
    return errors == before
  }

  private static func whyNot(_ detail: String, _ kind: ItemKind) -> String {
    switch (detail, kind) {
    case ("ago", _): "it belongs to 'segment'"
    case ("within", _): "it belongs to 'sequence'"
    case ("among", _): "it belongs to 'share of …' and 'rank of …'"
    case ("against", _): "it belongs to 'trend of …'"
    case (_, .group): "write it in each condition, or once at the top of the file"
    case (_, .segment): "a segment has windows and filters of its own; 'ago: 7d' looks at an earlier day"
    case (_, .user), (_, .list): "what is known of a user is of no day and no event"
    default: "it belongs to conditions"
    }
  }
}
