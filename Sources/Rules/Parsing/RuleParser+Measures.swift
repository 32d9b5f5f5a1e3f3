import Diagnostics
import Events
import YAML

extension RuleParser {
  private static let simpleMeasures: [String: Measure] = [
    "views": .views, "reads": .reads, "clicks": .clicks, "events": .events, "dwell": .dwell, "days": .days,
    "sessions": .sessions,
  ]
  private static let units: [String: Measure] = [
    "view": .views, "read": .reads, "click": .clicks, "event": .events, "day": .days, "session": .sessions,
  ]
  private static let baseNames =
    "views, reads, clicks, events, dwell, days, sessions, 'sum value', 'distinct section'"

  /// One `measure: threshold`.
  mutating func measureTest(_ entry: YAMLNode.Entry, _ parts: ConditionParts) -> MeasureTest? {
    guard let measure = measure(entry, parts) else { return nil }
    guard let value = resolve(entry.value) else { return nil }
    guard let threshold = threshold(value, of: measure, named: entry.name) else { return nil }
    let test = MeasureTest(measure, threshold)
    return fits(test, entry, value.place, parts) ? test : nil
  }

  /// T9 and T10: against the window and the filter.
  private mutating func fits(
    _ test: MeasureTest, _ entry: YAMLNode.Entry, _ place: Place, _ parts: ConditionParts
  ) -> Bool {
    if test.measure.countsDays, let length = parts.window?.dayCount,
      test.threshold.range.lowerBound > Int64(length)
    {
      let days = "\(length) \(length == 1 ? "day" : "days")"
      var what = "the window has \(days)"
      if case .blocks = parts.window { what = length == 1 ? "each day is one" : "each week has \(days)" }
      report(.t9, "nobody can have that: \(what)", at: place, hint: "'exactly \(length)', or a longer window")
      return false
    }
    for event in test.measure.eventNames(context.eventNames) where parts.filter.excludes(event: event) {
      report(
        .t10, "'\(entry.name)' counts '\(event)' events, and 'where' takes others only", at: entry.key.place,
        hint: "use 'events' to count what 'where' takes")
      return false
    }
    return true
  }

  /// A measure by its key.
  private mutating func measure(_ entry: YAMLNode.Entry, _ parts: ConditionParts) -> Measure? {
    let words = Self.words(entry.name)
    switch words.first {
    case "share", "trend", "rank": return comparing(words, entry, parts)
    default: return perhapsPer(words[...], entry, parts)
    }
  }

  /// `share of reads`, `trend of reads`, `rank of dwell per view`
  private mutating func comparing(_ words: [String], _ entry: YAMLNode.Entry, _ parts: ConditionParts)
    -> Measure?
  {
    guard words.count > 2, words[1] == "of" else {
      report(
        .n4, "'\(entry.name)' does not say of what", at: entry.key.place,
        hint: "'\(words[0]) of reads', or of another measure")
      return nil
    }
    let rest = words[2...]
    switch words[0] {
    case "share": return share(rest, entry, parts)
    case "trend": return base(rest, entry, parts).flatMap { trend($0, entry, parts) }
    default:
      let measure = rest.contains("per") ? perhapsPer(rest, entry, parts) : base(rest, entry, parts)
      return measure.map { .rank(of: $0, among: parts.ranked) }
    }
  }

  private mutating func share(_ words: ArraySlice<String>, _ entry: YAMLNode.Entry, _ parts: ConditionParts)
    -> Measure?
  {
    guard let base = base(words, entry, parts) else { return nil }
    if case .distinct(let field, let elements) = base, elements != parts.divisor.elementTest(of: field) {
      // The two counts would be of different elements.
      notYet("'\(entry.name)' beside a 'where' that names '\(field.name)'", at: entry.key.place)
      return nil
    }
    return .share(of: base, among: parts.divisor)
  }

  /// "A day" needs windows with a first day.
  private mutating func trend(_ base: Measure, _ entry: YAMLNode.Entry, _ parts: ConditionParts) -> Measure? {
    guard let against = parts.against else { return nil }
    for (key, window) in [("when", parts.window), ("against", against)] {
      guard let window, window.hasNoBeginning else { continue }
      report(
        .w5, "'\(entry.name)' compares so much a day, and the window of '\(key)' has no first day",
        at: entry.key.place, hint: "such as 'when: last 7d' and 'against: days 8-35'")
      return nil
    }
    return .trend(of: base, against: against)
  }

  /// A measure, or one per another.
  private mutating func perhapsPer(
    _ words: ArraySlice<String>, _ entry: YAMLNode.Entry, _ parts: ConditionParts
  ) -> Measure? {
    guard let at = words.firstIndex(of: "per") else { return single(words, entry, parts) }
    guard let base = base(words[..<at], entry, parts) else { return nil }
    let unit = words[(at + 1)...].joined(separator: " ")
    guard let divisor = Self.units[unit] else {
      report(
        .n4, "'\(entry.name)' does not say per what", at: entry.key.place,
        hint: Self.nearest(unit, among: Self.units.keys.sorted())
          ?? "per view, read, click, event, day or session")
      return nil
    }
    return .per(base, divisor)
  }

  private mutating func base(
    _ words: ArraySlice<String>, _ entry: YAMLNode.Entry, _ parts: ConditionParts
  ) -> Measure? {
    let simple = words.count == 1 ? words.first.flatMap { Self.simpleMeasures[$0] } : nil
    if let simple { return simple }
    if words.count == 2, words.first == "sum" || words.first == "distinct" {
      return single(words, entry, parts)
    }
    let name = words.joined(separator: " ")
    report(
      .n4, "'\(entry.name)' cannot be measured: '\(name)' is none of the base measures", at: entry.key.place,
      hint: Self.nearest(name, among: Self.simpleMeasures.keys.sorted()) ?? "it takes \(Self.baseNames)")
    return nil
  }

  private mutating func single(
    _ words: ArraySlice<String>, _ entry: YAMLNode.Entry, _ parts: ConditionParts
  ) -> Measure? {
    let words = Array(words)
    if words.count == 1, let measure = Self.simpleMeasures[words[0]] { return measure }
    if words == ["streak"] { return .streak }
    guard words.count == 2, ["sum", "distinct", "max", "min"].contains(words[0]) else {
      report(
        .n4, "'\(entry.name)' is no measure", at: entry.key.place,
        hint: "such as 'views', 'sum value' or 'distinct section'")
      return nil
    }
    guard let field = field(words[1], at: entry.key.place) else { return nil }
    switch words[0] {
    case "distinct": return distinct(field, entry, parts)
    case "sum": return isNumber(field, entry, "sum") ? .sum(field) : nil
    case "max": return field == .dwell || isNumber(field, entry, "largest value") ? .max(field) : nil
    default: return field == .dwell || isNumber(field, entry, "smallest value") ? .min(field) : nil
    }
  }

  private mutating func distinct(_ field: Field, _ entry: YAMLNode.Entry, _ parts: ConditionParts) -> Measure?
  {
    guard field.kind != .time, field.kind != .age else {
      report(
        .n4, "times are not counted: '\(entry.name)'", at: entry.key.place,
        hint: "'distinct article' counts articles")
      return nil
    }
    return .distinct(field, elements: parts.filter.elementTest(of: field))
  }

  private mutating func isNumber(_ field: Field, _ entry: YAMLNode.Entry, _ what: String) -> Bool {
    guard field.kind != .number else { return true }
    report(
      .n4, "'\(field.name)' is no number and has no \(what)", at: entry.key.place,
      hint: field == .dwell
        ? "the measure is called 'dwell'" : "'distinct \(field.name)' counts its different values")
    return false
  }
}

extension Measure {
  /// Whether it counts days of the window.
  fileprivate var countsDays: Bool { self == .days || self == .streak }

  /// The events that it counts, where it does not take any.
  fileprivate func eventNames(_ names: EventNames) -> [String] {
    switch self {
    case .views, .reads: [names.view]
    case .clicks: [names.click]
    case .share(let base, _), .trend(let base, _), .rank(let base, _): base.eventNames(names)
    case .per(let base, let unit): base.eventNames(names) + unit.eventNames(names)
    default: []
    }
  }
}
