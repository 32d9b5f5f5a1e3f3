import Events
import Rules
import Support

/// Random rules over the whole language.
struct RandomRules {
  var random: SeededRandom
  let asOf: Day
  /// The most events that a sequence wants.
  let sequenceEvents: Int

  init(seed: UInt64, asOf: Day, sequenceEvents: Int = 9) {
    random = SeededRandom(seed)
    self.asOf = asOf
    self.sequenceEvents = sequenceEvents
  }

  /// Segments that refer to those before them.
  mutating func segments(_ count: Int) -> [Segment] {
    var segments: [Segment] = []
    for index in 0..<count {
      let root = root(segments)
      let after = after("s\(index)", segments)
      segments.append(Segment(id: "s\(index)", name: "s", purpose: "ads", root: root, after: after))
    }
    return segments
  }

  /// - Parameter references: segments that may be referred to.
  mutating func root(_ references: [Segment]) -> RuleNode { node(depth: 0, references) }

  /// What follows `who`, now and then.
  mutating func after(_ id: String, _ references: [Segment]) -> AfterWho {
    var after = AfterWho()
    if chance(12) {
      after.keep = .init(
        days: Int.random(in: 1...6, using: &random), while: chance(50) ? node(depth: 2, references) : nil)
    }
    func share(_ what: String) -> AfterWho.Share {
      .init(millionths: Int64.random(in: 1...9, using: &random) * 100_000, seed: "\(id)/\(what)")
    }
    if chance(10) { after.sample = share("sample") }
    if chance(8) { after.limit = .init(users: Int.random(in: 1...9, using: &random), seed: "\(id)/limit") }
    if chance(10) { after.holdout = share("holdout") }
    if chance(10) {
      after.split = .init(
        arms: [
          .init(name: "a", millionths: 300_000), .init(name: "b", millionths: chance(50) ? 700_000 : 250_000),
        ],
        seed: "\(id)/split")
    }
    return after
  }

  mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &random) < percent }
  mutating func pick<T>(_ values: [T]) -> T {
    values[Int.random(in: 0..<values.count, using: &random)]
  }

  private mutating func node(depth: Int, _ references: [Segment]) -> RuleNode {
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

  private mutating func leaf(_ references: [Segment]) -> RuleNode {
    if chance(3) { return .everyone }
    if chance(10), !references.isEmpty { return .segment(reference(references)) }
    if chance(12) { return .extreme(extreme()) }
    if chance(12) { return .sequence(sequence()) }
    if chance(6) { return .user(userFilter()) }
    if chance(3) { return .list(chance(30) ? SampleWorld.lists : [pick(SampleWorld.lists)]) }
    let filter = filter(depth: 0)
    let same: Field? =
      chance(12)
      ? pick([
        .session, .article, .tag, .section, .hour, .weekday, .author, .experiment, .campaign,
        .ofArticle("desk", .text),
      ]) : nil
    let tests = (0..<(chance(25) ? 2 : 1)).map { _ in measureTest(filter, references, ranks: same == nil) }
    return .condition(
      Condition(tests: tests, filter: filter, window: chance(8) ? blocks() : window(), same: same)
    )
  }

  private mutating func reference(_ references: [Segment]) -> SegmentReference {
    let names = references.shuffled(using: &random).prefix(2).map { segment -> SegmentReference.Name in
      if segment.after.split != nil, chance(40) { return .init(segment.id, .arm(pick(["a", "b"]))) }
      if segment.after.holdout != nil, chance(40) { return .init(segment.id, .holdout) }
      return .init(segment.id)
    }
    return SegmentReference(
      names, daysAgo: chance(30) ? Int.random(in: 1...9, using: &random) : 0)
  }

  private mutating func blocks() -> Window {
    let count = Int.random(in: 1...5, using: &random)
    let n = Int.random(in: 0...count, using: &random)
    return .blocks(pick([.atLeast(n), .atMost(n), .exactly(n)]), of: count, days: pick([1, 2, 7]))
  }

  private mutating func sequence() -> Sequence {
    let minutes: [Int64] = [0, 10, 120, 1440, 10_000]
    var steps: [Sequence.Step] = []
    var left = sequenceEvents
    for index in 0..<Int.random(in: 1...3, using: &random) {
      if index > 0, chance(20) {
        steps.append(.absent(filter(depth: 1), within: pick([600_000, 7_200_000, 86_400_000, 259_200_000])))
        continue
      }
      guard left > 0 else { break }
      let times = min(left, chance(20) ? Int.random(in: 2...3, using: &random) : 1)
      left -= times
      var step = Sequence.EventStep(filter(depth: 1), times: times)
      if index > 0 || times > 1, chance(40) { step.within = pick(minutes) * 60_000 }
      if index > 0 {
        step.directly = chance(20)
        if chance(20) { step.without = filter(depth: 1) }
      }
      steps.append(.events(step))
    }
    let same: [Field] =
      chance(25) ? [pick([.session, .article, .tag])] : chance(8) ? [.section, .device] : []
    return Sequence(
      steps, within: chance(30) ? pick(minutes) * 60_000 : nil, same: same,
      filter: chance(40) ? filter(depth: 1) : .always, window: window())
  }

  static func elements(of field: Field, _ filter: Filter) -> Match? {
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

  private mutating func base(_ filter: Filter) -> Measure {
    let plain: [Measure] = [
      .views, .clicks, .events, .reads, .dwell, .days, .sessions, .sum(.value), .max(.value), .min(.value),
      .max(.dwell), .min(.dwell), .streak, .sum(SampleWorld.score), .max(.scroll),
      .sum(.ofArticle("words", .number)), .max(.ofArticle("words", .number)),
    ]
    let distinct: [Field] = [
      .section, .tag, .value, .hour, .article, .author, .experiment, .weekday, .session, .campaign,
      .ofArticle("desk", .text),
    ]
    let measure = chance(30) ? .distinct(pick(distinct), elements: nil) : pick(plain)
    // As the parser does: elements that the filter names.
    guard case .distinct(let field, _) = measure else { return measure }
    return .distinct(field, elements: Self.elements(of: field, filter))
  }

  private mutating func measureTest(_ filter: Filter, _ references: [Segment], ranks: Bool) -> MeasureTest {
    let base = base(filter)
    switch Int.random(in: 0...99, using: &random) {
    case 0..<6 where base.isAdditive:
      return MeasureTest(
        .share(of: base, among: chance(40) ? .always : self.filter(depth: 1)),
        threshold([0, 250_000, 500_000, 1_000_000]))
    case 6..<12 where base.isAdditive:
      let measure = Measure.per(base, pick([.views, .reads, .clicks, .events, .days, .sessions]))
      return MeasureTest(
        measure,
        threshold(measure.unit == .milliseconds ? [0, 30_000, 60_000] : [0, 500_000, 1_000_000, 2_500_000]))
    case 12..<17 where base.isAdditive && ranks:
      return MeasureTest(
        .trend(of: base, against: closedWindow()), threshold([0, 500_000, 1_000_000, 2_000_000]))
    case 17..<22 where ranks:
      let cut: RankCut =
        chance(50) ? .share(pick([50_000, 200_000, 500_000])) : .users(Int64(pick([1, 2, 5])))
      let ranked: Measure = chance(20) && base.isAdditive ? .per(base, .views) : base
      return MeasureTest(
        .rank(of: ranked, among: chance(30) ? leaf(references) : nil), chance(70) ? .top(cut) : .bottom(cut))
    default: break
    }
    switch base.unit {
    case .milliseconds: return MeasureTest(base, threshold((0...4).map { Int64($0) * 60_000 }))
    case .millionths: return MeasureTest(base, threshold([-2_000_000, 0, 1_500_000, 10_000_000]))
    case .count: return MeasureTest(base, threshold([0, 1, 2, 3, 5]))
    }
  }
}

extension Measure {
  /// Sums and counts, which can be divided.
  fileprivate var isAdditive: Bool {
    switch self {
    case .max, .min, .streak: false
    default: true
    }
  }
}
