import Events
import Rules

/// A number as a fraction; nil elsewhere is absent.
struct Fraction {
  var top: Int128
  var bottom: Int128 = 1

  static func < (a: Fraction, b: Fraction) -> Bool { a.top * b.bottom < b.top * a.bottom }

  func holds(_ threshold: Threshold) -> Bool {
    func q(_ value: Int64) -> Fraction { Fraction(top: Int128(value)) }
    switch threshold {
    case .any: return top > 0
    case .none: return top == 0
    case .atLeast(let value): return !(self < q(value))
    case .atMost(let value): return !(q(value) < self)
    case .moreThan(let value): return q(value) < self
    case .lessThan(let value): return self < q(value)
    case .exactly(let value): return !(self < q(value)) && !(q(value) < self)
    case .between(let a, let b): return !(self < q(a)) && !(q(b) < self)
    case .top, .bottom: return false
    }
  }
}

extension NaiveEvaluator {
  func holds(_ condition: Condition, _ user: String, _ asOf: Day) -> Bool {
    if case .blocks(let test, let blocks, let days) = condition.window {
      return test.holds(
        (0..<blocks).count { block in
          var part = condition
          part.window = .days(near: block * days + 1, far: (block + 1) * days)
          return holds(part, user, asOf)
        })
    }
    guard let field = condition.same else {
      return condition.tests.allSatisfy { holds($0, condition, user, asOf) { _ in true } }
    }
    let events = matching(condition.filter, condition.window, user, asOf)
    return Set(events.flatMap { values(field, $0, asOf) }).contains { value in
      condition.tests.allSatisfy { test in
        holds(test, condition, user, asOf) { self.values(field, $0, asOf).contains(value) }
      }
    }
  }

  private func holds(
    _ test: MeasureTest, _ condition: Condition, _ user: String, _ asOf: Day, _ only: (SampleEvent) -> Bool
  ) -> Bool {
    guard case .rank(let base, let among) = test.measure else {
      return value(test.measure, condition, user, asOf, only)?.holds(test.threshold) ?? false
    }
    func valued(_ user: String) -> Fraction? {
      value(base, condition, user, asOf, only).flatMap { $0.top > 0 ? $0 : nil }
    }
    let ranked = universe(asOf).filter { other in among.map { holds($0, other, asOf) } ?? true }
    guard ranked.contains(user), let own = valued(user) else { return false }
    let values = ranked.compactMap(valued)
    func enters(_ beyond: Int, _ cut: RankCut) -> Bool {
      switch cut {
      case .users(let most): Int64(beyond) < most
      case .share(let millionths): Int64(beyond) * 1_000_000 < millionths * Int64(values.count)
      }
    }
    switch test.threshold {
    case .top(let cut): return enters(values.count { own < $0 }, cut)
    case .bottom(let cut): return enters(values.count { $0 < own }, cut)
    default: return false
    }
  }

  private func value(
    _ measure: Measure, _ condition: Condition, _ user: String, _ asOf: Day, _ only: (SampleEvent) -> Bool
  ) -> Fraction? {
    func base(_ measure: Measure, _ filter: Filter, _ window: Window) -> Int128? {
      value(measure, matching(filter, window, user, asOf).filter(only), asOf)
    }
    func divided(_ top: Int128?, _ topScale: Int128, _ bottom: Int128?, _ bottomScale: Int128 = 1)
      -> Fraction?
    {
      guard let top, let bottom, bottom > 0, bottomScale > 0 else { return nil }
      return Fraction(top: top * topScale, bottom: bottom * bottomScale)
    }
    let own = base(measure.dividend, condition.filter, condition.window)
    switch measure {
    case .share(let part, let among):
      return divided(own, 1_000_000, base(part, among, condition.window))
    case .per(_, let unit):
      return divided(
        own, measure.unit == .milliseconds || measure.isOfSum ? 1 : 1_000_000,
        base(unit, condition.filter, condition.window))
    case .trend(let part, let against):
      return divided(
        own, 1_000_000 * length(against, asOf), base(part, condition.filter, against),
        length(condition.window, asOf))
    default: return own.map { Fraction(top: $0) }
    }
  }

  /// Days, in milliseconds.
  private func length(_ window: Window, _ asOf: Day) -> Int128 {
    if case .lastTime(let length) = window { return Int128(length) }
    // A window without a beginning has no days to divide by.
    guard !inside(window, asOf.advanced(by: -200_000), .min / 2, asOf) else { return 0 }
    let days = (0..<4000).map { asOf.advanced(by: -$0) }.filter {
      inside(window, $0, zone.start(of: $0).value, asOf)
    }
    return Int128(days.count) * 86_400_000
  }

  private func value(_ measure: Measure, _ events: [SampleEvent], _ asOf: Day) -> Int128? {
    func named(_ name: String) -> [SampleEvent] {
      events.filter { bytes($0.texts[.event] ?? "") == Array(name.utf8) }
    }
    func numbers(_ field: Field) -> [Int128] {
      events.compactMap { event in
        if case .number(let number) = value(field, event, asOf) { number.map { Int128($0) } } else { nil }
      }
    }
    switch measure {
    case .views: return Int128(named(names.view).count)
    case .clicks: return Int128(named(names.click).count)
    case .events: return Int128(events.count)
    case .reads: return Int128(Set(named(names.view).compactMap { $0.texts[.article].map(bytes) }).count)
    case .dwell: return total(numbers(.dwell), of: events)
    case .days: return Int128(Set(events.map { day($0) }).count)
    case .streak:
      let days = Set(events.map { day($0) })
      return Int128(
        days.map { first in
          var day = first
          while days.contains(day) { day = day.advanced(by: 1) }
          return first.distance(to: day)
        }.max() ?? 0)
    case .sessions: return Int128(Set(events.compactMap(\.session)).count)
    case .sum(let field): return total(numbers(field), of: events)
    case .max(let field): return numbers(field).max()
    case .min(let field): return numbers(field).min()
    case .distinct(let field, let elements):
      return Int128(Set(events.flatMap { values(field, $0, asOf, elements) }).count)
    case .share, .per, .trend, .rank: preconditionFailure("no base measure")
    }
  }

  /// Unknown adds 0; all unknown is absent.
  private func total(_ known: [Int128], of events: [SampleEvent]) -> Int128? {
    known.isEmpty && !events.isEmpty ? nil : known.reduce(0, +)
  }

  /// The known values of a field on an event; `elements` says which of a list count.
  func values(_ field: Field, _ event: SampleEvent, _ asOf: Day, _ elements: Match? = nil) -> [[UInt8]] {
    switch value(field, event, asOf) {
    case .texts(let texts):
      texts.filter { element in
        elements.map { holds($0, field, asOf, texts: [element]) } ?? true
      }.map(bytes)
    case .number(let number): number.map { [Array("\($0)".utf8)] } ?? []
    case .id(let id): id.map { [Array($0.utf8)] } ?? []
    }
  }
}

extension Measure {
  fileprivate var dividend: Measure {
    switch self {
    case .share(let base, _), .per(let base, _), .trend(let base, _): base
    default: self
    }
  }

  fileprivate var isOfSum: Bool {
    if case .per(let base, _) = self { base.unit == .millionths } else { false }
  }
}
