/// Parts of rules in plain words.
extension RuleNode {
  /// One line; `describe` writes whole rules.
  public var words: String {
    switch self {
    case .everyone: "everyone"
    case .condition(let condition):
      ([condition.tests.map(\.words).joined(separator: " and ")]
        + (condition.filter == .always ? [] : ["where \(condition.filter.words)"]) + [condition.window.words])
        .joined(separator: " · ")
    case .extreme(let extreme): extreme.words
    case .sequence(let sequence): sequence.words
    case .user(let filter): "user with \(filter.words)"
    case .list(let names): "in the list \(names.joined(separator: " or "))"
    case .segment(let reference): reference.words
    case .all(let nodes): "all of (\(nodes.map(\.words).joined(separator: "; ")))"
    case .any(let nodes): "any of (\(nodes.map(\.words).joined(separator: "; ")))"
    case .none(let nodes): "none of (\(nodes.map(\.words).joined(separator: "; ")))"
    case .count(let test, let nodes): "\(test.words) of (\(nodes.map(\.words).joined(separator: "; ")))"
    }
  }
}

extension Extreme {
  public var words: String {
    let which = which == .first ? "first" : "latest"
    let test =
      switch test {
      case .inWindow(let window): "\(which) event \(window.words)"
      case .matches(let filter): "\(which) event has \(filter.words)"
      }
    return test + (filter == .always ? "" : " · where \(filter.words)")
      + (window == .ever ? "" : " · \(window.words)")
  }
}

extension Sequence {
  public var words: String {
    var text = steps.enumerated().map { ($0.offset == 0 ? "" : "then ") + $0.element.words }.joined(
      separator: ", ")
    if let within { text += ", all within \(DurationText.text(milliseconds: within))" }
    if !same.isEmpty { text += ", with one \(same.map(\.name).joined(separator: " and "))" }
    if filter != .always { text += " · among events with \(filter.words)" }
    return text + " · \(window.words)"
  }
}

extension Sequence.Step {
  public var words: String {
    switch self {
    case .absent(let filter, let within):
      return "no event with \(filter.words) for \(DurationText.text(milliseconds: within))"
    case .events(let step):
      var text = step.filter.words
      if step.times > 1 { text += " \(step.times) times" }
      if step.directly { text = "directly \(text)" }
      if let within = step.within { text += " within \(DurationText.text(milliseconds: within))" }
      if let without = step.without { text += " without \(without.words) between" }
      return text
    }
  }
}

extension SegmentReference {
  public var words: String {
    "member of \(names.map(\.words).joined(separator: " or "))"
      + (daysAgo == 0 ? "" : " \(daysAgo) \(daysAgo == 1 ? "day" : "days") ago")
  }
}

extension SegmentReference.Name {
  public var words: String {
    switch part {
    case .members: id
    case .arm(let arm): "\(id).\(arm)"
    case .holdout: "\(id).holdout"
    }
  }
}

extension AfterWho.Keep {
  public var words: String {
    "kept for \(days) days" + (condition.map { ", while \($0.words)" } ?? "")
  }
}

extension AfterWho.Share {
  public var words: String { DecimalText.text(millionths: millionths * 100) + "%" }
}
