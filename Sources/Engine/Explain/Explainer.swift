import Bitmaps
import Diagnostics
import Events
import Rules

/// Explains by the scan itself: the user's bucket is evaluated as in a night, and what its gauges measured is read off.
public struct Explainer: Sendable {
  private let plan: EvaluationPlan
  private let source: any EventSource
  private let predicates = Predicates()

  public init(_ plan: EvaluationPlan, _ source: any EventSource) {
    self.plan = plan
    self.source = source
  }

  /// - Parameters:
  ///   - segment: its index in the plan.
  ///   - events: how many events to show behind each condition.
  public func explain(_ segment: Int, _ bucket: BucketIndex, _ user: UserOrdinal, events: Int)
    throws(Diagnostic) -> Explanation
  {
    let evaluation = try BucketScan(plan, source, predicates).run(bucket)
    var tracer = Tracer(
      plan: plan, zone: source.zone, evaluation: evaluation, user: Int(user.value), events: events,
      found: events > 0 ? try matching(segment, bucket, user, limit: events) : [:])
    return Explanation(
      segment: plan.segments[segment], asOf: plan.asOf,
      isMember: evaluation.members[segment].contains(Int(user.value)),
      isInUniverse: evaluation.universe.contains(Int(user.value)),
      root: tracer.node(plan.segments[segment].root))
  }

  /// The user's matching events by gauge, newest first, and how many there are.
  private func matching(_ segment: Int, _ bucket: BucketIndex, _ user: UserOrdinal, limit: Int)
    throws(Diagnostic)
    -> [Int: (count: Int, events: [Explanation.Event])]
  {
    var found: [Int: (count: Int, events: [Explanation.Event])] = [:]
    var filters = FilterScan(predicates, zone: source.zone)
    let shown: [Field] = [.event, .article, .section, .element, .device, .dwell]
    for (day, dayPlan) in BucketScan(plan, source, predicates).days where !dayPlan.gauges.isEmpty {
      let fields = Set(dayPlan.fields + shown).sorted()
      for batch in try source.batches(of: day, in: bucket, fields: fields)
      where batch.users.contains(user.value) {
        filters.begin(batch)
        for gauge in dayPlan.gauges {
          let rows = filters.rows(plan.filters[plan.gauges[gauge].filter]).filter { row in
            batch.users[Int(row)] == user.value && batch.times[Int(row)] >= dayPlan.fromInstant[gauge] ?? .min
          }
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

/// Walks a rule beside what was measured.
private struct Tracer {
  var plan: EvaluationPlan
  let zone: CalendarZone
  let evaluation: BucketEvaluation
  let user: Int
  let events: Int
  let found: [Int: (count: Int, events: [Explanation.Event])]

  mutating func node(_ rule: RuleNode) -> Explanation.Node {
    switch rule {
    case .everyone: return leaf("everyone", evaluation.universe.contains(user))
    case .condition(let condition): return self.condition(condition)
    case .extreme(let extreme): return self.extreme(extreme)
    case .sequence, .user, .list: return leaf("not yet", false)
    case .segment(let reference):
      let holds = reference.names.contains { name in
        plan.segments.firstIndex { $0.id == name.id }.map { evaluation.members[$0].contains(user) } ?? false
      }
      return leaf("member of \(reference.names.map(\.id).joined(separator: " or "))", holds)
    case .all(let nodes): return group("all of", nodes) { $0 == nodes.count }
    case .any(let nodes): return group("any of", nodes) { $0 > 0 }
    case .none(let nodes): return group("none of", nodes) { $0 == 0 }
    case .count(let test, let nodes): return group("\(test.words) of", nodes) { test.holds($0) }
    }
  }

  private func leaf(_ question: String, _ holds: Bool) -> Explanation.Node {
    Explanation.Node(question: question, holds: holds, findings: [], children: [], matching: 0, events: [])
  }

  private mutating func group(_ question: String, _ nodes: [RuleNode], _ holds: (Int) -> Bool)
    -> Explanation.Node
  {
    var node = leaf(question, false)
    node.children = nodes.map { self.node($0) }
    node.holds = holds(node.children.count { $0.holds }) && evaluation.universe.contains(user)
    return node
  }

  private mutating func condition(_ condition: Condition) -> Explanation.Node {
    var node = leaf(Self.question(condition.tests.map(\.words), condition.filter, condition.window), true)
    for test in condition.tests {
      let gauge = plan.gauge(test.measure, condition)
      let value = evaluation.gauges[gauge].value(user)
      let holds = test.threshold.holds(value)
      node.findings.append(.init(wanted: test.words, measured: test.measure.text(value), holds: holds))
      node.holds = node.holds && holds
      if let events = found[gauge], events.count >= node.matching { (node.matching, node.events) = events }
    }
    return node
  }

  private mutating func extreme(_ extreme: Extreme) -> Explanation.Node {
    let index = plan.test(extreme)
    let which = extreme.which == .first ? "first" : "latest"
    let wanted =
      switch extreme.test {
      case .inWindow(let window): "\(which) event \(window.words)"
      case .matches(let filter): "\(which) event has \(filter.words)"
      }
    var node = leaf(
      Self.question([wanted], extreme.filter, extreme.window), evaluation.tests[index].contains(user))
    let gauge = plan.tests[index].gauge
    let measured =
      evaluation.gauges[gauge].extreme(user).map { Milliseconds($0.time).text } ?? "no such event"
    node.findings = [.init(wanted: wanted, measured: measured, holds: node.holds)]
    if let events = found[gauge] { (node.matching, node.events) = events }
    return node
  }

  private static func question(_ wanted: [String], _ filter: Filter, _ window: Window) -> String {
    var parts = [wanted.joined(separator: " and ")]
    if filter != .always { parts.append("where \(filter.words)") }
    parts.append(window.words)
    return parts.joined(separator: " · ")
  }
}
