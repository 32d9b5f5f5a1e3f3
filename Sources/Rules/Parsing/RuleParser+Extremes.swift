import Diagnostics
import Events
import YAML

extension RuleParser {
  /// `first: last 7d`, `latest: {country: be}`, with `where` and `when`.
  mutating func extreme(_ entries: [YAMLNode.Entry], _ node: YAMLNode) -> RuleNode? {
    countCondition(node)
    let tested = entries.filter { $0.name == "first" || $0.name == "latest" }
    guard tested.count == 1, let entry = tested.first else {
      report(.l4, "'first' and 'latest' in one item", at: node.place, hint: "make two list items")
      return nil
    }
    let before = errors
    let filter = joined([everyEvent, ownFilter(entries)], node.place)
    var window = Window.ever
    if let when = entries.first(where: { $0.name == "when" }) {
      window = self.window(when.value, of: .events(entry.name)) ?? .ever
    } else {
      checkPruned(.ever, "'\(entry.name)' without 'when'", entry.key.place)
    }
    guard let value = resolve(entry.value) else { return nil }
    let test: Extreme.Test?
    if value.entries != nil {
      test = self.filter(value, depth: 1).map { .matches($0) }
    } else {
      test = self.window(value, of: .events(entry.name)).map { .inWindow($0) }
    }
    guard let test, errors == before else { return nil }
    return .extreme(
      Extreme(
        which: entry.name == "first" ? .first : .latest, test: test, filter: filter, window: window,
        place: node.place))
  }
}
