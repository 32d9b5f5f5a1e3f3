import ArrowIPC
import Bitmaps
import Delivery
import Diagnostics
import Events
import Store

/// `grandstand export`: members into files.
enum ExportCommand: Command {
  static let specification = CommandSpecification(
    name: "export", summary: "Write the members of segments into files.", arguments: "SEGMENT…",
    argumentCount: 0...10_000,
    options: [
      .flag("--all", "all segments of the run"), Selector.option,
      .value(
        "--format", "FORMAT", "csv (default), jsonl, arrow or roaring",
        choices: ["csv", "jsonl", "arrow", "roaring"]),
      .value("--to", "DIR", "the folder (default: here)"),
      .value("--run", "ID", "which run (default: the latest)"),
      .flag("--gzip", "compress csv and jsonl"),
    ],
    examples: [
      ("grandstand export formula-1-fans --to out", "out/formula-1-fans.csv, one user id a line"),
      ("grandstand export --all --format arrow --to out", "every segment as an Arrow file"),
      ("grandstand export --select purpose:ads --to out", "those of a purpose that the run has"),
    ],
    details: """
      A file appears whole or not at all; its count and SHA-256 are printed and kept in DIR/export.json.
      \(Selector.help)
      """)

  static func run(_ arguments: Arguments, _ printer: Printer) throws(Diagnostic) -> ExitStatus {
    let workspace = try Workspace.load(arguments, printer)
    let store = workspace.store
    let snapshot = try store.snapshot()
    guard let format = MemberFormat(rawValue: arguments["--format"] ?? "csv") else {
      throw Diagnostic(
        .c3, "there is no format '\(arguments["--format"] ?? "")'", hint: "csv, jsonl, arrow or roaring")
    }
    guard let run = arguments["--run"] ?? store.latestRun(), store.hasRun(run) else {
      throw Diagnostic(
        .s6, "there is no run to export from", at: Place(file: workspace.project.store),
        hint: "'grandstand run' makes one")
    }
    let segments = try segments(arguments, workspace, run, printer)
    guard !segments.isEmpty else {
      throw Diagnostic(
        .c3, "name the segments to export, or say --all or --select",
        hint: "grandstand export formula-1-fans --to out")
    }
    let folder = arguments["--to"] ?? "."
    try Files.makeFolder(folder)
    var receipts: [(String, ExportReceipt)] = []
    for segment in segments {
      let members = try store.membership(segment, run: run, buckets: snapshot.bucketCount)
      let export = MemberExport(
        segment: segment, format: format, compressed: arguments.has("--gzip"), count: members.count)
      receipts.append((segment, try write(export, members, snapshot, folder)))
    }
    let text = json(run, receipts)
    try Files.write(Array(text.utf8), to: folder + "/export.json")
    if printer.json { printer.out(text) } else { for (_, receipt) in receipts { printer.say(line(receipt)) } }
    return .done
  }

  /// Those that are named or selected, or all that the run has.
  private static func segments(
    _ arguments: Arguments, _ workspace: Workspace, _ run: String, _ printer: Printer
  )
    throws(Diagnostic) -> [String]
  {
    if arguments.has("--all") { return try RunContents.segments(workspace.store, run) }
    let words = arguments.all("--select")
    guard !words.isEmpty else { return arguments.positional }
    let (compilation, sources) = try workspace.compile(
      asOf: nil, in: try workspace.snapshotIfAny())
    let selection = try workspace.select(words, compilation, sources, printer)
    let ids = (selection.ids ?? []).sorted()
    for id in ids where !workspace.store.hasMembership(id, run: run) {
      printer.note("the run \(run) has no '\(id)'")
    }
    return arguments.positional + ids.filter { workspace.store.hasMembership($0, run: run) }
  }

  private static func write(
    _ export: MemberExport, _ members: Membership, _ snapshot: Snapshot, _ folder: String
  )
    throws(Diagnostic) -> ExportReceipt
  {
    switch export.format {
    case .roaring: return try export.write(to: folder, bytes: members.bytes, rows: members.count)
    case .arrow:
      var batches: [ArrowBatch] = []
      try ids(members, snapshot) { ids throws(Diagnostic) in
        batches.append(ArrowBatch(rows: ids.count, columns: [ArrowArray(ids.map { Array($0) })]))
      }
      let schema = ArrowSchema([ArrowField("user_id", .utf8, nullable: false)])
      return try export.write(
        to: folder, bytes: ArrowFileLayout.file(schema, batches: batches),
        rows: batches.reduce(0) { $0 + $1.rows })
    case .csv, .jsonl:
      return try export.write(to: folder) { take throws(Diagnostic) in try ids(members, snapshot, take) }
    }
  }

  /// The ids of members, a bucket at a time.
  private static func ids(
    _ members: Membership, _ snapshot: Snapshot, _ take: ([ArraySlice<UInt8>]) throws(Diagnostic) -> Void
  ) throws(Diagnostic) {
    for bucket in 0..<members.bucketCount {
      let ordinals = members.ordinals(in: bucket)
      guard let last = ordinals.last else { continue }
      let users = try snapshot.users(in: BucketIndex(UInt32(bucket)))
      guard Int(last) < users.count else {
        throw Diagnostic(
          .s2, "the run knows users that the store does not", hint: "run 'grandstand run' again")
      }
      try take(ordinals.map { users[Int($0)] })
    }
  }

  private static func line(_ receipt: ExportReceipt) -> String {
    "\(receipt.path): \(HumanText.count(receipt.rows, "member")), \(HumanText.bytes(receipt.bytes)), sha256 \(receipt.sha256.prefix(12))…"
  }

  private static func json(_ run: String, _ receipts: [(String, ExportReceipt)]) -> String {
    JSONValue.object([
      ("run", .text(run)),
      (
        "files",
        .list(
          receipts.map { segment, receipt in
            .object([
              ("segment", .text(segment)), ("path", .text(receipt.path)),
              ("format", .text(receipt.format.rawValue)),
              ("rows", .count(receipt.rows)), ("bytes", .count(receipt.bytes)),
              ("sha256", .text(receipt.sha256)),
            ])
          })
      ),
    ]).rendered + "\n"
  }
}

/// Which segments a run has.
enum RunContents {
  static func segments(_ store: Store, _ run: String) throws(Diagnostic) -> [String] {
    try Folder.names(in: store.path + "/runs/\(run)/members").filter { $0.hasSuffix(".roaring") }.map {
      String($0.dropLast(8))
    }
  }
}
