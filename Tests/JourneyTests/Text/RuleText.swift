import Events
import Rules
import Support

/// Writes a segment as the YAML that people write. Filters and windows now and then stand elsewhere under a name.
///
/// Some trees cannot be said: what has no words makes `isSayable` false.
struct RuleText {
  private(set) var isSayable = true
  /// What stands elsewhere, by name.
  private(set) var named: [(name: String, text: String)] = []
  private let names: String
  /// Whether what has a name may itself use names.
  private let nests: Bool
  /// Ids of the segments that there are.
  private let segments: Set<String>
  private var isNamed = false
  private var random: SeededRandom
  /// - Parameter names: what the names of this segment begin with.
  init(names: String, nests: Bool, segments: Set<String>, seed: UInt64) {
    self.names = names
    self.nests = nests
    self.segments = segments
    random = SeededRandom(seed)
  }

  /// `who` and what follows it.
  mutating func body(_ segment: Segment) -> String {
    "who: \(node(segment.root))\n" + after(segment.after)
  }

  private mutating func unsayable() -> String {
    isSayable = false
    return "?"
  }

  private mutating func perhapsNamed(_ text: (inout Self) -> String) -> String {
    guard !isNamed, Int.random(in: 0..<5, using: &random) == 0 else { return text(&self) }
    isNamed = !nests
    let made = text(&self)
    isNamed = false
    let name = "\(names)\(named.count)"
    named.append((name, made))
    return "$\(name)"
  }

  private static func quoted(_ text: String) -> String { "\"\(text)\"" }
  private mutating func list(_ nodes: [RuleNode]) -> String {
    "[" + nodes.map { node($0) }.joined(separator: ", ") + "]"
  }

  // MARK: Nodes

  private mutating func node(_ node: RuleNode) -> String {
    switch node {
    case .everyone: "everyone"
    case .all(let nodes): "{all: \(list(nodes))}"
    case .any(let nodes): "{any: \(list(nodes))}"
    case .none(let nodes): "{none: \(list(nodes))}"
    case .count(let test, let nodes): "{\(Self.phrase(test)) of: \(list(nodes))}"
    case .list(let names): "{list: [\(names.joined(separator: ", "))]}"
    case .user(let filter): "{user: {\(entries(filter))}}"
    case .segment(let reference) where !reference.names.allSatisfy({ segments.contains($0.id) }): unsayable()
    case .segment(let reference):
      "{segment: [\(reference.names.map { Self.name($0) }.joined(separator: ", "))]"
        + (reference.daysAgo == 0 ? "" : ", ago: \(reference.daysAgo)d") + "}"
    case .condition(let condition): self.condition(condition)
    case .extreme(let extreme): self.extreme(extreme)
    case .sequence(let sequence): self.sequence(sequence)
    }
  }

  private mutating func condition(_ condition: Condition) -> String {
    var parts: [String] = []
    var among: String?
    for test in condition.tests {
      switch test.measure {
      case .share(_, let filter) where filter != .always: among = "{\(entries(filter))}"
      case .trend(_, let against): parts.append("against: \(window(against))")
      case .rank(_, let node?): among = self.node(node)
      default: break
      }
      parts.append("\(name(test.measure)): \(threshold(test))")
    }
    if let among { parts.append("among: \(among)") }
    if condition.filter != .always { parts.append("where: \(filter(condition.filter))") }
    if let same = condition.same { parts.append("same: \(same.name)") }
    parts.append("when: \(perhapsNamed { $0.window(condition.window) })")
    return "{\(parts.joined(separator: ", "))}"
  }

  private mutating func extreme(_ extreme: Extreme) -> String {
    let test =
      switch extreme.test {
      case .inWindow(let window): self.window(window)
      case .matches(let filter): self.filter(filter)
      }
    return "{\(extreme.which == .first ? "first" : "latest"): \(test)"
      + (extreme.filter == .always ? "" : ", where: \(filter(extreme.filter))")
      + ", when: \(window(extreme.window))}"
  }

  private mutating func sequence(_ sequence: Sequence) -> String {
    var text = "{sequence: [\(sequence.steps.map { step($0) }.joined(separator: ", "))]"
    if let within = sequence.within { text += ", within: \(duration(within))" }
    if !sequence.same.isEmpty { text += ", same: [\(sequence.same.map(\.name).joined(separator: ", "))]" }
    if sequence.filter != .always { text += ", where: \(filter(sequence.filter))" }
    return text + ", when: \(window(sequence.window))}"
  }

  private mutating func step(_ step: Sequence.Step) -> String {
    switch step {
    case .absent(let filter, let within):
      return "{absent: \(self.filter(filter)), within: \(duration(within))}"
    case .events(let step):
      var text = "{\(entries(step.filter))"
      if step.times > 1 { text += ", times: \(step.times)" }
      if let within = step.within { text += ", within: \(duration(within))" }
      if step.directly { text += ", directly: true" }
      if let without = step.without { text += ", without: \(filter(without))" }
      return text + "}"
    }
  }

  // MARK: After who

  private mutating func after(_ after: AfterWho) -> String {
    var text = ""
    if let keep = after.keep {
      text +=
        keep.condition.map { "keep: {for: \(keep.days)d, while: \(node($0))}\n" } ?? "keep: \(keep.days)d\n"
    }
    if let share = after.sample {
      text += "sample: {share: \(Self.cut(.share(share.millionths))), seed: \(share.seed)}\n"
    }
    if let limit = after.limit { text += "limit: {users: \(limit.users), seed: \(limit.seed)}\n" }
    if let share = after.holdout {
      text += "holdout: {share: \(Self.cut(.share(share.millionths))), seed: \(share.seed)}\n"
    }
    if let split = after.split {
      let arms = split.arms.map { "\($0.name): \(Self.decimal($0.millionths * 100))%" }
      text += "split: {arms: {\(arms.joined(separator: ", "))}, seed: \(split.seed)}\n"
    }
    return text
  }

  // MARK: Measures

  private mutating func name(_ measure: Measure) -> String {
    switch measure {
    case .views: "views"
    case .clicks: "clicks"
    case .events: "events"
    case .reads: "reads"
    case .dwell: "dwell"
    case .days: "days"
    case .sessions: "sessions"
    case .streak: "streak"
    case .sum(let field): "sum \(field.name)"
    case .distinct(let field, _): "distinct \(field.name)"
    case .max(let field): "max \(field.name)"
    case .min(let field): "min \(field.name)"
    case .share(let base, _): "share of \(name(base))"
    case .per(let base, let unit): "\(name(base)) per \(name(unit).dropLast())"
    case .trend(let base, _): "trend of \(name(base))"
    case .rank(.max, _), .rank(.min, _), .rank(.streak, _): unsayable()
    case .rank(let base, _): "rank of \(name(base))"
    }
  }

  private mutating func threshold(_ test: MeasureTest) -> String {
    switch test.threshold {
    case .top(let cut): return "top \(Self.cut(cut))"
    case .bottom(let cut): return "bottom \(Self.cut(cut))"
    default: break
    }
    return Self.phrase(test.threshold) { quantity in
      switch (test.measure, test.measure.unit) {
      case (.share, _): Self.decimal(quantity * 100) + "%"
      case (.trend, _): Self.decimal(quantity) + "x"
      case (_, .count): "\(quantity)"
      case (_, .milliseconds): "\(quantity / 1000)s"
      case (_, .millionths): Self.decimal(quantity)
      }
    }
  }

  private static func phrase(_ threshold: Threshold, _ text: (Int64) -> String) -> String {
    switch threshold {
    case .any: "any"
    case .none: "none"
    case .atLeast(let q): "at least \(text(q))"
    case .atMost(let q): "at most \(text(q))"
    case .moreThan(let q): "more than \(text(q))"
    case .lessThan(let q): "less than \(text(q))"
    case .exactly(let q): "exactly \(text(q))"
    case .between(let a, let b): "between \(text(a)) and \(text(b))"
    case .top(let cut): "top \(self.cut(cut))"
    case .bottom(let cut): "bottom \(self.cut(cut))"
    }
  }

  private static func cut(_ cut: RankCut) -> String {
    switch cut {
    case .share(let millionths): decimal(millionths * 100) + "%"
    case .users(let users): "\(users)"
    }
  }

  private static func name(_ name: SegmentReference.Name) -> String {
    switch name.part {
    case .members: name.id
    case .arm(let arm): "\(name.id).\(arm)"
    case .holdout: "\(name.id).holdout"
    }
  }

  private static func phrase(_ test: CountTest) -> String {
    switch test {
    case .atLeast(let n): "at least \(n)"
    case .atMost(let n): "at most \(n)"
    case .exactly(let n): "exactly \(n)"
    }
  }

  /// Of millionths.
  private static func decimal(_ millionths: Int64) -> String {
    let digits = String(1_000_000 + millionths.magnitude % 1_000_000).dropFirst()
    let fraction = String(digits.reversed().drop { $0 == "0" }.reversed())
    return (millionths < 0 ? "-" : "") + "\(millionths.magnitude / 1_000_000)"
      + (fraction.isEmpty ? "" : "." + fraction)
  }

  private func duration(_ milliseconds: Int64) -> String { "\(milliseconds / 1000)s" }

  // MARK: Windows

  private mutating func window(_ window: Window) -> String {
    switch window {
    case .ever: "ever"
    case .days(1, let far): "last \(far)d"
    case .days(let near, let far): "days \(near)-\(far)"
    case .beforeLast(let days): "before last \(days)d"
    // Whole days are windows of days, which have 23 to 25 hours.
    case .lastTime(let length) where length % 86_400_000 == 0: unsayable()
    case .lastTime(let length): "last \(length / 3_600_000)h"
    case .dates(nil, let through?): "before \(through.advanced(by: 1))"
    case .dates(let from?, nil): "since \(from)"
    case .dates(let from?, let through?): "\(from) to \(through)"
    case .dates(nil, nil): unsayable()
    case .current(let period): "this \(period.rawValue)"
    case .previous(let period): "last \(period.rawValue)"
    case .blocks(let test, let count, 7): "\(Self.phrase(test)) of last \(count)w"
    case .blocks(let test, let count, 1): "\(Self.phrase(test)) of last \(count)d"
    case .blocks: unsayable()
    }
  }

  // MARK: Filters

  private mutating func filter(_ filter: Filter) -> String { perhapsNamed { "{\($0.entries(filter))}" } }

  /// The entries of a map. Every event of a sample world has a name, and every user was seen.
  private mutating func entries(_ filter: Filter) -> String {
    func list(_ own: inout Self, _ parts: [Filter]) -> String {
      "[" + parts.map { own.filter($0) }.joined(separator: ", ") + "]"
    }
    switch filter {
    case .always: return "event: {known: true}"
    case .all(let parts): return "all: \(list(&self, parts))"
    case .any(let parts): return "any: \(list(&self, parts))"
    case .none(let parts): return "none: \(list(&self, parts))"
    case .field(let field, .not(let inner)):
      if case .text(.value(let value)) = inner { return "\(field.name): {not: \(Self.quoted(value))}" }
      return "\(field.name): {known: true}, none: [{\(field.name): \(match(inner, field))}]"
    case .field(let field, let match): return "\(field.name): \(self.match(match, field))"
    }
  }

  private mutating func match(_ match: Match, _ field: Field) -> String {
    switch match {
    case .known(let known): return "{known: \(known)}"
    case .not: return unsayable()
    case .anyOf(let matches): return "[" + matches.map { self.match($0, field) }.joined(separator: ", ") + "]"
    case .allOf(let tests): return "{all: [\(tests.map { text($0) }.joined(separator: ", "))]}"
    case .text(let test): return text(test)
    case .id(_, let text): return text
    case .hours(let from, let through): return "between \(from) and \(through)"
    case .inWindow(let window): return self.window(window)
    case .next(let length): return "next \(length / 3_600_000)h"
    case .list(let name): return "{list: \(name)}"
    case .number(let threshold): return number(threshold, field)
    }
  }

  private mutating func number(_ threshold: Threshold, _ field: Field) -> String {
    if field.kind == .weekday {
      guard case .exactly(let day) = threshold else { return unsayable() }
      return ["mon", "tue", "wed", "thu", "fri", "sat", "sun"][Int(day) - 1]
    }
    return Self.phrase(threshold) { quantity in
      switch field.kind {
      case .duration, .age: "\(quantity / 1000)s"
      case .number: Self.decimal(quantity)
      default: "\(quantity)"
      }
    }
  }

  private func text(_ test: TextTest) -> String {
    switch test {
    case .value(let text): Self.quoted(text)
    case .exactly(let text): "{only: \(Self.quoted(text))}"
    case .contains(let text): "{contains: \(Self.quoted(text))}"
    case .starts(let text): "{starts: \(Self.quoted(text))}"
    case .ends(let text): "{ends: \(Self.quoted(text))}"
    case .wildcard(let pieces): Self.quoted(pieces.joined(separator: "*"))
    }
  }
}
