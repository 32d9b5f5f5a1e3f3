import Events
import Rules

/// A rule as of a day, as a test of a user `u`.
struct SQLRule {
  let asOf: Day
  /// The table of a segment as of a day.
  let outcome: (String, Day) -> String

  /// The day as SQL writes it.
  var today: String { "DATE '\(asOf)'" }

  static func quoted(_ text: String) -> String { "'" + text.replacing("'", with: "''") + "'" }

  /// A query for the ids of members.
  func members(_ node: RuleNode) -> String { "SELECT u FROM users_at(\(today)) WHERE \(holds(node))" }

  func holds(_ node: RuleNode) -> String {
    switch node {
    case .everyone: "true"
    case .segment(let reference):
      "(\(reference.names.map { member($0, reference) }.joined(separator: " OR ")))"
    case .all(let nodes): "(\(nodes.map(holds).joined(separator: " AND ")))"
    case .any(let nodes): "(\(nodes.map(holds).joined(separator: " OR ")))"
    case .none(let nodes): "NOT (\(nodes.map(holds).joined(separator: " OR ")))"
    case .count(let test, let nodes): count(nodes.map(holds), test)
    case .condition(let condition): holds(condition)
    case .extreme(let extreme): holds(extreme)
    case .sequence(let sequence): SQLSequence(self, sequence).test
    case .list(let names):
      "(\(names.map { "u IN (SELECT id FROM list_at('\($0)', \(today)))" }.joined(separator: " OR ")))"
    case .user(let filter): "u IN (SELECT u FROM users_at(\(today)) WHERE \(holds(filter)))"
    }
  }

  private func member(_ name: SegmentReference.Name, _ reference: SegmentReference) -> String {
    let part =
      switch name.part {
      case .members: "members"
      case .holdout: "holdout"
      case .arm(let arm): "arm \(arm)"
      }
    let table = outcome(name.id, asOf.advanced(by: -reference.daysAgo))
    return "u IN (SELECT u FROM \(table) WHERE part = '\(part)')"
  }

  private func count(_ tests: [String], _ wanted: CountTest) -> String {
    let sum = "(" + tests.map { "CAST(\($0) AS INT)" }.joined(separator: " + ") + ")"
    switch wanted {
    case .atLeast(let n): return "(\(sum) >= \(n))"
    case .atMost(let n): return "(\(sum) <= \(n))"
    case .exactly(let n): return "(\(sum) = \(n))"
    }
  }

  private func holds(_ condition: Condition) -> String {
    if case .blocks(let test, let blocks, let days) = condition.window {
      return count(
        (0..<blocks).map { block in
          var part = condition
          part.window = .days(near: block * days + 1, far: (block + 1) * days)
          return holds(part)
        }, test)
    }
    return SQLMeasures(self, condition).test
  }

  private func holds(_ extreme: Extreme) -> String {
    let time = "\(extreme.which == .first ? "min" : "max")(ms) OVER (PARTITION BY \"user\")"
    let test =
      switch extreme.test {
      case .inWindow(let window): inside(window)
      case .matches(let filter): holds(filter)
      }
    return
      "u IN (SELECT \"user\" FROM (SELECT *, \(time) AS extreme FROM ev_at(\(today)) WHERE \(inside(extreme.window)) AND \(holds(extreme.filter))) WHERE ms = extreme AND \(test))"
  }

  // MARK: Windows

  /// Whether an instant and its day are inside.
  func inside(_ window: Window, day: String = "day", ms: String = "ms") -> String {
    switch window {
    case .ever: return "(\(day) <= \(today))"
    case .days(let near, let far): return "(\(day) BETWEEN \(today) - \(far - 1) AND \(today) - \(near - 1))"
    case .beforeLast(let days): return "(\(day) <= \(today) - \(days))"
    case .lastTime(let length):
      return "(\(ms) >= day_end(\(today)) - \(length) AND \(ms) < day_end(\(today)))"
    case .dates(let from, let through):
      let ends =
        (from.map { ["\(day) >= DATE '\($0)'"] } ?? []) + (through.map { ["\(day) <= DATE '\($0)'"] } ?? [])
      return "(\((["true"] + ends).joined(separator: " AND ")))"
    case .current(let period):
      return "(\(start(period, day)) = \(start(period, today)) AND \(day) <= \(today))"
    case .previous(let period):
      return "(\(start(period, day)) = \(start(period, "CAST(\(start(period, today)) AS DATE) - 1")))"
    case .blocks: preconditionFailure("blocks are looked at one by one")
    }
  }

  private func start(_ period: Window.Period, _ day: String) -> String {
    "date_trunc('\(period.rawValue)', \(day))"
  }

  /// The days of a window; only those that have a first.
  func days(of window: Window) -> String {
    "FROM calendar(\(today)) WHERE \(inside(window))"
  }
}
