import Events
import Rules

/// All conditions of all selected segments, planned together: each distinct filter, measurement and threshold once.
///
/// A plan is a value that prints itself. It knows the as-of day but no store.
public struct EvaluationPlan: Sendable {
  /// A measurement over the events of a filter in a window: what a threshold is compared with.
  struct Gauge: Sendable, Hashable {
    enum Kind: Sendable, Hashable {
      case count
      case dwell
      case days
      case sum(Field)
      case distinct(Field, elements: Match?)
      /// The time of the first or latest event, and whether it matches this filter.
      case extreme(Extreme.Which, matches: Int?)
    }
    var kind: Kind
    /// Index of its filter.
    var filter: Int
    var window: Window
  }

  /// A gauge against a threshold, or an extreme's time against a window: one bitmap a bucket.
  struct Test: Sendable, Hashable {
    enum Kind: Sendable, Hashable {
      case threshold(Threshold)
      /// The extreme's event matches.
      case matches
      /// The extreme's event lies in this window.
      case inWindow(Window)
    }
    var gauge: Int
    var kind: Kind
  }

  /// A rule over the bitmaps of tests.
  indirect enum Program: Sendable {
    case everyone
    case test(Int)
    case segment([Int])
    case all([Program])
    case any([Program])
    case none([Program])
    case count(CountTest, [Program])
  }

  public let asOf: Day
  public let segments: [Segment]
  let eventNames: EventNames
  private(set) var filters: [Filter] = []
  private(set) var gauges: [Gauge] = []
  private(set) var tests: [Test] = []
  /// By segment.
  private(set) var programs: [Program] = []
  /// How often each filter, gauge and test was asked for.
  private(set) var uses = (filters: 0, gauges: 0, tests: 0)
  private var filterIndex: [Filter: Int] = [:]
  private var gaugeIndex: [Gauge: Int] = [:]
  private var testIndex: [Test: Int] = [:]

  /// - Parameter segments: each after those that it refers to.
  public init(_ segments: [Segment], eventNames: EventNames, asOf: Day) {
    self.segments = segments
    self.eventNames = eventNames
    self.asOf = asOf
    var order: [String: Int] = [:]
    for (index, segment) in segments.enumerated() {
      programs.append(program(segment.root, order))
      order[segment.id] = index
    }
  }

  private mutating func program(_ node: RuleNode, _ order: [String: Int]) -> Program {
    switch node {
    case .everyone: return .everyone
    case .condition(let condition):
      let tests = condition.tests.map { Program.test(test($0, condition)) }
      return tests.count == 1 ? tests[0] : .all(tests)
    case .extreme(let extreme): return .test(test(extreme))
    case .sequence, .user, .list: preconditionFailure("not yet")
    case .segment(let reference):
      return .segment(
        reference.names.map { name in
          guard let index = order[name.id] else {
            preconditionFailure("'\(name.id)' must be planned before what refers to it")
          }
          return index
        })
    case .all(let nodes): return .all(nodes.map { program($0, order) })
    case .any(let nodes): return .any(nodes.map { program($0, order) })
    case .none(let nodes): return .none(nodes.map { program($0, order) })
    case .count(let count, let nodes): return .count(count, nodes.map { program($0, order) })
    }
  }

  mutating func test(_ test: MeasureTest, _ condition: Condition) -> Int {
    add(Test(gauge: gauge(test.measure, condition), kind: .threshold(test.threshold)))
  }

  mutating func gauge(_ measure: Measure, _ condition: Condition) -> Int {
    func filtered(_ event: String?) -> Filter { Self.joined(event, condition.filter) }
    let (kind, filter): (Gauge.Kind, Filter) =
      switch measure {
      case .views: (.count, filtered(eventNames.view))
      case .clicks: (.count, filtered(eventNames.click))
      case .events: (.count, condition.filter)
      case .reads: (.distinct(.article, elements: nil), filtered(eventNames.view))
      case .dwell: (.dwell, condition.filter)
      case .days: (.days, condition.filter)
      case .sessions: (.distinct(.session, elements: nil), condition.filter)
      case .sum(let field): (.sum(field), condition.filter)
      case .distinct(let field, let elements): (.distinct(field, elements: elements), condition.filter)
      default: preconditionFailure("not yet")
      }
    return add(Gauge(kind: kind, filter: add(filter), window: condition.window))
  }

  mutating func test(_ extreme: Extreme) -> Int {
    let matches: Int? = if case .matches(let filter) = extreme.test { add(filter) } else { nil }
    let gauge = add(
      Gauge(
        kind: .extreme(extreme.which, matches: matches), filter: add(extreme.filter), window: extreme.window))
    return switch extreme.test {
    case .matches: add(Test(gauge: gauge, kind: .matches))
    case .inWindow(let window): add(Test(gauge: gauge, kind: .inWindow(window)))
    }
  }

  private static func joined(_ event: String?, _ filter: Filter) -> Filter {
    guard let event else { return filter }
    let named = Filter.field(.event, .text(.exactly(TextFold.fold(event))))
    return filter == .always ? named : .all([named, filter])
  }

  private mutating func add(_ filter: Filter) -> Int {
    uses.filters += 1
    let canonical = CanonicalFilter.of(filter)
    if let known = filterIndex[canonical] { return known }
    filters.append(canonical)
    filterIndex[canonical] = filters.count - 1
    return filters.count - 1
  }

  private mutating func add(_ gauge: Gauge) -> Int {
    uses.gauges += 1
    if let known = gaugeIndex[gauge] { return known }
    gauges.append(gauge)
    gaugeIndex[gauge] = gauges.count - 1
    return gauges.count - 1
  }

  private mutating func add(_ test: Test) -> Int {
    uses.tests += 1
    if let known = testIndex[test] { return known }
    tests.append(test)
    testIndex[test] = tests.count - 1
    return tests.count - 1
  }
}

/// Filters that mean the same look the same: nested `all`s are flat, their parts in a fixed order, each once. Tests of
/// the event's name come first, since many filters share one.
enum CanonicalFilter {
  static func of(_ filter: Filter) -> Filter {
    switch filter {
    case .always, .field: return filter
    case .all(let parts):
      let flat = unique(
        parts.map(of).flatMap { part -> [Filter] in
          if case .all(let inner) = part { inner } else { part == .always ? [] : [part] }
        })
      return flat.isEmpty ? .always : flat.count == 1 ? flat[0] : .all(flat)
    case .any(let parts):
      let kept = unique(parts.map(of))
      return kept.count == 1 ? kept[0] : .any(kept)
    case .none(let parts): return .none(unique(parts.map(of)))
    }
  }

  private static func unique(_ filters: [Filter]) -> [Filter] {
    var seen: Set<Filter> = []
    return filters.filter { seen.insert($0).inserted }.map { ($0, key($0)) }.sorted { $0.1 < $1.1 }.map(\.0)
  }

  private static func key(_ filter: Filter) -> String {
    if case .field(.event, _) = filter { return "0 \(filter.words)" }
    if case .field = filter { return "1 \(filter.words)" }
    return "2 \(filter.words)"
  }
}
