import Diagnostics
import Events
import YAML

extension RuleParser {
  static let mostGiven = 20_000

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
    var given: [GivenEvent] = []
    var segments: [String] = []
    var expects: Bool?
    for entry in entries {
      switch entry.name {
      case "given": given = self.given(entry.value)
      case "segments":
        for item in items(entry.value) {
          guard let id = text(item, "a segment's name") else { continue }
          segments.append(id)
        }
      case "expect":
        expects = ["in": true, "out": false][entry.value.text ?? ""]
        if expects == nil { report(.t5, "'expect' is in or out", at: entry.value.place) }
      case "user", "lists", "consent": notYet("'\(entry.name)' in a test", at: entry.key.place)
      default:
        report(
          .n1, "a test knows no key '\(entry.name)'", at: entry.key.place,
          hint: Nearest.word(to: entry.name, among: ["given", "segments", "expect"]).map {
            "did you mean '\($0)'?"
          })
      }
    }
    guard entries.contains(where: { $0.name == "expect" }) else {
      report(.n1, "the test does not say what it expects", at: node.place, hint: "expect: in, or expect: out")
      return nil
    }
    return expects.map { SegmentTest(given: given, segments: segments, expectsMember: $0, place: node.place) }
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
      guard events.count + times <= Self.mostGiven else {
        report(.y14, "more than \(Self.mostGiven) events in a test", at: item.place)
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
    case .number:
      guard let number = entry.value.text.flatMap({ Double($0) }), Decimal6(number) != nil else {
        return report(.t5, "'\(field.name)' must be a number", at: entry.value.place)
      }
      event.numbers[field] = number
    case .hour, .weekday, .duration, .id, .time, .age:
      report(
        .n1, "'\(field.name)' comes from the event's time", at: entry.key.place, hint: "say 'day' and 'at'")
    }
  }

  private mutating func number(_ entry: YAMLNode.Entry, in range: ClosedRange<Int>) -> Int? {
    guard let number = entry.value.text.flatMap({ Int($0) }), range.contains(number) else {
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
