import Diagnostics
import Store

/// `grandstand verify`: reads everything, checks every invariant.
enum VerifyCommand: Command {
  static let specification = CommandSpecification(
    name: "verify", summary: "Read the whole store and check every invariant.",
    examples: [("grandstand verify", "exit code 1 if anything is damaged")])

  static func run(_ arguments: Arguments, _ printer: Printer) throws(Diagnostic) -> ExitStatus {
    let workspace = try Workspace.load(arguments, printer)
    let snapshot = try workspace.store.snapshot()
    let progress = Progress("Verifying", printer)
    let report = StoreVerification.run(snapshot) { done, total in
      progress.update(done: done, total: total, detail: "files")
    }
    progress.finish()
    for finding in report.findings { printer.diagnostic(finding) }
    if printer.json {
      printer.out(
        JSONValue.object([
          ("files", .count(report.files)), ("rows", .count(report.rows)),
          ("findings", .count(report.findings.count)),
        ]).rendered + "\n")
    } else if report.findings.isEmpty {
      printer.say(
        "\(HumanText.count(report.files, "file")) and \(HumanText.count(report.rows, "row")) are whole")
    }
    return report.findings.isEmpty ? .done : .findings
  }
}
