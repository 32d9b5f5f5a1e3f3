import Authoring
import Diagnostics
import Rules

/// `grandstand check`: mistakes in the segment files.
enum CheckCommand: Command {
  static let specification = CommandSpecification(
    name: "check", summary: "Find mistakes in the segment files and say how to mend them.",
    options: [
      Selector.option,
      .value(
        "--format", "FORMAT", "text (default), json (one object a line, as --json) or sarif",
        choices: ["text", "json", "sarif"]),
      .flag("--watch", "check again whenever a segment file changes, until interrupted"),
    ],
    examples: [
      ("grandstand check", "all files; exit code 1 if one has an error"),
      ("grandstand check --watch", "while writing a rule"),
      ("grandstand check --select state:modified", "those that changed since the latest run"),
      ("grandstand check --format sarif > check.sarif", "for a code host, which shows them beside the lines"),
    ],
    details: """
      Every code is explained in docs/rules.md.
      \(Selector.help)
      """)

  private enum Format: String { case text, json, sarif }

  static func run(_ arguments: Arguments, _ printer: Printer) throws(Diagnostic) -> ExitStatus {
    let name = arguments["--format"] ?? (printer.json ? "json" : "text")
    guard let format = Format(rawValue: name) else {
      throw Diagnostic(.c3, "there is no format '\(name)'", hint: "text, json or sarif")
    }
    guard arguments.has("--watch") else { return try check(arguments, printer, format) }
    guard format != .sarif else {
      throw Diagnostic(
        .c3, "a SARIF report has an end, --watch has none", hint: "--format json prints a line each")
    }
    try SegmentWatch.repeatedly(arguments, printer) { () throws(Diagnostic) in
      _ = try check(arguments, printer, format)
    }
  }

  private static func check(_ arguments: Arguments, _ printer: Printer, _ format: Format) throws(Diagnostic)
    -> ExitStatus
  {
    let workspace = try Workspace.load(arguments, printer)
    let snapshot = try workspace.snapshotIfAny()
    let asOf = snapshot?.newestCompleteDay(lateness: workspace.project.latenessHours)
    let (compilation, sources) = try workspace.compile(asOf: asOf, in: snapshot, looksAtValues: true)
    let words = arguments.all("--select")
    // One that has mistakes is what is looked for here, and no reason to stop.
    let selection = words.isEmpty ? nil : try workspace.selected(words, compilation, sources, printer)
    let found = Workspace.diagnostics(of: selection, compilation)
    switch format {
    case .sarif: printer.out(SarifReport.json(found, toolVersion: GrandstandMain.version).pretty + "\n")
    case .json: for diagnostic in found { printer.out(diagnostic.json + "\n") }
    case .text:
      for diagnostic in found {
        printer.diagnostic(diagnostic, source: sources.first { $0.file == diagnostic.place?.file })
      }
      printer.say(summary(found, files: sources.count { $0.file != workspace.definitionsPath }, selection))
    }
    return found.contains(where: \.isError) ? .findings : .done
  }

  private static func summary(_ found: [Diagnostic], files: Int, _ selection: Workspace.Selection?) -> String
  {
    let errors = found.count(where: \.isError)
    let outcome =
      found.isEmpty
      ? "no mistakes"
      : "\(HumanText.count(errors, "error")), \(HumanText.count(found.count - errors, "warning"))"
    guard let ids = selection?.ids else { return "\(HumanText.count(files, "segment file")): \(outcome)" }
    return "\(HumanText.count(ids.count, "selected segment")): \(outcome)"
  }
}
