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
  /// By segment: its arms and its held out users, by their names (`a`, `holdout`).
  public var parts: [[(name: String, members: Membership)]]
  /// Rows of events that were looked at.
  public var rows: Int
}

/// What only all buckets together can say.
struct Settled: Sendable {
  /// By ranking: the value that is just good enough; none where nobody is ranked.
  var cuts: [Int: Quotient] = [:]
  /// By definition with a limit: the highest digest that is in; none where all are.
  var limits: [Int: UInt128] = [:]
}

/// Evaluates a plan over a source: buckets in parallel, nothing shared but the tables of decided predicates.
public struct Evaluator: Sendable {
  public let plan: EvaluationPlan
  private let source: any EventSource
  private let sample: BucketSample?

  /// - Parameter sample: the buckets to look at; nil: all. Ranks and limits that count users count their share of them.
  public init(_ plan: EvaluationPlan, _ source: any EventSource, sample: BucketSample? = nil) {
    self.plan = plan
    self.source = source
    self.sample = sample
  }

  /// - Parameter progress: told how many of how many buckets are done.
  public func run(_ workers: Workers, progress: @escaping @Sendable (Int, Int) -> Void = { _, _ in })
    throws(Diagnostic) -> Evaluation
  {
    let tables = try PlanTables(plan, source)
    let predicates = Predicates()
    let settled = try settle(workers, tables, predicates, progress)
    let scan = try BucketScan(plan, source, predicates, tables, plan.wholeScope, settled)
    let nobody = Membership(bucketCount: source.bucketCount)
    let parts = plan.segments.map { segment in segment.partNames.map { (name: $0, members: nobody) } }
    let partNames = plan.segments.map(\.partNames)
    let results = Mutex(
      Evaluation(
        universe: nobody, members: Array(repeating: nobody, count: plan.segments.count), parts: parts, rows: 0
      ))
    try eachBucket(workers, scan, pass: plan.levels, progress) { bucket, evaluation in
      let universe = BucketMembers(evaluation.presence.universe(asOf: plan.asOf))
      let outcomes = plan.outputs.map { evaluation.outcomes[$0] }
      let members = outcomes.map { BucketMembers($0.members) }
      let parts = zip(partNames, outcomes).map { names, outcome in
        names.map { BucketMembers(outcome.part($0 == "holdout" ? .holdout : .arm($0))) }
      }
      results.withLock { results in
        results.universe.set(bucket, universe)
        for (segment, set) in members.enumerated() { results.members[segment].set(bucket, set) }
        for (segment, sets) in parts.enumerated() {
          for (part, set) in sets.enumerated() { results.parts[segment][part].members.set(bucket, set) }
        }
        results.rows += evaluation.rows
      }
    }
    return results.withLock { $0 }
  }

  private func eachBucket(
    _ workers: Workers, _ scan: BucketScan, pass: Int, _ progress: @escaping @Sendable (Int, Int) -> Void,
    _ take: @escaping @Sendable (Int, BucketEvaluation) -> Void
  ) throws(Diagnostic) {
    let buckets = sample?.buckets ?? Array(0..<source.bucketCount)
    let total = buckets.count * (plan.levels + 1)
    let done = Mutex(pass * buckets.count)
    _ = try workers.run(buckets.count) { () throws(Diagnostic) in
      scan.makeMemory()
    } _: { (index, memory: inout Accumulators) throws(Diagnostic) in
      let bucket = buckets[index]
      take(bucket, try scan.run(BucketIndex(UInt32(bucket)), &memory))
      progress(
        done.withLock {
          $0 += 1
          return $0
        }, total)
    }
  }

  // MARK: Ranks and limits

  /// One pass over all buckets for each level: what it needs was settled by the passes before.
  func settle(
    _ workers: Workers, _ tables: PlanTables, _ predicates: Predicates,
    _ progress: @escaping @Sendable (Int, Int) -> Void = { _, _ in }
  ) throws(Diagnostic) -> Settled {
    var settled = Settled()
    guard plan.levels > 0 else { return settled }
    for level in 1...plan.levels {
      let rankings = plan.rankings.indices.filter {
        plan.definitions[plan.rankings[$0].among].level == level - 1
      }
      let limits = plan.definitions.indices.filter {
        plan.definitions[$0].level == level && plan.definitions[$0].after?.limit != nil
      }
      let scope = plan.scope(
        definitions: limits + rankings.map { plan.rankings[$0].among },
        values: rankings.map { plan.rankings[$0].value })
      let scan = try BucketScan(plan, source, predicates, tables, scope, settled)
      let gathered = Mutex(Gathered(rankings: rankings.count, limits: limits.count))
      try eachBucket(workers, scan, pass: level - 1, progress) { _, evaluation in
        let values = rankings.map { ranked($0, evaluation) }
        let candidates = limits.map { evaluation.outcomes[$0].candidates }
        gathered.withLock { gathered in
          for (index, more) in values.enumerated() { gathered.values[index].merge(more, uniquingKeysWith: +) }
          for (index, more) in candidates.enumerated() {
            gathered.take(more, index, most: limit(limits[index]) ?? 0)
          }
        }
      }
      let found = gathered.withLock { $0 }
      for (ranking, values) in zip(rankings, found.values) {
        var asked = plan.rankings[ranking]
        if let sample, case .users(let most) = asked.cut {
          asked.cut = .users(Int64(sample.share(of: Int(clamping: most))))
        }
        settled.cuts[ranking] = Self.cut(asked, values)
      }
      for (definition, digests) in zip(limits, found.digests) {
        guard let limit = limit(definition) else { continue }
        let sorted = digests.sorted()
        if sorted.count > limit { settled.limits[definition] = limit == 0 ? 0 : sorted[limit - 1] }
      }
    }
    return settled
  }

  private func limit(_ definition: Int) -> Int? {
    guard let users = plan.definitions[definition].after?.limit?.users else { return nil }
    return sample?.share(of: users) ?? users
  }

  private struct Gathered {
    /// By ranking: how many users have a value.
    var values: [[Quotient: Int]]
    /// By limit: the lowest digests, and one more.
    var digests: [[UInt128]]

    init(rankings: Int, limits: Int) {
      values = Array(repeating: [:], count: rankings)
      digests = Array(repeating: [], count: limits)
    }

    mutating func take(_ more: [UInt128], _ index: Int, most: Int) {
      digests[index] += more
      if digests[index].count > 2 * most + 1 << 16 {
        digests[index].sort()
        digests[index].removeLast(max(0, digests[index].count - most - 1))
      }
    }
  }

  /// The values above 0 of the users who are ranked.
  private func ranked(_ index: Int, _ evaluation: BucketEvaluation) -> [Quotient: Int] {
    let ranking = plan.rankings[index]
    var counts: [Quotient: Int] = [:]
    for user in evaluation.outcomes[ranking.among].members.elements {
      guard let value = ranking.value.of(Int(user), evaluation.gauges), value.numerator > 0 else { continue }
      counts[value, default: 0] += 1
    }
    return counts
  }

  /// The value that is just good enough: fewer than the cut's number of users are beyond it.
  static func cut(_ ranking: EvaluationPlan.Ranking, _ counts: [Quotient: Int]) -> Quotient? {
    let all = counts.values.reduce(0, +)
    var beyond = 0
    var last: Quotient?
    for (value, users) in counts.sorted(by: { ranking.fromTop ? $0.key > $1.key : $0.key < $1.key }) {
      let enters =
        switch ranking.cut {
        case .users(let most): Int64(beyond) < most
        case .share(let millionths): Int128(beyond) * 1_000_000 < Int128(millionths) * Int128(all)
        }
      guard enters else { break }
      last = value
      beyond += users
    }
    return last
  }
}

extension Segment {
  /// The names of its arms, and `holdout`.
  public var partNames: [String] {
    (after.split?.arms.map(\.name) ?? []) + (after.holdout == nil ? [] : ["holdout"])
  }
}
