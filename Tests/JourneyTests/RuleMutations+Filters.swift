import Events
import Rules

extension RuleMutations {
  static func filters(_ filter: Filter) -> [Filter] {
    let sport = Filter.field(.section, .text(.value("sport")))
    switch filter {
    case .always: return [sport, .none([sport]), .field(.event, .text(.value("page_view")))]
    case .field(let field, let match):
      return matches(match).map { .field(field, $0) } + others(of: field).map { .field($0, match) }
        + [.none([filter]), .any([filter, sport]), .all([filter, sport]), .none([filter, sport])]
    case .all(let parts): return groups(parts) { .all($0) }
    case .any(let parts): return groups(parts) { .any($0) }
    case .none(let parts): return groups(parts) { .none($0) }
    }
  }

  private static func groups(_ parts: [Filter], _ make: ([Filter]) -> Filter) -> [Filter] {
    each(parts, filters).map(make)
      + [
        .all(parts), .any(parts), .none(parts), .none([.any(parts)]), .any([.none(parts)]),
        make(parts + [.always]),
      ]
  }

  private static func others(of field: Field) -> [Field] {
    let fields: [Field] = [
      .section, .tag, .author, .device, .os, .country, .region, .campaign, .referrer, .article, .element,
      .experiment, .value,
      .scroll, .position, .event, .property("x", number: false), .ofArticle("desk", .text), .hour, .weekday,
    ]
    return fields.filter { $0 != field && $0.kind == field.kind }
  }

  private static func matches(_ match: Match) -> [Match] {
    let common: [Match] = [.not(match), .known(true), .known(false)]
    switch match {
    case .text(let test):
      return texts(test).map { .text($0) } + common + [.list("a"), .anyOf([match, .text(.value("b"))])]
    case .anyOf(let matches):
      return each(matches, self.matches).map { .anyOf($0) } + common + [
        .anyOf(matches + [.text(.value("b"))])
      ]
    case .not(let match): return [match] + matches(match).map { .not($0) }
    case .allOf(let tests):
      return each(tests) { _ in values.map { .value($0) } }.map { .allOf($0) } + common + [
        .anyOf(tests.map { .text($0) })
      ]
    case .number(let threshold): return thresholds(threshold).map { .number($0) } + common
    case .hours(let from, let through):
      return [.hours(from: from, through: through + 1), .hours(from: from + 1, through: through)] + common
    case .inWindow: return windows(.ever).map { .inWindow($0) } + common
    case .next(let length): return [.next(length + 1000), .next(length * 2)] + common
    case .list: return values.map { .list($0) } + [.list("A")] + common
    case .id(let hash, let text): return [.id(hash &+ 1, text + "x"), .known(true)]
    case .known(let known): return [.known(!known)]
    }
  }

  private static func texts(_ test: TextTest) -> [TextTest] {
    let text: String
    switch test {
    case .value(let value), .exactly(let value), .contains(let value), .starts(let value), .ends(let value):
      text = value
    case .wildcard(let pieces):
      return [.wildcard(pieces + [""]), .wildcard(pieces + ["a"]), .value(pieces.joined(separator: "*"))]
    }
    return values.map { .value($0) } + [
      .exactly(text), .contains(text), .starts(text), .ends(text), .wildcard([text, ""]),
      .wildcard(["", text]),
    ]
      + values.map { .contains($0) }
  }
}
