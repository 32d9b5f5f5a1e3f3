import Bitmaps
import Diagnostics
import Events
import Rules

/// Explains by the scan itself: the user's bucket is evaluated as in a night, and what its gauges measured is read off.
public struct Explainer: Sendable {
  private let plan: EvaluationPlan
  private let source: any EventSource
  private let workers: Workers

  /// - Parameter workers: for ranks and limits, which need all buckets.
  public init(_ plan: EvaluationPlan, _ source: any EventSource, _ workers: Workers = Workers(threads: 0)) {
    self.plan = plan
    self.source = source
    self.workers = workers
  }

  /// - Parameters:
  ///   - segment: its index in the plan.
  ///   - events: how many events to show behind each condition.
  public func explain(_ segment: Int, _ bucket: BucketIndex, _ user: UserOrdinal, events: Int)
    throws(Diagnostic) -> Explanation
  {
    let (tables, predicates) = (try PlanTables(plan, source), Predicates())
    let settled = try Evaluator(plan, source).settle(workers, tables, predicates)
    let scan = try BucketScan(plan, source, predicates, tables, plan.wholeScope, settled, keepsValues: true)
    let evaluation = try scan.run(bucket)
    let found = events > 0 ? try matching(scan, bucket, user, limit: events) : [:]
    var tracer = Tracer(plan: plan, evaluation: evaluation, user: Int(user.value), found: found)
    let planned = plan.segments[segment]
    let outcome = evaluation.outcomes[plan.outputs[segment]]
    return Explanation(
      segment: planned, asOf: plan.asOf, isMember: outcome.members.contains(Int(user.value)),
      isInUniverse: evaluation.presence.universe(asOf: plan.asOf).contains(Int(user.value)),
      root: tracer.node(planned.root),
      after: tracer.after(planned, outcome))
  }

  /// What becomes of a user on later days, and what would bring them in; nil where it cannot be said.
  /// - Parameter segment: its index in the plan.
  public func outlook(_ segment: Int, _ bucket: BucketIndex, _ user: UserOrdinal) throws(Diagnostic)
    -> Outlook?
  {
    try Forecaster(plan, source, segment, bucket, user)?.outlook()
  }

  /// The user's matching events by gauge, newest first, and how many there are.
  private func matching(_ scan: BucketScan, _ bucket: BucketIndex, _ user: UserOrdinal, limit: Int)
    throws(Diagnostic) -> [Int: (count: Int, events: [Explanation.Event])]
  {
    var found: [Int: (count: Int, events: [Explanation.Event])] = [:]
    var filters = FilterScan(scan.predicates, zone: source.zone, tables: scan.tables)
    let shown: [Field] = [.event, .article, .section, .element, .device, .dwell]
    for (day, dayPlan) in scan.days where !dayPlan.isEmpty {
      let fields = Set(dayPlan.fields + shown + [.eventTime]).sorted()
      for batch in try source.batches(of: day, in: bucket, fields: fields)
      where batch.users.contains(user.value) {
        filters.begin(batch)
        for gauge in dayPlan.gauges {
          let planned = plan.gauges[gauge]
          let selection = filters.select(plan.filters[planned.filter], from: dayPlan.from(planned.span))
          let rows = zip(selection.rows, selection.keys).filter { $1 == user.value }.map(\.0)
          found[gauge, default: (0, [])].count += rows.count
          found[gauge]?.events += rows.map { event(batch, Int($0), shown) }
        }
      }
    }
    return found.mapValues { count, events in
      (count, Array(events.sorted { $0.time > $1.time }.prefix(limit)))
    }
  }

  private func event(_ batch: EventBatch, _ row: Int, _ fields: [Field]) -> Explanation.Event {
    let values = fields.compactMap { field in Self.text(batch.columns[field], row).map { (field.name, $0) } }
    return Explanation.Event(time: Milliseconds(batch.times[row]), day: batch.day, fields: values)
  }

  private static func text(_ column: EventColumn?, _ row: Int) -> String? {
    switch column {
    case .codes(let codes, let dictionary)?:
      let code = Int(codes[row])
      return code < dictionary.values.count ? dictionary.values[code] : nil
    case .durations(let values)?: return values[row] == .max ? nil : Measure.dwell.text(Int128(values[row]))
    default: return nil
    }
  }
}
