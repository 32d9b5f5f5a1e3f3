import Diagnostics
import Ingest
import Store

/// `grandstand ingest`: event files into the store.
enum IngestCommand: Command {
  static let specification = CommandSpecification(
    name: "ingest", summary: "Take new event files into the store; each once.", arguments: "PATH…",
    argumentCount: 1...100_000,
    options: [
      .value("--source", "NAME", "which source of the project the files are of (default: by their names)"),
      .value("--memory", "SIZE", "how much memory rows may take before they go to disk (default: 1GiB)"),
      .value("--threads", "N", "how many threads (default: all processors)"),
      .value("--max-rejected", "N|P%", "fail, and take nothing, if more rows are rejected"),
      .flag("--force", "read files again that were taken before; nothing doubles"),
    ],
    examples: [
      ("grandstand ingest events/", "everything in a folder"),
      (
        "grandstand ingest 'events/dt=2026-11-2?/*.gz' --max-rejected 1%",
        "by pattern, with a limit for broken rows"
      ),
      ("zcat part.gz | grandstand ingest -", "from a pipe"),
    ],
    details: """
      Files, folders, patterns, or '-'; plain or gzip. Every row is accounted for:
      read = stored + folded + duplicate + bot + anonymous + rejected.
      Rejected rows are kept in STORE/rejects with file, line, column and reason.
      """)

  static func run(_ arguments: Arguments, _ printer: Printer) throws(Diagnostic) -> ExitStatus {
    let workspace = try Workspace.load(arguments, printer)
    _ = try workspace.makeStoreIfAbsent()
    let progress = Progress("Ingesting", printer)
    let job = IngestJob(project: workspace.project, store: workspace.store, options: try options(arguments)) {
      step in
      let label = step.step == .reading ? "\(HumanText.count(step.rows)) rows read" : step.step.rawValue
      progress.update(done: step.done, total: step.total, detail: label)
    }
    let summary = try job.run(arguments.positional)
    progress.finish()
    printer.json ? printer.out(json(summary) + "\n") : report(summary, progress.seconds, printer)
    return .done
  }

  private static func options(_ arguments: Arguments) throws(Diagnostic) -> IngestOptions {
    var options = IngestOptions()
    options.source = arguments["--source"]
    options.force = arguments.has("--force")
    options.threads = try arguments.integer("--threads", in: 1...256) ?? 0
    if let memory = try arguments.bytes("--memory") {
      guard memory >= 16 << 20 else { throw Diagnostic(.c3, "--memory must be at least 16MiB") }
      options.memory = memory
    }
    options.maximumRejected = try arguments.rejectLimit("--max-rejected")
    return options
  }

  private static func report(_ summary: IngestSummary, _ seconds: Double, _ printer: Printer) {
    if !summary.known.isEmpty {
      printer.say(
        "\(HumanText.count(summary.known.count, "file")) already taken, nothing new in \(summary.known.count == 1 ? "it" : "them")"
      )
    }
    guard let version = summary.version else { return }
    let entry = summary.entry
    printer.say(
      "Read \(HumanText.count(entry.read, "row")) from \(HumanText.count(summary.files.count, "file")) in "
        + "\(HumanText.duration(seconds: seconds)), \(HumanText.count(Int(Double(entry.read) / max(seconds, 0.001)))) a second"
    )
    var table = TextTable([("", .left), ("rows", .right), ("share", .right), ("", .left)])
    for (name, count, meaning) in lines(entry) {
      table.rows.append([
        "  " + name, HumanText.count(count), HumanText.share(count, of: entry.read), meaning,
      ])
    }
    printer.say(
      table.text + "\(HumanText.count(summary.newUsers, "new user")); the store is at version \(version)")
    if let rejects = summary.rejects {
      let reasons = entry.reasons.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map {
        "\($0.key) \(HumanText.count($0.value))"
      }
      printer.say("Rejected rows are in \(rejects): \(reasons.joined(separator: ", "))")
    }
  }

  static func lines(_ entry: IngestEntry) -> [(String, Int, String)] {
    [
      ("stored", entry.stored, "rows of users"),
      ("folded", entry.folded, "page pings, now dwell of their view"),
      (
        "duplicate", entry.duplicate,
        entry.conflicting > 0 ? "\(HumanText.count(entry.conflicting)) with other content" : "seen before"
      ),
      ("bot", entry.bot, "no readers"), ("anonymous", entry.anonymous, "without a user id; in volumes only"),
      ("rejected", entry.rejected, "broken or out of bounds"),
    ]
  }

  private static func json(_ summary: IngestSummary) -> String {
    let entry = summary.entry
    return JSONValue.object([
      ("version", summary.version.map { .count($0) } ?? .null), ("read", .count(entry.read)),
      ("stored", .count(entry.stored)),
      ("folded", .count(entry.folded)), ("duplicate", .count(entry.duplicate)),
      ("conflicting", .count(entry.conflicting)),
      ("bot", .count(entry.bot)), ("anonymous", .count(entry.anonymous)),
      ("rejected", .count(entry.rejected)),
      ("rewritten", .count(entry.rewritten)), ("new_users", .count(summary.newUsers)),
      ("reasons", .object(entry.reasons.sorted { $0.key < $1.key }.map { ($0.key, .count($0.value)) })),
      ("rejects", summary.rejects.map { .text($0) } ?? .null),
      ("known_files", .list(summary.known.map { .text($0) })),
      ("files", .list(summary.files.map { .object([("name", .text($0.name)), ("rows", .count($0.rows))]) })),
    ]).rendered
  }
}
