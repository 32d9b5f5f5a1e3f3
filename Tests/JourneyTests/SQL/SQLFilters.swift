import Events
import Rules

/// Filters: tests of a row of `ev_at` or `users_at`.
extension SQLRule {
  func holds(_ filter: Filter) -> String {
    switch filter {
    case .always: "true"
    case .all(let parts): "(\(parts.map(holds).joined(separator: " AND ")))"
    case .any(let parts): "(\(parts.map(holds).joined(separator: " OR ")))"
    case .none(let parts): "NOT (\(parts.map(holds).joined(separator: " OR ")))"
    case .field(let field, let match): "coalesce(\(holds(match, field)), false)"
    }
  }

  /// A field's value as it is compared: folded text, millionths, milliseconds, the hash of an id.
  func value(_ field: Field) -> String {
    switch field.kind {
    case .text: "fold(\"\(field.name)\")"
    case .number: "micro(\"\(field.name)\")"
    case .age: "(ms - \"\(Field.published.name)\")"
    default: "\"\(field.name)\""
    }
  }

  /// The values of a field on a row as a list; of a list field those elements that match.
  func values(_ field: Field, _ elements: Match? = nil) -> String {
    guard field.kind == .textList else { return "[\(value(field))]" }
    let all = "list_transform(coalesce(\"\(field.name)\", []), lambda x: fold(x))"
    switch elements {
    case nil: return all
    case .text(let test): return "list_filter(\(all), lambda x: \(text(test, "x", field)))"
    case .list(let name): return "list_intersect(\(all), \(listed(name)))"
    case .anyOf(let matches): return "flatten([\(matches.map { values(field, $0) }.joined(separator: ", "))])"
    default: preconditionFailure("no test of an element")
    }
  }

  func test(_ threshold: Threshold, _ value: String, times factor: String = "1") -> String {
    func q(_ quantity: Int64) -> String { "\(quantity)::HUGEINT * \(factor)" }
    let test =
      switch threshold {
      case .any: "> \(q(0))"
      case .none: "= \(q(0))"
      case .atLeast(let a): ">= \(q(a))"
      case .atMost(let a): "<= \(q(a))"
      case .moreThan(let a): "> \(q(a))"
      case .lessThan(let a): "< \(q(a))"
      case .exactly(let a): "= \(q(a))"
      case .between(let a, let b): "BETWEEN \(q(a)) AND \(q(b))"
      case .top, .bottom: preconditionFailure("ranks are looked at apart")
      }
    return "coalesce(\(value) \(test), false)"
  }

  private func holds(_ match: Match, _ field: Field) -> String {
    if field.kind == .textList { return list(match, field) }
    let known = "(\(value(field)) IS NOT NULL)"
    switch match {
    case .known(let wanted): return wanted ? known : "NOT \(known)"
    case .not(let inner): return "(\(known) AND NOT coalesce(\(holds(inner, field)), false))"
    case .anyOf(let matches):
      return "(" + matches.map { "coalesce(\(holds($0, field)), false)" }.joined(separator: " OR ") + ")"
    case .text(let test): return text(test, value(field), field)
    case .list(let name): return "list_contains(\(listed(name)), \(value(field)))"
    case .number(let threshold): return test(threshold, value(field))
    case .hours(let from, let through):
      return from <= through
        ? "(hour BETWEEN \(from) AND \(through))" : "(hour >= \(from) OR hour <= \(through))"
    case .id(let hash, _): return "(\"\(field.name)\" = \(hash))"
    case .inWindow(let window): return inside(window, day: "local_day(\(value(field)))", ms: value(field))
    case .next(let length):
      return "(\(value(field)) BETWEEN day_end(\(today)) AND day_end(\(today)) + \(length))"
    case .allOf: preconditionFailure("of lists only")
    }
  }

  private func list(_ match: Match, _ field: Field) -> String {
    let known = "(len(coalesce(\"\(field.name)\", [])) > 0)"
    switch match {
    case .known(let wanted): return wanted ? known : "NOT \(known)"
    case .not(let inner): return "(\(known) AND NOT \(list(inner, field)))"
    case .anyOf(let matches): return "(" + matches.map { list($0, field) }.joined(separator: " OR ") + ")"
    case .allOf(let tests): return "(" + tests.map { list(.text($0), field) }.joined(separator: " AND ") + ")"
    default: return "(len(\(values(field, match))) > 0)"
    }
  }

  private func listed(_ name: String) -> String {
    "(SELECT coalesce(list(fold(id)), []) FROM list_at('\(name)', \(today)))"
  }

  private func text(_ test: TextTest, _ value: String, _ field: Field) -> String {
    func quoted(_ text: String) -> String { Self.quoted(text) }
    switch test {
    case .value(let text):
      guard let separator = field.separator else { return "(\(value) = \(quoted(text)))" }
      return
        "(\(value) = \(quoted(text)) OR starts_with(\(value), \(quoted(text + String(Unicode.Scalar(separator))))))"
    case .exactly(let text): return "(\(value) = \(quoted(text)))"
    case .contains(let text): return "contains(\(value), \(quoted(text)))"
    case .starts(let text): return "starts_with(\(value), \(quoted(text)))"
    case .ends(let text): return "ends_with(\(value), \(quoted(text)))"
    case .wildcard(let pieces): return "(\(value) LIKE \(quoted(pieces.joined(separator: "%"))))"
    }
  }
}
