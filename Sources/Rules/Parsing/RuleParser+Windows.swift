import Diagnostics
import Events
import YAML

/// What a window is of: not everything takes every window.
enum WindowUse {
  /// A condition's `when`, or the file's.
  case condition
  /// Of `first`, `latest`, `sequence` or `against`, by that word.
  case events(String)
  /// Of a time field; it may reach past the store.
  case attribute(Field)
}

extension RuleParser {
  /// A text's words between blanks.
  static func words(_ text: String) -> [String] {
    text.split(whereSeparator: { $0 == " " || $0 == "\t" }).map(String.init)
  }

  /// `when`, `against`, the right side of `first`, `latest` and of time fields.
  mutating func window(_ raw: YAMLNode, of use: WindowUse) -> Window? {
    guard let node = resolve(raw), let text = text(node, "a window of days") else { return nil }
    guard let window = window(Self.words(text), text, use, node) else { return nil }
    guard allows(window, use, node) else { return nil }
    if case .attribute = use { return window }
    check(window, text, node.place)
    if window.hasNoBeginning { checkPruned(window, "'\(text)'", node.place) }
    return window
  }

  /// Blocks are counted for conditions alone.
  private mutating func allows(_ window: Window, _ use: WindowUse, _ node: YAMLNode) -> Bool {
    guard case .blocks = window else { return true }
    let what: String
    switch use {
    case .condition: return true
    case .events(let word): what = "'\(word)'"
    case .attribute(let field): what = "'\(field.name)'"
    }
    report(
      .w5, "\(what) cannot count days or weeks: '\(node.text ?? "")' is a window of conditions",
      at: node.place,
      hint: "last 30d, since 2026-11-01")
    return false
  }

  private mutating func window(_ words: [String], _ text: String, _ use: WindowUse, _ node: YAMLNode)
    -> Window?
  {
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
    default:
      if let of = words.firstIndex(of: "of") { return blocks(words[..<of], words[(of + 1)...], text, node) }
      if words.count == 3, words[1] == "to" { return range(words, node) }
    }
    unknown(words, text, use, node)
    return nil
  }

  private mutating func unknown(_ words: [String], _ text: String, _ use: WindowUse, _ node: YAMLNode) {
    let windows =
      "last 30d, days 31-60, before last 30d, since 2026-11-01, 2026-11-01 to 2026-11-30, this week, last month"
    let hint: String
    if let duration = words.first, duration.first?.isNumber == true, words.count <= 2, Day(duration) == nil {
      hint = "did you mean 'last \(text)'?"
    } else if words.first == "next" {
      hint = "'next' is for times among the attributes of users and articles"
    } else {
      switch use {
      case .condition: hint = windows + ", at least 3 of last 4w, today or ever"
      case .events: hint = windows + ", today or ever"
      case .attribute: hint = windows + ", next 30d, 2026-11-01 or today"
      }
    }
    report(.w5, "'\(text)' is no window of days", at: node.place, hint: hint)
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
    wholeDays(text, node, upTo: 36_500)
  }

  /// A number of whole days from 1.
  mutating func wholeDays(_ text: String, _ node: YAMLNode, upTo most: Int) -> Int? {
    guard let length = duration(text, node) else { return nil }
    guard length > 0, length % 86_400_000 == 0 else {
      report(.w5, "'\(text)' is not a number of whole days", at: node.place, hint: "such as 30d")
      return nil
    }
    guard length / 86_400_000 <= Int64(most) else {
      report(.y14, "'\(text)' is longer than \(most) days", at: node.place, hint: "at most \(most)d")
      return nil
    }
    return Int(length / 86_400_000)
  }

  /// `days 31-60`
  private mutating func days(_ text: String, _ node: YAMLNode) -> Window? {
    let ends = text.split(separator: "-", omittingEmptySubsequences: false).map { Self.wholeNumber($0) }
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
}
