import Diagnostics
import Events
import Rules

/// Runs the tests that stand in segment files: one user, the events given, through the same plan and scan as a night.
public struct SegmentTestRunner: Sendable {
  private let eventNames: EventNames
  private let zone: CalendarZone
  private let asOf: Day

  /// - Parameter asOf: which day is day 1 where a test does not say; it matters for dates only.
  public init(eventNames: EventNames, zone: CalendarZone, asOf: Day) {
    self.eventNames = eventNames
    self.zone = zone
    self.asOf = asOf
  }

  /// Runs the tests of one segment.
  /// - Parameter segments: all that are good, each after those that it refers to.
  /// - Returns: `X1` for each that fails.
  public func run(_ segment: Segment, among segments: [Segment]) throws(Diagnostic) -> [Diagnostic] {
    var failures: [Diagnostic] = []
    for test in segment.tests {
      if let failure = try run(test, segment, segments) { failures.append(failure) }
    }
    return failures
  }

  private func run(_ test: SegmentTest, _ segment: Segment, _ segments: [Segment]) throws(Diagnostic)
    -> Diagnostic?
  {
    let dimensions = InMemoryDimensions(test)
    let asOf = test.asOf ?? asOf
    let source = InMemoryEvents(
      events(test, asOf), users: ["test-user"], zone: zone, countsUsersWithoutEvents: true,
      dimensions: { _ in dimensions })
    let chain = Self.needed(segment, segments, given: test.segments)
    let plan = EvaluationPlan(chain, eventNames: eventNames, asOf: asOf, zone: zone)
    let explainer = Explainer(plan, source)
    let explanation = try explainer.explain(chain.count - 1, BucketIndex(0), UserOrdinal(0), events: 0)
    guard explanation.isMember != test.expectsMember else { return nil }
    let (wanted, got) = test.expectsMember ? ("in", "out") : ("out", "in")
    return Diagnostic(
      .x1, "the test expects \(wanted), but the user is \(got)", at: test.place,
      notes: explanation.root.lines(indent: 0).map { .init($0) },
      hint: "change the rule, or what the test gives or expects")
  }

  /// The segment behind all that it refers to; those that the test gives are everyone. What chance decides (sample,
  /// limit, holdout, split) is left out: a test is about who is meant.
  private static func needed(_ segment: Segment, _ segments: [Segment], given: [String]) -> [Segment] {
    let names = given.map { SegmentReference.Name(written: $0) }
    var wanted = segment.references
    var chain: [Segment] = []
    for other in segments.reversed() where wanted.contains(other.id) && other.id != segment.id {
      var other = other
      other.after = AfterWho(keep: other.after.keep)
      let parts = names.filter { $0.id == other.id }.map(\.part)
      if parts.isEmpty { wanted.formUnion(other.references) } else { take(parts, &other) }
      chain.append(other)
    }
    var segment = segment
    segment.after = AfterWho(keep: segment.after.keep)
    return chain.reversed() + [segment]
  }

  /// Makes the test's user a member, one of an arm, or held out.
  private static func take(_ parts: [SegmentReference.Part], _ segment: inout Segment) {
    segment.root = .everyone
    segment.after = AfterWho()
    for part in parts {
      switch part {
      case .members: break
      case .arm(let name):
        segment.after.split = .init(arms: [.init(name: name, millionths: 1_000_000)], seed: "test")
      case .holdout: segment.after.holdout = .init(millionths: 1_000_000, seed: "test")
      }
    }
  }

  /// What the wall clock shows that long after midnight, also on days when the clock changes.
  private func instant(_ day: Day, _ clock: Int64) -> Int64 {
    let midnight = zone.start(of: day)
    let plain = Milliseconds(midnight.value + clock)
    return plain.value + Int64(zone.offset(at: midnight) - zone.offset(at: plain)) * 1000
  }

  private func events(_ test: SegmentTest, _ asOf: Day) -> [InMemoryEvents.Event] {
    var events: [InMemoryEvents.Event] = []
    for given in test.given {
      let day = asOf.advanced(by: 1 - given.day)
      var event = InMemoryEvents.Event(user: 0, time: instant(day, given.at ?? 43_200_000))
      for (field, written) in given.texts {
        // As everywhere, an empty text is none.
        let values = written.filter { !$0.isEmpty }
        if field.kind == .textList { event.lists[field] = values } else { event.texts[field] = values.first }
      }
      event.numbers = given.numbers
      event.dwell = given.dwell
      event.session = given.session
      events.append(event)
    }
    return events
  }
}

/// What a test says of its user.
private struct InMemoryDimensions: Dimensions {
  private let attributes: AttributeTable
  private let lists: [String: Set<[UInt8]>]

  init(_ test: SegmentTest) {
    var columns: [Field: EventColumn] = [:]
    for (field, text) in test.texts { columns[field] = .codes(.u32([0]), dictionary: TextDictionary([text])) }
    for (field, number) in test.numbers { columns[field] = .numbers([number]) }
    for (field, time) in test.times { columns[field] = .times([time]) }
    attributes = AttributeTable(rows: [Array("test-user".utf8): 0], columns: columns)
    let texts = test.listed.map { ($0.key, Set($0.value.map { Array($0.utf8) })) }
    lists = Dictionary(texts + test.lists.map { ($0, [Array("test-user".utf8)]) }) { $0.union($1) }
  }

  func users(in bucket: BucketIndex) -> AttributeTable { attributes }
  func articles() -> AttributeTable { AttributeTable() }
  func list(_ name: String) -> Set<[UInt8]>? { lists[name] }
  var version: String { "" }
}
