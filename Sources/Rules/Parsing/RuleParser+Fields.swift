import Diagnostics
import Events
import YAML

extension RuleParser {
  /// The field of a name, among those of events or of users; reports unknown ones.
  mutating func field(_ name: String, at place: Place) -> Field? {
    if let field = fields[name, scope] { return field }
    switch scope {
    case .users: reportUnknownAttribute(name, place)
    case .events: reportUnknownField(name, place)
    }
    return nil
  }

  private mutating func reportUnknownField(_ name: String, _ place: Place) {
    if name.hasPrefix("article.") {
      return report(
        .n2, "articles have no attribute '\(name.dropFirst(8))'", at: place,
        hint: Self.nearest(name, among: fields.names(.events))
          ?? (name == "article.age"
            ? "the age needs the attribute 'published', mapped in grandstand.yaml under 'articles'"
            : "attributes of articles are mapped in grandstand.yaml under 'articles'"))
    }
    let hint: String
    if let near = Self.nearest(name, among: fields.names(.events)) {
      hint = near
    } else if fields[name, .users] != nil {
      hint = "it is an attribute of users: 'user: {\(name): …}' is an item of its own"
    } else if context.properties.isEmpty || name.hasPrefix("props.") {
      hint = "a project's own fields are mapped in grandstand.yaml and called 'props.…'"
    } else {
      hint = "own ones: \(context.properties.map(\.name).joined(separator: ", "))"
    }
    report(.n2, "no field is called '\(name)'", at: place, hint: hint)
  }

  private mutating func reportUnknownAttribute(_ name: String, _ place: Place) {
    let hint: String
    if let near = Self.nearest(name, among: fields.names(.users)) {
      hint = near
    } else if fields[name, .events] != nil {
      hint = "it is a field of events: write it under 'where' of a condition"
    } else {
      hint = "attributes of users are mapped in grandstand.yaml under 'users'"
    }
    report(.n2, "users have no attribute '\(name)'", at: place, hint: hint)
  }

  /// The name of an uploaded list; reports unknown ones where the lists are known.
  mutating func listName(_ raw: YAMLNode) -> String? {
    guard let node = resolve(raw), let name = text(node, "a list's name") else { return nil }
    if let lists = context.lists, !lists.contains(name) {
      report(
        .n5, "there is no list '\(name)'", at: node.place,
        hint: Self.nearest(name, among: lists.sorted()) ?? "it has to be uploaded first")
      return nil
    }
    return name
  }

  /// A list of names, or the one: not empty, not too long.
  mutating func names(_ raw: YAMLNode, _ what: String) -> [YAMLNode]? {
    guard let node = resolve(raw) else { return nil }
    let names = items(node)
    guard (1...Self.longestList).contains(names.count), !node.isEmpty else {
      let empty = names.count <= Self.longestList
      report(
        empty ? .y13 : .y14, empty ? "no \(what) is named here" : "more than \(Self.longestList) names",
        at: node.place)
      return nil
    }
    return names
  }
}
