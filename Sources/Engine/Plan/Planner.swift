import Events
import Rules

/// Turns segments into a plan. Each definition comes after those that it needs.
struct Planner {
  var plan: EvaluationPlan

  /// - Parameter plan: an empty one; or a whole one, to find what stands where in it.
  init(_ plan: EvaluationPlan) { self.plan = plan }

  mutating func run() {
    for (index, segment) in plan.segments.enumerated() { plan.index.segments[segment.id] = index }
    for day in plan.days {
      plan.nights.append(.init(asOf: day, outputs: plan.segments.indices.map { segment($0, day) }))
    }
  }

  // MARK: Definitions

  private mutating func define(
    _ key: PlanIndex.DefinitionKey, _ asOf: Day, after: AfterWho? = nil,
    _ make: (inout Planner) -> EvaluationPlan.Program
  ) -> Int {
    if let known = plan.index.definitions[key] { return known }
    let program = make(&self)
    let needed = level(program)
    plan.definitions.append(
      .init(asOf: asOf, program: program, after: after, level: needed + (after?.limit == nil ? 0 : 1)))
    plan.index.definitions[key] = plan.definitions.count - 1
    return plan.definitions.count - 1
  }

  private mutating func segment(_ index: Int, _ day: Day) -> Int {
    let segment = plan.segments[index]
    return define(.segment(index, day), day, after: segment.after) { planner in
      guard let keep = segment.after.keep else { return planner.program(segment.root, day) }
      let days = (0..<keep.days).reversed().map { day.advanced(by: -$0) }
      return .keep(
        days.map { day in
          let enters = planner.define(.who(index, day), day) { $0.program(segment.root, day) }
          let stays = keep.condition.map { node in
            planner.define(.stays(index, day), day) { $0.program(node, day) }
          }
          return (enters, stays)
        })
    }
  }

  private func level(_ program: EvaluationPlan.Program) -> Int {
    switch program {
    case .test(let index):
      guard case .rank(let ranking) = plan.tests[index].kind else { return 0 }
      return plan.definitions[plan.rankings[ranking].among].level + 1
    case .reference(let references):
      return references.map { plan.definitions[$0.definition].level }.max() ?? 0
    case .all(let parts), .any(let parts), .none(let parts), .count(_, let parts):
      return parts.map { level($0) }.max() ?? 0
    case .keep(let days):
      return days.flatMap { [$0.enters] + [$0.stays].compactMap { $0 } }.map { plan.definitions[$0].level }
        .max()
        ?? 0
    case .everyone, .group, .user, .list: return 0
    }
  }

  // MARK: Programs

  mutating func program(_ node: RuleNode, _ asOf: Day) -> EvaluationPlan.Program {
    switch node {
    case .everyone: return .everyone
    case .condition(let condition): return program(condition, asOf)
    case .extreme(let extreme): return .test(test(extreme, asOf))
    case .sequence(let sequence): return .group(group(sequence, asOf))
    case .user(let filter): return .user(userFilter(filter, asOf))
    case .list(let names): return .list(names)
    case .segment(let reference):
      let day = asOf.advanced(by: -reference.daysAgo)
      return .reference(
        reference.names.map { name in
          guard let index = plan.index.segments[name.id] else {
            preconditionFailure("'\(name.id)' must be planned together with what refers to it")
          }
          return .init(definition: segment(index, day), part: name.part)
        })
    case .all(let nodes): return .all(nodes.map { program($0, asOf) })
    case .any(let nodes): return .any(nodes.map { program($0, asOf) })
    case .none(let nodes): return .none(nodes.map { program($0, asOf) })
    case .count(let count, let nodes): return .count(count, nodes.map { program($0, asOf) })
    }
  }

  private mutating func program(_ condition: Condition, _ asOf: Day) -> EvaluationPlan.Program {
    if case .blocks(let count, let blocks, let days) = condition.window {
      return .count(
        count,
        (0..<blocks).map { block in
          var part = condition
          part.window = .days(near: block * days + 1, far: (block + 1) * days)
          return program(part, asOf)
        })
    }
    if condition.same != nil { return .group(group(condition, asOf)) }
    let tests = condition.tests.map { EvaluationPlan.Program.test(test($0, condition, asOf)) }
    return tests.count == 1 ? tests[0] : .all(tests)
  }

  // MARK: Rankings and users

  mutating func ranking(_ ranking: EvaluationPlan.Ranking) -> Int {
    number(ranking, in: \.rankings, by: \.rankings)
  }

  /// The definition of those who are ranked.
  mutating func among(_ node: RuleNode?, _ asOf: Day) -> Int {
    guard let node else { return define(.everyone(asOf), asOf) { _ in .everyone } }
    return define(.among(node, asOf), asOf) { $0.program(node, asOf) }
  }

  private mutating func userFilter(_ filter: Filter, _ asOf: Day) -> Int {
    // Attributes of users have tables of their own, whether or not the filter asks lists.
    let bound = CanonicalFilter.of(filter.bound(asOf: asOf, zone: plan.zone))
    let index = add(.init(filter: bound, tables: asOf))
    var firstSeen: Int?
    if filter.fields.contains(.firstSeen) {
      firstSeen = add(
        .init(
          kind: .extreme(.first, matches: nil), filter: add(.init(filter: .always, tables: nil)),
          span: .init(.ever, asOf: asOf, zone: plan.zone)))
    }
    let made = EvaluationPlan.UserFilter(filter: index, asOf: asOf, firstSeen: firstSeen)
    return number(made, in: \.userFilters, by: \.userFilters)
  }
}

/// Where everything of a plan stands, so that each is planned once.
struct PlanIndex: Sendable {
  enum DefinitionKey: Sendable, Hashable {
    case everyone(Day)
    /// `who` of a segment; what its `keep` asks; the segment with all that follows `who`.
    case who(Int, Day)
    case stays(Int, Day)
    case segment(Int, Day)
    case among(RuleNode, Day)
  }

  var segments: [String: Int] = [:]
  var definitions: [DefinitionKey: Int] = [:]
  var filters: [EvaluationPlan.BoundFilter: Int] = [:]
  var gauges: [EvaluationPlan.Gauge: Int] = [:]
  var tests: [EvaluationPlan.Test: Int] = [:]
  var groups: [EvaluationPlan.Group: Int] = [:]
  var rankings: [EvaluationPlan.Ranking: Int] = [:]
  var userFilters: [EvaluationPlan.UserFilter: Int] = [:]
}
