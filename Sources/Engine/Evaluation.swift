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
    struct Results {
      var evaluation: Evaluation
      var done = 0
    }
    let count = source.bucketCount
    let scan = BucketScan(plan, source, Predicates())
    let nobody = Membership(bucketCount: count)
    let results = Mutex(
      Results(
        evaluation: Evaluation(
          universe: nobody, members: Array(repeating: nobody, count: plan.segments.count), rows: 0)))
    _ = try workers.run(count) { () throws(Diagnostic) in
      ()
    } _: { (bucket, _: inout Void) throws(Diagnostic) in
      let evaluation = try scan.run(BucketIndex(UInt32(bucket)))
      let universe = BucketMembers(evaluation.universe)
      let members = evaluation.members.map { BucketMembers($0) }
      let rows = evaluation.rows
      let done = results.withLock { results in
        results.evaluation.universe.set(bucket, universe)
        for (segment, members) in members.enumerated() {
          results.evaluation.members[segment].set(bucket, members)
        }
        results.evaluation.rows += rows
        results.done += 1
        return results.done
      }
      progress(done)
    }
    return results.withLock { $0.evaluation }
  }
}
