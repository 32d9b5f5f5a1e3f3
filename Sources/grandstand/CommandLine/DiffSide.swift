import Authoring
import Bitmaps
import Diagnostics
import Engine
import Events
import Rules
import Store

/// One side of a comparison: segments, and the day on which they are looked at.
struct DiffSide {
  /// For people: `the run of 2026-11-22`, `HEAD~1`, `the files`.
  let label: String
  let asOf: Day
  /// The store as the side saw it; nil where that version is not there any more.
  let snapshot: Snapshot?
  let events: EventNames
  let compilation: Compilation
  let sources: [SourceText]
  /// Its members are kept; those of files are evaluated.
  var run: RunSummary?

  /// Ids of its segments, withheld ones left out.
  var ids: Set<String> { Set(run.map { $0.segments.map(\.id) } ?? compilation.segments.map(\.id)) }
  var withheld: Set<String> { Set(run?.withheld ?? compilation.withheld) }

  /// What `--select` chooses from; of a run that kept no rules the ids alone.
  var outlines: [SegmentOutline] {
    let known = SegmentOutline.all(compilation, sources)
    let missing = ids.union(withheld).subtracting(known.map(\.id))
    return known + missing.map { SegmentOutline(withheld: $0, nil) }
  }

  /// Members of some segments by this side's rules, on this side's day or the other's.
  /// - Returns: by id; nothing for what is not known.
  func members(of ids: Set<String>, on side: DiffSide, _ printer: Printer) throws(Diagnostic) -> [String:
    Membership]
  {
    let segments = compilation.segments.closure(of: ids)
    guard let snapshot = side.snapshot, !segments.isEmpty else { return [:] }
    let plan = EvaluationPlan(segments, eventNames: events, asOf: side.asOf, zone: snapshot.zone)
    let progress = Progress("Evaluating", printer)
    let evaluation = try Evaluator(plan, snapshot).run(Workers()) { done, total in
      progress.update(done: done, total: total, detail: HumanText.count(segments.count, "segment"))
    }
    progress.finish()
    let all = Dictionary(zip(segments.map(\.id), evaluation.members)) { first, _ in first }
    return all.filter { ids.contains($0.key) }
  }

  /// By segment: the texts of all files that it and what it refers to are made of, by their names.
  var files: [String: [String: SourceText]] {
    let texts = Dictionary(sources.map { ($0.file, $0) }) { first, _ in first }
    var files: [String: [String: SourceText]] = [:]
    for segment in compilation.segments {
      var own: [String: SourceText] = [:]
      for path in segment.madeOf { own[KeptRules.name(path)] = texts[path] }
      for id in segment.references { own.merge(files[id] ?? [:]) { mine, _ in mine } }
      files[segment.id] = own
    }
    return files
  }
}

extension DiffSide {
  /// A run as it was.
  static func run(_ id: String, _ workspace: Workspace, _ printer: Printer) throws(Diagnostic) -> DiffSide {
    let store = workspace.store
    let summary = try RunSummary.read(id, store)
    guard let day = Day(summary.asOf) else {
      throw Diagnostic(
        .s2, "the record of the run names no day", at: Place(file: store.path + "/runs/\(id)/record.json"))
    }
    let kept = try KeptRules(id, store)
    if kept == nil {
      printer.note("the run \(id) kept no rules, so what changed by them cannot be told")
    }
    let snapshot = try store.snapshot(version: summary.storeVersion)
    let rules = kept?.compile(workspace.ruleContext(asOf: nil))
    return DiffSide(
      label: "the run of \(day)", asOf: day, snapshot: snapshot,
      events: kept?.events ?? workspace.project.eventNames,
      compilation: rules?.compilation ?? Compilation(segments: [], diagnostics: [], withheld: []),
      sources: rules?.sources ?? [], run: summary)
  }

  /// The files of a git revision, as of a day.
  static func revision(_ name: String, _ workspace: Workspace, _ snapshot: Snapshot, _ asOf: Day)
    throws(Diagnostic) -> DiffSide
  {
    let files = try GitRevision(name, segments: workspace.project.segments).files()
    let (compilation, sources) = Workspace.compile(
      files.segments, definitions: files.definitions, workspace.context(asOf: asOf, in: snapshot))
    return DiffSide(
      label: name, asOf: asOf, snapshot: snapshot, events: workspace.project.eventNames,
      compilation: compilation, sources: sources)
  }

  /// The files as they are now, as of a day.
  static func files(_ workspace: Workspace, _ snapshot: Snapshot, _ asOf: Day) throws(Diagnostic) -> DiffSide
  {
    let (compilation, sources) = try workspace.compile(asOf: asOf, in: snapshot)
    return DiffSide(
      label: "the files", asOf: asOf, snapshot: snapshot, events: workspace.project.eventNames,
      compilation: compilation, sources: sources)
  }
}
