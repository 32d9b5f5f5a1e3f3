import Rules

/// A sequence as a chain of tables: after each event the different ways to have come so far.
///
/// A way is `first`, the time of the first event; `last`, that of the latest or the end of an absence; `before`, that of
/// the step before; `used`, the rows. Ways are not weighed against each other, so a sequence of many events is too much:
/// `limit` is the longest that is asked. 36 events a user give at most 60,000 ways of 4 in order.
struct SQLSequence {
  static let limit = 4

  private let rule: SQLRule
  private let sequence: Sequence
  /// Filters, a column of the rows each.
  private var filters: [Filter] = []
  private var tables: [String] = []

  init(_ rule: SQLRule, _ sequence: Sequence) {
    self.rule = rule
    self.sequence = sequence
  }

  /// Of a user `u`.
  var test: String {
    var own = self
    for step in sequence.steps {
      switch step {
      case .events(let step): own.add(step)
      case .absent(let filter, let within): own.add(absence: filter, within)
      }
    }
    let steps = own.tables.enumerated().map { "s\($0.offset) AS MATERIALIZED (\($0.element))" }
    return
      "u IN (WITH r AS MATERIALIZED (\(own.rows)), \(steps.joined(separator: ", ")) SELECT u FROM s\(steps.count - 1))"
  }

  private var rows: String {
    let passes = filters.indices.map { ", \(rule.holds(filters[$0])) AS f\($0)" }.joined()
    var text =
      "SELECT *, \"user\" AS u\(passes) FROM ev_at(\(rule.today)) WHERE \(rule.inside(sequence.window)) AND \(rule.holds(sequence.filter))"
    for (index, field) in sequence.same.enumerated() {
      let key = "unnest(list_distinct(\(rule.values(field)))) AS key\(index)"
      text = "SELECT * FROM (SELECT *, \(key) FROM (\(text))) WHERE key\(index) IS NOT NULL"
    }
    let columns = ["u", "ms", "n"] + keys + filters.indices.map { "f\($0)" }
    return "SELECT \(columns.joined(separator: ", ")) FROM (\(text))"
  }

  private var keys: [String] { sequence.same.indices.map { "key\($0)" } }

  private mutating func column(_ filter: Filter) -> String {
    filters.append(filter)
    return "f\(filters.count - 1)"
  }

  private func nothing(_ test: String) -> String {
    let related = (["u"] + keys).map { "x.\($0) = s.\($0)" }.joined(separator: " AND ")
    return "NOT EXISTS (SELECT 1 FROM r x WHERE \(related) AND \(test))"
  }

  /// The ways that a table of rows with `first`, `last`, `before` and `used` holds.
  private mutating func append(_ values: [String], from source: String, _ tests: [String]) {
    let columns = zip(values, ["first", "last", "before", "used"]).map { "\($0) AS \($1)" }
    let related = source == "r" ? (["u"] + keys) : (["u"] + keys).map { "s.\($0) AS \($0)" }
    tables.append(
      "SELECT DISTINCT \((related + columns).joined(separator: ", ")) FROM \(source) WHERE \((["true"] + tests).joined(separator: " AND "))"
    )
  }

  private var ways: String { "s\(tables.count - 1) s" }

  private mutating func add(_ step: Sequence.EventStep) {
    let filter = column(step.filter)
    for event in 0..<step.times {
      guard !tables.isEmpty else {
        append(["ms", "ms", "NULL::BIGINT", "[n]"], from: "r", [filter])
        continue
      }
      var tests = ["r.\(filter)", "r.ms >= s.last", "NOT list_contains(s.used, r.n)"]
      if step.directly { tests.append(nothing("x.ms > s.last AND x.ms < r.ms")) }
      if let within = sequence.within { tests.append("r.ms - s.first <= \(within)") }
      if event == step.times - 1, let within = step.within {
        tests.append("r.ms - coalesce(s.before, s.first) <= \(within)")
      }
      let related = (["u"] + keys).map { "r.\($0) = s.\($0)" }.joined(separator: " AND ")
      append(
        ["s.first", "r.ms", "s.before", "list_sort(list_append(s.used, r.n))"],
        from: "\(ways) JOIN r ON \(related)", tests)
    }
    var tests: [String] = []
    if let without = step.without {
      let filter = column(without)
      tests.append("(s.before IS NULL OR \(nothing("x.ms > s.before AND x.ms < s.last AND x.\(filter)")))")
    }
    append(["s.first", "s.last", "s.last", "s.used"], from: ways, tests)
  }

  private mutating func add(absence filter: Filter, _ within: Int64) {
    let end = "(s.last + \(within))"
    let last = "(SELECT day_end(max(day)) \(rule.days(of: sequence.window)))"
    let passes = column(filter)
    append(
      ["s.first", end, end, "s.used"], from: ways,
      [
        "coalesce(\(end) < \(last), false)",
        nothing("x.ms > s.last AND x.ms <= \(end) AND x.\(passes)"),
      ])
  }
}
