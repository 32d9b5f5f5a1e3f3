import Diagnostics
import Events
import Ingest
import Store

/// `grandstand load`: attributes of users and articles, and lists of ids, with the day from which they hold.
enum LoadCommand: Command {
  static let specification = CommandSpecification(
    name: "load", summary: "Load attributes of users or articles, or a list of ids, to hold from a day on.",
    arguments: "users|articles|list NAME FILE", argumentCount: 2...3,
    options: [
      .value("--from", "DAY", "the day from which it holds (default: the newest complete day)"),
      .value("--column", "NAME", "the column of a list that has the ids (default: user_id, else the first)"),
      .value(
        "--delimiter", "C", "what stands between values of CSV, or 'tab' (default: the project's, or ,)"),
      .value("--max-rejected", "N|P%", "fail, and load nothing, if more rows are rejected or unreadable"),
      .flag("--allow-empty", "let an empty file empty the table or list"),
    ],
    examples: [
      ("grandstand load users crm.csv.gz", "attributes as 'users' of the project file describes them"),
      ("grandstand load articles articles.arrow --from 2026-11-01", "for runs as of that day and later"),
      ("grandstand load list do-not-target ids.txt", "one id a line, or a CSV with a column user_id"),
    ],
    details: """
      CSV with a header (plain or gzip), or an Arrow IPC file; a list may also be one id a line.
      The file replaces the whole table or list from that day on; earlier days keep what held then.
      Of an id that comes twice the last row counts. A value that cannot be read is unknown, and counted.
      The same content for the same day again adds nothing.
      """)

  static func run(_ arguments: Arguments, _ printer: Printer) throws(Diagnostic) -> ExitStatus {
    let (target, path) = try target(arguments)
    let workspace = try Workspace.load(arguments, printer)
    _ = try workspace.makeStoreIfAbsent()
    let options = try options(arguments, workspace)
    let job = LoadJob(project: workspace.project, store: workspace.store, target: target, options: options)
    let summary = try job.run(path)
    if printer.json {
      printer.out(json(summary, target, options) + "\n")
    } else {
      report(summary, target, options, path, isDefaultDay: !arguments.has("--from"), printer)
    }
    return .done
  }

  private static func target(_ arguments: Arguments) throws(Diagnostic) -> (LoadTarget, String) {
    let words = arguments.positional
    let usage = "grandstand load users FILE, load articles FILE, or load list NAME FILE"
    switch (words[0], words.count) {
    case ("users", 2), ("articles", 2):
      guard !arguments.has("--column") else {
        throw Diagnostic(
          .c3, "--column is for lists", hint: "the columns of \(words[0]) stand in the project file")
      }
      return (words[0] == "users" ? .users : .articles, words[1])
    case ("list", 3):
      guard TableEntry.isListName(words[1]) else {
        throw Diagnostic(
          .c3, "'\(words[1])' cannot be a list's name", hint: "a–z, 0–9, - and _, such as do-not-target")
      }
      return (.list(words[1], column: arguments["--column"]), words[2])
    case ("list", _), ("users", _), ("articles", _):
      throw Diagnostic(.c3, "'grandstand load \(words[0])': the arguments do not fit", hint: usage)
    default:
      let near = Nearest.word(to: words[0], among: TableEntry.Kind.allCases.map(\.rawValue))
      throw Diagnostic(
        .c3, "'grandstand load' knows no '\(words[0])'", hint: near.map { "did you mean '\($0)'?" } ?? usage)
    }
  }

  private static func options(_ arguments: Arguments, _ workspace: Workspace) throws(Diagnostic)
    -> LoadOptions
  {
    var options = LoadOptions(
      from: try workspace.day(arguments, "--from", in: try workspace.store.snapshot()))
    options.allowsEmpty = arguments.has("--allow-empty")
    options.maximumRejected = try arguments.rejectLimit("--max-rejected")
    if let text = arguments["--delimiter"] {
      let byte = ["tab", "\\t"].contains(text) ? 0x09 : text.utf8.first
      guard let byte, text.utf8.count == 1 || byte == 0x09, byte != 0x22 else {
        throw Diagnostic(.c3, "--delimiter must be one ASCII character, or tab", hint: "--delimiter ';'")
      }
      options.delimiter = byte
    }
    return options
  }

  // MARK: Reporting

  private static func report(
    _ summary: LoadSummary, _ target: LoadTarget, _ options: LoadOptions, _ path: String, isDefaultDay: Bool,
    _ printer: Printer
  ) {
    let noun = target == .articles ? "article" : target == .users ? "user" : "id"
    let known =
      target == .articles
      ? "read in the newest \(LoadSummary.articleDays) days with events" : "of users with events"
    let before = summary.before.map { " (before: \(HumanText.count($0)))" } ?? ""
    printer.say(
      "\(path): \(HumanText.count(summary.read, "row")), \(HumanText.count(summary.rows, noun))\(before), "
        + "\(HumanText.count(summary.known)) \(known)")
    if case .list = target, summary.read > 0 {
      printer.say("  " + (summary.column.map { "ids from the column '\($0)'" } ?? "one id a line, no header"))
    }
    for problem in summary.problems { printer.say("  " + problem.words) }
    if summary.repeated > 0 {
      printer.say("  \(HumanText.count(summary.repeated, "row")) replaced by a later one of the same id")
    }
    let day = isDefaultDay ? "\(options.from), the newest complete day" : "\(options.from)"
    guard let version = summary.version else {
      return printer.say("Nothing new: the same rows hold already from \(day)")
    }
    let until = summary.until.map { "; until \($0), from which another is there" } ?? ""
    printer.say("Holds from \(day)\(until); the store is at version \(version)")
  }

  private static func json(_ summary: LoadSummary, _ target: LoadTarget, _ options: LoadOptions) -> String {
    var (table, name) = (target.words, JSONValue.null)
    if case .list(let list, _) = target { (table, name) = ("list", .text(list)) }
    let problems = summary.problems.map { problem in
      JSONValue.object([
        ("reason", .text(problem.reason)), ("field", problem.field.isEmpty ? .null : .text(problem.field)),
        ("count", .count(problem.count)),
        (problem.hasLines ? "lines" : "rows", .list(problem.places.map { .count($0) })),
      ])
    }
    return JSONValue.object([
      ("version", summary.version.map { .count($0) } ?? .null), ("table", .text(table)), ("name", name),
      ("from", .text(options.from.description)), ("until", summary.until.map { .text($0) } ?? .null),
      ("read", .count(summary.read)), ("rows", .count(summary.rows)), ("known", .count(summary.known)),
      ("before", summary.before.map { .count($0) } ?? .null), ("repeated", .count(summary.repeated)),
      ("rejected", .count(summary.rejected)), ("unreadable", .count(summary.unreadable)),
      ("column", summary.column.map { .text($0) } ?? .null), ("problems", .list(problems)),
    ]).rendered
  }
}
