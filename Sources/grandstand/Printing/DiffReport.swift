import Diagnostics
import Engine

/// A comparison for people and for machines.
enum DiffReport {
  static func text(_ comparison: Comparison, _ printer: Printer) -> String {
    let (before, after) = (comparison.before, comparison.after)
    let days = before.asOf == after.asOf ? ", as of \(after.asOf)" : ""
    var text = "From \(before.label) to \(after.label)\(days)\n"
    if !comparison.entries.isEmpty { text += "\n" + table(comparison.entries).text }
    for file in comparison.files {
      text += "\n\(file.name) (\(names(file.segments)))\n"
      text += file.lines.map { "  \($0.sign.rawValue) \($0.text)\n" }.joined()
    }
    if before.run == nil {
      text +=
        (comparison.entries.isEmpty ? "" : "\n")
        + "\(HumanText.count(comparison.sameRules, "segment")) with the same rule\n"
    }
    return text
  }

  private static func names(_ ids: [String]) -> String {
    let shown = ids.prefix(5).joined(separator: ", ")
    return ids.count > 5 ? "\(shown) and \(HumanText.count(ids.count - 5)) more" : shown
  }

  private static func table(_ entries: [Comparison.Entry]) -> TextTable {
    var table = TextTable([
      ("segment", .left), ("before", .right), ("after", .right), ("stayed", .right), ("entered", .right),
      ("by rule", .right), ("by behaviour", .right), ("left", .right), ("by rule", .right),
      ("by behaviour", .right), ("rule", .left),
    ])
    for entry in entries {
      let rule = entry.rule == .same ? "" : entry.rule.rawValue
      guard let change = entry.change else {
        table.rows.append([entry.id] + Array(repeating: "", count: 9) + [rule])
        continue
      }
      table.rows.append(
        [
          entry.id, entry.rule == .added ? "–" : HumanText.count(change.before.count),
          entry.rule == .removed ? "–" : HumanText.count(change.after.count), HumanText.count(change.stayed),
        ] + cells("+", change.entered, change.causesAreKnown) + cells("−", change.left, change.causesAreKnown)
          + [rule])
    }
    return table
  }

  private static func cells(_ sign: String, _ count: MembershipChange.Count, _ causes: Bool) -> [String] {
    let all = count.users == 0 ? "0" : sign + HumanText.count(count.users)
    guard causes else { return [all, "?", "?"] }
    return [all, HumanText.count(count.byRule), HumanText.count(count.byBehaviour)]
  }

  // MARK: JSON

  static func json(_ comparison: Comparison) -> String {
    JSONValue.object([
      ("before", side(comparison.before)), ("after", side(comparison.after)),
      ("segments", .list(comparison.entries.map { entry($0) })),
      (
        "files",
        .list(
          comparison.files.map { file in
            .object([
              ("name", .text(file.name)), ("segments", .list(file.segments.map { .text($0) })),
              ("removed", lines(file, .removed)), ("added", lines(file, .added)),
            ])
          })
      ),
    ]).rendered + "\n"
  }

  private static func side(_ side: DiffSide) -> JSONValue {
    .object([
      ("name", .text(side.run?.run ?? side.label)), ("as_of", .text(side.asOf.description)),
      ("withheld", .list(side.withheld.sorted().map { .text($0) })),
    ])
  }

  private static func entry(_ entry: Comparison.Entry) -> JSONValue {
    guard let change = entry.change else {
      return .object([("id", .text(entry.id)), ("rule", .text(entry.rule.rawValue))])
    }
    return .object([
      ("id", .text(entry.id)), ("rule", .text(entry.rule.rawValue)),
      ("before", entry.rule == .added ? .null : .count(change.before.count)),
      ("after", entry.rule == .removed ? .null : .count(change.after.count)),
      ("stayed", .count(change.stayed)), ("entered", count(change.entered, change.causesAreKnown)),
      ("left", count(change.left, change.causesAreKnown)),
    ])
  }

  private static func count(_ count: MembershipChange.Count, _ causes: Bool) -> JSONValue {
    .object([
      ("users", .count(count.users)), ("by_rule", causes ? .count(count.byRule) : .null),
      ("by_behaviour", causes ? .count(count.byBehaviour) : .null),
    ])
  }

  private static func lines(_ file: Comparison.ChangedFile, _ sign: LineChange.Sign) -> JSONValue {
    .list(file.lines.filter { $0.sign == sign }.map { .text($0.text) })
  }
}
