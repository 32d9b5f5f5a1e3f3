import Bitmaps
import Diagnostics
import Events
import Rules

/// One bucket evaluated: every gauge's values, every test's users, every segment's members.
struct BucketEvaluation {
  let users: Int
  let universe: Bitset
  let gauges: [GaugeState]
  let tests: [Bitset]
  /// By segment.
  let members: [Bitset]
  /// Rows looked at.
  let rows: Int
}

/// Scans the days of one bucket for all segments together, newest first, then does the set algebra.
struct BucketScan {
  let plan: EvaluationPlan
  let source: any EventSource
  let predicates: Predicates
  /// By day of the source, newest first.
  let days: [(day: Day, plan: EvaluationPlan.DayPlan)]

  init(_ plan: EvaluationPlan, _ source: any EventSource, _ predicates: Predicates) {
    self.plan = plan
    self.source = source
    self.predicates = predicates
    days = source.days.filter { $0 <= plan.asOf }.reversed().map { ($0, plan.dayPlan($0, zone: source.zone)) }
  }

  func run(_ bucket: BucketIndex) throws(Diagnostic) -> BucketEvaluation {
    let users = try source.userCount(in: bucket)
    var universe = source.countsUsersWithoutEvents ? Bitset.full(size: users) : Bitset(size: users)
    var gauges = plan.gauges.map { GaugeState($0.kind, users: users) }
    var filters = FilterScan(predicates, zone: source.zone)
    var rows = 0
    for (day, dayPlan) in days {
      for batch in try source.batches(of: day, in: bucket, fields: dayPlan.fields) {
        rows += batch.rowCount
        Self.mark(batch, &universe)
        guard !dayPlan.gauges.isEmpty else { continue }
        filters.begin(batch)
        for index in dayPlan.gauges { take(index, dayPlan, batch, &filters, &gauges[index]) }
      }
    }
    for index in gauges.indices { gauges[index].settle() }
    let tests = plan.tests.map { self.users(of: $0, gauges) }
    return BucketEvaluation(
      users: users, universe: universe, gauges: gauges, tests: tests, members: members(tests, universe),
      rows: rows)
  }

  private func take(
    _ index: Int, _ dayPlan: EvaluationPlan.DayPlan, _ batch: EventBatch, _ filters: inout FilterScan,
    _ gauge: inout GaugeState
  ) {
    var rows = filters.rows(plan.filters[plan.gauges[index].filter])
    if let instant = dayPlan.fromInstant[index] { rows.removeAll { batch.times[Int($0)] < instant } }
    guard !rows.isEmpty else { return }
    var matches: [UInt8]?
    if case .extreme(_, let filter?) = plan.gauges[index].kind {
      matches = filters.mask(plan.filters[filter])
    }
    gauge.take(rows, batch, predicates, matches: matches, zone: source.zone)
  }

  /// Users with a row that was not replaced.
  private static func mark(_ batch: EventBatch, _ universe: inout Bitset) {
    if batch.deletedRows.isEmpty {
      var last = UInt32.max
      for user in batch.users where user != last {
        universe.insert(Int(user))
        last = user
      }
    } else {
      let alive = ScanKernels.alive(batch.rowCount, batch.deletedRows)
      for row in 0..<batch.rowCount where alive[row] != 0 { universe.insert(Int(batch.users[row])) }
    }
  }

  private func users(of test: EvaluationPlan.Test, _ gauges: [GaugeState]) -> Bitset {
    switch test.kind {
    case .threshold(let threshold): return gauges[test.gauge].users(threshold)
    case .matches: return gauges[test.gauge].users { _, matches in matches }
    case .inWindow(let window):
      let range = InstantRange(window, asOf: plan.asOf, zone: source.zone)
      return gauges[test.gauge].users { time, _ in range.contains(time) }
    }
  }

  private func members(_ tests: [Bitset], _ universe: Bitset) -> [Bitset] {
    var members: [Bitset] = []
    for program in plan.programs {
      members.append(SetAlgebra(tests: tests, universe: universe, members: members).run(program))
    }
    return members
  }
}

/// The instants of a window.
struct InstantRange {
  private let first: Int64
  private let end: Int64

  init(_ window: Window, asOf: Day, zone: CalendarZone) {
    let days = window.days(asOf: asOf, zone: zone)
    first =
      window.firstInstant(asOf: asOf, zone: zone)?.value ?? days.first.map { zone.start(of: $0).value }
      ?? .min
    end = zone.start(of: days.last.advanced(by: 1)).value
  }

  func contains(_ time: Int64) -> Bool { time >= first && time < end }
}

/// Set algebra on one bucket's bitmaps.
struct SetAlgebra {
  let tests: [Bitset]
  let universe: Bitset
  /// Of the segments before.
  let members: [Bitset]

  /// Always inside the universe.
  func run(_ program: EvaluationPlan.Program) -> Bitset {
    switch program {
    case .everyone: return universe
    case .test(let index):
      var set = tests[index]
      set.formIntersection(universe)
      return set
    case .segment(let indexes): return union(indexes.map { members[$0] })
    case .all(let parts):
      var set = universe
      for part in parts { set.formIntersection(run(part)) }
      return set
    case .any(let parts): return union(parts.map(run))
    case .none(let parts):
      var set = universe
      for part in parts { set.subtract(run(part)) }
      return set
    case .count(let count, let parts): return counted(count, parts.map(run))
    }
  }

  private func union(_ sets: [Bitset]) -> Bitset {
    var union = Bitset(size: universe.size)
    for set in sets { union.formUnion(set) }
    return union
  }

  private func counted(_ count: CountTest, _ sets: [Bitset]) -> Bitset {
    var result = Bitset(size: universe.size)
    for user in universe.elements {
      let held = sets.count { $0.contains(Int(user)) }
      if count.holds(held) { result.insert(Int(user)) }
    }
    return result
  }
}
