import Diagnostics
import Engine
import Events
import Rules
import Store

/// What every command that evaluates begins with: a pinned store, the day, and the good segments that were asked for.
struct PlannedRun {
  let workspace: Workspace
  let snapshot: Snapshot
  let asOf: Day
  let compilation: Compilation
  let sources: [SourceText]
  let segments: [Segment]
  /// Ids of those that were asked for, what they refer to not included; nil: all.
  let asked: Set<String>?
  /// Of those that were asked for, the ones with mistakes.
  let withheld: [String]

  /// Whether all good segments are planned.
  var isWhole: Bool { segments.count == compilation.segments.count }

  var plan: EvaluationPlan { plan(days: [asOf]) }

  /// Its segments as of other days, too.
  func plan(days: [Day]) -> EvaluationPlan {
    EvaluationPlan(
      segments, eventNames: workspace.project.eventNames, days: days, zone: snapshot.zone)
  }

  /// - Parameter words: which segments, as `Selector` reads them; none: all. What they refer to is planned as well.
  static func open(_ arguments: Arguments, _ printer: Printer, select words: [String]) throws(Diagnostic)
    -> PlannedRun
  {
    let workspace = try Workspace.load(arguments, printer)
    let snapshot = try workspace.store.snapshot()
    var nights = try Nights(
      workspace, snapshot, days: [try workspace.asOf(arguments, snapshot)], select: words)
    return try nights.plan(nights.days[0], printer)
  }
}

/// The nights of one command: their days, and what all are made of, read once.
struct Nights {
  let workspace: Workspace
  let snapshot: Snapshot
  /// Ascending.
  let days: [Day]
  private let words: [String]
  private let segmentFiles: [SourceText]
  private let definitions: SourceText?
  /// What was printed: a mistake is the same on every day.
  private var reported: [Diagnostic] = []

  init(_ workspace: Workspace, _ snapshot: Snapshot, days: [Day], select words: [String]) throws(Diagnostic) {
    self.workspace = workspace
    self.snapshot = snapshot
    self.days = days
    self.words = words
    segmentFiles = try workspace.segmentFiles()
    definitions = try workspace.definitions()
  }

  /// The rules as of a day: which lists hold, and so which segments are good, may differ from day to day.
  mutating func plan(_ day: Day, _ printer: Printer) throws(Diagnostic) -> PlannedRun {
    let (compilation, sources) = Workspace.compile(
      segmentFiles, definitions: definitions, workspace.context(asOf: day, in: snapshot))
    let selection = try workspace.select(words, compilation, sources, printer)
    // Mistakes of segments that nobody asked for are no news here.
    Workspace.report(
      compilation, sources, printer, warnings: false, of: selection, except: reported)
    reported += compilation.diagnostics
    return PlannedRun(
      workspace: workspace, snapshot: snapshot, asOf: day, compilation: compilation, sources: sources,
      segments: selection.segments, asked: selection.ids, withheld: selection.withheld)
  }
}
