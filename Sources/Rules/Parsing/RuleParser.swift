import Diagnostics
import Events
import YAML

/// Turns one segment's nodes into a checked rule, collecting every mistake on the way.
///
/// A part that is wrong becomes nil and its neighbours are still read, so that all mistakes show in one run.
struct RuleParser {
  let context: RuleContext
  let fields: FieldNames
  /// The project's names, under those of the file.
  let project: ProjectDefinitions
  private(set) var diagnostics: [Diagnostic] = []
  /// Mistakes found so far, told again or not.
  private(set) var errors = 0
  private var told: Set<Told> = []
  /// The file's `let`.
  var definitions: [String: YAMLNode] = [:]
  private(set) var usedDefinitions: Set<String> = []
  /// Whether a name of the project stands for a part of this rule.
  private(set) var usesProject = false
  /// The file's `when` and `where`.
  var defaultWindow: Window?
  /// There is a `when` of the file, and it is wrong.
  var hasBrokenDefaultWindow = false
  var everyEvent: Filter = .always
  /// Whose fields a filter names.
  var scope = FieldNames.Scope.events
  var conditions = 0
  /// Events that the tests give.
  var given = 0
  private(set) var parts = 0
  /// How often the nearest word to a value that no event has was looked for.
  var nearestValues = 0
  /// Segments that the rule refers to, with the places where it does.
  var references: [SegmentFile.Reference] = []
  /// Where `keep` stands.
  var keepPlace: Place?
  /// Windows that look back further than the store has events.
  var earlyWindows: [StoreYouth.Window] = []

  static let deepest = 16
  static let mostConditions = 500
  static let longestList = 10_000
  static let mostParts = 50_000

  init(_ reading: RuleReading) {
    context = reading.context
    fields = reading.fields
    project = reading.definitions
  }

  private struct Told: Hashable {
    var code: Diagnostic.Code
    var message: String
    var place: Place
  }

  mutating func report(
    _ code: Diagnostic.Code, _ message: String, at place: Place, notes: [Diagnostic.Note] = [],
    hint: String? = nil
  ) {
    let diagnostic = Diagnostic(code, message, at: place, notes: notes, hint: hint)
    if diagnostic.isError { errors += 1 }
    // A definition that is used twice is wrong once.
    if told.insert(Told(code: code, message: message, place: place)).inserted {
      diagnostics.append(diagnostic)
    }
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
    guard let definition = definitions[name] ?? project.names[name] else {
      guard !project.isBroken else {
        // It may be one of those that cannot be read, and that is said once.
        errors += 1
        return nil
      }
      let known = Set(definitions.keys).union(project.names.keys)
      report(
        .n7, "'$\(name)' is not defined", at: node.place,
        hint: Nearest.word(to: name, among: known.sorted()).map { "did you mean '$\($0)'?" }
          ?? "define it under 'let'")
      return nil
    }
    guard depth < Self.deepest else {
      report(.n6, "'$\(name)' is defined by itself", at: node.place, hint: "cut the circle")
      return nil
    }
    if definitions[name] == nil { usesProject = true } else { usedDefinitions.insert(name) }
    return resolve(definition, depth: depth + 1)
  }

  /// A value behind its `$name`, as text; reports what is none.
  mutating func resolvedText(_ node: YAMLNode, _ what: String) -> String? {
    resolve(node).flatMap { text($0, what) }
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

  /// "did you mean 'x'?"
  static func nearest(_ name: String, among known: some Swift.Sequence<String>) -> String? {
    Nearest.word(to: name, among: known).map { "did you mean '\($0)'?" }
  }
}
