import Events
import Rules

/// The reference, word by word: user by user, event by event, without any cleverness.
struct NaiveEvaluator {
  let events: [SampleEvent]
  let asOf: Day
  let zone: CalendarZone
  let names = EventNames()
  /// Members of the segments before.
  var segments: [String: Set<String>] = [:]

  var universe: Set<String> { Set(events.filter { day($0) <= asOf }.map(\.user)) }

  func members(_ node: RuleNode) -> Set<String> { universe.filter { holds(node, $0) } }

  private func day(_ event: SampleEvent) -> Day { zone.day(of: Milliseconds(event.time)) }

  private func holds(_ node: RuleNode, _ user: String) -> Bool {
    switch node {
    case .everyone: true
    case .sequence, .user, .list: false
    case .segment(let reference): reference.names.contains { segments[$0.id]?.contains(user) ?? false }
    case .all(let nodes): nodes.allSatisfy { holds($0, user) }
    case .any(let nodes): nodes.contains { holds($0, user) }
    case .none(let nodes): !nodes.contains { holds($0, user) }
    case .count(let test, let nodes): test.holds(nodes.count { holds($0, user) })
    case .condition(let condition):
      condition.tests.allSatisfy {
        $0.threshold.holds(value($0.measure, matching(condition.filter, condition.window, user)))
      }
    case .extreme(let extreme): holds(extreme, user)
    }
  }

  private func matching(_ filter: Filter, _ window: Window, _ user: String) -> [SampleEvent] {
    events.filter { $0.user == user && inside(window, $0) && holds(filter, $0) }
  }

  private func inside(_ window: Window, _ event: SampleEvent) -> Bool {
    let day = day(event)
    guard day <= asOf else { return false }
    switch window {
    case .ever: return true
    case .days(let near, let far): return (near...far).contains(day.distance(to: asOf) + 1)
    case .beforeLast(let days): return day.distance(to: asOf) + 1 > days
    case .lastTime(let length): return event.time >= zone.start(of: asOf.advanced(by: 1)).value - length
    case .dates(let from, let through):
      return (from.map { day >= $0 } ?? true) && (through.map { day <= $0 } ?? true)
    case .current(let period): return start(period, day) == start(period, asOf)
    case .previous(let period):
      return start(period, day) == start(period, start(period, asOf).advanced(by: -1))
    case .blocks: return false
    }
  }

  /// The first day of the period of a day, counted back day by day.
  private func start(_ period: Window.Period, _ day: Day) -> Day {
    var day = day
    while true {
      let (_, month, date) = day.civil
      switch period {
      case .week: if day.weekday == 1 { return day }
      case .month: if date == 1 { return day }
      case .quarter: if date == 1, [1, 4, 7, 10].contains(month) { return day }
      case .year: if date == 1, month == 1 { return day }
      }
      day = day.advanced(by: -1)
    }
  }

  private func holds(_ extreme: Extreme, _ user: String) -> Bool {
    let events = matching(extreme.filter, extreme.window, user)
    guard let time = extreme.which == .first ? events.map(\.time).min() : events.map(\.time).max() else {
      return false
    }
    let those = events.filter { $0.time == time }
    switch extreme.test {
    case .inWindow(let window): return those.contains { inside(window, $0) }
    case .matches(let filter): return those.contains { holds(filter, $0) }
    }
  }

  // MARK: Measures

  private func value(_ measure: Measure, _ events: [SampleEvent]) -> Int128? {
    func named(_ name: String) -> [SampleEvent] {
      events.filter { TextFold.fold($0.texts[.event] ?? "") == name }
    }
    switch measure {
    case .views: return Int128(named(names.view).count)
    case .clicks: return Int128(named(names.click).count)
    case .events: return Int128(events.count)
    case .reads: return Int128(Set(named(names.view).compactMap { $0.texts[.article].map(bytes) }).count)
    case .dwell: return total(events.map { $0.dwell.map { Int128($0) } })
    case .days: return Int128(Set(events.map { day($0) }).count)
    case .sessions: return Int128(Set(events.compactMap(\.session)).count)
    case .sum(let field):
      return total(events.map { $0.numbers[field].flatMap { Decimal6($0) }.map { Int128($0.millionths) } })
    case .distinct(let field, let elements):
      return Int128(Set(events.flatMap { values(field, $0, elements) }).count)
    default: return nil
    }
  }

  /// Unknown adds 0; all unknown is absent.
  private func total(_ values: [Int128?]) -> Int128? {
    let known = values.compactMap { $0 }
    return known.isEmpty && !values.isEmpty ? nil : known.reduce(0, +)
  }

  private func bytes(_ text: String) -> [UInt8] { Array(TextFold.fold(text).utf8) }

  private func values(_ field: Field, _ event: SampleEvent, _ elements: Match?) -> [[UInt8]] {
    switch field.kind {
    case .text: event.texts[field].map { [bytes($0)] } ?? []
    case .textList:
      (event.lists[field] ?? []).filter { element in
        elements.map { holds($0, field, texts: [element]) } ?? true
      }.map(bytes)
    case .number: event.numbers[field].flatMap { Decimal6($0) }.map { [Array("\($0.millionths)".utf8)] } ?? []
    case .hour: [[UInt8(zone.hour(of: Milliseconds(event.time)))]]
    case .weekday: [[UInt8(day(event).weekday)]]
    case .duration: event.dwell.map { [Array("\($0)".utf8)] } ?? []
    case .id: event.session.map { [Array($0.utf8)] } ?? []
    case .time, .age: []
    }
  }

  // MARK: Filters

  private func holds(_ filter: Filter, _ event: SampleEvent) -> Bool {
    switch filter {
    case .always: true
    case .all(let parts): parts.allSatisfy { holds($0, event) }
    case .any(let parts): parts.contains { holds($0, event) }
    case .none(let parts): !parts.contains { holds($0, event) }
    case .field(let field, let match): holds(match, field, event)
    }
  }

  private func holds(_ match: Match, _ field: Field, _ event: SampleEvent) -> Bool {
    switch field.kind {
    case .text: holds(match, field, texts: event.texts[field].map { [$0] } ?? [])
    case .textList: holds(match, field, texts: event.lists[field] ?? [])
    case .number: holds(match, event.numbers[field].flatMap { Decimal6($0)?.millionths })
    case .duration: holds(match, event.dwell.map { Int64($0) })
    case .hour: holds(match, Int64(zone.hour(of: Milliseconds(event.time))))
    case .weekday: holds(match, Int64(day(event).weekday))
    case .id, .time, .age: false
    }
  }

  private func holds(_ match: Match, _ field: Field, texts: [String]) -> Bool {
    switch match {
    case .known(let known): known == !texts.isEmpty
    case .not(let inner): !texts.isEmpty && !holds(inner, field, texts: texts)
    case .anyOf(let matches): matches.contains { holds($0, field, texts: texts) }
    case .allOf(let tests):
      tests.allSatisfy { test in texts.contains { holds(test, field, TextFold.fold($0)) } }
    case .text(let test): texts.contains { holds(test, field, TextFold.fold($0)) }
    case .number, .hours, .id, .inWindow, .next, .list: false
    }
  }

  /// Texts are compared as scalars: what Swift thinks of equality is kept out.
  private func holds(_ test: TextTest, _ field: Field, _ text: String) -> Bool {
    func scalars(_ text: String) -> [Unicode.Scalar] { Array(text.unicodeScalars) }
    let value = scalars(text)
    switch test {
    case .value(let literal):
      if value == scalars(literal) { return true }
      return field.separator.map { value.starts(with: scalars(literal) + [Unicode.Scalar($0)]) } ?? false
    case .exactly(let literal): return value == scalars(literal)
    case .contains(let literal):
      let wanted = scalars(literal)
      return (0...max(0, value.count)).contains { value.dropFirst($0).starts(with: wanted) }
    case .starts(let literal): return value.starts(with: scalars(literal))
    case .ends(let literal): return Array(value.suffix(scalars(literal).count)) == scalars(literal)
    case .wildcard(let pieces): return wildcard(pieces.map(scalars), value[...])
    }
  }

  private func wildcard(_ pieces: [[Unicode.Scalar]], _ value: ArraySlice<Unicode.Scalar>) -> Bool {
    guard let first = pieces.first, value.starts(with: first) else { return false }
    let rest = value.dropFirst(first.count)
    if pieces.count == 1 { return rest.isEmpty }
    return (0...rest.count).contains { wildcard(Array(pieces.dropFirst()), rest.dropFirst($0)) }
  }

  private func holds(_ match: Match, _ number: Int64?) -> Bool {
    if case .known(let known) = match { return known == (number != nil) }
    guard let number else { return false }
    switch match {
    case .number(let threshold): return threshold.holds(Int128(number))
    case .hours(let from, let through):
      var hour = from
      while true {
        if Int64(hour) == number { return true }
        if hour == through { return false }
        hour = (hour + 1) % 24
      }
    case .anyOf(let matches): return matches.contains { holds($0, number) }
    case .not(let inner): return !holds(inner, number)
    default: return false
    }
  }
}
