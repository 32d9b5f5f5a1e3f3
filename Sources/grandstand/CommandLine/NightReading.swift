import Diagnostics
import Engine
import Events
import Rules
import Store

/// How many bytes of the store a night reads for some segments.
struct NightReading {
  private let snapshot: Snapshot
  private let eventNames: EventNames
  private let asOf: Day
  init(_ snapshot: Snapshot, _ eventNames: EventNames, asOf: Day) {
    self.snapshot = snapshot
    self.eventNames = eventNames
    self.asOf = asOf
  }

  /// - Parameters:
  ///   - segments: each after those that it refers to.
  ///   - added: indexes of those that are looked at together; nil: each segment for itself.
  func cost(of segments: [Segment], added: [Int]? = nil) throws(Diagnostic) -> NightCost {
    let plan = EvaluationPlan(segments, eventNames: eventNames, asOf: asOf, zone: snapshot.zone)
    let groups = added.map { added in [added] + segments.indices.filter { !added.contains($0) }.map { [$0] } }
    return try NightCost(plan, snapshot, groups: groups)
  }
}
