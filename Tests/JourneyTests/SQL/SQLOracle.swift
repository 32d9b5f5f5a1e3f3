import Events
import Rules

/// Segments as DuckDB's SQL: a statement makes a table of each definition as of each day that is asked for.
///
/// The tables `ev`, `user_attributes`, `article_attributes`, `uploaded` and the macros over them are made by
/// `Tests/Oracles/members.py` from the store's Arrow files.
final class SQLOracle {
  private let segments: [String: Segment]
  private var made: Set<String> = []
  /// In the order in which they can be run.
  private(set) var statements: [String] = []

  init(_ segments: [Segment]) {
    self.segments = Dictionary(uniqueKeysWithValues: segments.map { ($0.id, $0) })
  }

  /// The table of a segment as of a day: `u`, and in `part` whether it is of the `members`, of the `holdout`, or which
  /// `arm …`.
  func outcome(_ id: String, _ asOf: Day) -> String {
    guard let segment = segments[id] else { preconditionFailure("no segment \(id)") }
    return table("\(id)@\(asOf)") {
      Self.after(segment.after, "SELECT u FROM \(self.kept(segment, asOf))")
    }
  }

  private func table(_ name: String, _ query: () -> String) -> String {
    let quoted = "\"\(name)\""
    if made.insert(name).inserted {
      let text = query()
      statements.append("CREATE TABLE \(quoted) AS \(text)")
    }
    return quoted
  }

  private func who(_ name: String, _ node: RuleNode, _ asOf: Day) -> String {
    table("\(name)@\(asOf)") { SQLRule(asOf: asOf, outcome: self.outcome).members(node) }
  }

  /// In on day d if `who` held on a day e of the N ending at d, and `while` on every day after e.
  private func kept(_ segment: Segment, _ asOf: Day) -> String {
    guard let keep = segment.after.keep else { return who("\(segment.id) who", segment.root, asOf) }
    let days = (0..<keep.days).map { asOf.advanced(by: -$0) }
    var stays = ""
    let ways = days.map { day in
      let way = "(u IN (FROM \(who("\(segment.id) who", segment.root, day)))\(stays))"
      if let condition = keep.condition {
        stays += " AND u IN (FROM \(who("\(segment.id) while", condition, day)))"
      }
      return way
    }
    return table("\(segment.id) kept@\(asOf)") {
      "SELECT u FROM users_at(DATE '\(asOf)') WHERE \(ways.joined(separator: " OR "))"
    }
  }

  // MARK: After who

  private static func after(_ after: AfterWho, _ who: String) -> String {
    var steps = ["who AS (\(who))"]
    if let sample = after.sample {
      steps.append("sampled AS (SELECT u FROM who WHERE \(below(sample.millionths, sample.seed)))")
    } else {
      steps.append("sampled AS (FROM who)")
    }
    if let limit = after.limit {
      steps.append("few AS (SELECT u FROM sampled ORDER BY \(digest(limit.seed)) LIMIT \(limit.users))")
    } else {
      steps.append("few AS (FROM sampled)")
    }
    let held = after.holdout.map { below($0.millionths, $0.seed) } ?? "false"
    steps.append("inside AS (SELECT u FROM few WHERE NOT \(held))")
    var parts = [
      "SELECT u, 'members' AS part FROM inside", "SELECT u, 'holdout' AS part FROM few WHERE \(held)",
    ]
    var from: Int64 = 0
    for arm in after.split?.arms ?? [] {
      let (low, high) = (
        below(from, after.split?.seed ?? ""), below(from + arm.millionths, after.split?.seed ?? "")
      )
      parts.append("SELECT u, 'arm \(arm.name)' AS part FROM inside WHERE \(high) AND NOT \(low)")
      from += arm.millionths
    }
    return "WITH \(steps.joined(separator: ", ")) \(parts.joined(separator: " UNION ALL "))"
  }

  /// The recipe of the reference: the first 32 bits of MD5(seed `:` user) ÷ 2³², below the share.
  private static func below(_ millionths: Int64, _ seed: String) -> String {
    "(CAST('0x' || substr(\(digest(seed)), 1, 8) AS HUGEINT) * 1000000 < \(millionths) * 4294967296::HUGEINT)"
  }

  private static func digest(_ seed: String) -> String { "md5(\(SQLRule.quoted(seed)) || ':' || u)" }
}
