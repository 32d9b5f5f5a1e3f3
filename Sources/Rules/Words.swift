import Events

/// Rules in plain words, for `explain` and `plan`.
extension Measure {
  public var words: String {
    switch self {
    case .views: "views"
    case .clicks: "clicks"
    case .events: "events"
    case .reads: "articles read"
    case .dwell: "dwell time"
    case .days: "different days"
    case .sessions: "sessions"
    case .sum(let field): "sum of \(field.name)"
    case .distinct(let field, _): "different values of \(field.name)"
    case .streak: "days in a row"
    case .max(let field): "largest \(field.name)"
    case .min(let field): "smallest \(field.name)"
    case .share(let base, let among):
      among == .always ? "share of all \(base.words)" : "share of the \(base.words) with \(among.words)"
    case .per(let base, let unit): "\(base.words) per \(unit.unitWord)"
    case .trend(let base, let against): "\(base.words) a day, compared with \(against.words),"
    case .rank(let base, nil): "\(base.words), ranked among all users with any,"
    case .rank(let base, _?): "\(base.words), ranked,"
    }
  }

  /// What one of it is called behind "per".
  private var unitWord: String {
    switch self {
    case .views: "view"
    case .reads: "article read"
    case .clicks: "click"
    case .events: "event"
    case .days: "day"
    case .sessions: "session"
    default: words
    }
  }

  /// A measured value; nil is absent.
  public func text(_ value: Int128?) -> String {
    guard let value else { return "unknown" }
    let number = Int64(clamping: value)
    switch self {
    case .share:
      return DecimalText.text(millionths: number.multipliedReportingOverflow(by: 100).partialValue) + "%"
    case .trend: return DecimalText.text(millionths: number) + "×"
    default: break
    }
    return switch unit {
    case .milliseconds: DurationText.text(milliseconds: number)
    case .millionths: DecimalText.text(millionths: number)
    case .count: String(value)
    }
  }
}

extension Threshold {
  /// - Parameter text: writes a quantity.
  public func words(_ text: (Int64) -> String) -> String {
    switch self {
    case .any: "any"
    case .none: "none"
    case .atLeast(let q): "at least \(text(q))"
    case .atMost(let q): "at most \(text(q))"
    case .moreThan(let q): "more than \(text(q))"
    case .lessThan(let q): "less than \(text(q))"
    case .exactly(let q): "exactly \(text(q))"
    case .between(let a, let b): "between \(text(a)) and \(text(b))"
    case .top(let cut): "in the top \(cut.words)"
    case .bottom(let cut): "in the bottom \(cut.words)"
    }
  }
}

extension RankCut {
  public var words: String {
    switch self {
    case .share(let millionths): DecimalText.text(millionths: millionths * 100) + "%"
    case .users(let count): String(count)
    }
  }
}

extension CountTest {
  public var words: String {
    switch self {
    case .atLeast(let n): "at least \(n)"
    case .atMost(let n): "at most \(n)"
    case .exactly(let n): "exactly \(n)"
    }
  }
}

extension MeasureTest {
  public var words: String { "\(measure.words) \(threshold.words { measure.text(Int128($0)) })" }
}

extension Window {
  public var words: String {
    switch self {
    case .ever: "ever"
    case .days(1, 1): "today"
    case .days(1, let far): "last \(far) days"
    case .days(let near, let far): "days \(near) to \(far)"
    case .beforeLast(let days): "before the last \(days) days"
    case .lastTime(let length): "last \(DurationText.text(milliseconds: length))"
    case .dates(nil, let through?): "up to \(through)"
    case .dates(let from?, nil): "since \(from)"
    case .dates(let from?, let through?): "\(from) to \(through)"
    case .dates(nil, nil): "ever"
    case .current(let period): "this \(period.rawValue)"
    case .previous(let period): "last \(period.rawValue)"
    case .blocks(let test, let count, 7): "in \(test.words) of the last \(count) weeks"
    case .blocks(let test, let count, 1): "on \(test.words) of the last \(count) days"
    case .blocks(let test, let count, let days):
      "in \(test.words) of the last \(count) blocks of \(days) days"
    }
  }
}

extension Filter {
  public var words: String {
    switch self {
    case .always: "any event"
    case .field(let field, let match): "\(field.name) \(match.words(field))"
    case .all(let filters): filters.filter { $0 != .always }.map(\.words).joined(separator: " and ")
    case .any(let filters): "(" + filters.map(\.words).joined(separator: " or ") + ")"
    case .none(let filters): "none of (" + filters.map(\.words).joined(separator: ", ") + ")"
    }
  }
}

extension Match {
  func words(_ field: Field) -> String {
    switch self {
    case .text(let test): return test.words
    case .anyOf(let matches): return matches.map { $0.words(field) }.joined(separator: " or ")
    case .not(let match): return "not \(match.words(field))"
    case .allOf(let tests): return tests.map(\.words).joined(separator: " and ")
    case .number(let threshold):
      if field.kind == .weekday, case .exactly(let day) = threshold, (1...7).contains(day) {
        return ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"][Int(day) - 1]
      }
      return threshold.words { quantity in
        switch field.kind {
        case .duration, .age: DurationText.text(milliseconds: quantity)
        case .number: DecimalText.text(millionths: quantity)
        default: String(quantity)
        }
      }
    case .hours(let from, let through): return "between \(from):00 and \(through):59"
    case .id: return "a given id"
    case .inWindow(let window): return window.words
    case .next(let length): return "in the next \(DurationText.text(milliseconds: length))"
    case .list(let name): return "in the list \(name)"
    case .known(let known): return known ? "known" : "unknown"
    }
  }
}

extension TextTest {
  var words: String {
    switch self {
    case .value(let text): text
    case .exactly(let text): "only \(text)"
    case .contains(let text): "containing \(text)"
    case .starts(let text): "starting with \(text)"
    case .ends(let text): "ending in \(text)"
    case .wildcard(let pieces): pieces.joined(separator: "*")
    }
  }
}

/// `1h 30m`
enum DurationText {
  static func text(milliseconds: Int64) -> String {
    if milliseconds < 0 { return "-" + text(milliseconds: -max(milliseconds, -Int64.max)) }
    if milliseconds < 1000 { return milliseconds == 0 ? "0s" : "\(milliseconds)ms" }
    let seconds = milliseconds / 1000
    let parts = [
      (seconds / 86_400, "d"), (seconds % 86_400 / 3600, "h"), (seconds % 3600 / 60, "m"),
      (seconds % 60, "s"),
    ]
    return parts.filter { $0.0 > 0 }.map { "\($0.0)\($0.1)" }.joined(separator: " ")
  }
}

/// `12.5`
enum DecimalText {
  static func text(millionths: Int64) -> String {
    let whole = millionths.magnitude / 1_000_000
    var fraction = String(millionths.magnitude % 1_000_000)
    fraction = String(repeating: "0", count: 6 - fraction.count) + fraction
    while fraction.hasSuffix("0") { fraction.removeLast() }
    return (millionths < 0 ? "-" : "") + "\(whole)" + (fraction.isEmpty ? "" : ".\(fraction)")
  }
}
