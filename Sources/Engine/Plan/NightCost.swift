import Diagnostics
import Events

/// What a night reads of a source, and what of it each segment needs: so that the dear ones are seen, and what one more
/// would cost. Bytes are those of some buckets, which are of one size, times how many there are.
public struct NightCost: Sendable {
  public struct Work: Sendable, Equatable {
    /// Of files, for events.
    public var bytes = 0
    public var filters = 0
    /// Those of one user's events or values included (groups).
    public var measurements = 0
    public var thresholds = 0
  }

  /// Of some segments, with all that they refer to.
  public struct Share: Sendable {
    /// If there were no others.
    public var alone = Work()
    /// What nobody else needs: what they add to the others.
    public var own = Work()
  }

  public private(set) var whole = Work()
  /// On which events are read, and not users alone.
  public private(set) var days = 0
  /// Rows that share event names, in one part.
  public private(set) var pieces = 0
  public private(set) var shares: [Share]

  /// - Parameter groups: indexes of segments of the plan, each in one group; nil: each segment is one.
  public init(_ plan: EvaluationPlan, _ source: any EventSource, groups: [[Int]]? = nil) throws(Diagnostic) {
    let groups = groups ?? plan.segments.indices.map { [$0] }
    let needs = groups.map { group in Need(plan, plan.scope(definitions: group.map { plan.outputs[$0] })) }
    shares = groups.map { _ in Share() }
    countItems(needs)
    var reading = Reading(source)
    var columns = ColumnMemory()
    for day in source.days where day <= plan.asOf {
      let names = try reading.names(on: day)
      let requests = needs.map { $0.requests(on: day) }
      var isRead = false
      for piece in names.indices {
        let fields = requests.map { columns.fields(of: $0, names[piece]) }
        if try add(fields, piece, day, &reading) { isRead = true }
      }
      if isRead { days += 1 }
    }
  }

  /// - Parameter fields: by group, nil where it reads no such rows.
  /// - Returns: whether any group does.
  private mutating func add(_ fields: [[Field]?], _ piece: Int, _ day: Day, _ reading: inout Reading)
    throws(Diagnostic) -> Bool
  {
    var askers: [Field: Int] = [:]
    for field in fields.lazy.compactMap(\.self).joined() { askers[field, default: 0] += 1 }
    let asking = fields.indices.filter { fields[$0] != nil }
    guard !asking.isEmpty else { return false }
    let all = try reading.bytes(day, piece, askers.keys.sorted())
    whole.bytes += all
    pieces += 1
    for index in asking {
      guard let wanted = fields[index] else { continue }
      shares[index].alone.bytes += try reading.bytes(day, piece, wanted)
      let own = wanted.filter { askers[$0] == 1 }
      if asking.count == 1 {
        shares[index].own.bytes += all
      } else if !own.isEmpty {
        let others = askers.keys.filter { !own.contains($0) }.sorted()
        shares[index].own.bytes += all - (try reading.bytes(day, piece, others))
      }
    }
    return true
  }

  private mutating func countItems(_ needs: [Need]) {
    func count(_ items: KeyPath<Need, Set<Int>>, _ number: WritableKeyPath<Work, Int>) {
      var askers: [Int: Int] = [:]
      for need in needs { for item in need[keyPath: items] { askers[item, default: 0] += 1 } }
      whole[keyPath: number] += askers.count
      for (index, need) in needs.enumerated() {
        shares[index].alone[keyPath: number] += need[keyPath: items].count
        shares[index].own[keyPath: number] += need[keyPath: items].count { askers[$0] == 1 }
      }
    }
    count(\.filters, \.filters)
    count(\.gauges, \.measurements)
    count(\.groups, \.measurements)
    count(\.tests, \.thresholds)
  }

  // MARK: Who needs what

  private struct Need {
    let filters: Set<Int>
    let gauges: Set<Int>
    let groups: Set<Int>
    let tests: Set<Int>
    private let asked: [(span: EvaluationPlan.Span, request: EvaluationPlan.Request)]

    init(_ plan: EvaluationPlan, _ scope: ScanScope) {
      filters = plan.filters(of: scope)
      (gauges, groups, tests) = (scope.gauges, scope.groups, scope.tests)
      asked =
        scope.gauges.map { (plan.gauges[$0].span, plan.request(gauge: $0)) }
        + scope.groups.map { (plan.groups[$0].span, plan.request(group: $0)) }
    }

    func requests(on day: Day) -> Set<EvaluationPlan.Request> {
      Set(asked.lazy.filter { $0.span.contains(day) }.map(\.request))
    }
  }

  /// Most segments ask for the same on most days.
  private struct ColumnMemory {
    private struct Question: Hashable {
      var requests: Set<EvaluationPlan.Request>
      var names: [String?]
    }
    private var known: [Question: [Field]?] = [:]

    mutating func fields(of requests: Set<EvaluationPlan.Request>, _ names: [String?]) -> [Field]? {
      if requests.isEmpty { return nil }
      let question = Question(requests: requests, names: names)
      if let fields = known[question] { return fields }
      let fields = EvaluationPlan.columns(of: requests, names)
      known[question] = .some(fields)
      return fields
    }
  }

  // MARK: Bytes

  private struct Reading {
    private struct Question: Hashable {
      var day: Day
      var piece: Int
      var fields: [Field]
    }
    private let source: any EventSource
    private let buckets: [BucketIndex]
    private var known: [Question: Int] = [:]

    init(_ source: any EventSource) {
      self.source = source
      let count = min(8, source.bucketCount)
      buckets = (0..<count).map { BucketIndex(UInt32($0 * source.bucketCount / count)) }
    }

    /// By piece of a day: the event names of its rows.
    func names(on day: Day) throws(Diagnostic) -> [[String?]] {
      var names: [[String?]] = []
      _ = try source.readers(of: day) { piece in
        names.append(piece)
        return nil
      }
      return names
    }

    mutating func bytes(_ day: Day, _ piece: Int, _ fields: [Field]) throws(Diagnostic) -> Int {
      let question = Question(day: day, piece: piece, fields: fields)
      if let bytes = known[question] { return bytes }
      var number = -1
      let readers = try source.readers(of: day) { _ in
        number += 1
        return number == piece ? fields : nil
      }
      var bytes = 0
      for reader in readers { for bucket in buckets { bytes += try reader.bytes(in: bucket) } }
      bytes = bytes * source.bucketCount / buckets.count
      known[question] = bytes
      return bytes
    }
  }
}
