import Diagnostics
import Events

/// A segment that passed every check: what the engine evaluates. A parsed but unchecked file is another type.
public struct Segment: Sendable {
  /// The file name without `.yaml`: a–z, 0–9, -.
  public var id: String
  public var name: String
  public var description: String
  public var owner: String
  public var purpose: String
  public var tags: [String]
  public var destinations: [String]
  /// The last day on which it is delivered.
  public var expires: Day?
  /// Never delivered.
  public var draft: Bool
  public var root: RuleNode
  public var tests: [SegmentTest]
  /// The file's path and the hash of its bytes, as the run record keeps them.
  public var file: String
  public var contentHash: UInt64

  public init(
    id: String, name: String, description: String = "", owner: String = "", purpose: String,
    tags: [String] = [],
    destinations: [String] = [], expires: Day? = nil, draft: Bool = false, root: RuleNode,
    tests: [SegmentTest] = [], file: String = "", contentHash: UInt64 = 0
  ) {
    self.id = id
    self.name = name
    self.description = description
    self.owner = owner
    self.purpose = purpose
    self.tags = tags
    self.destinations = destinations
    self.expires = expires
    self.draft = draft
    self.root = root
    self.tests = tests
    self.file = file
    self.contentHash = contentHash
  }
}

/// One node of a checked rule. Its sense is a set of users inside the universe.
public indirect enum RuleNode: Sendable, Hashable {
  case everyone
  case condition(Condition)
  case extreme(Extreme)
  /// Members of any of these segments.
  case segment([String])
  case all([RuleNode])
  case any([RuleNode])
  /// Users for whom no child holds.
  case none([RuleNode])
  case count(CountTest, of: [RuleNode])
}

/// `at least 2 of`
public enum CountTest: Sendable, Hashable {
  case atLeast(Int), atMost(Int), exactly(Int)

  public func holds(_ n: Int) -> Bool {
    switch self {
    case .atLeast(let k): n >= k
    case .atMost(let k): n <= k
    case .exactly(let k): n == k
    }
  }
}

/// Measures over the same filtered events in one window; all tests must hold.
public struct Condition: Sendable, Hashable {
  public var tests: [MeasureTest]
  public var filter: Filter
  public var window: Window
  /// Where it stands, for `explain` and diagnostics; no part of equality.
  public var place: Place?

  public init(tests: [MeasureTest], filter: Filter, window: Window, place: Place? = nil) {
    self.tests = tests
    self.filter = filter
    self.window = window
    self.place = place
  }

  public static func == (a: Self, b: Self) -> Bool {
    a.tests == b.tests && a.filter == b.filter && a.window == b.window
  }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(tests)
    hasher.combine(filter)
    hasher.combine(window)
  }
}

public struct MeasureTest: Sendable, Hashable {
  public var measure: Measure
  public var threshold: Threshold
  public init(_ measure: Measure, _ threshold: Threshold) {
    self.measure = measure
    self.threshold = threshold
  }
}

/// What is measured, over the events that pass the filter in the window.
public enum Measure: Sendable, Hashable {
  /// Rows whose event is the project's view event, its click event, or anything.
  case views, clicks, events
  /// Different articles viewed: distinct folded `article` values over view rows.
  case reads
  /// Total dwell in milliseconds. Rows of unknown dwell add 0; if rows match and all are unknown, absent.
  case dwell
  /// Different local days, different sessions with a matching row (rows of unknown session form no session).
  case days, sessions
  /// Total of a number field in millionths; unknown as for dwell.
  case sum(Field)
  /// Different known values: folded texts, numbers, hashes, hours. Of a list field its elements; only those that
  /// pass `elements` where the filter names the field (nil: all).
  case distinct(Field, elements: Match?)
}

/// A threshold in the measure's unit: a count, milliseconds, or millionths.
public enum Threshold: Sendable, Hashable {
  /// More than 0; exactly 0.
  case any, none
  case atLeast(Int64), atMost(Int64), moreThan(Int64), lessThan(Int64), exactly(Int64)
  /// Both ends included.
  case between(Int64, Int64)

  /// - Parameter value: nil is absent, for which every threshold is false.
  public func holds(_ value: Int128?) -> Bool {
    guard let value else { return false }
    return switch self {
    case .any: value > 0
    case .none: value == 0
    case .atLeast(let q): value >= q
    case .atMost(let q): value <= q
    case .moreThan(let q): value > q
    case .lessThan(let q): value < q
    case .exactly(let q): value == q
    case .between(let a, let b): value >= a && value <= b
    }
  }
}

/// `first: last 7d`, `latest: {country: be}`: of the user's events that pass `filter` in `window`, the first or
/// the latest.
public struct Extreme: Sendable, Hashable {
  public enum Which: Sendable, Hashable { case first, latest }
  public enum Test: Sendable, Hashable {
    /// That event's day (or instant) lies in this window.
    case inWindow(Window)
    /// Its fields match; of equal times any event may.
    case matches(Filter)
  }
  public var which: Which
  public var test: Test
  public var filter: Filter
  public var window: Window
  public var place: Place?

  public init(which: Which, test: Test, filter: Filter, window: Window, place: Place? = nil) {
    self.which = which
    self.test = test
    self.filter = filter
    self.window = window
    self.place = place
  }

  public static func == (a: Self, b: Self) -> Bool {
    a.which == b.which && a.test == b.test && a.filter == b.filter && a.window == b.window
  }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(which)
    hasher.combine(test)
    hasher.combine(filter)
    hasher.combine(window)
  }
}

/// A test of one event.
public indirect enum Filter: Sendable, Hashable {
  /// Every event.
  case always
  case field(Field, Match)
  case all([Filter])
  case any([Filter])
  /// No part holds (unknown counts as not holding).
  case none([Filter])
}

/// A test of one field's value on one event. Unknown matches nothing but `known(false)`.
public indirect enum Match: Sendable, Hashable {
  case text(TextTest)
  /// Any of these.
  case anyOf([Match])
  /// The value is known and does not match; of a list: it has elements and none matches.
  case not(Match)
  /// List fields: each of these is matched by some element.
  case allOf([TextTest])
  /// Number fields in millionths, `dwell` in milliseconds, `hour` and `weekday` as plain numbers. Unlike a measure,
  /// `.any` and `.none` read "more than 0" and "0" of a known value.
  case number(Threshold)
  /// `hour: between 22 and 1` wraps; both ends included.
  case hours(from: Int, through: Int)
  /// The hash of an id's bytes.
  case id(UInt64)
  case known(Bool)
}

/// A test of one text; literals are folded with `TextFold.fold`, the value is folded before it is tested.
public enum TextTest: Sendable, Hashable {
  /// The very text, or, in a field with a separator, it and everything below.
  case value(String)
  /// `{only: x}`: that very text.
  case exactly(String)
  case contains(String)
  case starts(String)
  case ends(String)
  /// `a*b*`: pieces between the asterisks, in order; the first is anchored at the start, the last at the end. At
  /// least two pieces; empty ones where an asterisk stands at an end. No hierarchy.
  case wildcard([String])
}

/// On which days. Day 1 is the as-of day.
public enum Window: Sendable, Hashable {
  case ever
  /// `days near-far`; `last 30d` is 1–30, `today` is 1–1.
  case days(near: Int, far: Int)
  /// `before last 30d`: day 31 and older.
  case beforeLast(days: Int)
  /// `last 36h`: back from the as-of day's end. Milliseconds.
  case lastTime(Int64)
  /// `since`, `before`, `to`: both ends included; nil is open.
  case dates(from: Day?, through: Day?)
  /// `this week` ends with the as-of day; `last week` is the whole one before.
  case current(Period), previous(Period)

  public enum Period: String, Sendable, Hashable, CaseIterable { case week, month, quarter, year }
}

/// The days of a window as of a day, both ends included; nil `first` is open. Empty where first > last.
public struct DayRange: Sendable, Hashable {
  public var first: Day?
  public var last: Day

  public init(first: Day?, last: Day) {
    self.first = first
    self.last = last
  }

  public func contains(_ day: Day) -> Bool { day <= last && (first.map { day >= $0 } ?? true) }
  public var isEmpty: Bool { first.map { $0 > last } ?? false }
}

extension Window {
  /// The days that the window touches, never later than the as-of day. For `.lastTime` also the exact first
  /// instant matters: `firstInstant`.
  public func days(asOf: Day, zone: CalendarZone) -> DayRange {
    switch self {
    case .ever: return DayRange(first: nil, last: asOf)
    case .days(let near, let far):
      return DayRange(first: asOf.advanced(by: 1 - far), last: asOf.advanced(by: 1 - near))
    case .beforeLast(let days): return DayRange(first: nil, last: asOf.advanced(by: -days))
    case .lastTime:
      let first = firstInstant(asOf: asOf, zone: zone) ?? zone.start(of: asOf)
      return DayRange(first: zone.day(of: first), last: asOf)
    case .dates(let from, let through):
      return DayRange(first: from, last: min(through ?? asOf, asOf))
    case .current(let period): return DayRange(first: period.start(containing: asOf), last: asOf)
    case .previous(let period):
      let end = period.start(containing: asOf).advanced(by: -1)
      return DayRange(first: period.start(containing: end), last: end)
    }
  }

  /// The first instant of a window in hours, inclusive; nil for windows of whole days.
  public func firstInstant(asOf: Day, zone: CalendarZone) -> Milliseconds? {
    guard case .lastTime(let length) = self else { return nil }
    return Milliseconds(zone.start(of: asOf.advanced(by: 1)).value - length)
  }
}

extension Window.Period {
  /// The first day of the period that a day is in; weeks begin on Monday.
  public func start(containing day: Day) -> Day {
    let (year, month, _) = day.civil
    let first =
      switch self {
      case .week: Day?.some(day.advanced(by: 1 - day.weekday))
      case .month: Day(year: year, month: month, day: 1)
      case .quarter: Day(year: year, month: (month - 1) / 3 * 3 + 1, day: 1)
      case .year: Day(year: year, month: 1, day: 1)
      }
    return first ?? day
  }
}

/// One entry of a segment's `tests`.
public struct SegmentTest: Sendable {
  /// Events as rows; already with `times` unrolled and defaults filled in.
  public var given: [GivenEvent]
  /// Other segments that the test's user is taken to be a member of.
  public var segments: [String]
  public var expectsMember: Bool
  public var place: Place

  public init(given: [GivenEvent], segments: [String] = [], expectsMember: Bool, place: Place) {
    self.given = given
    self.segments = segments
    self.expectsMember = expectsMember
    self.place = place
  }
}

/// One event of a test: day 1 is the as-of day; at noon unless `at` says otherwise.
public struct GivenEvent: Sendable {
  public var day: Int
  /// Milliseconds after the day's start; nil: noon.
  public var at: Int64?
  /// Texts by field (one for `.text`, any number for `.textList`), as written.
  public var texts: [Field: [String]]
  public var numbers: [Field: Double]
  /// Milliseconds.
  public var dwell: UInt32?
  /// The session's id as written; nil is unknown.
  public var session: String?

  public init(
    day: Int = 1, at: Int64? = nil, texts: [Field: [String]] = [:], numbers: [Field: Double] = [:],
    dwell: UInt32? = nil, session: String? = nil
  ) {
    self.day = day
    self.at = at
    self.texts = texts
    self.numbers = numbers
    self.dwell = dwell
    self.session = session
  }
}
