import Events
import Rules

/// The same rules in DuckDB's SQL, over the store's Arrow files joined into one table `ev`: its columns, `user`, `time`,
/// and `day` (a date), `hour`, `weekday`, `ms` (of the time) worked out by Python.
struct SQLOracle {
  let asOf: Day
  let zone: CalendarZone
  let names = EventNames()

  /// A query for the ids of members.
  func query(_ node: RuleNode) -> String { "SELECT u FROM universe WHERE \(holds(node))" }

  private func holds(_ node: RuleNode) -> String {
    switch node {
    case .everyone: "true"
    case .sequence, .user, .list: "false"
    case .segment(let reference):
      "(" + reference.names.map { "u IN (SELECT u FROM \"\($0.id)\")" }.joined(separator: " OR ") + ")"
    case .all(let nodes): "(" + nodes.map(holds).joined(separator: " AND ") + ")"
    case .any(let nodes): "(" + nodes.map(holds).joined(separator: " OR ") + ")"
    case .none(let nodes): "NOT (" + nodes.map(holds).joined(separator: " OR ") + ")"
    case .count(let test, let nodes):
      "(" + nodes.map { "CAST(\(holds($0)) AS INT)" }.joined(separator: " + ") + ")"
        + {
          switch test {
          case .atLeast(let n): " >= \(n)"
          case .atMost(let n): " <= \(n)"
          case .exactly(let n): " = \(n)"
          }
        }()
    case .condition(let condition):
      "("
        + condition.tests.map { threshold(value($0.measure, condition), $0.threshold) }.joined(
          separator: " AND ") + ")"
    case .extreme(let extreme): self.extreme(extreme)
    }
  }

  private func threshold(_ value: String, _ threshold: Threshold) -> String {
    let test =
      switch threshold {
      case .any: "> 0"
      case .none: "= 0"
      case .atLeast(let q): ">= \(q)"
      case .atMost(let q): "<= \(q)"
      case .moreThan(let q): "> \(q)"
      case .lessThan(let q): "< \(q)"
      case .exactly(let q): "= \(q)"
      case .between(let a, let b): "BETWEEN \(a) AND \(b)"
      case .top, .bottom: "IS NULL"
      }
    return "coalesce(\(value) \(test), false)"
  }

  /// A scalar subquery over the user's rows.
  private func value(_ measure: Measure, _ condition: Condition) -> String {
    let rows = "FROM ev WHERE ev.user = u AND \(inside(condition.window)) AND \(holds(condition.filter))"
    func named(_ event: String) -> String { "\(rows) AND coalesce(\(fold("event")) = '\(event)', false)" }
    switch measure {
    case .views: return "(SELECT count(*) \(named(names.view)))"
    case .clicks: return "(SELECT count(*) \(named(names.click)))"
    case .events: return "(SELECT count(*) \(rows))"
    case .reads: return "(SELECT count(DISTINCT \(fold("article"))) \(named(names.view)))"
    case .dwell: return "(SELECT \(total("dwell")) \(rows))"
    case .days: return "(SELECT count(DISTINCT day) \(rows))"
    case .sessions: return "(SELECT count(DISTINCT session) \(rows))"
    case .sum(let field):
      return "(SELECT \(total("CAST(round(\(field.name) * 1000000) AS HUGEINT)")) \(rows))"
    case .distinct(let field, let elements):
      guard field.kind == .textList else {
        return "(SELECT count(DISTINCT \(field.kind == .text ? fold(field.name) : field.name)) \(rows))"
      }
      let wanted = elements.map { "WHERE \(element($0, field))" } ?? ""
      return
        "(SELECT count(DISTINCT lower(nfc_normalize(x))) FROM (SELECT unnest(\(field.name)) AS x \(rows)) \(wanted))"
    case .max(let field), .min(let field):
      let column = field == .dwell ? "dwell" : "CAST(round(\(field.name) * 1000000) AS HUGEINT)"
      let function = if case .max = measure { "max" } else { "min" }
      return "(SELECT \(function)(\(column)) \(rows))"
    default: return "NULL"
    }
  }

  private func total(_ column: String) -> String {
    "CASE WHEN count(*) > 0 AND count(\(column)) = 0 THEN NULL ELSE coalesce(sum(\(column)), 0) END"
  }

  private func extreme(_ extreme: Extreme) -> String {
    let rows = "FROM ev WHERE ev.user = u AND \(inside(extreme.window)) AND \(holds(extreme.filter))"
    let time = "(SELECT \(extreme.which == .first ? "min" : "max")(ms) \(rows))"
    let test =
      switch extreme.test {
      case .inWindow(let window): inside(window)
      case .matches(let filter): holds(filter)
      }
    return "EXISTS (SELECT 1 \(rows) AND ms = \(time) AND \(test))"
  }

  private func inside(_ window: Window) -> String {
    let range = window.days(asOf: asOf, zone: zone)
    if let instant = window.firstInstant(asOf: asOf, zone: zone) {
      return "(ms >= \(instant.value) AND day <= DATE '\(asOf)')"
    }
    return "(day <= DATE '\(range.last)'" + (range.first.map { " AND day >= DATE '\($0)'" } ?? "") + ")"
  }

  // MARK: Filters

  private func fold(_ column: String) -> String { "lower(nfc_normalize(\(column)))" }

  private func holds(_ filter: Filter) -> String {
    switch filter {
    case .always: "true"
    case .all(let parts): "(" + parts.map(holds).joined(separator: " AND ") + ")"
    case .any(let parts): "(" + parts.map(holds).joined(separator: " OR ") + ")"
    case .none(let parts): "NOT (" + parts.map(holds).joined(separator: " OR ") + ")"
    case .field(let field, let match): "coalesce(\(holds(match, field)), false)"
    }
  }

  private func holds(_ match: Match, _ field: Field) -> String {
    if field.kind == .textList { return list(match, field) }
    let known = "(\(field.name) IS NOT NULL)"
    switch match {
    case .known(let wanted): return wanted ? known : "NOT \(known)"
    case .not(let inner): return "(\(known) AND NOT coalesce(\(holds(inner, field)), false))"
    case .anyOf(let matches):
      return "(" + matches.map { "coalesce(\(holds($0, field)), false)" }.joined(separator: " OR ") + ")"
    case .text(let test): return text(test, fold(field.name), field)
    case .number(let threshold):
      let column = field.kind == .number ? "CAST(round(\(field.name) * 1000000) AS HUGEINT)" : field.name
      return self.threshold(column, threshold)
    case .hours(let from, let through):
      return from <= through
        ? "(hour BETWEEN \(from) AND \(through))" : "(hour >= \(from) OR hour <= \(through))"
    case .allOf, .id, .inWindow, .next, .list: return "false"
    }
  }

  private func list(_ match: Match, _ field: Field) -> String {
    let known = "(len(\(field.name)) > 0)"
    switch match {
    case .known(let wanted): return wanted ? known : "NOT coalesce(\(known), false)"
    case .not(let inner): return "(\(known) AND NOT coalesce(\(list(inner, field)), false))"
    case .anyOf(let matches): return "(" + matches.map { list($0, field) }.joined(separator: " OR ") + ")"
    case .allOf(let tests): return "(" + tests.map { list(.text($0), field) }.joined(separator: " AND ") + ")"
    default: return "(len(list_filter(\(field.name), lambda x: \(element(match, field)))) > 0)"
    }
  }

  /// On one element, called `x`.
  private func element(_ match: Match, _ field: Field) -> String {
    switch match {
    case .text(let test): text(test, "lower(nfc_normalize(x))", field)
    case .anyOf(let matches): "(" + matches.map { element($0, field) }.joined(separator: " OR ") + ")"
    default: "false"
    }
  }

  private func text(_ test: TextTest, _ value: String, _ field: Field) -> String {
    func quoted(_ text: String) -> String { "'" + text.replacing("'", with: "''") + "'" }
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
