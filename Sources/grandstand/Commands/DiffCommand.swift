import Delivery
import Diagnostics
import Engine
import Events
import Store

/// `grandstand diff`: who entered and who left, because of the rule or of what they did.
enum DiffCommand: Command {
  static let specification = CommandSpecification(
    name: "diff",
    summary: "Compare two runs, or the segments of two git revisions: who entered and left, and why.",
    arguments: "[BEFORE] [AFTER]", argumentCount: 0...2,
    options: [
      Selector.option,
      .value(
        "--members", "SEGMENT", "list who entered and left that segment, as CSV (JSON lines with --json)"),
      .value("--as-of", "DAY", "of git revisions: the day to evaluate (default: the newest complete day)"),
    ],
    examples: [
      ("grandstand diff", "the latest run with the one of the day before"),
      ("grandstand diff 2026-11-16 2026-11-23", "the runs of two days"),
      ("grandstand diff HEAD", "what the changes that are not committed do, before they run"),
      ("grandstand diff v1.2 HEAD --select tag:sport", "two git revisions, some segments"),
      ("grandstand diff --members formula-1-fans > moved.csv", "users: user_id,move,cause"),
    ],
    details: """
      A run is named by its day (or its whole id), a revision as 'git rev-parse' takes it; AFTER is the latest run, or the
      files as they are. Those who entered or left did so by 'behaviour' if the old rule on the new day would have moved
      them as well, else by the 'rule'; changes of templates, definitions and segments that it refers to are the rule's.
      \(Selector.help)
      """)

  static func run(_ arguments: Arguments, _ printer: Printer) throws(Diagnostic) -> ExitStatus {
    let workspace = try Workspace.load(arguments, printer)
    let (before, after) = try DiffSides.open(arguments, workspace, printer)
    let ids = try selected(arguments, before, after, workspace, printer)
    if let id = arguments["--members"], ids != [id] {
      throw Diagnostic(.c3, "--members lists one segment, not '\(id)'", hint: "--members formula-1-fans")
    }
    let comparison = try Comparison(from: before, to: after, ids, workspace.store, printer)
    if let id = arguments["--members"] {
      try members(id, comparison, try workspace.store.snapshot(), printer)
    } else {
      printer.out(printer.json ? DiffReport.json(comparison) : DiffReport.text(comparison, printer))
    }
    for side in [before, after] {
      let withheld = side.withheld.intersection(ids).sorted()
      guard !withheld.isEmpty else { continue }
      printer.note(
        "withheld in \(side.label), because they have mistakes: \(withheld.joined(separator: ", "))")
    }
    return after.withheld.isDisjoint(with: ids) ? .done : .findings
  }

  private static func selected(
    _ arguments: Arguments, _ before: DiffSide, _ after: DiffSide, _ workspace: Workspace, _ printer: Printer
  ) throws(Diagnostic) -> Set<String> {
    let new = after.outlines
    let known = Set(new.map(\.id))
    let outlines = new + before.outlines.filter { !known.contains($0.id) }
    let words = arguments["--members"].map { [$0] } ?? arguments.all("--select")
    guard !words.isEmpty else { return Set(outlines.map(\.id)) }
    let selector = try Selector(words)
    return try selector.ids(among: outlines, latestHash: try workspace.latestHashes(for: selector, printer))
  }

  // MARK: Users

  private static func members(
    _ id: String, _ comparison: Comparison, _ snapshot: Snapshot, _ printer: Printer
  ) throws(Diagnostic) {
    if !printer.json { printer.out("user_id,move,cause\n") }
    guard let change = comparison.entries.first(where: { $0.id == id })?.change else { return }
    for bucket in 0..<change.after.bucketCount {
      let moved = change.users(in: bucket)
      guard let last = moved.last else { continue }
      let users = try snapshot.users(in: BucketIndex(UInt32(bucket)))
      guard Int(last.ordinal) < users.count else {
        throw Diagnostic(
          .s2, "the run knows users that the store does not", hint: "run 'grandstand run' again")
      }
      printer.out(moved.map { line($0, users[Int($0.ordinal)], json: printer.json) }.joined())
    }
  }

  private static func line(_ user: MembershipChange.User, _ id: ArraySlice<UInt8>, json: Bool) -> String {
    guard json else {
      let field = String(decoding: MemberExport.csvField(id), as: UTF8.self)
      return "\(field),\(user.move.rawValue),\(user.cause?.rawValue ?? "")\n"
    }
    return JSONValue.object([
      ("user_id", .text(String(decoding: id, as: UTF8.self))), ("move", .text(user.move.rawValue)),
      ("cause", user.cause.map { .text($0.rawValue) } ?? .null),
    ]).rendered + "\n"
  }
}
