import Bitmaps
import Diagnostics
import Engine
import Rules
import Store

/// A run that is kept: the same inputs were evaluated before, by the same program.
enum KeptRun {
  /// The members of a night whose run is kept; nil where there is none, or where any of its files is damaged: then it is
  /// said, and the night evaluated again.
  static func evaluation(_ planned: PlannedRun, _ printer: Printer) -> Evaluation? {
    do throws(Diagnostic) { return try read(planned) } catch {
      var warning = error
      warning.severity = .warning
      warning.hint = "nothing of the run is reused; the night is evaluated again"
      printer.diagnostic(warning)
      return nil
    }
  }

  private static func read(_ planned: PlannedRun) throws(Diagnostic) -> Evaluation? {
    let (store, run, buckets) = (planned.workspace.store, planned.runID, planned.snapshot.bucketCount)
    guard try store.isWhole(run: run, by: GrandstandMain.program) else { return nil }
    let summary = try RunSummary.read(run, store)
    guard summary.run == run else { return nil }
    var kept = Evaluation(
      universe: try store.membership("universe", run: run, buckets: buckets), members: [], parts: [],
      rows: summary.rows)
    for segment in planned.segments {
      kept.members.append(try store.membership(segment.id, run: run, buckets: buckets))
      var parts: [(name: String, members: Membership)] = []
      for name in segment.partNames {
        parts.append((name, try store.membership("\(segment.id).\(name)", run: run, buckets: buckets)))
      }
      kept.parts.append(parts)
    }
    return kept
  }

  /// What is not as it is from scratch, byte by byte.
  static func differences(
    _ planned: PlannedRun, _ found: Evaluation, _ scratch: Evaluation, isReused: Bool
  ) -> [Diagnostic] {
    var names: [String] = found.universe.bytes == scratch.universe.bytes ? [] : ["the universe"]
    if found.rows != scratch.rows { names.append("the number of rows") }
    let pairs = zip(found.sets(planned.segments), scratch.sets(planned.segments))
    names += pairs.filter { $0.membership.bytes != $1.membership.bytes }.map { "'\($0.0.id)'" }
    return names.map { name in
      Diagnostic(
        .s2, "as of \(planned.asOf) \(name) is not what it is from scratch; the night is not kept",
        at: isReused ? Place(file: "\(planned.workspace.store.path)/runs/\(planned.runID)") : nil,
        hint: isReused
          ? "the run was reused: --from-scratch replaces it"
          : "this is a mistake of grandstand: please report it")
    }
  }
}

extension Evaluation {
  /// Each segment, its arms and those held out (`ID.a`, `ID.holdout`).
  func sets(_ segments: [Segment]) -> [(id: String, membership: Membership)] {
    zip(segments, zip(members, parts)).flatMap { segment, sets in
      [(segment.id, sets.0)] + sets.1.map { ("\(segment.id).\($0.name)", $0.members) }
    }
  }
}
