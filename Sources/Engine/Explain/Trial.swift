import Events
import Rules

/// One day's evaluation of one user, to be asked.
struct Trial {
  private let plan: EvaluationPlan
  private let evaluation: BucketEvaluation
  private let segment: Int

  init(_ plan: EvaluationPlan, _ evaluation: BucketEvaluation, _ segment: Int) {
    (self.plan, self.evaluation, self.segment) = (plan, evaluation, segment)
  }

  var isMember: Bool { evaluation.outcomes[plan.outputs[segment]].members.contains(0) }
  var isInUniverse: Bool { evaluation.presence.universe(asOf: plan.asOf).contains(0) }

  /// - Parameter node: of the segment's rule.
  func holds(_ node: RuleNode) -> Bool {
    var planner = Planner(plan)
    return evaluation.members(planner.program(node, plan.asOf), asOf: plan.asOf).contains(0)
  }

  func holds(_ test: MeasureTest, _ condition: Condition) -> Bool {
    var planner = Planner(plan)
    return evaluation.tests[planner.test(test, condition, plan.asOf)].contains(0)
  }

  /// What was measured; nil is absent, or no whole number.
  func value(_ test: MeasureTest, _ condition: Condition) -> Int128? {
    var planner = Planner(plan)
    let value = plan.tests[planner.test(test, condition, plan.asOf)].value.of(0, evaluation.gauges)
    return value.flatMap { $0.denominator == 1 ? $0.numerator : nil }
  }
}
