import Diagnostics

/// `grandstand plan`: what a run will read and share.
enum PlanCommand: Command {
  static let specification = CommandSpecification(
    name: "plan", summary: "Show what a run would read, what segments share, and what each costs.",
    options: [
      .value("--as-of", "DAY", "the day to evaluate (default: the newest complete day)"),
      Selector.option,
    ],
    examples: [
      ("grandstand plan", "the dearest and the cheapest segments, and all that a night does"),
      ("grandstand plan --select formula-1-fans", "what one segment needs, and what it adds to the others"),
      ("grandstand plan --select tag:sport,purpose:ads", "what the sport segments for ads need"),
    ],
    details: """
      What is read, filtered or measured for several segments is done once. "Its own" is what nobody else needs: it would be saved
      without the segment. Bytes are those of events on disk.
      \(Selector.help)
      """)

  static func run(_ arguments: Arguments, _ printer: Printer) throws(Diagnostic) -> ExitStatus {
    let planned = try PlannedRun.open(arguments, printer, select: arguments.all("--select"))
    let report = try PlanReport(planned)
    printer.out(printer.json ? report.json.rendered + "\n" : report.text)
    return planned.withheld.isEmpty ? .done : .findings
  }
}
