import Events
import Rules
import Support

/// Random rules over the whole core of the language.
struct RandomRules {
  var random: SeededRandom
  let asOf: Day

  init(seed: UInt64, asOf: Day) {
    random = SeededRandom(seed)
    self.asOf = asOf
  }

  /// - Parameter references: segments that may be referred to.
  mutating func root(_ references: [String]) -> RuleNode { node(depth: 0, references) }

  private mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &random) < percent }
  private mutating func pick<T>(_ values: [T]) -> T {
    values[Int.random(in: 0..<values.count, using: &random)]
  }

  private mutating func node(depth: Int, _ references: [String]) -> RuleNode {
    guard depth < 3, chance(depth == 0 ? 70 : 35) else { return leaf(references) }
    let nodes = (0..<Int.random(in: 1...3, using: &random)).map { _ in node(depth: depth + 1, references) }
    switch Int.random(in: 0...3, using: &random) {
    case 0: return .all(nodes)
    case 1: return .any(nodes)
    case 2: return .none(nodes)
    default:
      let n = Int.random(in: 0...nodes.count, using: &random)
      return .count(pick([.atLeast(n), .atMost(n), .exactly(n)]), of: nodes)
    }
  }

  private mutating func leaf(_ references: [String]) -> RuleNode {
    if chance(3) { return .everyone }
    if chance(10), !references.isEmpty {
      return .segment(SegmentReference(references.shuffled(using: &random).prefix(2).map { .init($0) }))
    }
    if chance(20) { return .extreme(extreme()) }
    let tests = (0..<(chance(20) ? 2 : 1)).map { _ in measureTest() }
    let filter = filter(depth: 0)
    return .condition(
      Condition(
        tests: tests.map { test in
          // As the parser does: elements that the filter names.
          guard case .distinct(let field, _) = test.measure else { return test }
          return MeasureTest(.distinct(field, elements: Self.elements(of: field, filter)), test.threshold)
        }, filter: filter, window: window()))
  }

  private static func elements(of field: Field, _ filter: Filter) -> Match? {
    guard field.kind == .textList else { return nil }
    switch filter {
    case .field(field, let match):
      switch match {
      case .text, .anyOf: return match
      case .allOf(let tests): return .anyOf(tests.map { .text($0) })
      default: return nil
      }
    case .all(let parts): return parts.lazy.compactMap { elements(of: field, $0) }.first
    default: return nil
    }
  }

  private mutating func extreme() -> Extreme {
    Extreme(
      which: pick([.first, .latest]), test: chance(50) ? .inWindow(window()) : .matches(filter(depth: 1)),
      filter: chance(50) ? filter(depth: 1) : .always, window: chance(70) ? .ever : window())
  }

  private mutating func measureTest() -> MeasureTest {
    let measure: Measure = pick([
      .views, .clicks, .events, .reads, .dwell, .days, .sessions, .sum(.value),
      .distinct(.section, elements: nil),
      .distinct(.tag, elements: nil), .distinct(.value, elements: nil), .distinct(.hour, elements: nil),
      .distinct(.article, elements: nil),
    ])
    switch measure {
    case .dwell: return MeasureTest(measure, threshold((0...4).map { Int64($0) * 60_000 }))
    case .sum: return MeasureTest(measure, threshold([-2_000_000, 0, 1_500_000, 10_000_000]))
    default: return MeasureTest(measure, threshold([0, 1, 2, 3, 5]))
    }
  }

  private mutating func threshold(_ values: [Int64]) -> Threshold {
    let (a, b) = (pick(values), pick(values))
    return pick([
      .any, .none, .atLeast(a), .atMost(a), .moreThan(a), .lessThan(a), .exactly(a),
      .between(min(a, b), max(a, b)),
    ])
  }

  private mutating func window() -> Window {
    let (a, b) = (Int.random(in: 1...12, using: &random), Int.random(in: 1...45, using: &random))
    let day = asOf.advanced(by: -Int.random(in: 0...30, using: &random))
    return pick([
      .ever, .days(near: 1, far: b), .days(near: a, far: a + b), .beforeLast(days: a),
      .lastTime(Int64(b) * 3_600_000),
      .dates(from: day, through: nil), .dates(from: nil, through: day),
      .dates(from: day, through: day.advanced(by: a)),
      .current(pick(Window.Period.allCases)), .previous(pick(Window.Period.allCases)),
    ])
  }

  private mutating func filter(depth: Int) -> Filter {
    if chance(15) { return .always }
    if depth < 2, chance(35) {
      let parts = (0..<Int.random(in: 1...3, using: &random)).map { _ in filter(depth: depth + 1) }
      return pick([.all(parts), .any(parts), .none(parts)])
    }
    let (field, match) = leafMatch()
    let test: Match = chance(12) ? .not(match) : match
    return .field(field, chance(6) ? .known(chance(50)) : test)
  }

  private mutating func leafMatch() -> (Field, Match) {
    switch Int.random(in: 0...9, using: &random) {
    case 0: return (.event, .text(.value(pick(["page_view", "link_click", "subscribe"]))))
    case 1, 2: return (.section, texts(["sport", "sport/formula-1", "news", "économie", "sport/tennis"]))
    case 3: return (.device, texts(SampleWorld.devices))
    case 4: return (.country, texts(["nl", "be", "no"]))
    case 5: return (.element, texts(SampleWorld.elements))
    case 6:
      return chance(25)
        ? (.tag, .allOf([.value("a"), .value(pick(["b", "long-read"]))]))
        : (.tag, texts(["a", "b", "été", "long-read"]))
    case 7: return (.experiment, texts(["homepage", "homepage:a", "paywall"]))
    case 8: return (.value, .number(threshold([-1_000_000, 0, 2_500_000])))
    default:
      return pick([
        (.dwell, .number(threshold([0, 30_000, 60_000]))), (.hour, .number(threshold([0, 6, 22]))),
        (.hour, .hours(from: pick([22, 6, 0]), through: pick([1, 8, 23]))),
        (.weekday, .anyOf([.number(.exactly(1)), .number(.exactly(Int64(pick([5, 6, 7]))))])),
      ])
    }
  }

  private mutating func texts(_ values: [String]) -> Match {
    let value = pick(values)
    let (head, tail) = (String(value.prefix(2)), String(value.suffix(3)))
    let tests: [TextTest] = [
      .value(value), .exactly(value), .contains(String(value.prefix(3))), .starts(head), .ends(tail),
      .wildcard([head, ""]),
      .wildcard(["", tail]),
    ]
    return chance(15) ? .anyOf([.text(.value(value)), .text(.value(pick(values)))]) : .text(pick(tests))
  }
}
