import Bitmaps
import Diagnostics
import Events
import Rules
import Synchronization

/// Members of all segments of a plan.
public struct Evaluation: Sendable {
  public var universe: Membership
  /// By segment of the plan.
  public var members: [Membership]
  public var rows: Int
}

/// Evaluates a plan over a source: buckets in parallel, nothing shared but the tables of decided predicates.
public struct Evaluator: Sendable {
  public let plan: EvaluationPlan
  private let source: any EventSource

  public init(_ plan: EvaluationPlan, _ source: any EventSource) {
    self.plan = plan
    self.source = source
  }

  /// - Parameter progress: told how many buckets are done.
  public func run(_ workers: Workers, progress: @escaping @Sendable (Int) -> Void = { _ in })
    throws(Diagnostic) -> Evaluation
  {
    struct Buckets {
      var universe: [[UInt32]]
      var members: [[[UInt32]]]
      var rows = 0
      var done = 0
    }
    let count = source.bucketCount
    let scan = BucketScan(plan, source, Predicates())
    let empty = [[UInt32]](repeating: [], count: count)
    let results = Mutex(
      Buckets(universe: empty, members: Array(repeating: empty, count: plan.segments.count)))
    _ = try workers.run(count) { () throws(Diagnostic) in
      ()
    } _: { (bucket, _: inout Void) throws(Diagnostic) in
      let evaluation = try scan.run(BucketIndex(UInt32(bucket)))
      let universe = evaluation.universe.elements
      let members = evaluation.members.map(\.elements)
      let rows = evaluation.rows
      let done = results.withLock { results in
        results.universe[bucket] = universe
        for (segment, numbers) in members.enumerated() { results.members[segment][bucket] = numbers }
        results.rows += rows
        results.done += 1
        return results.done
      }
      progress(done)
    }
    return results.withLock { results in
      Evaluation(
        universe: Membership(buckets: results.universe),
        members: results.members.map { Membership(buckets: $0) },
        rows: results.rows)
    }
  }
}
