import Diagnostics
import Rules

/// `grandstand check`: mistakes in the segment files.
enum CheckCommand: Command {
  static let specification = CommandSpecification(
    name: "check", summary: "Find mistakes in the segment files and say how to mend them.",
    examples: [
      ("grandstand check", "all files; exit code 1 if one has an error"),
      ("grandstand check --json", "one JSON object a line"),
    ],
    details: "Every code is explained in docs/rules.md.")

  static func run(_ arguments: Arguments, _ printer: Printer) throws(Diagnostic) -> ExitStatus {
    let workspace = try Workspace.load(arguments, printer)
    let snapshot = workspace.store.exists ? try workspace.store.snapshot() : nil
    let asOf = snapshot?.newestCompleteDay(lateness: workspace.project.latenessHours)
    let (compilation, sources) = try workspace.compile(asOf: asOf, in: snapshot, looksAtValues: true)
    Workspace.report(compilation, sources, printer)
    let errors = compilation.diagnostics.count(where: \.isError)
    let warnings = compilation.diagnostics.count - errors
    if !printer.json {
      let found =
        errors + warnings == 0
        ? "no mistakes" : "\(HumanText.count(errors, "error")), \(HumanText.count(warnings, "warning"))"
      let files = sources.count { $0.file != workspace.definitionsPath }
      printer.say("\(HumanText.count(files, "segment file")): \(found)")
    }
    return errors > 0 ? .findings : .done
  }
}
