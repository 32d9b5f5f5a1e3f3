import Authoring
import Diagnostics

/// `grandstand list`: all segments at a glance.
enum ListCommand: Command {
  static let specification = CommandSpecification(
    name: "list", summary: "List the segments with their sizes in the last runs.",
    options: [Selector.option, .flag("--ids", "only the ids, one a line")],
    examples: [
      ("grandstand list", "all of them, with a line of the sizes of the last 14 days that were run"),
      ("grandstand list --select tag:sport,purpose:ads", "the sport segments for ads"),
      ("grandstand list --ids --select state:modified", "what changed since the latest run, for scripts"),
    ],
    details: """
      'change' compares with the run of the day before; 'reads' is what a night reads for the segment alone; 'file' is the day of the last commit that changed the file, or of its
      last change where git does not know it.
      \(Selector.help)
      """)

  static func run(_ arguments: Arguments, _ printer: Printer) throws(Diagnostic) -> ExitStatus {
    let workspace = try Workspace.load(arguments, printer)
    guard !arguments.has("--ids") else { return try ids(workspace, arguments, printer) }
    let catalog = try Catalog(workspace, days: 14, printer)
    let segments = try selected(catalog.segments, workspace, arguments, printer)
    guard !printer.json else {
      printer.out(
        "[" + segments.map { JSONValue.object(catalog.json($0)).rendered }.joined(separator: ",\n") + "]\n")
      return .done
    }
    if !segments.isEmpty { printer.out(table(segments, catalog).text) }
    let run = catalog.history.latest.map { "sizes as of \($0.asOf)" } ?? "no run yet"
    printer.say("\(HumanText.count(segments.count, "segment")), \(run)")
    return .done
  }

  /// Without a look at runs and git: completion in a shell asks for this.
  private static func ids(_ workspace: Workspace, _ arguments: Arguments, _ printer: Printer)
    throws(Diagnostic)
    -> ExitStatus
  {
    let (compilation, sources) = try workspace.compile(
      asOf: nil, in: try workspace.snapshotIfAny())
    let all = SegmentOutline.all(compilation, sources)
    let ids = try selected(all, workspace, arguments, printer).map(\.id)
    printer.out(
      printer.json
        ? JSONValue.list(ids.map { .text($0) }).rendered + "\n" : ids.map { $0 + "\n" }.joined())
    return .done
  }

  private static func selected(
    _ segments: [SegmentOutline], _ workspace: Workspace, _ arguments: Arguments, _ printer: Printer
  ) throws(Diagnostic) -> [SegmentOutline] {
    let words = arguments.all("--select")
    guard !words.isEmpty else { return segments }
    let selector = try Selector(words)
    let ids = try selector.ids(
      among: segments, latestHash: try workspace.latestHashes(for: selector, printer))
    return segments.filter { ids.contains($0.id) }
  }

  private static func table(_ segments: [SegmentOutline], _ catalog: Catalog) -> TextTable {
    var table = TextTable([
      ("segment", .left), ("name", .left), ("owner", .left), ("purpose", .left), ("members", .right),
      ("change", .right),
      ("last runs", .left), ("reads", .right), ("delivered to", .left), ("file", .left), ("", .left),
    ])
    for segment in segments {
      let entry = catalog.history.latestEntry(segment.id)
      table.rows.append([
        segment.id, segment.name, segment.owner, segment.purpose,
        entry.map { HumanText.count($0.size) } ?? "–",
        catalog.history.change(of: segment.id).map { HumanText.change($0) } ?? (entry == nil ? "" : "new"),
        HumanText.spark(catalog.history.sizes(of: segment.id)),
        catalog.reads(segment).map { HumanText.bytes($0) } ?? "",
        segment.destinations.joined(separator: ", "),
        catalog.changed(segment) ?? "",
        catalog.status(segment),
      ])
    }
    return table
  }
}
