import Diagnostics
import Events

/// Windows against what the store keeps and has.
extension RuleParser {
  /// From how many days before a date outgrows the store W8 warns.
  private static let warningDays = 14

  mutating func check(_ window: Window, _ text: String, _ place: Place) {
    if let kept = context.retentionDays, let far = window.farthestDay, far > kept {
      report(
        .w2, "'\(text)' looks back \(far) days; the store keeps \(kept)", at: place,
        hint: "'last \(kept)d', or a longer 'retention'")
    }
    guard let asOf = context.asOf else { return }
    let range = window.days(asOf: asOf, zone: context.zone)
    if range.isEmpty {
      report(.w6, "'\(text)' begins after \(asOf), the as-of day", at: place)
    } else if case .dates(let from?, _) = window {
      checkOutgrown(from, text, asOf, place)
    } else {
      checkYouth(range, text, place)
    }
  }

  /// W7: what looks back to the beginning cannot be told once old events are gone.
  mutating func checkPruned(_ window: Window, _ what: String, _ place: Place) {
    guard context.isPruned else { return }
    let since = context.firstDay.map { "; they are known since \($0)" } ?? ""
    report(
      .w7, "\(what) looks at all events, and old ones are not kept\(since)", at: place,
      hint: keptPart(of: window).map { "'when: \($0)' looks at those that are kept" })
  }

  /// What a window without a beginning has of the kept days, as a window.
  private func keptPart(of window: Window) -> String? {
    switch window {
    case .beforeLast(let days):
      if let kept = context.retentionDays, kept > days { return "days \(days + 1)-\(kept)" }
    case .dates(nil, let through?):
      if let first = context.firstDay { return first <= through ? "\(first) to \(through)" : nil }
    default: break
    }
    return context.retentionDays.map { "last \($0)d" } ?? context.firstDay.map { "since \($0)" }
  }

  /// W8 and W7: a date stays where it is while the store moves on.
  private mutating func checkOutgrown(_ from: Day, _ text: String, _ asOf: Day, _ place: Place) {
    if context.isPruned, let first = context.firstDay, from < first {
      return report(
        .w7, "'\(text)' begins before \(first), the first day that is kept", at: place,
        hint: "'since \(first)', or a window that moves along, such as 'last 30d'")
    }
    let age = from.distance(to: asOf) + 1
    guard let kept = context.retentionDays, age + Self.warningDays > kept else { return }
    let moves = "a window that moves along, such as 'last \(kept)d', or a longer 'retention'"
    if age > kept {
      report(.w8, "'\(text)' looks back \(age) days; the store keeps \(kept)", at: place, hint: moves)
    } else {
      report(
        .w8,
        "'\(text)' outgrows the store on \(from.advanced(by: kept)): it looks back \(age) days, and \(kept) are kept",
        at: place, hint: moves)
    }
  }

  /// A store that is younger than the window: told once for all files (`StoreYouth`).
  private mutating func checkYouth(_ range: DayRange, _ text: String, _ place: Place) {
    guard let first = context.firstDay, (range.first ?? range.last) < first else { return }
    earlyWindows.append(.init(text: text, place: place))
  }
}

extension Window.Period {
  /// The most days that it can have.
  var longest: Int {
    switch self {
    case .week: 7
    case .month: 31
    case .quarter: 92
    case .year: 366
    }
  }
}

extension Window {
  /// Whether it goes back to the first event.
  var hasNoBeginning: Bool {
    switch self {
    case .ever, .beforeLast, .dates(nil, _): true
    default: false
    }
  }

  /// The farthest day that it looks at, counted back from the as-of day; nil for open and calendar windows.
  var farthestDay: Int? {
    switch self {
    case .days(_, let far): far
    case .beforeLast(let days): days + 1
    case .lastTime(let length): Int((length + 86_399_999) / 86_400_000)
    // The longest that a period can be: a rule must not begin to fail on some later day.
    case .current(let period): period.longest
    case .previous(let period): 2 * period.longest
    case .blocks(_, let count, let days): count * days
    case .ever, .dates: nil
    }
  }

  /// How many days it can have at most, of blocks each; nil for open windows and those in hours.
  var dayCount: Int? {
    switch self {
    case .days(let near, let far): far - near + 1
    case .dates(let from?, let through?): from.distance(to: through) + 1
    case .current(let period), .previous(let period): period.longest
    case .blocks(_, _, let days): days
    case .ever, .beforeLast, .lastTime, .dates: nil
    }
  }
}
