import Diagnostics
import Events
import Generator

/// `grandstand generate`: made-up traffic to try things on.
enum GenerateCommand: Command {
  static let specification = CommandSpecification(
    name: "generate", summary: "Make believable traffic of a publisher as Snowplow files.",
    arguments: "FOLDER",
    argumentCount: 1...1,
    options: [
      .value("--users", "N", "how many readers (default: 10000)"),
      .value("--days", "N", "how many days (default: 7)"),
      .value("--first-day", "DATE", "the first of them (default: 2026-11-16)"),
      .value("--seed", "N", "another seed, other traffic (default: 1)"),
      .value("--threads", "N", "how many threads (default: all processors)"),
      .flag("--plain", "plain TSV instead of gzip"),
    ],
    examples: [("grandstand generate events --users 50000 --days 7", "a week of 50,000 readers in ./events")],
    details: """
      The files are deterministic by seed. They hold what real ones do: duplicates, late rows, bots, rows without a
      user, a few broken lines, and one big day with twice the volume.
      """)

  static func run(_ arguments: Arguments, _ printer: Printer) throws(Diagnostic) -> ExitStatus {
    var options = TrafficOptions()
    if let users = try arguments.integer("--users", in: 1...100_000_000) { options.users = users }
    if let days = try arguments.integer("--days", in: 1...1000) { options.days = days }
    if let seed = try arguments.integer("--seed", in: 0...Int.max) { options.seed = UInt64(seed) }
    if let text = arguments["--first-day"] {
      guard let day = Day(text) else { throw Diagnostic(.c3, "--first-day must be a date, not '\(text)'") }
      options.firstDay = day
    }
    options.compressed = !arguments.has("--plain")
    let workers = Workers(threads: try arguments.integer("--threads", in: 1...256) ?? 0)
    let folder = arguments.positional[0]
    let progress = Progress("Making traffic", printer)
    let summary = try Traffic(options).write(to: folder, workers) { done, total in
      progress.update(done: done, total: total, detail: "")
    }
    progress.finish()
    if printer.json {
      printer.out(
        JSONValue.object([
          ("rows", .count(summary.rows)), ("bytes", .count(summary.bytes)), ("files", .count(summary.files)),
          ("views", .count(summary.views)), ("pings", .count(summary.pings)),
          ("duplicates", .count(summary.duplicates)),
          ("bots", .count(summary.bots)), ("anonymous", .count(summary.anonymous)),
          ("broken", .count(summary.broken)),
        ]).rendered + "\n")
    } else {
      printer.say(
        "Made \(HumanText.count(summary.rows, "row")) in \(HumanText.count(summary.files, "file")) "
          + "(\(HumanText.bytes(summary.bytes)) of TSV) in \(HumanText.duration(seconds: progress.seconds))")
    }
    return .done
  }
}
