import Diagnostics
import Engine
import Events
import Rules

/// `grandstand test`: the tests that stand in segment files.
enum TestCommand: Command {
  static let specification = CommandSpecification(
    name: "test", summary: "Run the tests that stand in the segment files.", arguments: "[SEGMENT…]",
    argumentCount: 0...10_000,
    options: [
      .value("--as-of", "DAY", "which day is day 1 (default: the newest complete day)"), Selector.option,
    ],
    examples: [
      ("grandstand test", "all of them; exit code 1 if one fails"),
      ("grandstand test formula-1-fans", "those of one segment"),
      ("grandstand test --select 'owner:sport-* tag:sport'", "those of an owner or with a tag"),
    ],
    details: Selector.help)

  static func run(_ arguments: Arguments, _ printer: Printer) throws(Diagnostic) -> ExitStatus {
    let workspace = try Workspace.load(arguments, printer)
    let snapshot = try workspace.snapshotIfAny()
    let newest = snapshot?.newestCompleteDay(lateness: workspace.project.latenessHours)
    let asOf = try arguments.day("--as-of") ?? newest ?? Day(number: 20_000)
    let (compilation, sources) = try workspace.compile(asOf: nil, in: snapshot)
    let selection = try workspace.select(
      arguments.positional + arguments.all("--select"), compilation, sources, printer)
    Workspace.report(compilation, sources, printer, of: selection)
    let runner = SegmentTestRunner(
      eventNames: workspace.project.eventNames, zone: workspace.project.zone, asOf: asOf)
    var (ran, failed) = (0, 0)
    for segment in compilation.segments where selection.contains(segment.id) {
      let failures = try runner.run(segment, among: compilation.segments)
      for failure in failures {
        printer.diagnostic(failure, source: sources.first { $0.file == failure.place?.file })
      }
      ran += segment.tests.count
      failed += failures.count
    }
    if printer.json {
      printer.out(JSONValue.object([("tests", .count(ran)), ("failed", .count(failed))]).rendered + "\n")
    } else {
      printer.say(
        "\(HumanText.count(ran, "test")): \(failed == 0 ? "all pass" : "\(HumanText.count(failed)) failed")")
      if ran == 0 { printer.note("no segment has a test: add 'tests:' to its file") }
    }
    return failed > 0 || !selection.withheld.isEmpty ? .findings : .done
  }
}
