import Events

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
  /// `at least 3 of last 4w`: of that many blocks of so many days, back from the as-of day, in how many a condition's
  /// measures all hold. Of conditions only.
  case blocks(CountTest, of: Int, days: Int)

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
    case .blocks(_, let count, let days):
      return DayRange(first: asOf.advanced(by: 1 - count * days), last: asOf)
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
