import Events
import Rules

extension EvaluationPlan {
  /// What one day needs: the gauges whose windows contain it, and the columns that they read.
  struct DayPlan: Sendable {
    var gauges: [Int]
    /// Of those, the ones whose window begins within this day.
    var fromInstant: [Int: Int64]
    var fields: [Field]
  }

  func dayPlan(_ day: Day, zone: CalendarZone) -> DayPlan {
    var plan = DayPlan(gauges: [], fromInstant: [:], fields: [])
    var fields: Set<Field> = []
    for (index, gauge) in gauges.enumerated() {
      let range = gauge.window.days(asOf: asOf, zone: zone)
      guard range.contains(day) else { continue }
      plan.gauges.append(index)
      if day == range.first, let instant = gauge.window.firstInstant(asOf: asOf, zone: zone) {
        plan.fromInstant[index] = instant.value
      }
      fields.formUnion(self.fields(of: gauge))
    }
    plan.fields = fields.filter { $0.kind != .hour && $0.kind != .weekday }.sorted()
    return plan
  }

  private func fields(of gauge: Gauge) -> Set<Field> {
    var fields = filters[gauge.filter].fields
    switch gauge.kind {
    case .count, .days: break
    case .dwell: fields.insert(.dwell)
    case .sum(let field), .distinct(let field, _): fields.insert(field)
    case .extreme(_, let matches): if let matches { fields.formUnion(filters[matches].fields) }
    }
    return fields
  }

  /// The plan for people: what will be read, and what is shared.
  /// - Parameter days: those of the store.
  public func lines(days: [Day], zone: CalendarZone) -> [String] {
    let kept = days.filter { $0 <= asOf }
    let plans = kept.map { ($0, dayPlan($0, zone: zone)) }
    let read = plans.filter { !$0.1.gauges.isEmpty }
    var lines = ["as of \(asOf): \(segments.count) segments"]
    lines.append("  filters       \(filters.count) distinct of \(uses.filters)")
    lines.append("  measurements  \(gauges.count) distinct of \(uses.gauges)")
    lines.append("  thresholds    \(tests.count) distinct of \(uses.tests)")
    lines.append("  days          \(read.count) of \(kept.count) read for events, the others for users only")
    let columns = Set(plans.flatMap { $0.1.fields.map(\.name) }).sorted()
    lines.append("  columns       \(columns.isEmpty ? "none" : columns.joined(separator: ", "))")
    for (index, filter) in filters.enumerated() {
      let users = gauges.filter { $0.filter == index }
      guard !users.isEmpty else { continue }
      lines.append("  \(filter.words)")
      for gauge in users { lines.append("    \(gauge.words) · \(gauge.window.words)") }
    }
    return lines
  }
}

extension EvaluationPlan.Gauge {
  var words: String {
    switch kind {
    case .count: "count"
    case .dwell: "dwell time"
    case .days: "different days"
    case .sum(let field): "sum of \(field.name)"
    case .distinct(let field, _): "different values of \(field.name)"
    case .extreme(.first, _): "first event"
    case .extreme(.latest, _): "latest event"
    }
  }
}

extension Filter {
  /// All fields that it tests.
  var fields: Set<Field> {
    switch self {
    case .always: []
    case .field(let field, _): [field]
    case .all(let filters), .any(let filters), .none(let filters):
      filters.reduce(into: []) { $0.formUnion($1.fields) }
    }
  }
}
