import Authoring
import Diagnostics
import Engine
import Events
import Rules

/// `grandstand new`: a first file for an audience.
enum NewCommand: Command {
  private static let kinds = SegmentDraft.Kind.allCases.map(\.rawValue)

  static let specification = CommandSpecification(
    name: "new", summary: "Write a first segment file with tests, from a few answers.", arguments: "[ID]",
    argumentCount: 0...1,
    options: [
      .value("--name", "NAME", "what people call it (default: made of the id)"),
      .value("--owner", "TEAM", "who answers for it"),
      .value("--purpose", "PURPOSE", "ads or analytics", choices: ["ads", "analytics"]),
      .value("--kind", "KIND", "readers (default), loyal, new, lapsed, clickers or sequence", choices: kinds),
      .value("--section", "SECTION", "only there (default: the whole site)"),
      .value("--window", "DAYS", "how far back, such as 30d (default)"),
    ],
    examples: [
      ("grandstand new", "asks what it needs to know"),
      (
        "grandstand new tennis-fans --purpose ads --owner sport-ads --section sport/tennis",
        "without questions, in a script"
      ),
      (
        "grandstand new lapsed --purpose ads --kind lapsed --window 14d",
        "who came before, and not in two weeks"
      ),
    ],
    details: "The file passes 'check' and 'test'; change it as you like. Nothing is overwritten.")

  static func run(_ arguments: Arguments, _ printer: Printer) throws(Diagnostic) -> ExitStatus {
    let workspace = try Workspace.load(arguments, printer)
    let answers = try answers(arguments, printer)
    let path = "\(workspace.project.segments)/\(answers.id).yaml"
    try checkFree(answers.id, path, workspace)
    var draft = answers.draft
    draft.events = workspace.project.eventNames
    let text = try draft.text()
    try checkGood(text, path, workspace)
    try Files.makeFolder(workspace.project.segments)
    try Files.write(Array(text.utf8), to: path)
    if printer.json {
      printer.out(JSONValue.object([("made", .list([.text(path)]))]).rendered + "\n")
    } else {
      printer.say("made \(path)")
      printer.say("Next: change it as you like, then 'grandstand check' and 'grandstand test \(answers.id)'.")
    }
    return .done
  }

  // MARK: Answers

  private static func answers(_ arguments: Arguments, _ printer: Printer) throws(Diagnostic) -> (
    id: String, draft: SegmentDraft
  ) {
    let asks = Questions.canAsk && !printer.json && !printer.quiet
    let questions = Questions(printer: printer)
    /// An option's value, an answer, or what is usual.
    func value(
      _ option: String, _ question: String, _ standard: String?, _ check: (String) -> String? = { _ in nil }
    ) throws(Diagnostic) -> String {
      if let given = arguments[option] {
        if let problem = check(given) { throw Diagnostic(.c3, "\(option): \(problem)") }
        return given
      }
      if asks { return try questions.ask(question, standard: standard, check: check) }
      guard let standard else {
        throw Diagnostic(
          .c3, "\(option) is missing, and nobody is there to be asked",
          hint: "grandstand new ID --purpose ads --kind readers --section sport/tennis --window 30d")
      }
      return standard
    }

    let given = arguments.positional.first
    let name = try value("--name", "What is the audience called?", given.map { readable($0) })
    let proposed = SegmentDraft.id(from: name)
    let id: String
    if let given {
      if let problem = idProblem(given) { throw Diagnostic(.n9, problem, hint: "such as '\(proposed)'") }
      id = given
    } else {
      id =
        asks ? try questions.ask("Its id, the file's name", standard: proposed, check: idProblem) : proposed
      if let problem = idProblem(id) { throw Diagnostic(.n9, problem, hint: "name one: grandstand new ID") }
    }
    let owner = try value("--owner", "Which team answers for it?", "")
    let purpose = try value("--purpose", "For what, ads or analytics?", nil, purposeProblem)
    if asks, arguments["--kind"] == nil { for kind in SegmentDraft.Kind.allCases { printer.out(line(kind)) } }
    let kind = try value("--kind", "Which kind?", "readers", kindProblem)
    let section = try value(
      "--section", "In which section, such as sport/tennis? Nothing: the whole site", "")
    let window = try value("--window", "How far back?", "30d", windowProblem)
    return (
      id,
      SegmentDraft(
        name: name, owner: owner, purpose: purpose, kind: SegmentDraft.Kind(rawValue: kind) ?? .readers,
        section: section.isEmpty ? nil : section, days: days(window) ?? 30)
    )
  }

  private static func line(_ kind: SegmentDraft.Kind) -> String {
    "  \(kind.rawValue.padded(to: 9)) \(kind.words)\n"
  }

  /// `formula-1-fans` is "Formula 1 fans".
  private static func readable(_ id: String) -> String {
    let words = id.split(separator: "-").joined(separator: " ")
    return words.prefix(1).uppercased() + words.dropFirst()
  }

  private static func idProblem(_ id: String) -> String? {
    let good =
      !id.isEmpty && id.utf8.count <= 100
      && id.utf8.allSatisfy {
        (0x61...0x7a).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2d
      }
    return good && id != "definitions" ? nil : "'\(id)' is no segment id: ids have a–z, 0–9 and -"
  }

  private static func purposeProblem(_ text: String) -> String? {
    ["ads", "analytics"].contains(text) ? nil : "it is ads or analytics, not '\(text)'"
  }

  private static func kindProblem(_ text: String) -> String? {
    guard !kinds.contains(text) else { return nil }
    let near = Nearest.word(to: text, among: kinds).map { "; did you mean '\($0)'?" } ?? ""
    return "it is one of \(kinds.joined(separator: ", ")), not '\(text)'\(near)"
  }

  private static func windowProblem(_ text: String) -> String? {
    days(text) == nil ? "it is a number of days from 1d to 3650d, not '\(text)'" : nil
  }

  /// `30d`, `30`, `4w`, `last 30 days`
  private static func days(_ text: String) -> Int? {
    let plain = text.hasPrefix("last ") ? text.dropFirst(5) : text[...]
    let digits = plain.prefix { $0.isASCII && $0.isNumber }
    let units = ["": 1, "d": 1, "day": 1, "days": 1, "w": 7, "week": 7, "weeks": 7]
    guard let count = Int(digits),
      let unit = units[plain.dropFirst(digits.count).split(separator: " ").joined()],
      (1...3650).contains(count), count * unit <= 3650
    else { return nil }
    return count * unit
  }

  // MARK: Checks

  private static func checkFree(_ id: String, _ path: String, _ workspace: Workspace) throws(Diagnostic) {
    let paths =
      Files.isFolder(workspace.project.segments)
      ? try Workspace.yamlPaths(in: workspace.project.segments) : []
    guard
      let other = paths.first(where: { Segment.id(ofFile: $0) == id }) ?? (Files.exists(path) ? path : nil)
    else {
      return
    }
    throw Diagnostic(
      .c3, "there is a segment '\(id)' already", at: Place(file: other),
      hint: "take another id, or edit the file")
  }

  /// The file must pass what it will be asked to pass.
  private static func checkGood(_ text: String, _ path: String, _ workspace: Workspace) throws(Diagnostic) {
    let source = SourceText(file: path, text: text)
    let compilation = RuleCompiler.compile([source], context: workspace.ruleContext(asOf: nil))
    if let mistake = compilation.diagnostics.first(where: \.isError) {
      throw Diagnostic(.c3, mistake.message, hint: mistake.hint)
    }
    let runner = SegmentTestRunner(
      eventNames: workspace.project.eventNames, zone: workspace.project.zone, asOf: Day(number: 20_000))
    for segment in compilation.segments {
      guard try runner.run(segment, among: compilation.segments).isEmpty else {
        throw Diagnostic(
          .c3, "these answers make no rule that its tests fit", hint: "another section or window?")
      }
    }
  }
}
