import Bitmaps
import Diagnostics
import Events
import Rules

/// One bucket evaluated: every gauge's values, every test's users, every definition's members.
struct BucketEvaluation {
  let users: Int
  let presence: Presence
  let gauges: [GaugeState]
  let groups: [GroupState]
  let tests: [Bitset]
  /// By group.
  let grouped: [Bitset]
  let outcomes: [DefinitionOutcome]
  /// Rows looked at.
  let rows: Int
  fileprivate let algebra: SetAlgebra

  /// The members of a program that the evaluation knows the parts of.
  func members(_ program: EvaluationPlan.Program, asOf day: Day) -> Bitset {
    algebra.members(program, asOf: day, presence.universe(asOf: day), outcomes)
  }
}

/// Who has an event on or before a day: the universe of any day.
struct Presence {
  private let users: Int
  private let all: Bool
  /// Ascending by day: who has an event up to it.
  private var seen: [(day: Day, words: [UInt64])] = []

  init(_ source: any EventSource, _ bucket: BucketIndex, through last: Day) throws(Diagnostic) {
    users = try source.userCount(in: bucket)
    all = source.countsUsersWithoutEvents
    if all { return }
    var words = [UInt64](repeating: 0, count: (users + 63) / 64)
    for day in source.days where day <= last {
      for (index, more) in try source.presence(on: day, in: bucket).enumerated() { words[index] |= more }
      seen.append((day, words))
    }
  }

  /// Users with an event on a day up to this one.
  func universe(asOf day: Day) -> Bitset {
    if all { return .full(size: users) }
    guard let known = seen.last(where: { $0.day <= day }) else { return Bitset(size: users) }
    return Bitset(size: users, words: known.words)
  }
}

/// Which parts of a plan a pass needs.
struct ScanScope {
  var gauges: Set<Int>
  var groups: Set<Int>
  var userFilters: Set<Int>
  var tests: Set<Int>
  var definitions: Set<Int>
}

/// Scans the days of one bucket for all segments together, newest first, then does the set algebra.
struct BucketScan {
  let plan: EvaluationPlan
  let source: any EventSource
  let predicates: Predicates
  let tables: PlanTables
  let scope: ScanScope
  let settled: Settled
  /// By day of the source, newest first.
  let days: [(day: Day, plan: EvaluationPlan.DayPlan)]
  /// By day, the pieces to read.
  private let pieces: [[Piece]]
  private let needsIDs: Bool
  private let accumulated: AccumulatorPlan
  private let routes: Routes
  private let articles: Int

  /// Rows that share event names, and what takes them.
  private struct Piece: Sendable {
    var number: Int
    var reader: any EventReader
    var passes: [AccumulatorPlan.Pass]
    var gauges: [Int]
    var groups: [Int]
  }

  /// - Parameter keepsValues: of all gauges, for explaining.
  init(
    _ plan: EvaluationPlan, _ source: any EventSource, _ predicates: Predicates, _ tables: PlanTables,
    _ scope: ScanScope, _ settled: Settled, keepsValues: Bool = false
  ) throws(Diagnostic) {
    self.plan = plan
    self.source = source
    self.predicates = predicates
    self.tables = tables
    self.scope = scope
    self.settled = settled
    let days = source.days.filter { $0 <= plan.asOf }.reversed().map { ($0, plan.dayPlan($0, scope)) }
    self.days = days
    needsIDs =
      !scope.userFilters.isEmpty
      || scope.definitions.contains { index in
        let definition = plan.definitions[index]
        return definition.after?.needsIDs ?? false || !definition.program.lists.isEmpty
      }
    let read = try days.map { (day, dayPlan) throws(Diagnostic) in
      try DayRows(day, dayPlan, source)
    }
    let determination = Determination(read, predicates)
    articles = determination.articleCount
    let accumulated = AccumulatorPlan(
      plan, scope, days: days.map(\.0), users: try source.userCounts.max() ?? 0, keepsValues: keepsValues
    ) { determination.holds(event: $0, $1, determines: $2) }
    self.accumulated = accumulated
    routes = Routes(predicates)
    var pieces: [[Piece]] = []
    var number = 0
    for (index, (_, dayPlan)) in days.enumerated() {
      pieces.append(
        read[index].pieces.map { rows in
          number += 1
          return Self.piece(number, rows, dayPlan, plan, accumulated, accumulated.passes[index])
        })
    }
    self.pieces = pieces
  }

  private static func piece(
    _ number: Int, _ rows: DayRows.Piece, _ dayPlan: EvaluationPlan.DayPlan, _ plan: EvaluationPlan,
    _ accumulated: AccumulatorPlan, _ passes: [AccumulatorPlan.Pass]
  ) -> Piece {
    func asks(_ filter: Int) -> Bool { plan.filters[filter].filter.eventNames.holds(any: rows.names) }
    return Piece(
      number: number, reader: rows.reader,
      passes: passes.filter { $0.rows.eventNames.holds(any: rows.names) },
      gauges: dayPlan.gauges.filter { accumulated.others.contains($0) && asks(plan.gauges[$0].filter) },
      groups: dayPlan.groups.filter { asks(plan.groups[$0].filter) })
  }

  /// A worker's planes.
  func makeMemory() -> Accumulators { Accumulators(accumulated, predicates, routes, articles: articles) }

  func run(_ bucket: BucketIndex) throws(Diagnostic) -> BucketEvaluation {
    var planes = makeMemory()
    return try run(bucket, &planes)
  }

  func run(_ bucket: BucketIndex, _ planes: inout Accumulators) throws(Diagnostic) -> BucketEvaluation {
    let users = try source.userCount(in: bucket)
    let presence = try Presence(source, bucket, through: plan.asOf)
    var gauges = plan.gauges.indices.map { index in
      GaugeState(plan.gauges[index].kind, users: accumulated.others.contains(index) ? users : 0)
    }
    var groups = plan.groups.map { GroupState($0, users: users) }
    var tests = plan.tests.map { _ in Bitset(size: users) }
    planes.begin(users: users)
    var filters = FilterScan(predicates, zone: source.zone, tables: tables)
    var rows = 0
    for (number, (_, dayPlan)) in days.enumerated() {
      read(accumulated.readings[number], planes, &tests, &gauges)
      for piece in pieces[number] {
        guard let batch = try piece.reader.batch(in: bucket) else { continue }
        rows += batch.rowCount
        filters.begin(batch)
        planes.take(batch, piece: piece.number, day: number + 1, piece.passes, &filters)
        for index in piece.gauges {
          take(index, dayPlan.from(plan.gauges[index].span), &filters, &gauges[index])
        }
        for index in piece.groups {
          groups[index].take(plan, &filters, predicates, tables, from: dayPlan.from(plan.groups[index].span))
        }
      }
    }
    read(accumulated.readings[days.count], planes, &tests, &gauges)
    for index in accumulated.others { gauges[index].settle() }
    let grouped = plan.groups.indices.map { index in
      scope.groups.contains(index) ? groups[index].settle() : Bitset(size: users)
    }
    for index in scope.tests where !isRead(plan.tests[index]) {
      tests[index] = self.users(of: plan.tests[index], gauges, users)
    }
    let ids = needsIDs ? try source.users(in: bucket) : UserIDs()
    let userSets = try self.userSets(bucket, ids, gauges, users)
    let algebra = SetAlgebra(
      plan: plan, scope: scope, settled: settled, tables: tables, tests: tests, groups: grouped,
      users: userSets, presence: presence, ids: ids,
      gauges: gauges)
    return BucketEvaluation(
      users: users, presence: presence, gauges: gauges, groups: groups, tests: tests, grouped: grouped,
      outcomes: algebra.run(), rows: rows, algebra: algebra)
  }

  /// Reads planes off: the users of thresholds, and numbers where they are needed.
  private func read(
    _ readings: [AccumulatorPlan.Reading], _ planes: Accumulators, _ tests: inout [Bitset],
    _ gauges: inout [GaugeState]
  ) {
    for reading in readings {
      for (test, range) in reading.tests { tests[test] = planes.users(reading, in: range) }
      if reading.keepsValues {
        gauges[reading.gauge] = GaugeState(plan.gauges[reading.gauge].kind, counts: planes.values(reading))
      }
    }
  }

  /// Whether a test was decided when its plane was read.
  private func isRead(_ test: EvaluationPlan.Test) -> Bool {
    guard case .threshold = test.kind, case .gauge(let gauge) = test.value else { return false }
    return !accumulated.others.contains(gauge)
  }

  private func take(_ index: Int, _ from: Int64?, _ filters: inout FilterScan, _ gauge: inout GaugeState) {
    let planned = plan.gauges[index]
    let selection = filters.select(plan.filters[planned.filter], from: from)
    guard !selection.rows.isEmpty else { return }
    var matches: [UInt8]?
    if case .extreme(_, let filter?) = planned.kind { matches = filters.mask(plan.filters[filter]) }
    gauge.take(
      selection.rows, selection.keys, filters.batch(for: planned.kind.field, planned.tables), predicates,
      tables: tables[planned.tables], matches: matches, zone: source.zone)
  }

  private func users(of test: EvaluationPlan.Test, _ gauges: [GaugeState], _ users: Int) -> Bitset {
    switch (test.kind, test.value) {
    case (.threshold(let threshold), .gauge(let gauge)): return gauges[gauge].users(threshold)
    case (.threshold(let threshold), .ratio):
      var set = Bitset(size: users)
      for user in 0..<users where threshold.holds(test.value.of(user, gauges)) { set.insert(user) }
      return set
    case (.matches, .gauge(let gauge)): return gauges[gauge].users { _, matches in matches }
    case (.inSpan(let range), .gauge(let gauge)):
      return gauges[gauge].users { time, _ in range.contains(time) }
    case (.rank(let ranking), let value):
      guard let limit = settled.cuts[ranking] else { return Bitset(size: users) }
      let fromTop = plan.rankings[ranking].fromTop
      var set = Bitset(size: users)
      for user in 0..<users {
        guard let value = value.of(user, gauges), value.numerator > 0 else { continue }
        if fromTop ? !(value < limit) : !(limit < value) { set.insert(user) }
      }
      return set
    case (.matches, .ratio), (.inSpan, .ratio): return Bitset(size: users)
    }
  }

  /// Users by their attributes: a row a user, columns from the table of the day and from the first event.
  private func userSets(_ bucket: BucketIndex, _ ids: UserIDs, _ gauges: [GaugeState], _ users: Int)
    throws(Diagnostic) -> [Bitset]
  {
    var sets = Array(repeating: Bitset(size: users), count: plan.userFilters.count)
    var known: [Day: (table: AttributeTable, rows: [Int])] = [:]
    for index in scope.userFilters {
      let wanted = plan.userFilters[index]
      let filter = plan.filters[wanted.filter]
      if known[wanted.asOf] == nil, let table = try tables[wanted.asOf]?.users(in: bucket) {
        known[wanted.asOf] = (table, (0..<users).map { table.rows[Array(ids[$0])] ?? -1 })
      }
      guard let (table, rows) = known[wanted.asOf] else { continue }
      var batch = EventBatch(
        day: wanted.asOf, users: Array(0..<UInt32(users)), times: Array(repeating: 0, count: users))
      for field in filter.filter.fields { batch.columns[field] = table.columns[field]?.gathered(rows) }
      if let gauge = wanted.firstSeen {
        batch.columns[.firstSeen] = .times((0..<users).map { gauges[gauge].extreme($0)?.time ?? .min })
      }
      var scan = FilterScan(predicates, zone: source.zone, tables: tables)
      scan.begin(batch)
      for user in scan.select(filter).keys { sets[index].insert(Int(user)) }
    }
    return sets
  }
}

extension EvaluationPlan.Value {
  /// nil is absent.
  func of(_ user: Int, _ gauges: [GaugeState]) -> Quotient? {
    switch self {
    case .gauge(let gauge): return gauges[gauge].value(user).map { Quotient($0) }
    case .ratio(let top, let bottom, let topScale, let bottomScale):
      guard let a = gauges[top].value(user), let b = gauges[bottom].value(user) else { return nil }
      return Quotient(a, topScale, over: b, bottomScale)
    }
  }
}
