import Diagnostics
import Events
import YAML

/// Turns one segment file's nodes into a checked rule, collecting every mistake on the way.
///
/// A part that is wrong becomes nil and its neighbours are still read, so that all mistakes show in one run.
struct RuleParser {
  let context: RuleContext
  let source: SourceText
  private(set) var diagnostics: [Diagnostic] = []
  /// The file's `let`.
  var definitions: [String: YAMLNode] = [:]
  private(set) var usedDefinitions: Set<String> = []
  /// The file's `when` and `where`.
  var defaultWindow: Window?
  var everyEvent: Filter = .always
  var conditions = 0
  private var parts = 0
  /// Segments that the rule refers to, with the places where it does.
  var references: [(id: String, place: Place)] = []

  static let deepest = 16
  static let mostConditions = 500
  static let longestList = 10_000
  static let mostParts = 50_000

  init(context: RuleContext, source: SourceText) {
    self.context = context
    self.source = source
  }

  mutating func report(
    _ code: Diagnostic.Code, _ message: String, at place: Place, notes: [Diagnostic.Note] = [],
    hint: String? = nil
  ) {
    // A definition that is used twice is wrong once.
    let diagnostic = Diagnostic(code, message, at: place, notes: notes, hint: hint)
    if !diagnostics.contains(diagnostic) { diagnostics.append(diagnostic) }
  }

  /// "not yet": what the language has and this version does not.
  mutating func notYet(_ what: String, at place: Place) {
    report(.x2, "\(what) is not supported yet", at: place, hint: "docs/rules.md lists what is")
  }

  /// What `$name` stands for; other nodes as they are. nil where it is not defined.
  mutating func resolve(_ node: YAMLNode, depth: Int = 0) -> YAMLNode? {
    // Definitions that use each other twice grow by doubling; written out, a rule has a limit too.
    parts += 1
    guard parts <= Self.mostParts else {
      if parts == Self.mostParts + 1 {
        report(
          .y14, "written out, the rule has more than \(Self.mostParts) parts", at: node.place,
          hint: "use fewer '$' names")
      }
      return nil
    }
    guard let text = node.text, text.hasPrefix("$"), !text.hasPrefix("$$") else { return node }
    let name = String(text.dropFirst())
    guard let definition = definitions[name] else {
      report(
        .n7, "'$\(name)' is not defined", at: node.place,
        hint: Nearest.word(to: name, among: definitions.keys.sorted()).map { "did you mean '$\($0)'?" }
          ?? "define it under 'let'")
      return nil
    }
    guard depth < Self.deepest else {
      report(.n6, "'$\(name)' is defined by itself", at: node.place, hint: "cut the circle")
      return nil
    }
    usedDefinitions.insert(name)
    return resolve(definition, depth: depth + 1)
  }

  /// Text of a value; reports what is none.
  mutating func text(_ node: YAMLNode, _ what: String) -> String? {
    guard let text = node.text else {
      report(.t5, "\(what) must be text, not \(node.kind)", at: node.place)
      return nil
    }
    guard !node.isEmpty else {
      report(.y13, "\(what) is empty", at: node.place)
      return nil
    }
    return text
  }

  /// A list's items, or the one value.
  func items(_ node: YAMLNode) -> [YAMLNode] { node.items ?? [node] }
}
