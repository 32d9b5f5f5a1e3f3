import Diagnostics
import Events
import YAML

extension RuleParser {
  private static let mostDaysAgo = 3650

  /// `all`, `any`, `none`, `at least 2 of`; keys together must all hold.
  mutating func group(_ entries: [YAMLNode.Entry], _ node: YAMLNode, depth: Int) -> RuleNode? {
    let parts = entries.map { groupPart($0, depth: depth) }
    guard !parts.contains(where: { $0 == nil }) else { return nil }
    let good = parts.compactMap { $0 }
    guard good.count > 1 else { return good.first }
    checkAll(good, node.place)
    return .all(good)
  }

  private mutating func groupPart(_ entry: YAMLNode.Entry, depth: Int) -> RuleNode? {
    guard let value = resolve(entry.value) else { return nil }
    guard let children = nodes(items(value), value.place, depth: depth + 1) else { return nil }
    switch entry.name {
    case "all":
      checkAll(children, entry.key.place)
      return .all(children)
    case "any":
      checkAny(children, entry.key.place)
      return .any(children)
    case "none":
      checkNone(children, entry.key.place)
      return .none(children)
    default: return count(entry, children)
    }
  }

  /// `at least 2 of`
  private mutating func count(_ entry: YAMLNode.Entry, _ children: [RuleNode]) -> RuleNode? {
    guard let test = Self.countTest(Self.words(entry.name).dropLast()) else {
      report(
        .t5, "'\(entry.name)' is no count of conditions", at: entry.key.place,
        hint: "write 'at least 2 of', 'at most 1 of' or 'exactly 2 of'")
      return nil
    }
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

  // MARK: Segments

  /// `segment: [motogp-fans, formula-1-fans.b]`, with `ago: 7d`
  mutating func segment(_ entries: [YAMLNode.Entry]) -> RuleNode? {
    guard let entry = entries.first(where: { $0.name == "segment" }) else { return nil }
    let ago = entries.first { $0.name == "ago" }
    let before = errors
    var daysAgo = 0
    if let ago, let text = resolvedText(ago.value, "'ago'") {
      daysAgo = wholeDays(text, ago.value, upTo: Self.mostDaysAgo) ?? 0
    }
    var found: [SegmentReference.Name] = []
    for item in names(entry.value, "segment") ?? [] {
      guard let node = resolve(item), let text = text(node, "a segment's name") else { continue }
      let name = Self.reference(text)
      references.append(.init(name: name, daysAgo: daysAgo, place: node.place))
      found.append(name)
    }
    guard errors == before, !found.isEmpty else { return nil }
    return .segment(SegmentReference(found, daysAgo: daysAgo))
  }

  /// `id`, `id.b` or `id.holdout`
  private static func reference(_ text: String) -> SegmentReference.Name {
    guard let dot = text.firstIndex(of: ".") else { return .init(text) }
    let part = String(text[text.index(after: dot)...])
    return .init(String(text[..<dot]), part == "holdout" ? .holdout : .arm(part))
  }
}
