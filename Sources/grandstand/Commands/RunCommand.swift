import Bitmaps
import Diagnostics
import Engine
import Events
import Rules
import Store

/// `grandstand run`: all segments as of a day.
enum RunCommand: Command {
  static let specification = CommandSpecification(
    name: "run", summary: "Evaluate all segments as of a day, in one scan.",
    options: [
      .value("--as-of", "DAY", "the day to evaluate (default: the newest complete day)"),
      Selector.option,
      .value("--threads", "N", "how many threads (default: all processors)"),
    ],
    examples: [
      ("grandstand run", "the nightly job; exit code 1 if a segment is withheld"),
      ("grandstand run --as-of 2026-11-23", "any day of the past, the same members at any hour"),
      ("grandstand run --select state:modified+", "what changed since the latest run, and what refers to it"),
    ],
    details: """
      The run is kept in STORE/runs: record.json, timings.json, rules.json with the text of the segment files, a portable
      Roaring bitmap a segment. One of some segments does not become the latest run; what they refer to is evaluated with
      them.
      \(Selector.help)
      """)

  static func run(_ arguments: Arguments, _ printer: Printer) throws(Diagnostic) -> ExitStatus {
    let planned = try PlannedRun.open(arguments, printer, select: arguments.all("--select"))
    let segments = planned.segments
    guard !segments.isEmpty || arguments.all("--select").isEmpty else {
      printer.say("No segment is selected.")
      return planned.withheld.isEmpty ? .done : .findings
    }
    let progress = Progress("Evaluating", printer)
    let workers = Workers(threads: try arguments.integer("--threads", in: 1...256) ?? 0)
    let evaluation = try Evaluator(planned.plan, planned.snapshot).run(workers) { done, total in
      progress.update(
        done: done, total: total, detail: "\(HumanText.count(segments.count)) segments"
      )
    }
    progress.finish()
    let seconds = progress.seconds
    let partial = !arguments.all("--select").isEmpty
    let record = try NightlyRecord.make(planned, evaluation, printer)
    try planned.workspace.store.writeRun(
      record.id, record: record.json, timings: timings(seconds, evaluation, workers),
      rules: KeptRules(planned).json,
      universe: evaluation.universe,
      members: members(segments, evaluation), advances: !partial)
    printer.json ? printer.out(record.json) : report(record, segments, seconds, printer)
    return planned.withheld.isEmpty ? .done : .findings
  }

  /// Each segment, its arms and those held out (`ID.a`, `ID.holdout`).
  private static func members(_ segments: [Segment], _ evaluation: Evaluation) -> [(
    id: String, membership: Membership
  )] {
    zip(segments, zip(evaluation.members, evaluation.parts)).flatMap { segment, sets in
      [(segment.id, sets.0)] + sets.1.map { ("\(segment.id).\($0.name)", $0.members) }
    }
  }

  private static func timings(_ seconds: Double, _ evaluation: Evaluation, _ workers: Workers) -> String {
    JSONValue.object([
      ("evaluate_seconds", .number(seconds)), ("rows", .count(evaluation.rows)),
      ("threads", .count(workers.threads)),
    ]).rendered + "\n"
  }

  private static func report(
    _ record: RunRecord, _ segments: [Segment], _ seconds: Double, _ printer: Printer
  ) {
    var table = TextTable([
      ("segment", .left), ("members", .right), ("share", .right), ("entered", .right), ("left", .right),
      ("name", .left),
    ])
    for (entry, segment) in zip(record.segments, segments) {
      table.rows.append([
        entry.id, HumanText.count(entry.size), HumanText.share(entry.size, of: record.universe),
        entry.entered.map { "+\(HumanText.count($0))" } ?? "new",
        entry.left.map { "−\(HumanText.count($0))" } ?? "", segment.name,
      ])
    }
    printer.say(table.text)
    printer.say(
      "As of \(record.asOf): \(HumanText.count(record.segments.count, "segment")) of \(HumanText.count(record.universe, "user")), "
        + "\(HumanText.count(record.rows, "row")) read in \(HumanText.duration(seconds: seconds)); run \(record.id)"
    )
    if !record.withheld.isEmpty {
      printer.note("withheld, because they have mistakes: \(record.withheld.joined(separator: ", "))")
    }
  }
}

/// The record of a run, compared with the one before.
enum NightlyRecord {
  static func make(_ planned: PlannedRun, _ evaluation: Evaluation, _ printer: Printer) throws(Diagnostic)
    -> RunRecord
  {
    let (plan, snapshot, store) = (planned.plan, planned.snapshot, planned.workspace.store)
    let withheld = planned.withheld
    let fingerprint = fingerprint(planned)
    // The latest run of an earlier day: what a run is compared with does not depend on how often today was run.
    let previous = try RunHistory.wholeRun(before: plan.asOf, store, printer)
    var entries: [RunRecord.Entry] = []
    for (segment, (members, parts)) in zip(plan.segments, zip(evaluation.members, evaluation.parts)) {
      var entry = RunRecord.Entry(
        id: segment.id, size: members.count, contentHash: Hash.hex(segment.contentHash),
        purpose: segment.purpose)
      entry.parts = parts.map { ($0.name, $0.members.count) }
      // A segment that the previous run lacks is new.
      if let previous, store.hasMembership(segment.id, run: previous) {
        do throws(Diagnostic) {
          let before = try store.membership(segment.id, run: previous, buckets: snapshot.bucketCount)
          entry.previousSize = before.count
          entry.entered = members.countMissing(from: before)
          entry.left = before.countMissing(from: members)
        } catch {
          // Tonight's members do not depend on it; the comparison is left out, and said so.
          printer.diagnostic(error, source: nil)
        }
      }
      entries.append(entry)
    }
    return RunRecord(
      asOf: plan.asOf, storeVersion: snapshot.manifest.version, fingerprint: fingerprint,
      timeZone: snapshot.zone.name,
      universe: evaluation.universe.count, rows: evaluation.rows, segments: entries, withheld: withheld,
      previous: previous, isWhole: planned.isWhole)
  }

  /// Everything that can change a member, or what the record says.
  private static func fingerprint(_ planned: PlannedRun) -> String {
    let manifest = planned.snapshot.manifest
    let project = planned.workspace.project
    let inputs =
      [
        planned.snapshot.zone.name, "\(manifest.version)", "\(project.eventNames)",
        planned.withheld.joined(separator: " "), planned.isWhole ? "whole" : "some",
      ]
      + manifest.parts.map { $0.events.hash + $0.index.hash }
      + manifest.deletions.map(\.hash)
      + manifest.tables.map { "\($0.kind.rawValue) \($0.name) \($0.from) \($0.file.hash)" }
      // A field that is given another kind is another field.
      + (project.userFields + project.articleFields).map { "\($0.name) \($0.kind)" }
      + planned.segments.map { "\($0.id) \(Hash.hex($0.contentHash))" }
    return Hash.hex(Hash.xxh3(Array(inputs.joined(separator: "\n").utf8)))
  }
}
