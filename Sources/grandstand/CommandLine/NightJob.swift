import Diagnostics
import Engine
import Events
import Store

/// Evaluates nights oldest first and keeps each as a run of its own, the same bytes as if each were run alone. Several days
/// share a scan; a night whose run is kept already is not evaluated again.
struct NightJob {
  enum Mode {
    case normal
    /// Nothing that is kept is used.
    case fromScratch
    /// What comes out is compared with every night evaluated alone and from scratch.
    case checkAgainstScratch
  }

  /// A night that is done.
  struct Finished {
    var planned: PlannedRun
    var record: RunRecord
    var isReused: Bool
  }

  private struct Night {
    var planned: PlannedRun
    /// Its members in the run that is kept.
    var kept: Evaluation?
  }

  private struct Evaluated {
    var evaluation: Evaluation
    /// Of the scan that it is from, and how many days that was for.
    var seconds: Double
    var days: Int
  }

  let mode: Mode
  let workers: Workers
  /// Whether its runs become the latest.
  let advances: Bool
  let printer: Printer
  let progress: Progress
  private(set) var finished: [Finished] = []
  /// Of the first night that is not what it is from scratch: a sentence a segment. The night is not kept, nor later ones.
  private(set) var differences: [Diagnostic] = []
  /// Ids of those that were asked for and have mistakes on some day.
  private(set) var withheld: Set<String> = []
  private var nights: Nights

  init(_ nights: Nights, mode: Mode, workers: Workers, advances: Bool, _ printer: Printer) {
    self.nights = nights
    self.mode = mode
    self.workers = workers
    self.advances = advances
    self.printer = printer
    progress = Progress("Evaluating", printer)
  }

  /// - Throws: what the first night that fails throws; the nights before it are done.
  mutating func run() throws(Diagnostic) {
    defer { progress.finish() }
    var together: [Night] = []
    var most = 1
    for day in nights.days {
      let night: Night?
      do throws(Diagnostic) { night = try plan(day) } catch {
        try finish(together)
        throw error
      }
      guard let night else { continue }
      if !fits(night, together, most: most) {
        try finish(together)
        together = []
        guard differences.isEmpty else { return }
      }
      if together.allSatisfy({ $0.kept != nil }), night.kept == nil { most = try mostDays(night.planned) }
      together.append(night)
    }
    try finish(together)
  }

  /// nil where no segment is selected.
  private mutating func plan(_ day: Day) throws(Diagnostic) -> Night? {
    let planned = try nights.plan(day, printer)
    withheld.formUnion(planned.withheld)
    guard !planned.segments.isEmpty || advances else { return nil }
    return Night(planned: planned, kept: mode == .fromScratch ? nil : KeptRun.evaluation(planned, printer))
  }

  // MARK: Days that share a scan

  /// Of one scan.
  private static let mostDays = 16
  /// Of measurements on each thread: more days in a scan were no faster, and took more memory.
  private static let mostBytes = 32 << 20

  private func mostDays(_ planned: PlannedRun) throws(Diagnostic) -> Int {
    let bytes = try planned.plan.measurementBytes(nights.snapshot)
    return max(1, min(Self.mostDays, Self.mostBytes / max(1, bytes)))
  }

  private func fits(_ night: Night, _ together: [Night], most: Int) -> Bool {
    guard together.count < Self.mostDays else { return false }
    let asked = together.filter { $0.kept == nil }
    guard night.kept == nil, let first = asked.first else { return true }
    return asked.count < most && night.planned.hasSegments(of: first.planned)
  }

  // MARK: One scan

  /// Evaluates and keeps some nights.
  private mutating func finish(_ together: [Night]) throws(Diagnostic) {
    let asked = together.filter { $0.kept == nil }.map(\.planned)
    var evaluated: [Day: Evaluated] = [:]
    do throws(Diagnostic) { evaluated = try evaluate(asked) } catch {
      guard together.count > 1 else { throw error }
      // One of the days cannot be evaluated; the ones before it can.
      for night in together where differences.isEmpty { try finish([night]) }
      return
    }
    for night in together where differences.isEmpty { try keep(night, evaluated[night.planned.asOf]) }
  }

  private func evaluate(_ asked: [PlannedRun]) throws(Diagnostic) -> [Day: Evaluated] {
    guard let first = asked.first else { return [:] }
    let days = asked.map(\.asOf)
    let begun = progress.seconds
    let (done, all, progress) = (finished.count, nights.days.count, progress)
    let detail =
      HumanText.count(first.segments.count, "segment") + (all > 1 ? " of \(HumanText.count(all, "day"))" : "")
    let evaluations = try Evaluator(first.plan(days: days), nights.snapshot).runEachDay(workers) {
      progress.update(done: done * $1 + days.count * $0, total: all * $1, detail: detail)
    }
    let seconds = progress.seconds - begun
    let made = evaluations.map { Evaluated(evaluation: $0, seconds: seconds, days: days.count) }
    return Dictionary(uniqueKeysWithValues: zip(days, made))
  }

  private mutating func keep(_ night: Night, _ evaluated: Evaluated?) throws(Diagnostic) {
    let planned = night.planned
    guard let evaluation = night.kept ?? evaluated?.evaluation else {
      preconditionFailure("a night is kept or was evaluated")
    }
    if mode == .checkAgainstScratch {
      let scratch = try Evaluator(planned.plan, planned.snapshot).run(workers)
      differences = KeptRun.differences(planned, evaluation, scratch, isReused: night.kept != nil)
      guard differences.isEmpty else { return }
    }
    let record = try NightlyRecord.make(planned, evaluation, printer)
    try planned.workspace.store.writeRun(
      record.id, by: GrandstandMain.program, record: record.json, timings: timings(evaluation, evaluated),
      rules: KeptRules(planned).json, universe: evaluation.universe,
      members: evaluation.sets(planned.segments), advances: advances)
    finished.append(Finished(planned: planned, record: record, isReused: night.kept != nil))
  }

  private func timings(_ evaluation: Evaluation, _ evaluated: Evaluated?) -> String {
    JSONValue.object([
      ("reused", .bool(evaluated == nil)), ("evaluate_seconds", .number(evaluated?.seconds ?? 0)),
      ("days_of_scan", .count(evaluated?.days ?? 0)),
      ("rows", .count(evaluated == nil ? 0 : evaluation.rows)),
      ("threads", .count(workers.threads)),
    ]).rendered + "\n"
  }
}

extension PlannedRun {
  /// Whether both evaluate the same segments.
  fileprivate func hasSegments(of other: PlannedRun) -> Bool {
    segments.map(\.id) == other.segments.map(\.id)
      && segments.map(\.contentHash) == other.segments.map(\.contentHash)
  }
}
