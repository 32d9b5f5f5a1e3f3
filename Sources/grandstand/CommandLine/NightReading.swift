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
  /// By day: of the users' column, and of each field that was asked for.
  private var known: [Day: (users: Int, fields: [Field: Int])] = [:]

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
    for (day, fields) in plan.columns(on: snapshot.days) {
      cost.bytes += try bytes(day, fields)
      cost.days += fields.isEmpty ? 0 : 1
    }
    return (cost.bytes * snapshot.bucketCount / buckets.count, cost.days)
  }

  private mutating func bytes(_ day: Day, _ fields: [Field]) throws(Diagnostic) -> Int {
    if known[day] == nil { known[day] = (try measured(day, []), [:]) }
    var bytes = known[day]?.users ?? 0
    for field in fields {
      if known[day]?.fields[field] == nil {
        let own = try measured(day, [field]) - (known[day]?.users ?? 0)
        known[day]?.fields[field] = own
      }
      bytes += known[day]?.fields[field] ?? 0
    }
    return bytes
  }

  private func measured(_ day: Day, _ fields: [Field]) throws(Diagnostic) -> Int {
    var bytes = 0
    for bucket in buckets { bytes += try snapshot.bytes(of: day, in: bucket, fields: fields) }
    return bytes
  }
}
