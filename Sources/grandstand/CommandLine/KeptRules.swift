import Diagnostics
import Events
import FoundationEssentials
import Rules
import Store

/// What a run keeps of its rules (`rules.json`): the text of every file that its segments are made of, so that runs can be
/// compared without git.
struct KeptRules {
  struct File: Codable {
    /// Without folders: a file that moves between folders is the same.
    var name: String
    var text: String
  }

  let events: EventNames
  let files: [File]
  /// The text of the project's `definitions.yaml`, where a segment uses it.
  let definitions: String?

  init(_ planned: PlannedRun) {
    events = planned.workspace.project.eventNames
    let used = Set(planned.segments.flatMap(\.madeOf))
    let sources = planned.sources.filter { used.contains($0.file) }
    let project = planned.workspace.definitionsPath
    files = sources.filter { $0.file != project }.map {
      File(name: Self.name($0.file), text: String(decoding: $0.bytes, as: UTF8.self))
    }.sorted { ($0.name, $0.text) < ($1.name, $1.text) }
    definitions = sources.first { $0.file == project }.map { String(decoding: $0.bytes, as: UTF8.self) }
  }

  /// A file's name without folders.
  static func name(_ path: String) -> String { path.split(separator: "/").last.map(String.init) ?? path }

  var json: String {
    JSONValue.object([
      ("format", .count(1)),
      (
        "events",
        .object([("view", .text(events.view)), ("click", .text(events.click)), ("ping", .text(events.ping))])
      ),
      ("definitions", definitions.map { .text($0) } ?? .null),
      ("files", .list(files.map { .object([("name", .text($0.name)), ("text", .text($0.text))]) })),
    ]).pretty + "\n"
  }

  private struct Stored: Decodable {
    struct Events: Decodable { var view, click, ping: String }
    var events: Events
    var definitions: String?
    var files: [File]
  }

  /// - Returns: nil of a run that kept none.
  /// - Throws: `S2` where they cannot be read.
  init?(_ run: String, _ store: Store) throws(Diagnostic) {
    guard let bytes = try store.runRules(run) else { return nil }
    do {
      let stored = try JSONDecoder().decode(Stored.self, from: Data(bytes))
      events = EventNames(view: stored.events.view, click: stored.events.click, ping: stored.events.ping)
      (files, definitions) = (stored.files, stored.definitions)
    } catch {
      throw Diagnostic(
        .s2, "the rules of the run cannot be read", at: Place(file: store.path + "/runs/\(run)/rules.json"),
        hint: "run 'grandstand run' again")
    }
  }

  /// The segments as they were. What their files may say was checked when they ran.
  func compile(_ project: RuleContext) -> (compilation: Compilation, sources: [SourceText]) {
    var context = project
    (context.asOf, context.retentionDays, context.lists) = (nil, nil, nil)
    context.eventNames = events
    return Workspace.compile(
      files.map { SourceText(file: $0.name, text: $0.text) },
      definitions: definitions.map { SourceText(file: "definitions.yaml", text: $0) }, context)
  }
}
