import Diagnostics
import Events
import YAML

extension RuleParser {
  static let mostGiven = 20_000
  /// Of all tests of a segment together.
  private static let mostGivenTogether = 100_000

  /// `tests`.
  mutating func tests(_ node: YAMLNode) -> [SegmentTest] {
    guard let items = node.items else {
      report(
        .n1, "'tests' must be a list", at: node.place,
        hint: "each item begins with '- {given: […], expect: in}'")
      return []
    }
    return items.compactMap { test($0) }
  }

  private mutating func test(_ node: YAMLNode) -> SegmentTest? {
    guard let entries = node.entries else {
      report(.n1, "a test must be a map", at: node.place, hint: "{given: [{section: sport}], expect: in}")
      return nil
    }
    let before = errors
    var test = SegmentTest(given: [], expectsMember: false, place: node.place)
    for entry in entries { set(entry, &test) }
    guard entries.contains(where: { $0.name == "expect" }) else {
      report(.n1, "the test does not say what it expects", at: node.place, hint: "expect: in, or expect: out")
      return nil
    }
    return errors == before ? test : nil
  }

  private mutating func set(_ entry: YAMLNode.Entry, _ test: inout SegmentTest) {
    switch entry.name {
    case "given": test.given = given(entry.value)
    case "segments":
      test.segments = items(entry.value).compactMap { text($0, "a segment's name") }
    case "as_of": test.asOf = date(of: entry.value)
    case "lists": setLists(entry.value, &test)
    case "user": setUser(entry.value, &test)
    case "expect":
      guard let expects = ["in": true, "out": false][entry.value.text ?? ""] else {
        return report(.t5, "'expect' is in or out", at: entry.value.place)
      }
      test.expectsMember = expects
    case "consent": notYet("'consent' in a test", at: entry.key.place)
    default:
      let known = ["as_of", "given", "user", "lists", "segments", "expect"]
      report(
        .n1, "a test knows no key '\(entry.name)'", at: entry.key.place,
        hint: Self.nearest(entry.name, among: known) ?? "it knows \(known.joined(separator: ", "))")
    }
  }

  /// `lists: [vip]`, or `lists: {sponsored: [a1, a2]}` where texts are in it
  private mutating func setLists(_ node: YAMLNode, _ test: inout SegmentTest) {
    guard let entries = node.entries else {
      test.lists = items(node).compactMap { listName($0) }
      return
    }
    for entry in entries {
      guard let name = listName(entry.key) else { continue }
      test.listed[name] = items(entry.value).compactMap { text($0, "a text of the list") }
    }
  }

  /// `user: {tier: gold, subscribed_since: 2024-05-01}`
  private mutating func setUser(_ node: YAMLNode, _ test: inout SegmentTest) {
    guard let entries = node.entries else {
      return report(.n1, "'user' must be a map of attributes", at: node.place, hint: "{tier: gold}")
    }
    let outer = scope
    scope = .users
    defer { scope = outer }
    for entry in entries {
      guard let field = field(entry.name, at: entry.key.place) else { continue }
      switch field.kind {
      case .number: number(entry, field).map { test.numbers[field] = $0 }
      case .time: midnight(entry.value).map { test.times[field] = $0 }
      default: text(entry.value, "'\(field.name)'").map { test.texts[field] = Self.unescaped($0) }
      }
    }
  }

  /// The first instant of a date.
  private mutating func midnight(_ node: YAMLNode) -> Int64? {
    date(of: node).map { context.zone.start(of: $0).value }
  }

  private mutating func date(of node: YAMLNode) -> Day? {
    guard let text = text(node, "a date") else { return nil }
    guard let day = Day(text) else {
      report(.w5, "'\(text)' is not a date", at: node.place, hint: "dates are written like 2026-11-01")
      return nil
    }
    return day
  }

  private mutating func given(_ node: YAMLNode) -> [GivenEvent] {
    var events: [GivenEvent] = []
    for item in items(node) where !item.isEmpty {
      guard let entries = item.entries else {
        report(.n1, "an event of a test must be a map", at: item.place, hint: "{section: sport, day: 2}")
        continue
      }
      var event = GivenEvent()
      var times = 1
      for entry in entries { set(entry, &event, &times) }
      self.given += times + 1
      guard events.count + times <= Self.mostGiven, self.given <= Self.mostGivenTogether else {
        report(
          .y14,
          events.count + times > Self.mostGiven
            ? "more than \(Self.mostGiven) events in a test"
            : "more than \(Self.mostGivenTogether) events in the tests of a segment", at: item.place)
        return events
      }
      append(event, times, to: &events)
    }
    return events
  }

  /// Copies are new events: a view without an article gets one of its own.
  private func append(_ event: GivenEvent, _ times: Int, to events: inout [GivenEvent]) {
    for _ in 0..<times {
      var copy = event
      if copy.texts[.event] == nil { copy.texts[.event] = [context.eventNames.view] }
      if copy.texts[.article] == nil, copy.texts[.event] == [context.eventNames.view] {
        copy.texts[.article] = ["test-article-\(events.count + 1)"]
      }
      if copy.session == nil { copy.session = "test-session-day-\(copy.day)" }
      events.append(copy)
    }
  }

  private mutating func set(_ entry: YAMLNode.Entry, _ event: inout GivenEvent, _ times: inout Int) {
    switch entry.name {
    case "day": number(entry, in: 1...36_500).map { event.day = $0 }
    case "times": number(entry, in: 0...10_000).map { times = $0 }
    case "at": clock(entry.value).map { event.at = $0 }
    case "dwell":
      duration(of: entry.value).map { event.dwell = UInt32(clamping: min($0, Int64(UInt32.max) - 1)) }
    case "session": text(entry.value, "the session").map { event.session = $0 }
    default: setField(entry, &event)
    }
  }

  private mutating func setField(_ entry: YAMLNode.Entry, _ event: inout GivenEvent) {
    guard let field = field(entry.name, at: entry.key.place) else { return }
    switch field.kind {
    case .text: text(entry.value, "'\(field.name)'").map { event.texts[field] = [Self.unescaped($0)] }
    case .textList:
      event.texts[field] = items(entry.value).compactMap { text($0, "'\(field.name)'") }.map {
        Self.unescaped($0)
      }
    case .number: number(entry, field).map { event.numbers[field] = $0 }
    case .age: duration(of: entry.value).map { event.numbers[field] = Double($0) }
    case .time: midnight(entry.value).map { event.numbers[field] = Double($0) }
    case .hour, .weekday, .duration, .id:
      report(
        .n1, "'\(field.name)' comes from the event's time", at: entry.key.place, hint: "say 'day' and 'at'")
    }
  }

  private mutating func number(_ entry: YAMLNode.Entry, _ field: Field) -> Double? {
    guard let text = entry.value.text else {
      report(.t5, "'\(field.name)' must be a number", at: entry.value.place)
      return nil
    }
    let millionths = decimal(text, decimals: 6, entry.value, field.name)
    guard let number = millionths.map({ Double($0) / 1_000_000 }) else { return nil }
    guard Decimal6(number) != nil else {
      report(.t6, "'\(text)' is too large", at: entry.value.place)
      return nil
    }
    return number
  }

  private mutating func number(_ entry: YAMLNode.Entry, in range: ClosedRange<Int>) -> Int? {
    guard let number = entry.value.text.flatMap({ Self.wholeNumber($0) }), range.contains(number) else {
      report(
        .t5, "'\(entry.name)' must be a number from \(range.lowerBound) to \(range.upperBound)",
        at: entry.value.place)
      return nil
    }
    return number
  }

  private mutating func duration(of node: YAMLNode) -> Int64? {
    guard let text = text(node, "a duration") else { return nil }
    return duration(text, node)
  }

  /// `14h05m` after midnight; Y9 for `14:05`.
  private mutating func clock(_ node: YAMLNode) -> Int64? {
    if let text = node.text, text.contains(":") {
      let parts = text.split(separator: ":")
      report(
        .y9, "'\(text)' is a number to base 60 in YAML 1.1", at: node.place,
        hint: parts.count == 2 ? "'\(parts[0])h\(parts[1])m'" : "'14h05m'")
      return nil
    }
    guard let millis = duration(of: node) else { return nil }
    guard millis < 86_400_000 else {
      report(.t6, "a day has 24 hours", at: node.place)
      return nil
    }
    return millis
  }
}
