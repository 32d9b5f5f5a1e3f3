#if canImport(Glibc)
  import Glibc
#endif
import Diagnostics
import Engine
import Events
import Project
import Rules
import Store

/// The project that a command works on: its checked configuration and its segment files.
struct Workspace {
  let project: Project
  let projectFile: SourceText

  static let fileName = "grandstand.yaml"

  /// Reads `--project`, else `grandstand.yaml` here or in a folder above.
  /// - Throws: the file's first mistake; the others and warnings are printed.
  static func load(_ arguments: Arguments, _ printer: Printer) throws(Diagnostic) -> Workspace {
    guard let named = arguments["--project"] else { return try load(try find(), printer) }
    return try load(Files.isFolder(named) ? named + "/" + fileName : named, printer)
  }

  /// Reads the project file at a path.
  static func load(_ path: String, _ printer: Printer) throws(Diagnostic) -> Workspace {
    let source = SourceText(file: path, bytes: try Files.read(path, limit: 1 << 20))
    let reading = Project.parse(source, folder: folder(of: path))
    guard let project = reading.project else {
      let errors = reading.diagnostics.filter(\.isError)
      for error in errors.dropLast() { printer.diagnostic(error, source: source) }
      throw errors.last ?? Diagnostic(.c1, "the project file cannot be used", at: Place(file: path))
    }
    for warning in reading.diagnostics { printer.diagnostic(warning, source: source) }
    return Workspace(project: project, projectFile: source)
  }

  var store: Store { Store(at: project.store) }

  /// - Returns: whether it was made now.
  func makeStoreIfAbsent() throws(Diagnostic) -> Bool {
    guard !store.exists else { return false }
    try store.create(StoreSettings(timeZone: project.zone.name, buckets: project.buckets))
    return true
  }

  /// The day to evaluate: `--as-of`, else the newest complete day.
  func asOf(_ arguments: Arguments, _ snapshot: Snapshot) throws(Diagnostic) -> Day {
    if let text = arguments["--as-of"] {
      guard let day = Day(text) else {
        throw Diagnostic(.c3, "--as-of must be a date, not '\(text)'", hint: "write it like 2026-11-23")
      }
      return day
    }
    guard !snapshot.days.isEmpty else {
      throw Diagnostic(
        .s6, "the store has no events", at: Place(file: project.store),
        hint: "'grandstand ingest FILE…' takes some in")
    }
    guard let day = snapshot.newestCompleteDay(lateness: project.latenessHours) else {
      throw Diagnostic(
        .s6,
        "no day is complete yet: none ended \(project.latenessHours) hours before the newest event came in",
        at: Place(file: project.store), hint: "name one: --as-of \(snapshot.days.last?.description ?? "DAY")")
    }
    return day
  }

  /// All segment files, checked together.
  /// - Parameter snapshot: looks at the values of its newest 90 days, so that mistyped ones are noticed; nil: does not.
  func compile(asOf: Day?, valuesOf snapshot: Snapshot? = nil) throws(Diagnostic) -> (
    compilation: Compilation, sources: [SourceText]
  ) {
    let sources = try segmentFiles()
    var context = RuleContext(
      properties: project.properties, eventNames: project.eventNames, retentionDays: project.retentionDays,
      asOf: asOf, zone: project.zone)
    let fields = project.storedFields.filter { ($0.kind == .text || $0.kind == .textList) && $0 != .article }
    context.knownValues = try snapshot?.knownValues(of: fields, days: 90)
    return (RuleCompiler.compile(sources, context: context), sources)
  }

  /// Prints a compilation's diagnostics, each with its line; warnings are for `check`, not for every night.
  static func report(
    _ compilation: Compilation, _ sources: [SourceText], _ printer: Printer, warnings: Bool = true
  ) {
    for diagnostic in compilation.diagnostics where warnings || diagnostic.isError {
      printer.diagnostic(diagnostic, source: sources.first { $0.file == diagnostic.place?.file })
    }
  }

  /// The good segments that were asked for, behind all that they refer to.
  static func select(_ ids: [String], _ compilation: Compilation) throws(Diagnostic) -> [Segment] {
    guard !ids.isEmpty else { return compilation.segments }
    var wanted: Set<String> = []
    for id in ids {
      guard compilation.segments.contains(where: { $0.id == id }) else { throw unknown(id, compilation) }
      wanted.insert(id)
    }
    for segment in compilation.segments.reversed() where wanted.contains(segment.id) {
      wanted.formUnion(segment.references)
    }
    return compilation.segments.filter { wanted.contains($0.id) }
  }

  static func unknown(_ id: String, _ compilation: Compilation) -> Diagnostic {
    if compilation.withheld.contains(id) {
      return Diagnostic(
        .x3, "the segment '\(id)' is withheld because it has mistakes", hint: "'grandstand check' shows them")
    }
    return Diagnostic(
      .n5, "there is no segment '\(id)'",
      hint: Nearest.word(to: id, among: compilation.segments.map(\.id)).map { "did you mean '\($0)'?" })
  }

  /// The segment files, sorted by name; folders inside are read too, hidden files and `experiments` are not.
  func segmentFiles() throws(Diagnostic) -> [SourceText] {
    guard Files.isFolder(project.segments) else {
      throw Diagnostic(
        .f1, "there is no folder of segments", at: Place(file: project.segments),
        hint: "make it, or set 'segments' in \(Self.fileName)")
    }
    return try Self.yamlFiles(in: project.segments)
  }

  /// The YAML files of a folder and those inside, as `segmentFiles` has them.
  static func yamlFiles(in folder: String, depth: Int = 0) throws(Diagnostic) -> [SourceText] {
    var files: [SourceText] = []
    for name in try Folder.names(in: folder) where !name.hasPrefix(".") {
      let path = folder + "/" + name
      if Files.isFolder(path) {
        if depth < 8, name != "experiments" { files += try yamlFiles(in: path, depth: depth + 1) }
      } else if name.hasSuffix(".yaml") || name.hasSuffix(".yml") {
        files.append(SourceText(file: path, bytes: try Files.read(path, limit: 1 << 22)))
      }
    }
    return files
  }

  private static func find() throws(Diagnostic) -> String {
    var folder = ""
    for _ in 0..<32 {
      if Files.exists(folder + fileName) { return folder + fileName }
      folder += "../"
      guard Files.isFolder(folder) else { break }
    }
    throw Diagnostic(
      .c1, "there is no \(fileName) here or in a folder above",
      hint: "'grandstand init' makes a project; --project names one")
  }

  private static func folder(of path: String) -> String {
    path.lastIndex(of: "/").map { String(path[...$0]) } ?? "./"
  }
}

/// What every command that evaluates begins with: a pinned store, the day, the good segments that were asked for, and
/// their plan.
struct PlannedRun {
  let workspace: Workspace
  let snapshot: Snapshot
  let compilation: Compilation
  let segments: [Segment]
  let plan: EvaluationPlan
  /// Of those that were asked for, the ones with mistakes.
  let withheld: [String]

  /// - Parameter ids: which segments; none: all. What they refer to is planned as well.
  static func open(_ arguments: Arguments, _ printer: Printer, select ids: [String]) throws(Diagnostic)
    -> PlannedRun
  {
    let workspace = try Workspace.load(arguments, printer)
    let snapshot = try workspace.store.snapshot()
    let asOf = try workspace.asOf(arguments, snapshot)
    let (compilation, sources) = try workspace.compile(asOf: asOf)
    // Mistakes of segments that nobody asked for are no news here.
    if ids.isEmpty { Workspace.report(compilation, sources, printer, warnings: false) }
    let segments = try Workspace.select(ids, compilation)
    return PlannedRun(
      workspace: workspace, snapshot: snapshot, compilation: compilation, segments: segments,
      plan: EvaluationPlan(
        segments, eventNames: workspace.project.eventNames, asOf: asOf,
        zone: snapshot.zone),
      withheld: ids.isEmpty ? compilation.withheld : [])
  }
}
