import Events
import Rules

/// A condition: one group by user (and by value of `same`), with a column for each filter of each measure.
struct SQLMeasures {
  private let rule: SQLRule
  private let condition: Condition
  private let names = EventNames()
  /// Names of columns that say which rows pass, and what they hold.
  private var columns: [(name: String, text: String)] = []

  init(_ rule: SQLRule, _ condition: Condition) {
    self.rule = rule
    self.condition = condition
  }

  /// Of a user `u`.
  var test: String {
    let ranked = condition.tests.filter(\.isRank).map { rank($0) }
    let plain = condition.tests.filter { !$0.isRank }
    return "(" + (ranked + (plain.isEmpty ? [] : [test(of: plain)])).joined(separator: " AND ") + ")"
  }

  private func test(of tests: [MeasureTest]) -> String {
    var own = self
    let texts = tests.map { test in
      let fraction = own.fraction(test.measure)
      return rule.test(test.threshold, fraction.top, times: fraction.bottom)
    }
    // A group has at least one event that passes.
    let having =
      (condition.same == nil ? [] : ["bool_or(\(own.passing(condition.filter, condition.window)))"]) + texts
    return
      "u IN (SELECT u FROM (\(own.rows)) GROUP BY \(own.group) HAVING \(having.joined(separator: " AND ")))"
  }

  private var group: String { condition.same == nil ? "u" : "u, key" }

  private var rows: String {
    let more = columns.map { ", \($0.text) AS \($0.name)" }.joined()
    let all = "SELECT *, \"user\" AS u\(more) FROM ev_at(\(rule.today))"
    guard let same = condition.same else { return all }
    return
      "SELECT * FROM (SELECT *, unnest(list_distinct(\(rule.values(same)))) AS key FROM (\(all))) WHERE key IS NOT NULL"
  }

  private mutating func column(_ text: String) -> String {
    if let known = columns.first(where: { $0.text == text }) { return known.name }
    columns.append(("c\(columns.count)", text))
    return "c\(columns.count - 1)"
  }

  private mutating func passing(_ filter: Filter, _ window: Window) -> String {
    column("(\(rule.inside(window)) AND \(rule.holds(filter)))")
  }

  // MARK: Ranks

  /// Of those with a value above 0 fewer than so many, or than such a share, have more (or less).
  private func rank(_ test: MeasureTest) -> String {
    guard case .rank(let measure, let among) = test.measure else { preconditionFailure("no rank") }
    var own = self
    let value = own.fraction(measure)
    let order: String
    let cut: RankCut
    switch test.threshold {
    case .top(let top): (order, cut) = (">", top)
    case .bottom(let bottom): (order, cut) = ("<", bottom)
    default: preconditionFailure("no threshold of a rank")
    }
    let few =
      switch cut {
      case .users(let most): "count(b.u) < \(most)"
      case .share(let millionths): "count(b.u) * 1000000 < \(millionths) * (SELECT count(*) FROM ranked)"
      }
    let values =
      "SELECT u, \(value.top) AS top, \(value.bottom) AS bottom FROM (\(own.rows)) GROUP BY u"
    let those = among.map { " AND u IN (\(rule.members($0)))" } ?? ""
    return
      "u IN (WITH ranked AS MATERIALIZED (SELECT * FROM (\(values)) WHERE top > 0 AND bottom > 0\(those)) SELECT a.u FROM ranked a LEFT JOIN ranked b ON b.top * a.bottom \(order) a.top * b.bottom GROUP BY a.u HAVING \(few))"
  }

  // MARK: Values

  private struct Fraction {
    /// Null where absent.
    var top: String
    /// Null where not above 0.
    var bottom = "1"
  }

  private mutating func fraction(_ measure: Measure) -> Fraction {
    let million = "1000000::HUGEINT"
    switch measure {
    case .share(let part, let among):
      return Fraction(
        top: "\(base(part, condition.filter, condition.window)) * \(million)",
        bottom: positive(base(part, among, condition.window)))
    case .per(let part, let unit):
      let isWhole = part.unit == .count
      return Fraction(
        top: "\(base(part, condition.filter, condition.window)) * \(isWhole ? million : "1::HUGEINT")",
        bottom: positive(base(unit, condition.filter, condition.window)))
    case .trend(let part, let against):
      return Fraction(
        top: "\(base(part, condition.filter, condition.window)) * \(million) * \(length(against))",
        bottom: positive("(\(base(part, condition.filter, against)) * \(length(condition.window)))"))
    default: return Fraction(top: base(measure, condition.filter, condition.window))
    }
  }

  private func positive(_ value: String) -> String { "(CASE WHEN \(value) > 0 THEN \(value) END)" }

  /// Milliseconds; 0 where a window has no first day.
  private func length(_ window: Window) -> String {
    switch window {
    case .ever, .beforeLast, .dates(from: nil, through: _): "0::HUGEINT"
    case .lastTime(let length): "\(length)::HUGEINT"
    default: "(SELECT count(*) * 86400000::HUGEINT \(rule.days(of: window)))"
    }
  }

  /// An aggregate over the group's rows.
  private mutating func base(_ measure: Measure, _ filter: Filter, _ window: Window) -> String {
    let rows = passing(filter, window)
    func only(_ name: String) -> String {
      "FILTER (WHERE \(rows) AND coalesce(fold(event) = '\(name)', false))"
    }
    let those = "FILTER (WHERE \(rows))"
    switch measure {
    case .views: return "count(*) \(only(names.view))"
    case .clicks: return "count(*) \(only(names.click))"
    case .events: return "count(*) \(those)"
    case .reads: return "count(DISTINCT fold(article)) \(only(names.view))"
    case .dwell: return total("dwell", those)
    case .days: return "count(DISTINCT day) \(those)"
    case .streak: return streak(those)
    case .sessions: return "count(DISTINCT session) \(those)"
    case .sum(let field): return total(rule.value(field), those)
    case .max(let field): return "max(\(rule.value(field))) \(those)"
    case .min(let field): return "min(\(rule.value(field))) \(those)"
    case .distinct(let field, let elements):
      let values = column(rule.values(field, elements))
      return
        "len(list_filter(list_distinct(flatten(coalesce(list(\(values)) \(those), []))), lambda x: x IS NOT NULL))"
    case .share, .per, .trend, .rank: preconditionFailure("no base measure")
    }
  }

  /// Unknown adds 0; all unknown is absent.
  private func total(_ value: String, _ those: String) -> String {
    "(CASE WHEN count(*) \(those) > 0 AND count(\(value)) \(those) = 0 THEN NULL ELSE coalesce(sum(\(value)) \(those), 0) END)"
  }

  /// Days in a row have one difference to their number; the most frequent difference is the longest run.
  private func streak(_ those: String) -> String {
    let days = "list_sort(list_distinct(list(day - DATE '2000-01-01') \(those)))"
    let runs = "list_aggregate(list_transform(\(days), lambda d, i: d - i), 'histogram')"
    return "coalesce(list_max(map_values(\(runs))), 0)"
  }
}

extension MeasureTest {
  fileprivate var isRank: Bool {
    if case .rank = measure { true } else { false }
  }
}
