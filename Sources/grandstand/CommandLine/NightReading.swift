import Diagnostics
import Engine
import Events
import Rules
import Store

/// How many bytes of the store a night reads for some segments, judged by a few of its buckets, which are of one size.
struct NightReading {
  private let snapshot: Snapshot
  private let buckets: [BucketIndex]
  private let eventNames: EventNames
  private let asOf: Day
  init(_ snapshot: Snapshot, _ eventNames: EventNames, asOf: Day) {
    self.snapshot = snapshot
    self.eventNames = eventNames
    self.asOf = asOf
    let count = min(8, snapshot.bucketCount)
    buckets = (0..<count).map { BucketIndex(UInt32($0 * snapshot.bucketCount / count)) }
  }

  /// - Parameter segments: each after those that it refers to.
  /// - Returns: bytes, and on how many days events are read and not only users.
  mutating func cost(of segments: [Segment]) throws(Diagnostic) -> (bytes: Int, days: Int) {
    let plan = EvaluationPlan(segments, eventNames: eventNames, asOf: asOf, zone: snapshot.zone)
    var cost = (bytes: 0, days: 0)
    for (_, readers) in try plan.readers(snapshot) {
      for reader in readers {
        for bucket in buckets { cost.bytes += try reader.bytes(in: bucket) }
      }
      cost.days += readers.isEmpty ? 0 : 1
    }
    return (cost.bytes * snapshot.bucketCount / buckets.count, cost.days)
  }
}
