import Events
import Rules

/// All conditions of all selected segments, planned together: each distinct filter, measurement and threshold once.
///
/// A plan is a value that prints itself. It knows the as-of day and the zone but no store. Everything in it is bound to
/// days: `last 7d` a week ago and `days 8-14` today are one measurement.
public struct EvaluationPlan: Sendable {
  /// The days, and for windows in hours the first instant, of a measurement.
  struct Span: Sendable, Hashable {
    var first: Day?
    var last: Day
    /// Milliseconds; events before it are left out.
    var from: Int64?

    init(_ window: Window, asOf: Day, zone: CalendarZone) {
      let days = window.days(asOf: asOf, zone: zone)
      (first, last) = (days.first, days.last)
      from = window.firstInstant(asOf: asOf, zone: zone)?.value
    }

    func contains(_ day: Day) -> Bool { day <= last && first.map { day >= $0 } ?? true }
  }

  /// A filter bound to a day: time tests have become instants, and article attributes and lists are those of `tables`.
  struct BoundFilter: Sendable, Hashable {
    var filter: Filter
    /// As of which day tables are read; nil where the filter needs none.
    var tables: Day?
  }

  /// A measurement over the events of a filter in a span: what a threshold is compared with.
  struct Gauge: Sendable, Hashable {
    enum Kind: Sendable, Hashable {
      case count
      case dwell
      case days
      case streak
      case sum(Field)
      case largest(Field)
      case smallest(Field)
      case distinct(Field, elements: Match?)
      /// The time of the first or latest event, and whether it matches this filter.
      case extreme(Extreme.Which, matches: Int?)
    }
    var kind: Kind
    /// Index of its filter.
    var filter: Int
    var span: Span
    /// As of which day its field's table is read; nil where it needs none.
    var tables: Day?
  }

  /// What a threshold is compared with: a gauge, or one divided by another.
  enum Value: Sendable, Hashable {
    case gauge(Int)
    /// `top × topScale ÷ (bottom × bottomScale)`; absent where the bottom is not above 0.
    case ratio(top: Int, bottom: Int, topScale: Int64, bottomScale: Int64)
  }

  /// One bitmap a bucket.
  struct Test: Sendable, Hashable {
    enum Kind: Sendable, Hashable {
      case threshold(Threshold)
      /// The extreme's event matches.
      case matches
      /// The extreme's event lies in this span of instants.
      case inSpan(InstantRange)
      /// Decided by the cut of a ranking.
      case rank(Int)
    }
    var value: Value
    var kind: Kind
  }

  /// Who has more: settled after all buckets.
  struct Ranking: Sendable, Hashable {
    var value: Value
    var cut: RankCut
    var fromTop: Bool
    /// Index of the definition whose members are ranked; always inside the universe.
    var among: Int
  }

  /// Conditions and sequences that look at the events of one user, or of one value of some fields, as a whole.
  struct Group: Sendable, Hashable {
    enum Body: Sendable, Hashable {
      /// For one value of the fields all tests hold: each with the filter of its rows.
      case condition([GroupTest])
      case sequence(SequencePlan)
    }
    /// None: a sequence over all events of the user.
    var same: [Field]
    var tables: Day?
    var filter: Int
    var span: Span
    var body: Body
  }

  struct GroupTest: Sendable, Hashable {
    struct Gauge: Sendable, Hashable {
      var kind: EvaluationPlan.Gauge.Kind
      var filter: Int
      var tables: Day?
    }
    var gauges: [Gauge]
    /// Its indexes are those of `gauges`.
    var value: EvaluationPlan.Value
    var threshold: Threshold
  }

  /// A rule over bitmaps, inside one universe.
  indirect enum Program: Sendable {
    case everyone
    case test(Int)
    case group(Int)
    /// A test of user attributes.
    case user(Int)
    /// Uploaded lists, as of the definition's day.
    case list([String])
    case reference([Reference])
    case all([Program])
    case any([Program])
    case none([Program])
    case count(CountTest, [Program])
    /// From the oldest day to the newest: who came in, and who of those inside may stay.
    case keep([(enters: Int, stays: Int?)])
  }

  struct Reference: Sendable {
    var definition: Int
    var part: SegmentReference.Part
  }

  /// A set of users as of a day.
  struct Definition: Sendable {
    var asOf: Day
    var program: Program
    /// Of a segment: what is done after `who`.
    var after: AfterWho?
    /// How many passes over all buckets must have settled ranks and limits before it can be evaluated.
    var level = 0
  }

  /// An as-of day, and by segment its definition as of that day.
  struct Night: Sendable {
    var asOf: Day
    var outputs: [Int]
  }

  /// The as-of days, ascending and at least one.
  public private(set) var days: [Day]
  public private(set) var zone: CalendarZone
  public private(set) var segments: [Segment]
  private(set) var eventNames: EventNames
  var filters: [BoundFilter] = []
  var gauges: [Gauge] = []
  var tests: [Test] = []
  var rankings: [Ranking] = []
  var groups: [Group] = []
  /// Filters over attributes of users, each with the gauge of the first event where it asks for `first_seen`.
  var userFilters: [UserFilter] = []
  /// Each after those that it needs.
  var definitions: [Definition] = []
  /// By as-of day.
  var nights: [Night] = []
  /// How often each filter, gauge and test was asked for.
  var uses = (filters: 0, gauges: 0, tests: 0)

  /// Where what stands.
  var index = PlanIndex()

  struct UserFilter: Sendable, Hashable {
    var filter: Int
    var asOf: Day
    var firstSeen: Int?
  }

  /// - Parameter segments: each after those that it refers to.
  public init(_ segments: [Segment], eventNames: EventNames, asOf: Day, zone: CalendarZone) {
    self.init(segments, eventNames: eventNames, days: [asOf], zone: zone)
  }

  /// As of several days at once: what they ask alike is planned once.
  /// - Parameter days: ascending, at least one.
  public init(_ segments: [Segment], eventNames: EventNames, days: [Day], zone: CalendarZone) {
    precondition(!days.isEmpty && days == Set(days).sorted(), "as-of days ascend, and there is one")
    self.days = days
    self.zone = zone
    self.segments = segments
    self.eventNames = eventNames
    var planner = Planner(self)
    planner.run()
    self = planner.plan
  }

  /// The newest as-of day: events after it are not read.
  public var asOf: Day { days[days.count - 1] }

  /// By segment: its definition as of the newest day.
  var outputs: [Int] { nights[nights.count - 1].outputs }

  /// The most passes that any definition needs before it.
  var levels: Int { definitions.map(\.level).max() ?? 0 }
}
