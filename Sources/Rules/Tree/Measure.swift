import Events

/// What is measured, over the events that pass the filter in the window.
public indirect enum Measure: Sendable, Hashable {
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
  /// The longest run of local days in a row with a matching row.
  case streak
  /// Largest and smallest known value of a number field (millionths) or `dwell` (milliseconds); absent without one.
  case max(Field), min(Field)
  /// The base measure with the condition's filter and `among`, divided by the base measure of `among`. `among` holds the
  /// file's `where`, too. Absent where the divisor is not above 0.
  case share(of: Measure, among: Filter)
  /// The first measure divided by the second (views, reads, clicks, events, days or sessions) over the same events.
  case per(Measure, Measure)
  /// The base measure a day in the window, divided by the same a day in `against`; absent where that is not above 0.
  case trend(of: Measure, against: Window)
  /// How many users have more (`top`) or less (`bottom`) of it: of the users of the universe (and of `among`) whose
  /// value is above 0. The measure is a base one, or `per`.
  case rank(of: Measure, among: RuleNode?)
}

extension Measure {
  /// What a threshold's quantity counts.
  public enum Unit: Sendable { case count, milliseconds, millionths }

  /// The unit of the measure's thresholds: ratios of counts, shares and trends are in millionths.
  public var unit: Unit {
    switch self {
    case .views, .reads, .clicks, .events, .days, .sessions, .distinct, .streak: .count
    case .dwell: .milliseconds
    case .sum, .share, .trend: .millionths
    case .max(let field), .min(let field): field.kind == .duration ? .milliseconds : .millionths
    case .per(let measure, _): measure.unit == .milliseconds ? .milliseconds : .millionths
    case .rank(let measure, _): measure.unit
    }
  }
}

/// A threshold in the measure's unit: a count, milliseconds, or millionths.
///
/// `top` and `bottom` are those of `rank` alone.
public enum Threshold: Sendable, Hashable {
  /// More than 0; exactly 0.
  case any, none
  case atLeast(Int64), atMost(Int64), moreThan(Int64), lessThan(Int64), exactly(Int64)
  /// Both ends included.
  case between(Int64, Int64)
  case top(RankCut), bottom(RankCut)

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
    case .top, .bottom: false
    }
  }
}

/// How far from the top or the bottom: `top 5%` has those of whom fewer than 5 % of all have more; `top 1000` those of
/// whom fewer than 1000 users have more. Ties all enter.
public enum RankCut: Sendable, Hashable {
  /// Millionths: 5 % is 50,000.
  case share(Int64)
  case users(Int64)
}
