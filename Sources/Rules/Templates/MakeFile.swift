import Diagnostics
import Events
import YAML

/// A file with `template` and `make`: a segment for each id.
struct MakeFile {
  struct Entry {
    var id: String
    var place: Place
    /// The parameters, or nothing where all have defaults.
    var values: YAMLNode
  }

  /// What the template is called, and where that is said; nil where it is not said.
  let template: (name: String, place: Place)?
  let entries: [Entry]
  /// Keys for all of its segments.
  let common: [YAMLNode.Entry]

  /// Keys that are of all segments that a file makes.
  static let commonKeys = ["owner", "tags", "purpose", "destinations", "expires", "draft"]

  init(_ root: YAMLNode, _ source: SourceText, _ diagnostics: inout [Diagnostic]) {
    common = (root.entries ?? []).filter { Self.commonKeys.contains($0.name) }
    let known = ["template", "make"] + Self.commonKeys
    for entry in root.entries ?? [] where !known.contains(entry.name) {
      diagnostics.append(
        Diagnostic(
          .n1, "'\(entry.name)' cannot stand beside 'make'", at: entry.key.place,
          hint: RuleParser.nearest(entry.name, among: known)
            ?? "the template says it; here stand \(known.joined(separator: ", "))"))
    }
    template = Self.template(root, &diagnostics)
    entries = Self.entries(root, &diagnostics)
  }

  private static func template(_ root: YAMLNode, _ diagnostics: inout [Diagnostic]) -> (String, Place)? {
    guard let node = root["template"], let text = node.text, !node.isEmpty else {
      diagnostics.append(
        Diagnostic(
          .n7, "'make' does not say of which template", at: root["template"]?.place ?? root.place,
          hint: "add 'template: NAME'; its file is NAME.yaml"))
      return nil
    }
    return (text, node.place)
  }

  private static func entries(_ root: YAMLNode, _ diagnostics: inout [Diagnostic]) -> [Entry] {
    guard let made = root["make"]?.entries, !made.isEmpty else {
      diagnostics.append(
        Diagnostic(
          .y13, "the file makes no segment", at: root["make"]?.place ?? root.place,
          hint: "such as 'make: {tennis-fans: {section: sport/tennis}}'"))
      return []
    }
    return made.map { Entry(id: $0.name, place: $0.key.place, values: $0.value) }
  }
}
