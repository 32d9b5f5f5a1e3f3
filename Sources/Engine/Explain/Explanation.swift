import Events
import Rules

/// Why one user is in a segment or not, as of a day: the rule's tree with what was measured.
public struct Explanation: Sendable {
  public var segment: Segment
  public var asOf: Day
  public var isMember: Bool
  /// The user has an event on a day up to the as-of day.
  public var isInUniverse: Bool
  /// `who`.
  public var root: Node
  /// What follows `who`: keep, sample, limit, holdout, arm.
  public var after: [Node]

  public struct Node: Sendable {
    /// What is asked, in words.
    public var question: String
    public var holds: Bool
    /// What was measured, in words: a line a measure.
    public var findings: [Finding]
    public var children: [Node]
    /// How many events matched, and some of them, newest first.
    public var matching: Int
    public var events: [Event]
  }

  public struct Finding: Sendable {
    public var wanted: String
    public var measured: String
    public var holds: Bool
    /// What would be needed: `2 more`; nil where it cannot be said.
    public var missing: String?

    public init(wanted: String, measured: String, holds: Bool, missing: String? = nil) {
      self.wanted = wanted
      self.measured = measured
      self.holds = holds
      self.missing = missing
    }
  }

  /// An event behind a condition.
  public struct Event: Sendable {
    public var time: Milliseconds
    public var day: Day
    /// The fields that say most: event, article, section, …
    public var fields: [(name: String, value: String)]
  }
}

extension Explanation.Node {
  /// The tree as lines of plain words.
  public func lines(indent: Int) -> [String] {
    let space = String(repeating: "  ", count: indent)
    var lines = ["\(space)\(holds ? "✓" : "✗") \(question)"]
    for finding in findings {
      lines.append(
        "\(space)    \(finding.holds ? "✓" : "✗") \(finding.wanted): \(finding.measured)\(finding.missing.map { " (\($0))" } ?? "")"
      )
    }
    for event in events {
      let fields = event.fields.map { "\($0.name) \($0.value)" }.joined(separator: ", ")
      lines.append("\(space)      \(event.time.text)  \(fields)")
    }
    if matching > events.count, !events.isEmpty {
      lines.append("\(space)      and \(matching - events.count) more")
    }
    for child in children { lines += child.lines(indent: indent + 1) }
    return lines
  }
}
