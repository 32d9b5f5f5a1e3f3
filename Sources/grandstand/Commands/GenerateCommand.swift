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
      .value("--events", "N", "rows that a reader makes on an average day (default: 10)"),
      .value("--big-day", "DATE", "a day with a race and twice the traffic (default: the first Sunday)"),
      .value("--files", "N", "files a day (default: 4)"),
      .value("--zone", "NAME", "whose calendar days the folders are (default: UTC)"),
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
    let options = try options(arguments)
    let workers = Workers(threads: try arguments.integer("--threads", in: 1...256) ?? 0)
    let progress = Progress("Making traffic", printer)
    let generator = try TrafficGenerator(options)
    let summary = try generator.generate(into: arguments.positional[0], workers: workers) { made in
      progress.update(done: made.filesDone, total: made.files, detail: HumanText.count(made.rows, "row"))
    }
    progress.finish()
    if printer.json {
      printer.out(json(summary).rendered + "\n")
    } else {
      printer.say(
        "Made \(HumanText.count(summary.rows, "row")) in \(HumanText.count(summary.files, "file")) "
          + "(\(HumanText.bytes(summary.bytes)) of TSV) in \(HumanText.duration(seconds: progress.seconds))")
    }
    return .done
  }

  private static func json(_ made: GeneratedSummary) -> JSONValue {
    .object([
      ("rows", .count(made.rows)), ("bytes", .count(made.bytes)), ("files", .count(made.files)),
      ("views", .count(made.views)), ("pings", .count(made.pings)), ("clicks", .count(made.clicks)),
      ("purchases", .count(made.purchases)), ("duplicates", .count(made.duplicates)),
      ("conflicts", .count(made.conflicts)), ("late", .count(made.late)), ("bots", .count(made.bots)),
      ("anonymous", .count(made.anonymous)), ("anonymous_pings", .count(made.anonymousPings)),
      ("broken", .count(made.broken)), ("engaged_views", .count(made.engagedViews)),
      ("engaged_seconds", .count(made.engagedSeconds)), ("sessions", .count(made.sessions)),
      ("user_ids", .count(made.userIDs)),
    ])
  }

  private static func options(_ arguments: Arguments) throws(Diagnostic) -> TrafficOptions {
    var options = TrafficOptions(firstDay: try arguments.day("--first-day") ?? Day(number: 20_773))
    options.users = try arguments.integer("--users", in: 1...100_000_000) ?? 10_000
    options.days = try arguments.integer("--days", in: 1...3660) ?? 7
    options.eventsPerUserPerDay = Double(try arguments.integer("--events", in: 1...10_000) ?? 10)
    options.filesPerDay = try arguments.integer("--files", in: 1...1000) ?? 4
    options.seed = UInt64(try arguments.integer("--seed", in: 0...Int.max) ?? 1)
    let sunday = 7 - options.firstDay.weekday
    options.bigDay = sunday < options.days ? sunday : nil
    if let day = try arguments.day("--big-day") {
      options.bigDay = Int(day.number) - Int(options.firstDay.number)
    }
    if arguments.has("--plain") { options.compression = .none }
    if let name = arguments["--zone"] {
      do throws(ZoneError) { options.zone = try CalendarZone(named: name) } catch {
        throw Diagnostic(.c3, error.reason, hint: "a name such as Europe/Amsterdam")
      }
    }
    return options
  }
}
