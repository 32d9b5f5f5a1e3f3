import Diagnostics
import Engine
import Events

/// Why a user is in or out, for people and for machines.
struct ExplainReport {
  let user: String
  let explanation: Explanation
  /// nil where nothing can be said of later days.
  let outlook: Outlook?

  var text: String {
    let verdict = explanation.isMember ? "is in" : "is not in"
    var text = "\(user) \(verdict) '\(explanation.segment.name)' as of \(explanation.asOf)\n"
    if !explanation.isInUniverse {
      text += "  The user has no event up to that day, so no segment has them.\n"
    }
    let lines = (explanation.isInUniverse ? [explanation.root] + explanation.after : [explanation.root])
      .flatMap { $0.lines(indent: 1) }
    return text + (lines + outlookLines.map { "  \($0)" }).joined(separator: "\n") + "\n"
  }

  // MARK: Later days

  private var outlookLines: [String] {
    guard let outlook else { return [] }
    let alone = "if nothing more happens"
    if explanation.isMember {
      guard let leaves = outlook.leaves else {
        return ["Stays in for \(Outlook.days) days or more \(alone)."]
      }
      let last = leaves.advanced(by: -1)
      return [
        last == explanation.asOf
          ? "Leaves on \(day(leaves)) \(alone)." : "Stays in until \(day(last)) \(alone)."
      ]
    }
    let enters = outlook.enters.map { "Enters on \(day($0)) \(alone)." }
    return [enters].compactMap { $0 } + needLines(outlook)
  }

  private func needLines(_ outlook: Outlook) -> [String] {
    let by = outlook.by.map { " by \(day($0))" } ?? ""
    let needs = outlook.needs
    guard needs.count > 1 else {
      return needs.map { "Would enter with \($0.words)\(by)\(outlook.by == $0.by ? later($0) : "")." }
    }
    return ["Would enter with all of these together\(by):"]
      + needs.map { need in
        "  \(need.words)" + (need.by.map { " by \(day($0))\(later(need))" } ?? "")
      }
  }

  /// What is missing once the day is over.
  private func later(_ need: Outlook.Need) -> String {
    need.afterwards.map { "; after that, \($0.map(\.words).joined(separator: " and "))" } ?? ""
  }

  private func day(_ day: Day) -> String { HumanText.day(day, near: explanation.asOf) }

  // MARK: JSON

  var json: JSONValue {
    .object([
      ("segment", .text(explanation.segment.id)), ("user", .text(user)),
      ("as_of", .text(explanation.asOf.description)),
      ("member", .bool(explanation.isMember)), ("in_universe", .bool(explanation.isInUniverse)),
      ("rule", Self.json(explanation.root)), ("after", .list(explanation.after.map { Self.json($0) })),
      ("outlook", outlook.map { Self.json($0) } ?? .null),
    ])
  }

  private static func json(_ outlook: Outlook) -> JSONValue {
    func day(_ day: Day?) -> JSONValue { day.map { .text($0.description) } ?? .null }
    func missing(_ missing: [Outlook.Missing]) -> JSONValue {
      .list(
        missing.map {
          .object([("measure", .text($0.test.measure.words)), ("more", .text($0.quantity))])
        })
    }
    return .object([
      ("days", .count(Outlook.days)), ("leaves", day(outlook.leaves)), ("enters", day(outlook.enters)),
      ("by", day(outlook.by)),
      (
        "needs",
        .list(
          outlook.needs.map { need in
            .object([
              ("where", .text(need.condition.filter.wording.line)), ("missing", missing(need.missing)),
              ("by", day(need.by)), ("afterwards", need.afterwards.map { missing($0) } ?? .null),
            ])
          })
      ),
    ])
  }

  private static func json(_ node: Explanation.Node) -> JSONValue {
    .object([
      ("asks", .text(node.question)), ("holds", .bool(node.holds)),
      (
        "measured",
        .list(
          node.findings.map {
            .object([
              ("wanted", .text($0.wanted)), ("measured", .text($0.measured)), ("holds", .bool($0.holds)),
              ("missing", $0.missing.map { .text($0) } ?? .null),
            ])
          })
      ),
      ("matching_events", .count(node.matching)),
      (
        "events",
        .list(
          node.events.map { event in
            .object([("time", .text(event.time.text))] + event.fields.map { ($0.name, .text($0.value)) })
          })
      ),
      ("children", .list(node.children.map { json($0) })),
    ])
  }
}
