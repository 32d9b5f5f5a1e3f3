import Diagnostics
import Events
import YAML

extension RuleParser {
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
  mutating func nodeOrList(_ node: YAMLNode, depth: Int) -> RuleNode? {
    guard let items = node.items else { return self.node(node, depth: depth) }
    guard let nodes = nodes(items, node.place, depth: depth) else { return nil }
    checkAll(nodes, node.place)
    return nodes.count == 1 ? nodes[0] : .all(nodes)
  }

  mutating func nodes(_ items: [YAMLNode], _ place: Place, depth: Int) -> [RuleNode]? {
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

  /// One map: a condition, an extreme, a sequence, a group, or a test of what is known of the user.
  private mutating func map(_ entries: [YAMLNode.Entry], _ node: YAMLNode, depth: Int) -> RuleNode? {
    guard !entries.isEmpty else {
      report(.y13, "an empty map describes nobody", at: node.place, hint: "for all users write 'everyone'")
      return nil
    }
    let kinds = entries.map { itemKind($0) }
    if kinds.contains(.unknown) { return nil }
    guard let first = kinds.firstIndex(where: { $0 != .detail }) else {
      report(
        .n4, "no measure stands here, only '\(entries[0].name)'", at: node.place,
        hint: "add one, such as 'views: any' or 'reads: at least 3'")
      return nil
    }
    let kind = kinds[first]
    if let other = kinds.firstIndex(where: { $0 != .detail && $0 != kind }) {
      report(
        .l4, "two kinds of condition in one item: '\(entries[first].name)' and '\(entries[other].name)'",
        at: entries[other].key.place, hint: "make two list items, each beginning with '- '")
      return nil
    }
    guard takesDetails(entries, kinds, kind, entries[first].name) else { return nil }
    switch kind {
    case .group: return group(entries, node, depth: depth)
    case .segment: return segment(entries)
    case .extreme: return extreme(entries, node)
    case .sequence: return sequence(entries, node)
    case .user: return user(entries[first])
    case .list: return list(entries[first])
    case .measure, .detail, .unknown: return condition(entries, node, depth: depth)
    }
  }

  /// `user: {tier: gold}`
  private mutating func user(_ entry: YAMLNode.Entry) -> RuleNode? {
    let outer = scope
    scope = .users
    defer { scope = outer }
    return filter(entry.value, depth: 1).map { .user($0) }
  }

  /// `list: do-not-target`
  private mutating func list(_ entry: YAMLNode.Entry) -> RuleNode? {
    guard let names = names(entry.value, "list") else { return nil }
    let lists = names.map { listName($0) }
    return lists.contains { $0 == nil } ? nil : .list(lists.compactMap { $0 })
  }
}
