extension RuleNode {
  /// Who is meant, without a subject: `read at least 3 articles, in the last 30 days`.
  public var wording: Wording {
    switch self {
    case .everyone: Wording("everyone")
    case .condition(let condition): condition.wording
    case .extreme(let extreme): extreme.wording
    case .sequence(let sequence): sequence.wording
    case .user(let filter): filter.wording.after("is a user")
    case .list(let names): Wording("is \(Self.list(names))")
    case .segment(let reference): Wording(reference.words(isDenied: false))
    case .all(let nodes), .any(let nodes):
      nodes.count == 1 ? nodes[0].wording : Wording(groupWords, parts: nodes.map(\.wording))
    case .none(let nodes):
      nodes.count == 1 ? nodes[0].denied : Wording(groupWords, parts: nodes.map(\.wording))
    case .count(_, let nodes): Wording(groupWords, parts: nodes.map(\.wording))
    }
  }

  /// What leads a group.
  public var groupWords: String {
    switch self {
    case .any: "any of these"
    case .none: "none of these"
    case .count(let test, _): "\(test.words) of these"
    default: "all of these"
    }
  }

  private static func list(_ names: [String]) -> String {
    "on the list \(names.map { ValueText.text($0) }.joined(last: "or"))"
  }

  /// That it does not hold.
  private var denied: Wording {
    switch self {
    case .list(let names): Wording("is not \(Self.list(names))")
    case .segment(let reference): Wording(reference.words(isDenied: true))
    default:
      wording.parts.isEmpty ? wording.after("not so:") : Wording("none of these", parts: [wording])
    }
  }
}

extension SegmentReference {
  func words(isDenied: Bool) -> String {
    let verb = daysAgo == 0 ? "is" : "was"
    let days = daysAgo == 0 ? "" : " \(CountText.text(daysAgo, "day")) earlier"
    return "\(verb)\(isDenied ? " not" : "") in \(names.map(\.words).joined(last: "or"))\(days)"
  }
}

extension SegmentReference.Name {
  var words: String {
    switch part {
    case .members: "segment \(id)"
    case .arm(let arm): "arm \(arm) of segment \(id)"
    case .holdout: "the holdout of segment \(id)"
    }
  }
}
