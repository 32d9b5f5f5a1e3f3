import Events
import Rules

/// Conditions, extremes and sequences as measurements and tests.
extension Planner {
  mutating func test(_ test: MeasureTest, _ condition: Condition, _ asOf: Day) -> Int {
    guard case .rank(let base, let among) = test.measure else {
      return add(.init(value: value(test.measure, condition, asOf), kind: .threshold(test.threshold)))
    }
    let (cut, fromTop): (RankCut, Bool) =
      switch test.threshold {
      case .top(let cut): (cut, true)
      case .bottom(let cut): (cut, false)
      default: preconditionFailure("a rank is compared with 'top' or 'bottom'")
      }
    let value = value(base, condition, asOf)
    let index = ranking(.init(value: value, cut: cut, fromTop: fromTop, among: self.among(among, asOf)))
    return add(.init(value: value, kind: .rank(index)))
  }

  mutating func test(_ extreme: Extreme, _ asOf: Day) -> Int {
    let matches: Int? = if case .matches(let filter) = extreme.test { add(filter, asOf) } else { nil }
    let gauge = add(
      .init(
        kind: .extreme(extreme.which, matches: matches), filter: add(extreme.filter, asOf),
        span: .init(extreme.window, asOf: asOf, zone: plan.zone)))
    return switch extreme.test {
    case .matches: add(.init(value: .gauge(gauge), kind: .matches))
    case .inWindow(let window):
      add(.init(value: .gauge(gauge), kind: .inSpan(InstantRange(window, asOf: asOf, zone: plan.zone))))
    }
  }

  /// What a measure without a rank is compared by.
  mutating func value(_ measure: Measure, _ condition: Condition, _ asOf: Day) -> EvaluationPlan.Value {
    let span = EvaluationPlan.Span(condition.window, asOf: asOf, zone: plan.zone)
    let parts = MeasureParts(measure, condition, asOf: asOf, plan)
    let top = gauge(parts.top, span, asOf)
    guard let bottom = parts.bottom else { return .gauge(top) }
    return .ratio(
      top: top, bottom: gauge(bottom.gauge, bottom.span ?? span, asOf), topScale: parts.topScale,
      bottomScale: parts.bottomScale)
  }

  private mutating func gauge(_ part: MeasureParts.Part, _ span: EvaluationPlan.Span, _ asOf: Day) -> Int {
    add(
      .init(
        kind: part.kind, filter: add(part.filter, asOf), span: span,
        tables: part.kind.needsTables ? asOf : nil))
  }

  // MARK: Groups

  /// A condition with `same`.
  mutating func group(_ condition: Condition, _ asOf: Day) -> Int {
    let tests = condition.tests.map { test -> EvaluationPlan.GroupTest in
      let parts = MeasureParts(test.measure, condition, asOf: asOf, plan)
      var gauges = [gauge(parts.top, asOf)]
      guard let bottom = parts.bottom else {
        return .init(gauges: gauges, value: .gauge(0), threshold: test.threshold)
      }
      gauges.append(gauge(bottom.gauge, asOf))
      return .init(
        gauges: gauges,
        value: .ratio(top: 0, bottom: 1, topScale: parts.topScale, bottomScale: parts.bottomScale),
        threshold: test.threshold)
    }
    let same = [condition.same].compactMap { $0 }
    return add(
      .init(
        same: same, tables: same.contains { $0.isOfArticle } ? asOf : nil,
        filter: add(condition.filter, asOf),
        span: .init(condition.window, asOf: asOf, zone: plan.zone), body: .condition(tests)))
  }

  private mutating func gauge(_ part: MeasureParts.Part, _ asOf: Day) -> EvaluationPlan.GroupTest.Gauge {
    .init(kind: part.kind, filter: add(part.filter, asOf), tables: part.kind.needsTables ? asOf : nil)
  }

  mutating func group(_ sequence: Sequence, _ asOf: Day) -> Int {
    let span = EvaluationPlan.Span(sequence.window, asOf: asOf, zone: plan.zone)
    var made = SequencePlan(
      units: [], within: sequence.within, filters: [],
      end: plan.zone.start(of: span.last.advanced(by: 1)).value)
    for step in sequence.steps {
      switch step {
      case .absent(let filter, let within):
        made.units.append(
          .init(
            kind: .absent(within), bit: bit(filter, asOf, &made), closesStep: true, within: nil,
            directly: false, without: nil))
      case .events(let step):
        let bit = bit(step.filter, asOf, &made)
        let without = step.without.map { self.bit($0, asOf, &made) }
        for number in 1...max(1, step.times) {
          made.units.append(
            .init(
              kind: .event, bit: bit, closesStep: number == max(1, step.times),
              within: step.within, directly: step.directly, without: without))
        }
      }
    }
    return add(
      .init(
        same: sequence.same, tables: sequence.same.contains { $0.isOfArticle } ? asOf : nil,
        filter: add(sequence.filter, asOf), span: span, body: .sequence(made)))
  }

  private mutating func bit(_ filter: Filter, _ asOf: Day, _ made: inout SequencePlan) -> Int {
    let index = add(filter, asOf)
    if let known = made.filters.firstIndex(of: index) { return known }
    made.filters.append(index)
    return made.filters.count - 1
  }

  // MARK: Each once

  mutating func add(_ filter: Filter, _ asOf: Day) -> Int {
    let bound = CanonicalFilter.of(filter.bound(asOf: asOf, zone: plan.zone))
    return add(.init(filter: bound, tables: bound.needsTables ? asOf : nil))
  }

  mutating func add(_ filter: EvaluationPlan.BoundFilter) -> Int {
    plan.uses.filters += 1
    return number(filter, in: \.filters, by: \.filters)
  }

  mutating func add(_ gauge: EvaluationPlan.Gauge) -> Int {
    plan.uses.gauges += 1
    return number(gauge, in: \.gauges, by: \.gauges)
  }

  mutating func add(_ test: EvaluationPlan.Test) -> Int {
    plan.uses.tests += 1
    return number(test, in: \.tests, by: \.tests)
  }

  mutating func add(_ group: EvaluationPlan.Group) -> Int { number(group, in: \.groups, by: \.groups) }

  /// Where an item stands in the plan; a new one comes last.
  mutating func number<Item: Hashable>(
    _ item: Item, in items: WritableKeyPath<EvaluationPlan, [Item]>,
    by index: WritableKeyPath<PlanIndex, [Item: Int]>
  ) -> Int {
    if let known = plan.index[keyPath: index][item] { return known }
    plan[keyPath: items].append(item)
    let number = plan[keyPath: items].count - 1
    plan.index[keyPath: index][item] = number
    return number
  }
}

/// A measure as one gauge, or as one divided by another.
struct MeasureParts {
  struct Part {
    var kind: EvaluationPlan.Gauge.Kind
    var filter: Filter
  }
  var top: Part
  /// Its span where it is not the condition's.
  var bottom: (gauge: Part, span: EvaluationPlan.Span?)?
  var topScale: Int64 = 1
  var bottomScale: Int64 = 1

  init(_ measure: Measure, _ condition: Condition, asOf: Day, _ plan: EvaluationPlan) {
    func base(_ measure: Measure, _ filter: Filter) -> Part { Self.base(measure, filter, plan.eventNames) }
    switch measure {
    case .share(let measure, let among):
      top = base(measure, condition.filter)
      bottom = (base(measure, among), nil)
      topScale = 1_000_000
    case .per(let measure, let unit):
      top = base(measure, condition.filter)
      bottom = (base(unit, condition.filter), nil)
      topScale = measure.unit == .count ? 1_000_000 : 1
    case .trend(let measure, let against):
      top = base(measure, condition.filter)
      let other = EvaluationPlan.Span(against, asOf: asOf, zone: plan.zone)
      bottom = (base(measure, condition.filter), other)
      let lengths = (condition.window.length(asOf: asOf, plan.zone), against.length(asOf: asOf, plan.zone))
      guard lengths.0 > 0, lengths.1 > 0 else {
        // "A day" means nothing in a window without a beginning: absent.
        bottomScale = 0
        return
      }
      let divisor = Self.greatestDivisor(lengths.0, lengths.1)
      // (top ÷ its days) ÷ (bottom ÷ its days)
      topScale = lengths.1 / divisor * 1_000_000
      bottomScale = lengths.0 / divisor
    default: top = base(measure, condition.filter)
    }
  }

  static func base(_ measure: Measure, _ filter: Filter, _ names: EventNames) -> Part {
    func filtered(_ event: String) -> Filter {
      let named = Filter.field(.event, .text(.exactly(TextFold.fold(event))))
      return filter == .always ? named : .all([named, filter])
    }
    switch measure {
    case .views: return Part(kind: .count, filter: filtered(names.view))
    case .clicks: return Part(kind: .count, filter: filtered(names.click))
    case .events: return Part(kind: .count, filter: filter)
    case .reads: return Part(kind: .distinct(.article, elements: nil), filter: filtered(names.view))
    case .dwell: return Part(kind: .dwell, filter: filter)
    case .days: return Part(kind: .days, filter: filter)
    case .streak: return Part(kind: .streak, filter: filter)
    case .sessions: return Part(kind: .distinct(.session, elements: nil), filter: filter)
    case .sum(let field): return Part(kind: .sum(field), filter: filter)
    case .max(let field): return Part(kind: .largest(field), filter: filter)
    case .min(let field): return Part(kind: .smallest(field), filter: filter)
    case .distinct(let field, let elements):
      return Part(kind: .distinct(field, elements: elements), filter: filter)
    case .share, .per, .trend, .rank: preconditionFailure("\(measure.words) is no base measure")
    }
  }

  private static func greatestDivisor(_ a: Int64, _ b: Int64) -> Int64 {
    b == 0 ? max(1, a) : greatestDivisor(b, a % b)
  }
}

extension Window {
  /// Milliseconds, with days of 24 hours: what "a day" in a trend is counted by. 0 for windows without a beginning.
  fileprivate func length(asOf: Day, _ zone: CalendarZone) -> Int64 {
    if case .lastTime(let length) = self { return max(0, length) }
    let days = self.days(asOf: asOf, zone: zone)
    guard let first = days.first, first <= days.last else { return 0 }
    return Int64(first.distance(to: days.last) + 1) * 86_400_000
  }
}
