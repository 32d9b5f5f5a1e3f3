import Diagnostics
import Engine

/// `grandstand plan`: what a run will read and share.
enum PlanCommand: Command {
  static let specification = CommandSpecification(
    name: "plan", summary: "Show what a run would read, and what the segments share.",
    options: [
      .value("--as-of", "DAY", "the day to evaluate (default: the newest complete day)"),
      Selector.option,
    ],
    examples: [
      ("grandstand plan --select formula-1-fans", "what one segment and those that it refers to need"),
      ("grandstand plan --select tag:sport,purpose:ads", "what the sport segments for ads need"),
    ],
    details: Selector.help)

  static func run(_ arguments: Arguments, _ printer: Printer) throws(Diagnostic) -> ExitStatus {
    let planned = try PlannedRun.open(arguments, printer, select: arguments.all("--select"))
    let lines = planned.plan.lines(days: planned.snapshot.days)
    printer.out(
      printer.json
        ? JSONValue.object([
          ("as_of", .text(planned.plan.asOf.description)), ("plan", .list(lines.map { .text($0) })),
        ])
        .rendered + "\n"
        : lines.joined(separator: "\n") + "\n")
    return planned.withheld.isEmpty ? .done : .findings
  }
}
