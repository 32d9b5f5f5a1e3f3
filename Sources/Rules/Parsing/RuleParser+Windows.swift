import Diagnostics
import Events
import YAML

extension RuleParser {
  /// `when`, or the right side of `first` and `latest`.
  mutating func window(_ raw: YAMLNode) -> Window? {
    guard let node = resolve(raw), let text = text(node, "a window of days") else { return nil }
    let words = text.split(whereSeparator: { $0 == " " || $0 == "\t" }).map(String.init)
    guard let window = window(words, text, node) else { return nil }
    check(window, text, node)
    return window
  }

  private mutating func window(_ words: [String], _ text: String, _ node: YAMLNode) -> Window? {
    switch words.first {
    case "ever" where words.count == 1: return .ever
    case "today" where words.count == 1: return .days(near: 1, far: 1)
    case "yesterday" where words.count == 1: return .days(near: 2, far: 2)
    case "last" where words.count >= 2:
      if let period = Window.Period(rawValue: words[1]), words.count == 2 { return .previous(period) }
      return last(words.dropFirst().joined(separator: " "), node)
    case "this" where words.count == 2:
      if let period = Window.Period(rawValue: words[1]) { return .current(period) }
    case "days" where words.count == 2: return days(words[1], node)
    case "before" where words.count >= 3 && words[1] == "last":
      guard let days = wholeDays(words.dropFirst(2).joined(separator: " "), node) else { return nil }
      return .beforeLast(days: days)
    case "before" where words.count == 2:
      return date(words[1], node).map { .dates(from: nil, through: $0.advanced(by: -1)) }
    case "since" where words.count == 2: return date(words[1], node).map { .dates(from: $0, through: nil) }
    case "at", "exactly":
      if text.contains(" of last ") {
        notYet("'\(text)' (a count of days or weeks)", at: node.place)
        return nil
      }
    default: if words.count == 3, words[1] == "to" { return range(words, node) }
    }
    return unknown(words, text, node)
  }

  private mutating func unknown(_ words: [String], _ text: String, _ node: YAMLNode) -> Window? {
    if let duration = words.first, duration.first?.isNumber == true, words.count <= 2, Day(duration) == nil {
      report(.w5, "'\(text)' is no window of days", at: node.place, hint: "did you mean 'last \(text)'?")
      return nil
    }
    report(
      .w5, "'\(text)' is no window of days", at: node.place,
      hint:
        "last 30d, days 31-60, before last 30d, since 2026-11-01, 2026-11-01 to 2026-11-30, this week, last month, today or ever"
    )
    return nil
  }

  /// `last 30d`, `last 36h`
  private mutating func last(_ text: String, _ node: YAMLNode) -> Window? {
    guard let length = duration(text, node) else { return nil }
    guard length > 0 else {
      report(.t6, "a window of no time", at: node.place, hint: "'last 1d' is the as-of day")
      return nil
    }
    let day: Int64 = 86_400_000
    return length % day == 0 ? .days(near: 1, far: Int(length / day)) : .lastTime(length)
  }

  private mutating func wholeDays(_ text: String, _ node: YAMLNode) -> Int? {
    guard let length = duration(text, node) else { return nil }
    guard length > 0, length % 86_400_000 == 0 else {
      report(.w5, "'\(text)' is not a number of whole days", at: node.place, hint: "such as 30d")
      return nil
    }
    return Int(length / 86_400_000)
  }

  /// `days 31-60`
  private mutating func days(_ text: String, _ node: YAMLNode) -> Window? {
    let ends = text.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
    guard ends.count == 2, let near = ends[0], let far = ends[1], near >= 1, far <= 36_500, near <= 36_500,
      far >= 1
    else {
      report(
        .w5, "'days \(text)' is no range of days", at: node.place,
        hint: "such as 'days 31-60'; day 1 is the as-of day")
      return nil
    }
    guard near <= far else {
      report(.w3, "'days \(text)' goes from far to near", at: node.place, hint: "'days \(far)-\(near)'")
      return nil
    }
    return .days(near: near, far: far)
  }

  private mutating func date(_ text: String, _ node: YAMLNode) -> Day? {
    guard let day = Day(text) else {
      let parts = text.split(separator: "-").map(String.init)
      let turned = parts.count == 3 && parts[2].count == 4 ? Day("\(parts[2])-\(parts[1])-\(parts[0])") : nil
      report(
        .w5, "'\(text)' is not a date", at: node.place,
        hint: turned.map { "did you mean \($0)?" } ?? "dates are written like 2026-11-01")
      return nil
    }
    return day
  }

  private mutating func range(_ words: [String], _ node: YAMLNode) -> Window? {
    guard let from = date(words[0], node), let through = date(words[2], node) else { return nil }
    guard from <= through else {
      report(.w3, "the window ends before it begins", at: node.place, hint: "'\(through) to \(from)'")
      return nil
    }
    return .dates(from: from, through: through)
  }

  /// Against what the store keeps, and the as-of day.
  private mutating func check(_ window: Window, _ text: String, _ node: YAMLNode) {
    if let kept = context.retentionDays, let far = window.farthestDay, far > kept {
      report(
        .w2, "'\(text)' looks back \(far) days; the store keeps \(kept)", at: node.place,
        hint: "'last \(kept)d', or a longer 'retention'")
    }
    guard let asOf = context.asOf else { return }
    let range = window.days(asOf: asOf, zone: context.zone)
    if range.isEmpty {
      report(.w6, "'\(text)' begins after \(asOf), the as-of day", at: node.place)
    }
  }
}

extension Window.Period {
  fileprivate var longest: Int {
    switch self {
    case .week: 7
    case .month: 31
    case .quarter: 92
    case .year: 366
    }
  }
}

extension Window {
  /// The farthest day that it looks at, counted back from the as-of day; nil for open and calendar windows.
  var farthestDay: Int? {
    switch self {
    case .days(_, let far): far
    case .beforeLast(let days): days + 1
    case .lastTime(let length): Int((length + 86_399_999) / 86_400_000)
    // The longest that a period can be: a rule must not begin to fail on some later day.
    case .current(let period): period.longest
    case .previous(let period): 2 * period.longest
    default: nil
    }
  }

  /// How many days it has; nil for open and calendar windows.
  var dayCount: Int? {
    switch self {
    case .days(let near, let far): far - near + 1
    case .dates(let from?, let through?): from.distance(to: through) + 1
    case .current(.week), .previous(.week): 7
    default: nil
    }
  }
}
