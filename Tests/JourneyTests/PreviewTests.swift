import Bitmaps
import Diagnostics
import Engine
import Events
import Rules
import Support
import Testing

/// What a preview says of a sample, against all users.
struct PreviewTests {
  private static let asOf = Day("2026-11-23") ?? Day(number: 0)

  /// 1,000 users in 32 buckets.
  private func world(_ seed: UInt64) throws -> BucketedEvents {
    let world = try SampleWorld(
      seed: seed, zone: "Europe/Amsterdam", asOf: Self.asOf, events: 6000, users: 1000)
    return BucketedEvents(world, buckets: 32)
  }

  private func segments(_ seed: UInt64, _ count: Int) -> [Segment] {
    var generator = RandomRules(seed: seed, asOf: Self.asOf)
    var segments: [Segment] = []
    while segments.count < count {
      let root = generator.root([])
      // Ranks are settled by those who are looked at, so their buckets are no independent draws.
      guard !root.isRanked else { continue }
      segments.append(Segment(id: "s\(segments.count)", name: "s", purpose: "ads", root: root))
    }
    return segments
  }

  @Test func `the 95 % interval has the true size of 93 to 97 of 100 random rules`() throws {
    let source = try world(1)
    let segments = segments(11, Support.isNightly ? 2400 : 500)
    let plan = EvaluationPlan(segments, eventNames: .init(), asOf: Self.asOf, zone: source.zone)
    let evaluation = try Evaluator(plan, source).run(Workers(threads: 2))
    var random = SeededRandom(5)
    var (covered, asked) = (0, 0)
    for members in evaluation.members {
      // Of nobody and everybody any interval is right.
      guard members.count > 0, members.count < source.userCount else { continue }
      let buckets = Array((0..<32).shuffled(using: &random).prefix(6)).sorted()
      let sample = BucketSample(buckets: buckets, users: try source.userCounts)
      let estimate = sample.estimate(buckets.reduce(0) { $0 + members.ordinals(in: $1).count })
      #expect(estimate.low <= estimate.users && estimate.users <= estimate.high)
      asked += 1
      if (estimate.low...estimate.high).contains(members.count) { covered += 1 }
    }
    #expect(asked >= (Support.isNightly ? 1000 : 200))
    // Of few rules the share itself is uncertain by three hundredths.
    let wanted = Support.isNightly ? 930...970 : 900...990
    #expect(wanted.contains(covered * 1000 / asked), "\(covered) of \(asked)")
  }

  @Test func `a sample finds in its buckets who is found there when all are looked at`() throws {
    let source = try world(2)
    let segments = segments(12, 50)
    let plan = EvaluationPlan(segments, eventNames: .init(), asOf: Self.asOf, zone: source.zone)
    let sample = try BucketSample(of: source, count: 5)
    #expect(sample.buckets == [0, 6, 12, 19, 25] && !sample.isEverything)
    let all = try Evaluator(plan, source).run(Workers(threads: 2))
    let some = try Evaluator(plan, source, sample: sample).run(Workers(threads: 2))
    for (all, some) in zip(all.members, some.members) {
      for bucket in 0..<32 {
        #expect(
          some.ordinals(in: bucket) == (sample.buckets.contains(bucket) ? all.ordinals(in: bucket) : []))
      }
    }
  }

  @Test func `with all users each figure is that of a run, and numbers turn as if they were written`() throws
  {
    let source = try world(3)
    let sample = try BucketSample(of: source, count: 32)
    for segment in segments(13, 12) {
      let previewer = Previewer(
        segment, others: [], eventNames: .init(), asOf: Self.asOf, source: source, sample: sample,
        workers: Workers(threads: 2))
      let preview = try previewer.reach()
      let curves = try previewer.curves(around: 1)
      // Each question again, as a run of its own.
      func size(_ root: RuleNode) throws -> Int {
        let asked = Segment(id: "x", name: "x", purpose: "ads", root: root)
        let plan = EvaluationPlan([asked], eventNames: .init(), asOf: Self.asOf, zone: source.zone)
        return try Evaluator(plan, source).run(Workers(threads: 2)).members[0].count
      }
      #expect(preview.reach.isExact)
      #expect(try preview.reach.users == size(segment.root))
      if case .all(let parts) = segment.root {
        let items = preview.conditions.filter { $0.depth == 0 }
        #expect(try items.map(\.alone.users) == parts.map { try size($0) })
        #expect(
          try items.map { $0.together?.users } == parts.indices.map { try size(.all(Array(parts[...$0]))) })
      }
      #expect(curves.count == segment.root.numbers.count)
      for (index, curve) in curves.enumerated() {
        #expect(curve.points.contains { $0.value == curve.number.value && $0.reach == preview.reach })
        for point in curve.points {
          #expect(try point.reach.users == size(segment.root.setting(index, to: point.value)))
        }
      }
    }
  }

  @Test func `a target is met where a number can meet it`() throws {
    let source = try world(4)
    let condition = Condition(
      tests: [MeasureTest(.views, .atLeast(2))], filter: .always, window: .days(near: 1, far: 40))
    let segment = Segment(id: "s", name: "s", purpose: "ads", root: .condition(condition))
    let previewer = Previewer(
      segment, others: [], eventNames: .init(), asOf: Self.asOf, source: source,
      sample: try BucketSample(of: source, count: 32), workers: Workers(threads: 2))
    let curves = try previewer.curves()
    // Between two points of the curve of days: 21 and 28.
    let days = try #require(curves.last)
    #expect(days.number.scale == .days)
    let exact = try #require(try previewer.closest(to: 300)[1])
    let neighbours = try (-1...1).map { step in
      let root = segment.root.setting(1, to: exact.value + Int64(step))
      let plan = EvaluationPlan(
        [Segment(id: "x", name: "x", purpose: "ads", root: root)], eventNames: .init(), asOf: Self.asOf,
        zone: source.zone)
      return abs(try Evaluator(plan, source).run(Workers(threads: 2)).members[0].count - 300)
    }
    #expect(
      neighbours[1] <= neighbours[0] && neighbours[1] <= neighbours[2], "\(neighbours) at \(exact.value)")
  }

  @Test func `a limit cuts reach off, and what it leaves is told of everybody`() {
    let estimate = ReachEstimate(found: 100, sampled: 1000, population: 10_000)
    #expect(estimate.users == 1000 && estimate.low < 1000 && estimate.high > 1000)
    #expect(estimate.limited(to: 500) == ReachEstimate(found: 500, sampled: 1, population: 1))
    #expect(ReachEstimate(found: 0, sampled: 1000, population: 10_000).low == 0)
    #expect(ReachEstimate(found: 1000, sampled: 1000, population: 10_000).high == 10_000)
    #expect(ReachEstimate(found: 3, sampled: 0, population: 0).isExact)
  }
}

/// A sample world whose users lie in buckets as a store has them.
struct BucketedEvents: EventSource {
  private let buckets: [InMemoryEvents]
  private let counts: [Int]
  let zone: CalendarZone
  let days: [Day]

  init(_ world: SampleWorld, buckets count: Int) {
    var names = Array(repeating: [String](), count: count)
    var numbers: [String: (bucket: Int, ordinal: UInt32)] = [:]
    var events = Array(repeating: [InMemoryEvents.Event](), count: count)
    for event in world.events {
      let bucket = Array(event.user.utf8).withUnsafeBytes {
        Int(BucketIndex(user: $0, buckets: UInt32(count)).value)
      }
      let known = numbers[event.user] ?? (bucket, UInt32(names[bucket].count))
      if numbers[event.user] == nil { names[bucket].append(event.user) }
      numbers[event.user] = known
      events[bucket].append(
        InMemoryEvents.Event(
          user: known.ordinal, time: event.time, texts: event.texts, lists: event.lists,
          numbers: event.numbers, dwell: event.dwell, session: event.session))
    }
    zone = world.zone
    self.names = Array(Set(world.events.compactMap { $0.texts[.event] }))
    self.buckets = zip(events, names).map { events, names in
      InMemoryEvents(
        events, users: names, zone: world.zone, dimensions: { WorldDimensions(world: world, day: $0) })
    }
    counts = names.map(\.count)
    days = Set(self.buckets.flatMap(\.days)).sorted()
  }

  /// Of events, in any order.
  private let names: [String?]

  var bucketCount: Int { buckets.count }
  var userCount: Int { counts.reduce(0, +) }
  func userCount(in bucket: BucketIndex) throws(Diagnostic) -> Int { counts[Int(bucket.value)] }
  func users(in bucket: BucketIndex) throws(Diagnostic) -> UserIDs {
    try buckets[Int(bucket.value)].users(in: BucketIndex(0))
  }
  func dimensions(asOf day: Day) throws(Diagnostic) -> any Dimensions { try buckets[0].dimensions(asOf: day) }
  func readers(of day: Day, columns: ([String?]) -> [Field]?) throws(Diagnostic) -> [any EventReader] {
    guard let fields = columns([nil] + names) else { return [] }
    return [Reader(buckets: buckets, day: day, fields: fields)]
  }

  private struct Reader: EventReader {
    let buckets: [InMemoryEvents]
    let day: Day
    let fields: [Field]
    func batch(in bucket: BucketIndex) throws(Diagnostic) -> EventBatch? {
      try buckets[Int(bucket.value)].batches(of: day, in: BucketIndex(0), fields: fields).first
    }
    func bytes(in bucket: BucketIndex) -> Int { 0 }
    var articles: TextDictionary? { nil }
  }
}

extension RuleNode {
  fileprivate var isRanked: Bool {
    if case .condition(let condition) = self,
      condition.tests.contains(where: { if case .rank = $0.measure { true } else { false } })
    {
      return true
    }
    return children.contains { $0.isRanked }
  }
}
