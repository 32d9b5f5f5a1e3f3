import Diagnostics
import Events
import Store

/// `grandstand compact`: few large files of many small ones.
enum CompactCommand: Command {
  static let specification = CommandSpecification(
    name: "compact", summary: "Make few large files of many small ones; no member changes.",
    options: [
      .value("--days", "A..B", "only parts of these days, as in 2026-11-01..2026-11-30"),
      .value("--before", "DAY", "only parts of days before this one"),
      .flag("--all", "everything that can become one file, also where it hardly pays"),
      .flag("--dry-run", "say what would be done"),
      .value("--threads", "N", "how many threads (default: all processors)"),
    ],
    examples: [
      ("grandstand compact", "what pays; every night after 'ingest' is fine"),
      ("grandstand compact --dry-run", "what that would be"),
      ("grandstand compact --before 2026-01-01 --all", "one part for each day of the years before"),
    ],
    details: """
      Parts of a day become one when the smaller ones make up a tenth of it, or replaced rows a fiftieth; four and more
      that are smaller become one of their own. Index files and files of users become fewer in the same commit.
      The old files stay for those who are reading them; 'grandstand vacuum' deletes them later.
      """)

  static func run(_ arguments: Arguments, _ printer: Printer) throws(Diagnostic) -> ExitStatus {
    let workspace = try Workspace.load(arguments, printer)
    let options = try options(arguments, workspace)
    if arguments.has("--dry-run") {
      let plan = try CompactionPlan(try workspace.store.snapshot(), options)
      report(Compaction.Summary(plan: plan), nil, printer)
      return .done
    }
    let progress = Progress("Compacting", printer)
    let compaction = Compaction(store: workspace.store, options: options) { done, total in
      progress.update(done: done, total: total, detail: "\(HumanText.count(done)) rows")
    }
    let summary = try compaction.run()
    progress.finish()
    report(summary, progress.seconds, printer)
    return .done
  }

  private static func options(_ arguments: Arguments, _ workspace: Workspace) throws(Diagnostic)
    -> CompactionOptions
  {
    var options = CompactionOptions()
    options.takesAll = arguments.has("--all")
    options.threads = try arguments.integer("--threads", in: 1...256) ?? 0
    options.deduplicationDays = workspace.project.deduplicationDays
    options.days = try arguments.days("--days")
    if let day = try arguments.day("--before") {
      guard options.days == nil else {
        throw Diagnostic(.c3, "--days and --before cannot be used together", hint: "--days names both ends")
      }
      options.days = Day(number: .min)...day.advanced(by: -1)
    }
    return options
  }

  // MARK: Reporting

  /// - Parameter seconds: nil: it was not done.
  private static func report(_ summary: Compaction.Summary, _ seconds: Double?, _ printer: Printer) {
    let plan = summary.plan
    guard !printer.json else { return printer.out(json(summary) + "\n") }
    guard !plan.isEmpty else { return printer.say("Nothing to gain: there are few files already") }
    if !plan.days.isEmpty { printer.say(table(summary).text) }
    for (count, what) in others(plan) where count > 0 {
      printer.say("\(HumanText.count(count, "file")) of \(what)")
    }
    guard let version = summary.version, let seconds else {
      return printer.say("Nothing was done; without --dry-run it would be")
    }
    let rows = plan.days.reduce(0) { $0 + $1.rows }
    let speed = HumanText.count(Int(Double(rows) / max(seconds, 0.001)))
    printer.say(
      "Compacted \(HumanText.count(rows, "row")) in \(HumanText.duration(seconds: seconds)), \(speed) a second; "
        + "the store is at version \(version)")
  }

  private static func table(_ summary: Compaction.Summary) -> TextTable {
    let isDone = !summary.parts.isEmpty
    var table = TextTable([
      ("day", .left), ("parts", .right), ("rows", .right), ("replaced", .right), ("size", .right),
    ])
    if isDone {
      table.headers.append("now")
      table.alignments.append(.right)
    }
    for (index, day) in summary.plan.days.enumerated() {
      var row = [
        day.day.description, HumanText.count(day.parts.count), HumanText.count(day.rows),
        HumanText.count(day.replaced), HumanText.bytes(day.bytes),
      ]
      if isDone { row.append(HumanText.bytes(summary.parts[index].bytes)) }
      table.rows.append(row)
    }
    return table
  }

  private static func others(_ plan: CompactionPlan) -> [(Int, String)] {
    let kinds = Set(plan.indexes.compactMap { $0.first?.kind }).sorted()
    return kinds.map { kind in
      (
        plan.indexes.filter { $0.first?.kind == kind }.reduce(0) { $0 + $1.count },
        "the index '\(kind)' into one"
      )
    } + [
      (plan.forgotten.count, "indexes past the days of 'deduplication' forgotten"),
      (plan.deletions.count, "lists of replaced rows into one"), (plan.users.count, "users into one"),
      (plan.tables.count, "tables that others replaced left out"),
    ]
  }

  private static func json(_ summary: Compaction.Summary) -> String {
    let plan = summary.plan
    let days = plan.days.enumerated().map { index, day in
      JSONValue.object([
        ("day", .text(day.day.description)), ("parts", .count(day.parts.count)), ("rows", .count(day.rows)),
        ("replaced", .count(day.replaced)), ("bytes", .count(day.bytes)),
        ("bytes_now", summary.parts.indices.contains(index) ? .count(summary.parts[index].bytes) : .null),
      ])
    }
    return JSONValue.object([
      ("version", summary.version.map { .count($0) } ?? .null), ("days", .list(days)),
      ("index_files", .count(plan.indexes.reduce(0) { $0 + $1.count })),
      ("index_files_now", .count(plan.indexes.count)),
      ("index_files_forgotten", .count(plan.forgotten.count)),
      ("deletion_files", .count(plan.deletions.count)), ("user_files", .count(plan.users.count)),
      ("tables_left_out", .count(plan.tables.count)),
    ]).rendered
  }
}
