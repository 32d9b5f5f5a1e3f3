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
      .value("--as-of", "DAY", "the day to evaluate (default: the newest complete day), or days: A..B"),
      Selector.option,
      .flag("--from-scratch", "evaluate even a night whose run is kept"),
      .flag(
        "--check-against-scratch", "compare all members with those from scratch; exit code 1 if any differ"),
      .value("--threads", "N", "how many threads (default: all processors)"),
    ],
    examples: [
      ("grandstand run", "the nightly job; exit code 1 if a segment is withheld"),
      ("grandstand run --as-of 2026-11-23", "any day of the past, the same members at any hour"),
      (
        "grandstand run --as-of 2026-11-01..2026-11-23",
        "many days at once: each part is read once for several"
      ),
      ("grandstand run --select state:modified+", "what changed since the latest run, and what refers to it"),
    ],
    details: """
      The run is kept in STORE/runs: record.json, timings.json, rules.json with the text of the segment files, a portable
      Roaring bitmap a segment. One of some segments does not become the latest run; what they refer to is evaluated with
      them.
      A night is not evaluated again if its run is kept and store, rules and program are the same; damaged files are
      noticed by their checksums, and the night is evaluated. Days of a range are kept oldest first, each as if it were run
      alone; if one fails, those before it stay.
      \(Selector.help)
      """)

  static func run(_ arguments: Arguments, _ printer: Printer) throws(Diagnostic) -> ExitStatus {
    let words = arguments.all("--select")
    let workspace = try Workspace.load(arguments, printer)
    let snapshot = try workspace.store.snapshot()
    let days = try workspace.asOfDays(arguments, snapshot)
    let workers = Workers(threads: try arguments.integer("--threads", in: 1...256) ?? 0)
    var job = NightJob(
      try Nights(workspace, snapshot, days: days, select: words), mode: try mode(arguments), workers: workers,
      advances: words.isEmpty, printer)
    do throws(Diagnostic) { try job.run() } catch {
      // What is done is done, and said.
      report(job, days, printer)
      throw error
    }
    report(job, days, printer)
    if job.finished.isEmpty, job.differences.isEmpty { printer.say("No segment is selected.") }
    for difference in job.differences { printer.diagnostic(difference) }
    return job.differences.isEmpty && job.withheld.isEmpty ? .done : .findings
  }

  private static func mode(_ arguments: Arguments) throws(Diagnostic) -> NightJob.Mode {
    switch (arguments.has("--from-scratch"), arguments.has("--check-against-scratch")) {
    case (false, false): return .normal
    case (true, false): return .fromScratch
    case (false, true): return .checkAgainstScratch
    case (true, true):
      throw Diagnostic(
        .c3, "--from-scratch leaves nothing to compare with",
        hint: "--check-against-scratch evaluates from scratch as well")
    }
  }

  // MARK: Printing

  private static func report(_ job: NightJob, _ days: [Day], _ printer: Printer) {
    if printer.json {
      let records = job.finished.map(\.record.json)
      if days.count > 1 {
        printer.out("[\n" + records.joined(separator: ",\n") + "]\n")
      } else if let record = records.first {
        printer.out(record)
      }
    } else if let night = job.finished.first {
      printer.say(days.count > 1 ? text(ofDays: job) : text(of: night, job.progress.seconds))
      if !job.withheld.isEmpty {
        printer.note("withheld, because they have mistakes: \(job.withheld.sorted().joined(separator: ", "))")
      }
    }
  }

  private static func text(of night: NightJob.Finished, _ seconds: Double) -> String {
    let record = night.record
    var table = TextTable([
      ("segment", .left), ("members", .right), ("share", .right), ("entered", .right), ("left", .right),
      ("name", .left),
    ])
    for (entry, segment) in zip(record.segments, night.planned.segments) {
      table.rows.append([
        entry.id, HumanText.count(entry.size), HumanText.share(entry.size, of: record.universe),
        entry.entered.map { "+\(HumanText.count($0))" } ?? "new",
        entry.left.map { "−\(HumanText.count($0))" } ?? "", segment.name,
      ])
    }
    let read =
      night.isReused
      ? "taken from the kept run" : "\(HumanText.count(record.rows, "row")) read"
    return table.text + "\n"
      + "As of \(record.asOf): \(HumanText.count(record.segments.count, "segment")) of \(HumanText.count(record.universe, "user")), "
      + "\(read) in \(HumanText.duration(seconds: seconds)); run \(record.id)"
  }

  private static func text(ofDays job: NightJob) -> String {
    var table = TextTable([
      ("as of", .left), ("segments", .right), ("users", .right), ("entered", .right), ("left", .right),
      ("run", .left),
    ])
    for night in job.finished {
      let entries = night.record.segments
      let isCompared = entries.contains { $0.entered != nil }
      table.rows.append([
        "\(night.record.asOf)", HumanText.count(entries.count), HumanText.count(night.record.universe),
        isCompared ? "+\(HumanText.count(entries.reduce(0) { $0 + ($1.entered ?? 0) }))" : "new",
        isCompared ? "−\(HumanText.count(entries.reduce(0) { $0 + ($1.left ?? 0) }))" : "",
        night.record.id + (night.isReused ? " (reused)" : ""),
      ])
    }
    return table.text + "\n"
      + "\(HumanText.count(job.finished.count, "day")) in \(HumanText.duration(seconds: job.progress.seconds))"
  }
}

/// The record of a run, compared with the one before.
enum NightlyRecord {
  static func make(_ planned: PlannedRun, _ evaluation: Evaluation, _ printer: Printer) throws(Diagnostic)
    -> RunRecord
  {
    let (snapshot, store) = (planned.snapshot, planned.workspace.store)
    // The latest run of an earlier day: what a run is compared with does not depend on how often today was run.
    let previous = try RunHistory.wholeRun(before: planned.asOf, store, printer)
    var entries: [RunRecord.Entry] = []
    for (segment, (members, parts)) in zip(planned.segments, zip(evaluation.members, evaluation.parts)) {
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
      asOf: planned.asOf, storeVersion: snapshot.manifest.version, fingerprint: planned.fingerprint,
      timeZone: snapshot.zone.name,
      universe: evaluation.universe.count, rows: evaluation.rows, cost: try NightCost(planned.plan, snapshot),
      segments: entries,
      withheld: planned.withheld,
      previous: previous, isWhole: planned.isWhole)
  }
}

extension PlannedRun {
  /// The id of the run that it becomes.
  var runID: String { RunRecord.id(asOf, fingerprint) }

  /// Everything that can change a member, or what the record says.
  var fingerprint: String {
    let manifest = snapshot.manifest
    let project = workspace.project
    let inputs =
      [
        snapshot.zone.name, "\(manifest.version)", "\(project.eventNames)",
        withheld.joined(separator: " "), isWhole ? "whole" : "some", KeptRules(self).json,
      ]
      + manifest.parts.map { $0.events.hash + $0.index.hash }
      + manifest.deletions.map(\.hash)
      + manifest.tables.map { "\($0.kind.rawValue) \($0.name) \($0.from) \($0.file.hash)" }
      // A field that is given another kind is another field.
      + (project.properties + project.userFields + project.articleFields).map { "\($0.name) \($0.kind)" }
      + segments.map { "\($0.id) \(Hash.hex($0.contentHash))" }
    return Hash.hex(Hash.xxh3(Array(inputs.joined(separator: "\n").utf8)))
  }
}
