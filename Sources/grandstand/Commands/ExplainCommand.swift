import Diagnostics
import Engine
import Store

/// `grandstand explain`: why somebody is in or out.
enum ExplainCommand: Command {
  static let specification = CommandSpecification(
    name: "explain",
    summary: "Say why a user is in a segment or not, and what would bring them in by when.",
    arguments: "SEGMENT USER", argumentCount: 2...2,
    options: [
      .value("--as-of", "DAY", "the day to look at (default: the newest complete day)"),
      .value("--events", "N", "how many events to show behind a condition (default: 3)"),
    ],
    examples: [
      (
        "grandstand explain formula-1-fans anna",
        "each condition with the measured value and the events behind it; until when they stay, or what they lack"
      )
    ],
    details: """
      What would bring somebody in is said with the last day on which it still would, if nothing else happens; 90 days are
      looked at. Of ranks and limits, which depend on others, nothing is said.
      """)

  static func run(_ arguments: Arguments, _ printer: Printer) throws(Diagnostic) -> ExitStatus {
    let (id, user) = (arguments.positional[0], arguments.positional[1])
    let planned = try PlannedRun.open(arguments, printer, select: [id])
    guard let index = planned.segments.firstIndex(where: { $0.id == id }) else {
      throw Workspace.unknown(id, planned.compilation)
    }
    guard let (bucket, ordinal) = try planned.snapshot.find(Array(user.utf8)) else {
      throw Diagnostic(
        .n5, "the store knows no user '\(user)'", hint: "ids are compared byte for byte, case included")
    }
    let events = try arguments.integer("--events", in: 0...1000) ?? 3
    let explanation = try Explainer(planned.plan, planned.snapshot).explain(
      index, bucket, ordinal, events: events)
    let outlook = try Explainer(planned.plan, planned.snapshot).outlook(index, bucket, ordinal)
    let report = ExplainReport(user: user, explanation: explanation, outlook: outlook)
    printer.out(printer.json ? report.json.rendered + "\n" : report.text)
    return .done
  }
}
