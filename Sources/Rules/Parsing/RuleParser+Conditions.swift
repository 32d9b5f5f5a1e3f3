import Diagnostics
import Events
import YAML

extension RuleParser {
  /// Measures with thresholds, `where`, `when`.
  mutating func condition(_ entries: [YAMLNode.Entry], _ node: YAMLNode) -> RuleNode? {
    conditions += 1
    if conditions == Self.mostConditions + 1 {
      report(.y14, "more than \(Self.mostConditions) conditions", at: node.place, hint: "split the segment")
    }
    let filter = self.filter(in: entries)
    let window = self.window(in: entries, node)
    let good = diagnostics.count { $0.isError }
    var tests: [MeasureTest] = []
    for entry in entries where entry.name != "where" && entry.name != "when" {
      if let test = measureTest(entry, filter, window) { tests.append(test) }
    }
    guard let filter, let window, diagnostics.count(where: { $0.isError }) == good, !tests.isEmpty else {
      return nil
    }
    checkAbsence(tests, node)
    return .condition(Condition(tests: tests, filter: filter, window: window, place: node.place))
  }

  /// `where`, joined with the file's own; nil where it is wrong.
  private mutating func filter(in entries: [YAMLNode.Entry]) -> Filter? {
    guard let entry = entries.first(where: { $0.name == "where" }) else { return everyEvent }
    guard let filter = filter(entry.value, depth: 1) else { return nil }
    return everyEvent == .always ? filter : .all([everyEvent, filter])
  }

  private mutating func window(in entries: [YAMLNode.Entry], _ node: YAMLNode) -> Window? {
    if let entry = entries.first(where: { $0.name == "when" }) { return window(entry.value) }
    if let defaultWindow { return defaultWindow }
    report(
      .w1, "'\(entries[0].name)' does not say on which days", at: entries[0].key.place,
      hint: "add 'when: last 30d', or 'when: ever'")
    return nil
  }

  private mutating func measureTest(_ entry: YAMLNode.Entry, _ filter: Filter?, _ window: Window?)
    -> MeasureTest?
  {
    guard let measure = measure(entry, filter) else { return nil }
    guard let value = resolve(entry.value) else { return nil }
    guard let threshold = threshold(value, of: measure, named: entry.name) else { return nil }
    if case .days = measure, let window, let length = window.dayCount,
      threshold.range.lowerBound > Int64(length)
    {
      report(
        .t9, "nobody can have that: the window has \(length) \(length == 1 ? "day" : "days")",
        at: entry.value.place,
        hint: "'exactly \(length)', or a longer window")
      return nil
    }
    if let filter, let event = eventName(of: measure), filter.excludes(event: event) {
      report(
        .t10, "'\(entry.name)' counts '\(event)' events, and 'where' takes others only", at: entry.key.place,
        hint: "use 'events' to count what 'where' takes")
      return nil
    }
    return MeasureTest(measure, threshold)
  }

  private func eventName(of measure: Measure) -> String? {
    switch measure {
    case .views, .reads: context.eventNames.view
    case .clicks: context.eventNames.click
    default: nil
    }
  }

  private mutating func measure(_ entry: YAMLNode.Entry, _ filter: Filter?) -> Measure? {
    let words = entry.name.split(separator: " ").map(String.init)
    let simple: [String: Measure] = [
      "views": .views, "reads": .reads, "clicks": .clicks, "events": .events, "dwell": .dwell, "days": .days,
      "sessions": .sessions,
    ]
    if words.count == 1, let measure = simple[words[0]] { return measure }
    guard words.count == 2, words[0] == "sum" || words[0] == "distinct" else {
      report(
        .n4, "'\(entry.name)' is no measure", at: entry.key.place,
        hint: "such as 'views', 'sum value' or 'distinct section'")
      return nil
    }
    guard let field = field(words[1], at: entry.key.place) else { return nil }
    if words[0] == "distinct" { return .distinct(field, elements: filter?.elementTest(of: field)) }
    guard field.kind == .number else {
      report(
        .n4, "'\(field.name)' is no number and has no sum", at: entry.key.place,
        hint: field == .dwell
          ? "the measure is called 'dwell'" : "'distinct \(field.name)' counts its different values")
      return nil
    }
    return .sum(field)
  }

  /// T8: `at most` alone takes in everybody who never came.
  private mutating func checkAbsence(_ tests: [MeasureTest], _ node: YAMLNode) {
    guard tests.allSatisfy({ $0.threshold.range.contains(0) }) else { return }
    guard
      let low = tests.first(where: {
        $0.threshold != .none && $0.threshold != .exactly(0) && $0.threshold.range != Int64.min...Int64.max
      }),
      low.threshold.range.lowerBound < 0 || low.threshold.range.upperBound < .max
    else { return }
    report(
      .t8, "this also holds for users without any such event", at: node.place,
      hint: "add 'views: any' if they should be left out")
  }

  // MARK: First and latest

  mutating func extreme(_ entries: [YAMLNode.Entry], _ node: YAMLNode) -> RuleNode? {
    conditions += 1
    let tested = entries.filter { $0.name == "first" || $0.name == "latest" }
    guard tested.count == 1, let entry = tested.first else {
      report(.l4, "'first' and 'latest' in one item", at: node.place, hint: "make two list items")
      return nil
    }
    let filter = self.filter(in: entries)
    let whenEntry = entries.first { $0.name == "when" }
    let window = whenEntry.map { self.window($0.value) } ?? .ever
    guard let value = resolve(entry.value) else { return nil }
    let test: Extreme.Test?
    if value.entries != nil {
      test = self.filter(value, depth: 1).map { .matches($0) }
    } else {
      test = self.window(value).map { .inWindow($0) }
    }
    guard let filter, let window, let test else { return nil }
    return .extreme(
      Extreme(
        which: entry.name == "first" ? .first : .latest, test: test, filter: filter, window: window,
        place: node.place))
  }
}

extension Filter {
  /// Whether a literal test of the event's name can never be this one.
  func excludes(event: String) -> Bool {
    switch self {
    case .field(.event, let match): !match.accepts(TextFold.fold(event))
    case .all(let filters): filters.contains { $0.excludes(event: event) }
    case .any(let filters): !filters.isEmpty && filters.allSatisfy { $0.excludes(event: event) }
    default: false
    }
  }

  /// What this filter asks of the elements of a list field, for `distinct`.
  func elementTest(of field: Field) -> Match? {
    guard field.kind == .textList else { return nil }
    switch self {
    case .field(field, let match): return match.elementTest
    case .all(let filters): return Self.named(filters.compactMap { $0.elementTest(of: field) })
    // Where a branch does not name the field, any element may be the reason that the event passed.
    case .any(let filters):
      let tests = filters.map { $0.elementTest(of: field) }
      return tests.contains { $0 == nil } ? nil : Self.named(tests.compactMap { $0 })
    default: return nil
    }
  }
}

extension Filter {
  private static func named(_ tests: [Match]) -> Match? {
    tests.count > 1 ? .anyOf(tests) : tests.first
  }
}

extension Match {
  /// The part that names elements; `not` and `known` name none.
  fileprivate var elementTest: Match? {
    switch self {
    case .text, .anyOf: self
    case .allOf(let tests): .anyOf(tests.map { .text($0) })
    default: nil
    }
  }

  /// Whether a folded text passes.
  fileprivate func accepts(_ text: String) -> Bool {
    switch self {
    case .text(let test): test.matches(text, separator: nil)
    case .anyOf(let matches): matches.contains { $0.accepts(text) }
    case .not(let match): !match.accepts(text)
    case .known(let known): known
    default: true
    }
  }
}
