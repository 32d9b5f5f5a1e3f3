import Events
import Rules

/// Walks a rule beside what was measured.
struct Tracer {
  private var planner: Planner
  private let evaluation: BucketEvaluation
  private let user: Int
  private let found: [Int: (count: Int, events: [Explanation.Event])]
  private let plan: EvaluationPlan

  init(
    plan: EvaluationPlan, evaluation: BucketEvaluation, user: Int,
    found: [Int: (count: Int, events: [Explanation.Event])]
  ) {
    self.plan = plan
    planner = Planner(plan)
    self.evaluation = evaluation
    self.user = user
    self.found = found
  }

  mutating func node(_ rule: RuleNode) -> Explanation.Node {
    switch rule {
    case .everyone: return leaf("everyone", isInUniverse)
    case .condition(let condition): return self.condition(condition)
    case .extreme(let extreme): return self.extreme(extreme)
    case .sequence(let sequence): return self.sequence(sequence)
    case .user, .list, .segment: return leaf(rule.wording.line, holds(rule))
    case .all(let nodes): return group(rule.groupWords, nodes) { $0 == nodes.count }
    case .any(let nodes): return group(rule.groupWords, nodes) { $0 > 0 }
    case .none(let nodes): return group(rule.groupWords, nodes) { $0 == 0 }
    case .count(let test, let nodes): return group(rule.groupWords, nodes) { test.holds($0) }
    }
  }

  /// What follows `who`, a line each that decided something.
  mutating func after(_ segment: Segment, _ outcome: DefinitionOutcome) -> [Explanation.Node] {
    var lines: [Explanation.Node] = []
    if let keep = segment.after.keep { lines.append(leaf(keep.wording.line, outcome.who.contains(user))) }
    // What comes later says nothing of somebody who is out already.
    if let sample = segment.after.sample, outcome.who.contains(user) {
      lines.append(leaf("in the sample of \(sample.words)", outcome.sampled.contains(user)))
    }
    if let limit = segment.after.limit, outcome.sampled.contains(user) {
      lines.append(leaf("among the first \(limit.users) by hash", outcome.limited.contains(user)))
    }
    if let holdout = segment.after.holdout, outcome.limited.contains(user) {
      lines.append(leaf("outside the holdout of \(holdout.words)", outcome.members.contains(user)))
    }
    if segment.after.split != nil, outcome.members.contains(user) {
      let arm = outcome.arms.first { $0.members.contains(user) }?.name
      lines.append(leaf(arm.map { "in arm \($0)" } ?? "in no arm", true))
    }
    return lines
  }

  private var isInUniverse: Bool { evaluation.presence.universe(asOf: plan.asOf).contains(user) }

  private func leaf(_ question: String, _ holds: Bool) -> Explanation.Node {
    Explanation.Node(question: question, holds: holds, findings: [], children: [], matching: 0, events: [])
  }

  /// A node whose value the evaluation holds as a whole.
  private mutating func holds(_ node: RuleNode) -> Bool {
    evaluation.members(planner.program(node, plan.asOf), asOf: plan.asOf).contains(user)
  }

  private mutating func group(_ question: String, _ nodes: [RuleNode], _ holds: (Int) -> Bool)
    -> Explanation.Node
  {
    var node = leaf(question, false)
    node.children = nodes.map { self.node($0) }
    node.holds = holds(node.children.count { $0.holds }) && isInUniverse
    return node
  }

  // MARK: Conditions

  private mutating func condition(_ condition: Condition) -> Explanation.Node {
    if case .blocks(let count, let blocks, let days) = condition.window {
      return self.blocks(condition, count, blocks, days)
    }
    if condition.same != nil { return grouped(condition) }
    var node = leaf(Self.question(condition), true)
    for test in condition.tests {
      let index = planner.test(test, condition, plan.asOf)
      let planned = plan.tests[index]
      let value = planned.value.of(user, evaluation.gauges)
      var holds = evaluation.tests[index].contains(user)
      if case .rank(let ranking) = planned.kind {
        holds = holds && evaluation.outcomes[plan.rankings[ranking].among].members.contains(user)
      }
      node.findings.append(finding(test, value, holds, condition.window))
      node.holds = node.holds && holds
      if let gauge = planned.value.gauges.first, let events = found[gauge], events.count >= node.matching {
        (node.matching, node.events) = events
      }
    }
    node.holds = node.holds && isInUniverse
    return node
  }

  private func finding(_ test: MeasureTest, _ value: Quotient?, _ holds: Bool, _ window: Window)
    -> Explanation.Finding
  {
    let measured = test.measure.text(value?.rounded)
    guard !holds, let value, value.denominator == 1, case .count = test.measure.unit,
      let missing = test.threshold.missing(Int64(clamping: value.numerator))
    else { return .init(wanted: test.words, measured: measured, holds: holds) }
    return .init(wanted: test.words, measured: measured, holds: holds, missing: missing)
  }

  private mutating func grouped(_ condition: Condition) -> Explanation.Node {
    let index = planner.group(condition, plan.asOf)
    var node = leaf(
      Self.question(condition),
      evaluation.grouped[index].contains(user))
    let best = evaluation.groups[index].best(user)
    for (position, test) in condition.tests.enumerated() {
      let value = best?[position]
      node.findings.append(
        .init(
          wanted: test.words, measured: best == nil ? "no such event" : test.measure.text(value?.rounded),
          holds: test.threshold.holds(value)))
    }
    node.holds = node.holds && isInUniverse
    return node
  }

  private mutating func blocks(_ condition: Condition, _ count: CountTest, _ blocks: Int, _ days: Int)
    -> Explanation.Node
  {
    var node = leaf(Self.question(condition), false)
    node.children = (0..<blocks).map { block in
      var part = condition
      part.window = .days(near: block * days + 1, far: (block + 1) * days)
      return self.condition(part)
    }
    let held = node.children.count { $0.holds }
    node.holds = count.holds(held) && isInUniverse
    node.findings = [
      .init(wanted: condition.window.words, measured: "\(held) of \(blocks)", holds: node.holds)
    ]
    return node
  }

  private mutating func extreme(_ extreme: Extreme) -> Explanation.Node {
    let index = planner.test(extreme, plan.asOf)
    var node = leaf(
      RuleNode.extreme(extreme).wording.line, evaluation.tests[index].contains(user) && isInUniverse)
    guard let gauge = plan.tests[index].value.gauges.first else { return node }
    let measured =
      evaluation.gauges[gauge].extreme(user).map { Milliseconds($0.time).text } ?? "no such event"
    node.findings = [.init(wanted: extreme.words, measured: measured, holds: node.holds)]
    if let events = found[gauge] { (node.matching, node.events) = events }
    return node
  }

  private mutating func sequence(_ sequence: Sequence) -> Explanation.Node {
    let index = planner.group(sequence, plan.asOf)
    var node = leaf(
      RuleNode.sequence(sequence).wording.line, evaluation.grouped[index].contains(user) && isInUniverse)
    guard let units = evaluation.groups[index].reached(user),
      case .sequence(let made) = plan.groups[index].body
    else { return node }
    // A step is done when its last unit is.
    let steps = made.units.prefix(units).count { $0.closesStep }
    node.findings = [
      .init(
        wanted: "\(sequence.steps.count) steps in order",
        measured: "got to step \(steps) of \(sequence.steps.count)",
        holds: node.holds)
    ]
    return node
  }

  private static func question(_ condition: Condition) -> String {
    RuleNode.condition(condition).wording.line
  }
}

extension Threshold {
  /// What a count lacks, in words; nil where more would not help.
  fileprivate func missing(_ value: Int64) -> String? {
    let low = range.lowerBound
    if value < low { return "\(low - value) more" }
    return value > range.upperBound ? "\(value - range.upperBound) too many" : nil
  }
}
