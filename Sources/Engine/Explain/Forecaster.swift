import Diagnostics
import Events
import Rules

/// Looks ahead by evaluating later days on the user's own events: the engine itself says who is in, so that it is right for
/// every construct. Ranks and limits need everybody's events, so nothing is said of them.
struct Forecaster {
  private let plan: EvaluationPlan
  private let segment: Int
  private let source: OneUserEvents
  private let predicates = Predicates()
  private let tables: PlanTables

  init?(
    _ plan: EvaluationPlan, _ source: any EventSource, _ segment: Int, _ bucket: BucketIndex,
    _ user: UserOrdinal
  ) throws(Diagnostic) {
    guard plan.levels == 0 else { return nil }
    (self.plan, self.segment) = (plan, segment)
    let fields = plan.columns(gauges: plan.gauges.indices, groups: plan.groups.indices)
    self.source = try OneUserEvents(source, bucket, user, through: plan.asOf, fields: fields)
    tables = try PlanTables(plan, self.source)
  }

  /// nil for somebody who is in no segment at all, having no event yet.
  func outlook() throws(Diagnostic) -> Outlook? {
    let now = try trial(plan.asOf)
    guard now.isInUniverse else { return nil }
    var outlook = Outlook()
    let change = try firstDay { day throws(Diagnostic) in try trial(day).isMember != now.isMember }
    guard !now.isMember else {
      outlook.leaves = change
      return outlook
    }
    outlook.enters = change
    (outlook.needs, outlook.by) = try needs()
    return outlook
  }

  // MARK: Days

  /// The evaluation of a later day, with some events more.
  private func trial(_ day: Day, _ more: [InMemoryEvents.Event] = []) throws(Diagnostic) -> Trial {
    let plan = EvaluationPlan(plan.segments, eventNames: plan.eventNames, asOf: day, zone: plan.zone)
    let source = source.with(more)
    let tables = try PlanTables(plan, source, reusing: tables)
    let scan = try BucketScan(plan, source, predicates, tables, plan.wholeScope, Settled(), keepsValues: true)
    return Trial(plan, try scan.run(BucketIndex(0)), segment)
  }

  /// The first of the days looked at on which something is so.
  private func firstDay(from first: Int = 1, _ holds: (Day) throws(Diagnostic) -> Bool) throws(Diagnostic)
    -> Day?
  {
    for ahead in stride(from: first, through: Outlook.days, by: 1) {
      let day = plan.asOf.advanced(by: ahead)
      if try holds(day) { return day }
    }
    return nil
  }

  // MARK: Needs

  /// What is missing on the next day, which is the first on which more can come.
  private func needs() throws(Diagnostic) -> (needs: [Outlook.Need], by: Day?) {
    let next = try trial(plan.asOf.advanced(by: 1))
    guard let parts = Shortfall(next).parts(plan.segments[segment].root), !parts.isEmpty else {
      return ([], nil)
    }
    var events: [NeededEvents] = []
    for part in parts {
      guard let needed = NeededEvents(part.condition, part.missing, plan.eventNames) else { return ([], nil) }
      events.append(needed)
    }
    // Nothing is said that does not come true on the first day on which it could.
    let together = try deadline(events) { $0.isMember }
    if case .never = together { return ([], nil) }
    var needs: [Outlook.Need] = []
    for (part, needed) in zip(parts, events) {
      let own = try deadline([needed]) { $0.holds(.condition(part.condition)) }
      if case .never = own { return ([], nil) }
      needs.append(
        Outlook.Need(
          condition: part.condition, missing: part.missing, by: own.day,
          afterwards: try afterwards(part, own.day)))
    }
    let by = ([together.day] + needs.map(\.by)).compactMap { $0 }.min()
    // One part may want more by the first day on which another, of several days, can be done at all.
    let first = plan.asOf.advanced(by: events.map(\.dayCount).max() ?? 1)
    return by.map { $0 < first } ?? false ? ([], nil) : (needs, by)
  }

  private enum Deadline {
    /// The last day before the first on which needed events that came by then would not do.
    case day(Day)
    /// They do on all days looked at.
    case open
    /// They do not even on the first.
    case never

    var day: Day? { if case .day(let day) = self { day } else { nil } }
  }

  private func deadline(_ needed: [NeededEvents], _ holds: (Trial) -> Bool) throws(Diagnostic) -> Deadline {
    let first = needed.map(\.dayCount).max() ?? 1
    let failing = try firstDay(from: first) { day throws(Diagnostic) in
      !holds(try trial(day, needed.flatMap { $0.on(day, zone: plan.zone) }))
    }
    guard let failing else { return .open }
    return failing == plan.asOf.advanced(by: first) ? .never : .day(failing.advanced(by: -1))
  }

  /// What is missing on the day after, where it is more.
  private func afterwards(_ part: Shortfall.Part, _ day: Day?) throws(Diagnostic) -> [Outlook.Missing]? {
    guard let next = day?.advanced(by: 1),
      part.condition.window.days(asOf: next, zone: plan.zone).contains(next)
    else { return nil }
    let missing = Shortfall(try trial(next)).missing(part.condition)
    return missing == part.missing ? nil : missing
  }
}
