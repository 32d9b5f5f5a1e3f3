import Diagnostics
import Engine
import Store

/// `grandstand explain`: why somebody is in or out.
enum ExplainCommand: Command {
  static let specification = CommandSpecification(
    name: "explain", summary: "Say why a user is in a segment or not: each condition with what was measured.",
    arguments: "SEGMENT USER", argumentCount: 2...2,
    options: [
      .value("--as-of", "DAY", "the day to look at (default: the newest complete day)"),
      .value("--events", "N", "how many events to show behind a condition (default: 3)"),
    ],
    examples: [
      (
        "grandstand explain formula-1-fans anna",
        "each condition with the measured value and the events behind it"
      )
    ])

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
    printer.out(printer.json ? json(explanation, user) + "\n" : text(explanation, user))
    return .done
  }

  private static func text(_ explanation: Explanation, _ user: String) -> String {
    let verdict = explanation.isMember ? "is in" : "is not in"
    var text = "\(user) \(verdict) '\(explanation.segment.name)' as of \(explanation.asOf)\n"
    if !explanation.isInUniverse {
      text += "  The user has no event up to that day, so no segment has them.\n"
    }
    let lines = (explanation.isInUniverse ? [explanation.root] + explanation.after : [explanation.root])
      .flatMap { $0.lines(indent: 1) }
    return text + lines.joined(separator: "\n") + "\n"
  }

  private static func json(_ explanation: Explanation, _ user: String) -> String {
    JSONValue.object([
      ("segment", .text(explanation.segment.id)), ("user", .text(user)),
      ("as_of", .text(explanation.asOf.description)),
      ("member", .bool(explanation.isMember)), ("in_universe", .bool(explanation.isInUniverse)),
      ("rule", json(explanation.root)), ("after", .list(explanation.after.map { json($0) })),
    ]).rendered
  }

  private static func json(_ node: Explanation.Node) -> JSONValue {
    .object([
      ("asks", .text(node.question)), ("holds", .bool(node.holds)),
      (
        "measured",
        .list(
          node.findings.map {
            .object([
              ("wanted", .text($0.wanted)), ("measured", .text($0.measured)), ("holds", .bool($0.holds)),
              ("missing", $0.missing.map { .text($0) } ?? .null),
            ])
          })
      ),
      ("matching_events", .count(node.matching)),
      (
        "events",
        .list(
          node.events.map { event in
            .object([("time", .text(event.time.text))] + event.fields.map { ($0.name, .text($0.value)) })
          })
      ),
      ("children", .list(node.children.map { json($0) })),
    ])
  }
}
