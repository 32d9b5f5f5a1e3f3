import Diagnostics
import Events
import Project

/// `grandstand init`: a first project file, a first segment, an empty store.
enum InitCommand: Command {
  static let specification = CommandSpecification(
    name: "init", summary: "Make a project: a project file, a folder of segments and an empty store.",
    arguments: "[FOLDER]", argumentCount: 0...1,
    options: [
      .value(
        "--format", "FORMAT", "what the events are: snowplow (default), csv, jsonl, arrow or parquet",
        choices: Source.Format.allCases.map(\.rawValue)),
      .value("--time-zone", "ZONE", "in which zone a day begins and ends (default: UTC)"),
      .value("--buckets", "N", "a power of two, about one for 4,000 users (default: 64)"),
    ],
    examples: [
      ("grandstand init", "a project for Snowplow events in this folder"),
      (
        "grandstand init shop --format csv --time-zone Europe/Brussels",
        "one for CSV files in the folder shop"
      ),
    ],
    details: "Where grandstand.yaml is already there, only its store is made; nothing is overwritten.")

  static func run(_ arguments: Arguments, _ printer: Printer) throws(Diagnostic) -> ExitStatus {
    let folder = arguments.positional.first ?? arguments["--project"] ?? "."
    let path = folder + "/" + Workspace.fileName
    var made: [String] = []
    if !Files.exists(path) {
      let text = try projectText(arguments)
      try check(text, folder)
      try Files.makeFolder(folder + "/segments")
      try Files.write(Array(text.utf8), to: path)
      made.append(path)
      let first = folder + "/segments/regular-readers.yaml"
      if !Files.exists(first) {
        try Files.write(Array(firstSegment.utf8), to: first)
        made.append(first)
      }
    } else if let option = ["--format", "--time-zone", "--buckets"].first(where: { arguments.has($0) }) {
      throw Diagnostic(
        .c3, "\(option) is for a new project, and there is a project file already", at: Place(file: path),
        hint: "edit the file instead, then run 'grandstand init'")
    }
    let workspace = try Workspace.load(path, printer)
    if try workspace.makeStoreIfAbsent() { made.append(workspace.project.store) }
    report(made, path, printer)
    return .done
  }

  private static func report(_ made: [String], _ path: String, _ printer: Printer) {
    if printer.json {
      printer.out(JSONValue.object([("made", .list(made.map { .text($0) }))]).rendered + "\n")
      return
    }
    guard !made.isEmpty else { return printer.say("Nothing to do: \(path) and its store are there.") }
    for item in made { printer.say("made \(item)") }
    printer.say("Next: 'grandstand ingest FILE…' takes events in, 'grandstand run' evaluates the segments.")
  }

  /// The template must itself be a good project with the options put in.
  private static func check(_ text: String, _ folder: String) throws(Diagnostic) {
    let reading = Project.parse(SourceText(file: Workspace.fileName, text: text), folder: folder)
    if let mistake = reading.diagnostics.first(where: \.isError) {
      throw Diagnostic(.c3, mistake.message, hint: mistake.hint)
    }
  }

  private static func projectText(_ arguments: Arguments) throws(Diagnostic) -> String {
    let format = arguments["--format"] ?? "snowplow"
    guard let sources = sourceTexts[format] else {
      throw Diagnostic(.c3, "there is no format '\(format)'", hint: Source.Format.words)
    }
    return """
      # The project: where events come from, what they mean, where the store is.
      store: .grandstand/store
      segments: segments
      time_zone: \(arguments["--time-zone"] ?? "UTC")       # in which zone a day begins and ends; fixed with the store
      buckets: \(arguments["--buckets"] ?? "64")            # about one for 4,000 users; fixed with the store
      lateness: 6h           # a day is complete this long after its end
      sources:
      \(sources)
      """
  }

  private static let sourceTexts: [String: String] = [
    "snowplow": """
      web:
        format: snowplow
        files: ["*.tsv", "*.tsv.gz"]
        user: [user_id, domain_userid]       # the first that is known
        fields:                              # event, brand, device, country, … are mapped already
          article: contexts.com.acme/article/1.id
          section: contexts.com.acme/article/1.section

    """,
    "csv": """
      readers:
        format: csv
        files: ["*.csv"]
        user: user_id
        time: read_at
        fields:
          article: article_id
          dwell: read_time_s                 # seconds; 'dwell_unit: ms' for milliseconds

    """,
    "jsonl": """
      readers:
        format: jsonl
        files: ["*.jsonl", "*.jsonl.gz"]
        user: user_id
        time: time
        event_id: id
        fields:
          event: event
          article: article.id
          section: article.section

    """,
    "arrow": columnSource("arrow", "[\"*.arrow\", \"*.feather\"]"),
    "parquet": columnSource("parquet", "[\"*.parquet\"]"),
  ]

  private static func columnSource(_ format: String, _ files: String) -> String {
    """
      readers:
        format: \(format)
        files: \(files)
        user: user_id
        time: time
        event_id: id
        fields:
          event: event
          article: article.id                # a column of that name, or 'id' in the structure 'article'
          dwell: dwell_s                     # seconds; 'dwell_unit: ms' for milliseconds

    """
  }

  private static let firstSegment = """
    # Who read at least three different articles in the last week.
    name: Regular readers
    description: Read at least three different articles in the last seven days.
    owner: audience-team
    purpose: analytics
    who:
      - reads: at least 3
        when: last 7d
    tests:
      - {given: [{times: 3}], expect: in}
      - {given: [{times: 2}], expect: out}

    """
}
