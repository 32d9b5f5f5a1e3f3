extension Window {
  /// `in the last 30 days`
  public var words: String {
    switch self {
    case .ever, .dates(nil, nil): "at any time"
    case .days(1, 1): "today"
    case .days(2, 2): "yesterday"
    case .days(1, let far): "in the last \(CountText.text(far, "day"))"
    // Nobody counts "days 31 to 60" in their head.
    case .days(let near, let far):
      "in the \(CountText.text(far - near + 1, "day")) before the last \(CountText.text(near - 1, "day"))"
    case .beforeLast(let days): "before the last \(CountText.text(days, "day"))"
    case .lastTime(let length) where length % 3_600_000 == 0:
      "in the last \(CountText.text(length / 3_600_000, "hour"))"
    case .lastTime(let length): "in the last \(DurationText.text(milliseconds: length))"
    case .dates(nil, let through?): "before \(DayText.text(through.advanced(by: 1)))"
    case .dates(let from?, nil): "since \(DayText.text(from))"
    case .dates(let from?, let through?) where from == through: "on \(DayText.text(from))"
    case .dates(let from?, let through?): "from \(DayText.text(from)) to \(DayText.text(through))"
    case .current(let period): "in this calendar \(period.rawValue)"
    case .previous(let period): "in the last calendar \(period.rawValue)"
    case .blocks(let test, let count, 7): "in \(test.words) of the last \(CountText.text(count, "week"))"
    case .blocks(let test, let count, 1): "on \(test.words) of the last \(CountText.text(count, "day"))"
    case .blocks(let test, let count, let days):
      "in \(test.words) of the last \(CountText.text(count, "block")) of \(days) days"
    }
  }
}
