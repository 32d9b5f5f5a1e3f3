#if canImport(Glibc)
  import Glibc
#endif
import Authoring
import Diagnostics
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

  /// The store's last version; nil where there is no store yet.
  func snapshotIfAny() throws(Diagnostic) -> Snapshot? { store.exists ? try store.snapshot() : nil }

  /// - Returns: whether it was made now.
  func makeStoreIfAbsent() throws(Diagnostic) -> Bool {
    guard !store.exists else { return false }
    try store.create(StoreSettings(timeZone: project.zone.name, buckets: project.buckets))
    return true
  }

  /// The days to evaluate, ascending: `--as-of`, else the newest complete day.
  func asOfDays(_ arguments: Arguments, _ snapshot: Snapshot) throws(Diagnostic) -> [Day] {
    if let days = try arguments.days("--as-of") { return Array(days) }
    return [try asOf(arguments, snapshot)]
  }

  /// The day to evaluate: `--as-of`, else the newest complete day.
  func asOf(_ arguments: Arguments, _ snapshot: Snapshot) throws(Diagnostic) -> Day {
    try day(arguments, "--as-of", in: snapshot)
  }

  /// The day of an option, else the newest complete day.
  func day(_ arguments: Arguments, _ option: String, in snapshot: Snapshot) throws(Diagnostic) -> Day {
    if let day = try arguments.day(option) { return day }
    guard !snapshot.days.isEmpty else {
      throw Diagnostic(
        .s6, "the store has no events", at: Place(file: project.store),
        hint:
          "'grandstand ingest FILE…' takes some in\(option == "--as-of" ? "" : "; or name a day: \(option) DAY")"
      )
    }
    guard let day = snapshot.newestCompleteDay(lateness: project.latenessHours) else {
      throw Diagnostic(
        .s6,
        "no day is complete yet: none ended \(project.latenessHours) hours before the newest event came in",
        at: Place(file: project.store),
        hint: "name one: \(option) \(snapshot.days.last?.description ?? "DAY")")
    }
    return day
  }

  /// What the project itself tells the checker.
  func ruleContext(asOf: Day?) -> RuleContext {
    var context = RuleContext(
      properties: project.properties, eventNames: project.eventNames, retentionDays: project.retentionDays,
      asOf: asOf, zone: project.zone)
    context.userFields = [.firstSeen] + project.userFields
    context.articleFields = project.articleFields
    return context
  }

  /// All segment files, checked together.
  /// - Parameters:
  ///   - snapshot: the store, whose lists may be named; nil: there is none yet.
  ///   - looksAtValues: at those of its newest 90 days, so that mistyped ones are noticed.
  ///   - draft: a further file, which stands in for one with its id.
  /// - Returns: beside what was compiled, the files that mistakes may stand in.
  func compile(
    asOf: Day?, in snapshot: Snapshot?, looksAtValues: Bool = false, beside draft: SourceText? = nil
  ) throws(Diagnostic) -> (compilation: Compilation, sources: [SourceText]) {
    var sources = try segmentFiles()
    if let draft {
      sources.removeAll { Segment.id(ofFile: $0.file) == Segment.id(ofFile: draft.file) }
      sources.append(draft)
    }
    let definitions = try definitions()
    var context = context(asOf: asOf, in: snapshot)
    let fields = project.storedFields.filter { ($0.kind == .text || $0.kind == .textList) && $0 != .article }
    if looksAtValues { context.knownValues = try snapshot?.knownValues(of: fields, days: 90) }
    return Self.compile(sources, definitions: definitions, context)
  }

  /// Files that were read, checked together.
  static func compile(_ sources: [SourceText], definitions: SourceText?, _ context: RuleContext) -> (
    compilation: Compilation, sources: [SourceText]
  ) {
    var context = context
    context.definitions = definitions
    return (RuleCompiler.compile(sources, context: context), sources + [definitions].compactMap { $0 })
  }

  /// What the project and its store tell the checker.
  func context(asOf: Day?, in snapshot: Snapshot?) -> RuleContext {
    var context = ruleContext(asOf: asOf)
    // A list that does not hold yet must not pass for an empty one: nobody would be on the do-not-target list.
    context.lists = snapshot.map { Set($0.manifest.listNames(asOf: asOf)) }
    context.firstDay = snapshot?.days.first
    return context
  }

  /// Prints a compilation's diagnostics, each with its line; warnings are for `check`, not for every night.
  static func report(
    _ compilation: Compilation, _ sources: [SourceText], _ printer: Printer, warnings: Bool = true,
    of selection: Selection? = nil, except known: [Diagnostic] = []
  ) {
    for diagnostic in diagnostics(of: selection, compilation)
    where (warnings || diagnostic.isError) && !known.contains(diagnostic) {
      printer.diagnostic(diagnostic, source: sources.first { $0.file == diagnostic.place?.file })
    }
  }

  /// Those in the files of the segments that were asked for, and in files that are nobody's alone: templates, definitions.
  static func diagnostics(of selection: Selection?, _ compilation: Compilation) -> [Diagnostic] {
    guard let selection, let ids = selection.ids else { return compilation.diagnostics }
    let known = compilation.segments.map { ($0.id, $0.file) }
    let owners = Dictionary(grouping: known, by: \.1).mapValues { $0.map(\.0) }
    return compilation.diagnostics.filter { diagnostic in
      guard let file = diagnostic.place?.file else { return true }
      let id = Segment.id(ofFile: file)
      let own = (owners[file] ?? []) + (compilation.withheld.contains(id) ? [id] : [])
      // A mistake in a template matters to those that are made of it, and they are withheld then.
      guard !own.isEmpty else { return !diagnostic.isError || !selection.withheld.isEmpty }
      return own.contains { ids.contains($0) }
    }
  }

  /// What `--select` words choose.
  struct Selection {
    /// The good segments that were asked for, behind all that they refer to.
    var segments: [Segment]
    /// Ids of those that were asked for; nil: all.
    var ids: Set<String>?
    /// Of those that were asked for, the ones with mistakes.
    var withheld: [String]

    func contains(_ id: String) -> Bool { ids?.contains(id) ?? true }
  }

  /// - Parameter words: as `Selector` reads them; none: all segments.
  /// - Throws: where a word is wrong or fits no segment, or one that is named is withheld.
  func select(_ words: [String], _ compilation: Compilation, _ sources: [SourceText], _ printer: Printer)
    throws(Diagnostic) -> Selection
  {
    guard !words.isEmpty else {
      return Selection(segments: compilation.segments, ids: nil, withheld: compilation.withheld)
    }
    let named = try Selector(words).namedIDs
    if let named = named.first(where: { compilation.withheld.contains($0) }) {
      throw Self.unknown(named, compilation)
    }
    return try selected(words, compilation, sources, printer)
  }

  /// The same, with those that have mistakes named or not.
  func selected(_ words: [String], _ compilation: Compilation, _ sources: [SourceText], _ printer: Printer)
    throws(Diagnostic) -> Selection
  {
    let selector = try Selector(words)
    let ids = try selector.ids(
      among: SegmentOutline.all(compilation, sources), latestHash: try latestHashes(for: selector, printer))
    return Selection(
      segments: compilation.segments.closure(of: ids), ids: ids,
      withheld: compilation.withheld.filter { ids.contains($0) })
  }

  /// Hashes of segment files in the latest run, where a selector asks for them.
  func latestHashes(for selector: Selector, _ printer: Printer) throws(Diagnostic) -> (String) -> String? {
    guard selector.asksForState else { return { _ in nil } }
    let latest = try RunHistory(store, days: 0, printer).latest
    let hashes = Dictionary((latest?.segments ?? []).map { ($0.id, $0.fileHash) }) { first, _ in first }
    return { hashes[$0] }
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

  /// The file of the project's names, inside the folder of segments.
  var definitionsPath: String { project.segments + "/definitions.yaml" }

  func definitions() throws(Diagnostic) -> SourceText? {
    guard Files.exists(definitionsPath) else { return nil }
    return SourceText(file: definitionsPath, bytes: try Files.read(definitionsPath, limit: 1 << 22))
  }

  /// The segment files, sorted by name; folders inside are read too, hidden files, `experiments` and the project's
  /// definitions are not.
  func segmentFiles() throws(Diagnostic) -> [SourceText] {
    guard Files.isFolder(project.segments) else {
      throw Diagnostic(
        .f1, "there is no folder of segments", at: Place(file: project.segments),
        hint: "make it, or set 'segments' in \(Self.fileName)")
    }
    return try Self.yamlFiles(in: project.segments).filter { $0.file != definitionsPath }
  }

  /// The YAML files of a folder and those inside, as `segmentFiles` has them.
  static func yamlFiles(in folder: String) throws(Diagnostic) -> [SourceText] {
    var files: [SourceText] = []
    for path in try yamlPaths(in: folder) {
      files.append(SourceText(file: path, bytes: try Files.read(path, limit: 1 << 22)))
    }
    return files
  }

  static func yamlPaths(in folder: String, depth: Int = 0) throws(Diagnostic) -> [String] {
    var paths: [String] = []
    for name in try Folder.names(in: folder) where !name.hasPrefix(".") {
      let path = folder + "/" + name
      if Files.isFolder(path) {
        if depth < 8, name != "experiments" { paths += try yamlPaths(in: path, depth: depth + 1) }
      } else if name.hasSuffix(".yaml") || name.hasSuffix(".yml") {
        paths.append(path)
      }
    }
    return paths
  }

  /// Whether a path below the folder of segments is read as one of its files: the same for git's trees.
  static func isSegmentFile(_ path: String) -> Bool {
    let names = path.split(separator: "/")
    return names.count <= 9 && names.allSatisfy { !$0.hasPrefix(".") }
      && !names.dropLast().contains("experiments") && (path.hasSuffix(".yaml") || path.hasSuffix(".yml"))
  }

  /// Whether there is a project here or in a folder above.
  static var isHere: Bool { (try? find()) != nil }

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
