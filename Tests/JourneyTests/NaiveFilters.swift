import Events
import Rules

/// What an event or a user has in a field.
enum NaiveValue {
  case texts([String])
  /// Millionths, milliseconds or plain numbers, as the field has them.
  case number(Int64?)
  case id(String?)
}

extension NaiveEvaluator {
  func value(_ field: Field, _ event: SampleEvent, _ asOf: Day) -> NaiveValue {
    if field.isOfArticle {
      let article = event.texts[.article].flatMap { world.articles(asOf)[$0] } ?? [:]
      guard field == .age else { return article[field] ?? (field.kind == .text ? .texts([]) : .number(nil)) }
      guard case .number(let published?)? = article[.published] else { return .number(nil) }
      return .number(event.time - published)
    }
    switch field.kind {
    case .text: return .texts(event.texts[field].map { [$0] } ?? [])
    case .textList: return .texts(event.lists[field] ?? [])
    case .number: return .number(event.numbers[field].flatMap { Decimal6($0)?.millionths })
    case .duration: return .number(event.dwell.map { Int64($0) })
    case .hour: return .number(Int64(zone.hour(of: Milliseconds(event.time))))
    case .weekday: return .number(Int64(day(event).weekday))
    case .id: return .id(event.session)
    case .time, .age: return .number(nil)
    }
  }

  func holds(_ filter: Filter, _ event: SampleEvent, _ asOf: Day) -> Bool {
    holds(filter, asOf) { self.value($0, event, asOf) }
  }

  func holds(_ filter: Filter, _ asOf: Day, _ value: (Field) -> NaiveValue) -> Bool {
    switch filter {
    case .always: return true
    case .all(let parts): return parts.allSatisfy { holds($0, asOf, value) }
    case .any(let parts): return parts.contains { holds($0, asOf, value) }
    case .none(let parts): return !parts.contains { holds($0, asOf, value) }
    case .field(let field, let match):
      switch value(field) {
      case .texts(let texts): return holds(match, field, asOf, texts: texts)
      case .number(let number): return holds(match, number, asOf)
      case .id(let id): return holds(match, id)
      }
    }
  }

  func holds(_ match: Match, _ field: Field, _ asOf: Day, texts: [String]) -> Bool {
    switch match {
    case .known(let known): known == !texts.isEmpty
    case .not(let inner): !texts.isEmpty && !holds(inner, field, asOf, texts: texts)
    case .anyOf(let matches): matches.contains { holds($0, field, asOf, texts: texts) }
    case .allOf(let tests):
      tests.allSatisfy { test in texts.contains { holds(test, field, TextFold.fold($0)) } }
    case .text(let test): texts.contains { holds(test, field, TextFold.fold($0)) }
    case .list(let name):
      texts.contains { text in world.list(name, asOf).contains { bytes($0) == bytes(text) } }
    case .number, .hours, .id, .inWindow, .next: false
    }
  }

  private func holds(_ match: Match, _ id: String?) -> Bool {
    switch match {
    case .known(let known): known == (id != nil)
    case .id(let hash, _): id.map { Hash.xxh3(Array($0.utf8)) == hash } ?? false
    case .anyOf(let matches): matches.contains { holds($0, id) }
    case .not(let inner): id != nil && !holds(inner, id)
    default: false
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

  private func holds(_ match: Match, _ number: Int64?, _ asOf: Day) -> Bool {
    guard let number else {
      switch match {
      case .known(let known): return !known
      case .anyOf(let matches): return matches.contains { holds($0, nil, asOf) }
      default: return false
      }
    }
    switch match {
    case .known(let known): return known
    case .number(let threshold): return threshold.holds(Int128(number))
    case .inWindow(let window): return inside(window, zone.day(of: Milliseconds(number)), number, asOf)
    case .next(let length):
      let end = zone.start(of: asOf.advanced(by: 1)).value
      return number >= end && number <= end + length
    case .hours(let from, let through):
      var hour = from
      while true {
        if Int64(hour) == number { return true }
        if hour == through { return false }
        hour = (hour + 1) % 24
      }
    case .anyOf(let matches): return matches.contains { holds($0, number, asOf) }
    case .not(let inner): return !holds(inner, number, asOf)
    default: return false
    }
  }
}
