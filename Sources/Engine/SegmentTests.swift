import Diagnostics
import Events
import Rules

/// Runs the tests that stand in segment files: one user, the events given, through the same plan and scan as a night.
public struct SegmentTestRunner: Sendable {
  private let eventNames: EventNames
  private let zone: CalendarZone
  private let asOf: Day

  /// - Parameter asOf: which day is day 1; it matters for windows with dates only.
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
    let source = InMemoryEvents(
      events(test), users: ["test-user"], zone: zone, countsUsersWithoutEvents: true)
    let chain = Self.needed(segment, segments, given: Set(test.segments))
    let plan = EvaluationPlan(chain, eventNames: eventNames, asOf: asOf)
    let explainer = Explainer(plan, source)
    let explanation = try explainer.explain(chain.count - 1, BucketIndex(0), UserOrdinal(0), events: 0)
    guard explanation.isMember != test.expectsMember else { return nil }
    let (wanted, got) = test.expectsMember ? ("in", "out") : ("out", "in")
    return Diagnostic(
      .x1, "the test expects \(wanted), but the user is \(got)", at: test.place,
      notes: explanation.root.lines(indent: 0).map { .init($0) },
      hint: "change the rule, or what the test gives or expects")
  }

  /// The segment behind all that it refers to; those that the test gives are everyone.
  private static func needed(_ segment: Segment, _ segments: [Segment], given: Set<String>) -> [Segment] {
    var wanted = segment.root.references
    var chain: [Segment] = []
    for other in segments.reversed() where wanted.contains(other.id) && other.id != segment.id {
      var other = other
      if given.contains(other.id) { other.root = .everyone } else { wanted.formUnion(other.root.references) }
      chain.append(other)
    }
    return chain.reversed() + [segment]
  }

  /// What the wall clock shows that long after midnight, also on days when the clock changes.
  private func instant(_ day: Day, _ clock: Int64) -> Int64 {
    let midnight = zone.start(of: day)
    let plain = Milliseconds(midnight.value + clock)
    return plain.value + Int64(zone.offset(at: midnight) - zone.offset(at: plain)) * 1000
  }

  private func events(_ test: SegmentTest) -> [InMemoryEvents.Event] {
    var events: [InMemoryEvents.Event] = []
    for given in test.given {
      let day = asOf.advanced(by: 1 - given.day)
      var event = InMemoryEvents.Event(user: 0, time: instant(day, given.at ?? 43_200_000))
      for (field, values) in given.texts {
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
