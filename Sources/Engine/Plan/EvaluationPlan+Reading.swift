import Diagnostics
import Events
import Rules

extension EvaluationPlan {
  /// What one day needs: the gauges and groups whose spans contain it, and the columns that they read.
  struct DayPlan: Sendable {
    let day: Day
    var gauges: [Int] = []
    var groups: [Int] = []
    /// Distinct ones of all gauges and groups.
    fileprivate(set) var requests: Set<Request> = []
    var isEmpty: Bool { gauges.isEmpty && groups.isEmpty }

    /// The instant before which events of this day are left out; nil: none.
    func from(_ span: Span) -> Int64? { day == span.first ? span.from : nil }

    /// The columns that rows of some event names need; nil: none of such rows is asked for.
    func columns(of names: [String?]) -> [Field]? { EvaluationPlan.columns(of: requests, names) }

    var fields: [Field] { Set(requests.flatMap(\.fields)).sorted() }
  }

  /// Columns of the rows of some event names.
  struct Request: Sendable, Hashable {
    var names: EventNameTest
    var fields: [Field]
  }

  /// The columns that some requests need of rows of some event names; nil: none asks for such rows.
  static func columns(of requests: Set<Request>, _ names: [String?]) -> [Field]? {
    let fitting = requests.filter { $0.names.holds(any: names) }
    return fitting.isEmpty ? nil : Set(fitting.flatMap(\.fields)).sorted()
  }

  /// What each of some days needs.
  func dayPlans(_ days: [Day], _ scope: ScanScope) -> [DayPlan] {
    let (gauges, groups) = (scope.gauges.sorted(), scope.groups.sorted())
    let gaugeRequests = gauges.map { request(gauge: $0) }
    let groupRequests = groups.map { request(group: $0) }
    return days.map { day in
      var plan = DayPlan(day: day)
      for (gauge, request) in zip(gauges, gaugeRequests) where self.gauges[gauge].span.contains(day) {
        plan.gauges.append(gauge)
        plan.requests.insert(request)
      }
      for (group, request) in zip(groups, groupRequests) where self.groups[group].span.contains(day) {
        plan.groups.append(group)
        plan.requests.insert(request)
      }
      return plan
    }
  }

  func request(gauge: Int) -> Request {
    Request(
      names: filters[gauges[gauge].filter].filter.eventNames, fields: columns(gauges: [gauge], groups: []))
  }

  func request(group: Int) -> Request {
    Request(
      names: filters[groups[group].filter].filter.eventNames, fields: columns(gauges: [], groups: [group]))
  }

  /// The columns that some gauges and groups read.
  func columns(gauges wanted: some Collection<Int>, groups others: some Collection<Int>) -> [Field] {
    var fields: Set<Field> = []
    for index in wanted {
      fields.formUnion(self.fields(of: gauges[index].kind))
      fields.formUnion(filters[gauges[index].filter].filter.fields)
    }
    for index in others { fields.formUnion(self.fields(of: groups[index])) }
    if fields.contains(where: { $0.isOfArticle }) { fields.insert(.article) }
    var columns = fields.filter {
      $0.kind != .hour && $0.kind != .weekday && !$0.isOfArticle && $0.kind != .time
    }
    let needsTimes =
      !others.isEmpty || fields.contains { $0.kind == .hour || $0.kind == .age }
      || wanted.contains { gauges[$0].kind.needsTimes || gauges[$0].span.from != nil }
    if needsTimes { columns.insert(.eventTime) }
    return columns.sorted()
  }

  private func fields(of kind: Gauge.Kind) -> Set<Field> {
    var fields: Set<Field> = []
    if let field = kind.field { fields.insert(field) }
    if case .extreme(_, let matches?) = kind { fields.formUnion(filters[matches].filter.fields) }
    return fields
  }

  private func fields(of group: Group) -> Set<Field> {
    var fields = Set(group.same).union(filters[group.filter].filter.fields)
    switch group.body {
    case .condition(let tests):
      for gauge in tests.flatMap(\.gauges) {
        fields.formUnion(self.fields(of: gauge.kind))
        fields.formUnion(filters[gauge.filter].filter.fields)
      }
    case .sequence(let sequence):
      for filter in sequence.filters { fields.formUnion(filters[filter].filter.fields) }
    }
    return fields
  }

  // MARK: Scope

  /// Everything.
  var wholeScope: ScanScope {
    ScanScope(
      gauges: Set(gauges.indices), groups: Set(groups.indices), userFilters: Set(userFilters.indices),
      tests: Set(tests.indices), definitions: Set(definitions.indices))
  }

  /// What some definitions, and some values beside them, need.
  func scope(definitions wanted: some Collection<Int>, values: [Value] = []) -> ScanScope {
    var scope = ScanScope(gauges: [], groups: [], userFilters: [], tests: [], definitions: [])
    for index in wanted { add(definition: index, &scope) }
    for value in values { scope.gauges.formUnion(value.gauges) }
    return scope
  }

  /// All filters that a scope decides.
  func filters(of scope: ScanScope) -> Set<Int> {
    var all = Set(scope.userFilters.map { userFilters[$0].filter })
    for gauge in scope.gauges.map({ gauges[$0] }) {
      all.insert(gauge.filter)
      if case .extreme(_, let matches?) = gauge.kind { all.insert(matches) }
    }
    for group in scope.groups.map({ groups[$0] }) {
      all.insert(group.filter)
      switch group.body {
      case .condition(let tests): all.formUnion(tests.flatMap(\.gauges).map(\.filter))
      case .sequence(let sequence): all.formUnion(sequence.filters)
      }
    }
    return all
  }

  private func add(definition index: Int, _ scope: inout ScanScope) {
    guard scope.definitions.insert(index).inserted else { return }
    add(definitions[index].program, &scope)
  }

  private func add(_ program: Program, _ scope: inout ScanScope) {
    switch program {
    case .everyone, .list: break
    case .test(let index):
      scope.tests.insert(index)
      scope.gauges.formUnion(tests[index].value.gauges)
      if case .rank(let ranking) = tests[index].kind { add(definition: rankings[ranking].among, &scope) }
    case .group(let index): scope.groups.insert(index)
    case .user(let index):
      scope.userFilters.insert(index)
      if let gauge = userFilters[index].firstSeen { scope.gauges.insert(gauge) }
    case .reference(let references):
      for reference in references { add(definition: reference.definition, &scope) }
    case .all(let parts), .any(let parts), .none(let parts), .count(_, let parts):
      for part in parts { add(part, &scope) }
    case .keep(let days):
      for (enters, stays) in days {
        add(definition: enters, &scope)
        if let stays { add(definition: stays, &scope) }
      }
    }
  }

  // MARK: Words

  /// The plan for people: what will be read, and what is shared.
  /// - Parameter days: those of the store.
  public func lines(days: [Day]) -> [String] {
    let kept = days.filter { $0 <= asOf }
    let plans = dayPlans(kept, wholeScope)
    let read = plans.filter { !$0.isEmpty }
    var lines = ["as of \(asOf): \(segments.count) segments"]
    lines.append("  filters       \(filters.count) distinct of \(uses.filters)")
    lines.append("  measurements  \(gauges.count) distinct of \(uses.gauges)")
    lines.append("  thresholds    \(tests.count) distinct of \(uses.tests)")
    if !groups.isEmpty { lines.append("  groups        \(groups.count), which reread their events") }
    if levels > 0 {
      lines.append("  passes        \(levels + 1), because ranks and limits need all buckets first")
    }
    lines.append("  days          \(read.count) of \(kept.count) read for events, the others for users only")
    let columns = Set(plans.flatMap { $0.fields.map(\.name) }).sorted()
    lines.append("  columns       \(columns.isEmpty ? "none" : columns.joined(separator: ", "))")
    for (index, filter) in filters.enumerated() {
      let users = gauges.filter { $0.filter == index }
      guard !users.isEmpty else { continue }
      lines.append("  events" + (filter.filter == .always ? "" : " \(filter.filter.wording.line)"))
      for gauge in users { lines.append("    \(gauge.kind.words) · \(gauge.span.words)") }
    }
    return lines
  }
}

extension EvaluationPlan.Value {
  var gauges: [Int] {
    switch self {
    case .gauge(let gauge): [gauge]
    case .ratio(let top, let bottom, _, _): [top, bottom]
    }
  }
}

extension EvaluationPlan.Span {
  var words: String {
    if first == last { return "\(last)" }
    return (first.map { "\($0)" } ?? "the first day") + " to \(last)"
  }
}

extension EvaluationPlan.Gauge.Kind {
  var words: String {
    switch self {
    case .count: "count"
    case .dwell: "time spent"
    case .days: "active days"
    case .streak: "active days in a row"
    case .sum(let field): "total \(field.name)"
    case .largest(let field): "largest \(field.name)"
    case .smallest(let field): "smallest \(field.name)"
    case .distinct(let field, _): "different values of \(field.name)"
    case .extreme(.first, _): "first event"
    case .extreme(.latest, _): "latest event"
    }
  }
}

extension EvaluationPlan.Gauge.Kind {
  /// Whether it looks at the times of events, and not only at their days.
  fileprivate var needsTimes: Bool { if case .extreme = self { true } else { false } }
}
