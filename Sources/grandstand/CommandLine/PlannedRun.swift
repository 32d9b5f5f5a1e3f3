import Diagnostics
import Engine
import Rules
import Store

/// What every command that evaluates begins with: a pinned store, the day, the good segments that were asked for, and
/// their plan.
struct PlannedRun {
  let workspace: Workspace
  let snapshot: Snapshot
  let compilation: Compilation
  let sources: [SourceText]
  let segments: [Segment]
  let plan: EvaluationPlan
  /// Of those that were asked for, the ones with mistakes.
  let withheld: [String]

  /// Whether all good segments are planned.
  var isWhole: Bool { segments.count == compilation.segments.count }

  /// - Parameter words: which segments, as `Selector` reads them; none: all. What they refer to is planned as well.
  static func open(_ arguments: Arguments, _ printer: Printer, select words: [String]) throws(Diagnostic)
    -> PlannedRun
  {
    let workspace = try Workspace.load(arguments, printer)
    let snapshot = try workspace.store.snapshot()
    let asOf = try workspace.asOf(arguments, snapshot)
    let (compilation, sources) = try workspace.compile(asOf: asOf, in: snapshot)
    let selection = try workspace.select(words, compilation, sources, printer)
    // Mistakes of segments that nobody asked for are no news here.
    Workspace.report(compilation, sources, printer, warnings: false, of: selection)
    let segments = selection.segments
    return PlannedRun(
      workspace: workspace, snapshot: snapshot, compilation: compilation, sources: sources,
      segments: segments,
      plan: EvaluationPlan(
        segments, eventNames: workspace.project.eventNames, asOf: asOf,
        zone: snapshot.zone),
      withheld: selection.withheld)
  }
}
