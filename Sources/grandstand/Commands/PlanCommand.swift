import Diagnostics
import Engine

/// `grandstand plan`: what a run will read and share.
enum PlanCommand: Command {
  static let specification = CommandSpecification(
    name: "plan", summary: "Show what a run would read, and what the segments share.",
    options: [
      .value("--as-of", "DAY", "the day to evaluate (default: the newest complete day)"),
      .value("--select", "SEGMENT", "only this one and what it refers to; may be repeated", repeats: true),
    ],
    examples: [("grandstand plan --select formula-1-fans", "what one segment needs")])

  static func run(_ arguments: Arguments, _ printer: Printer) throws(Diagnostic) -> ExitStatus {
    let workspace = try Workspace.load(arguments, printer)
    let snapshot = try workspace.store.snapshot()
    let asOf = try workspace.asOf(arguments, snapshot)
    let (compilation, sources) = try workspace.compile(asOf: asOf)
    Workspace.report(compilation, sources, printer, warnings: false)
    let segments = try Workspace.select(arguments.all("--select"), compilation)
    let plan = EvaluationPlan(segments, eventNames: workspace.project.eventNames, asOf: asOf)
    let lines = plan.lines(days: snapshot.days, zone: snapshot.zone)
    printer.out(
      printer.json
        ? JSONValue.object([("as_of", .text(asOf.description)), ("plan", .list(lines.map { .text($0) }))])
          .rendered + "\n"
        : lines.joined(separator: "\n") + "\n")
    return compilation.withheld.isEmpty ? .done : .findings
  }
}
