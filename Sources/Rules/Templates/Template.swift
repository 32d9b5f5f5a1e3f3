import Diagnostics
import Events
import YAML

/// A segment file with parameters. It makes no segment itself.
struct Template {
  struct Parameter {
    var name: String
    /// nil: required.
    var standard: YAMLNode?
    var place: Place
  }

  let name: String
  let parameters: [Parameter]
  /// Its keys without `parameters`.
  let entries: [YAMLNode.Entry]
  let place: Place
  /// How many nodes it has.
  let size: Int

  private static let mostParameters = 100

  init(_ name: String, _ root: YAMLNode, _ source: SourceText, _ diagnostics: inout [Diagnostic]) {
    self.name = name
    place = root.place
    entries = (root.entries ?? []).filter { $0.name != "parameters" }
    let content = YAMLNode(.map(entries), at: root.place)
    size = content.count
    var parameters: [Parameter] = []
    if let node = root["parameters"] { parameters = Self.parameters(node, &diagnostics) }
    self.parameters = parameters
    for entry in entries where entry.name == "template" || entry.name == "make" {
      diagnostics.append(
        Diagnostic(
          .l4, "'parameters' and '\(entry.name)' in one file", at: entry.key.place,
          hint: "a template is one file, and what makes segments of it is another"))
    }
    let used = ParameterText(parameters.map(\.name)).mentioned(in: content)
    for parameter in parameters where !used.contains(parameter.name) {
      diagnostics.append(
        Diagnostic(
          .n10, "'$\(parameter.name)' is used nowhere in this template", at: parameter.place,
          hint: "drop it, or use it"))
    }
  }

  private static func parameters(_ node: YAMLNode, _ diagnostics: inout [Diagnostic]) -> [Parameter] {
    guard let entries = node.entries, (1...mostParameters).contains(entries.count) else {
      let isMany = (node.entries?.count ?? 0) > mostParameters
      diagnostics.append(
        Diagnostic(
          isMany ? .y14 : .y13, isMany ? "more than \(mostParameters) parameters" : "'parameters' names none",
          at: node.place, hint: "such as {section: required, n: 3}"))
      return []
    }
    return entries.compactMap { entry in
      guard ParameterText.isName(entry.name) else {
        diagnostics.append(
          Diagnostic(
            .n1, "'\(entry.name)' is no name of a parameter", at: entry.key.place,
            hint: "letters, digits, - and _, beginning with a letter"))
        return nil
      }
      guard !entry.value.isEmpty else {
        diagnostics.append(
          Diagnostic(
            .y13, "the parameter '\(entry.name)' has no default", at: entry.value.place,
            hint: "write 'required', or a value"))
        return nil
      }
      return Parameter(
        name: entry.name, standard: entry.value.isRequired ? nil : entry.value, place: entry.key.place)
    }
  }
}

extension YAMLNode {
  /// The word `required`, not quoted.
  fileprivate var isRequired: Bool {
    if case .scalar(let scalar) = value { scalar.style == .plain && scalar.text == "required" } else { false }
  }

  /// Itself and all below.
  fileprivate var count: Int {
    switch value {
    case .scalar: 1
    case .list(let items): items.reduce(1) { $0 + $1.count }
    case .map(let entries): entries.reduce(1) { $0 + 1 + $1.value.count }
    }
  }
}
