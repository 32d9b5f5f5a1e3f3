import Bitmaps
import Events
import Rules

/// What a condition with `same`, or a sequence, has seen of one bucket's events so far.
///
/// Groups are keys of ordinary gauges, as users are elsewhere. A sequence keeps its events until the end.
struct GroupState {
  private let group: EvaluationPlan.Group
  private let users: Int
  /// One table a field; the last one numbers the groups.
  private var tables: [GroupTable]
  /// Which groups have an event of the condition itself; a share's divisor may see more.
  private var isGroup: [Bool] = []
  private var gauges: [[GaugeState]] = []
  private var events: [(key: UInt32, event: SequenceSolver.Event)] = []

  init(_ group: EvaluationPlan.Group, users: Int) {
    self.group = group
    self.users = users
    tables = group.same.map { _ in GroupTable() }
    if case .condition(let tests) = group.body {
      gauges = tests.map { $0.gauges.map { GaugeState($0.kind, users: 0) } }
    }
  }

  // MARK: Rows

  /// - Parameter from: events before this instant are left out; nil: none.
  mutating func take(
    _ plan: EvaluationPlan, _ filters: inout FilterScan, _ predicates: Predicates, _ planTables: PlanTables,
    from: Int64?
  ) {
    switch group.body {
    case .condition(let tests):
      // Every value on an event of the condition is a group, also where a measure finds nothing in it.
      let base = grouped(filters.select(plan.filters[group.filter], from: from), &filters, predicates)
      var selections = [group.filter: base]
      isGroup += repeatElement(false, count: max(0, keyCount - isGroup.count))
      for key in base.keys { isGroup[Int(key)] = true }
      for (test, value) in tests.enumerated() {
        for (index, gauge) in value.gauges.enumerated() {
          let batch = filters.batch(for: gauge.kind.field, gauge.tables)
          let selection =
            selections[gauge.filter]
            ?? grouped(filters.select(plan.filters[gauge.filter], from: from), &filters, predicates)
          selections[gauge.filter] = selection
          guard !selection.rows.isEmpty else { continue }
          gauges[test][index].grow(to: keyCount)
          gauges[test][index].take(
            selection.rows, selection.keys, batch, predicates, tables: planTables[gauge.tables], matches: nil,
            zone: plan.zone)
        }
      }
    case .sequence(let sequence):
      let selection = grouped(filters.select(plan.filters[group.filter], from: from), &filters, predicates)
      guard !selection.rows.isEmpty else { return }
      let masks = sequence.filters.map { filters.mask(plan.filters[$0]) }
      let times = filters.batch(for: nil, nil).times
      for (row, key) in zip(selection.rows, selection.keys) {
        var bits: UInt128 = 0
        for bit in masks.indices where masks[bit][Int(row)] != 0 { bits |= 1 << UInt128(bit) }
        if bits != 0 || sequence.needsAllEvents {
          events.append((key, .init(time: times[Int(row)], bits: bits)))
        }
      }
    }
  }

  /// The rows once for each group that they are in.
  private mutating func grouped(_ selection: Selection, _ filters: inout FilterScan, _ predicates: Predicates)
    -> Selection
  {
    var (rows, parents, owners) = (selection.rows, selection.keys, selection.keys)
    for (level, field) in group.same.enumerated() {
      let values = filters.groupValues(field, group.tables, rows, predicates)
      var next: (rows: [UInt32], parents: [UInt32], owners: [UInt32]) = ([], [], [])
      for (position, value) in zip(values.positions, values.values) {
        next.rows.append(rows[position])
        next.parents.append(tables[level].number(parents[position], value, owner: owners[position]))
        next.owners.append(owners[position])
      }
      (rows, parents, owners) = next
    }
    return Selection(rows: rows, keys: parents)
  }

  // MARK: Results

  private func owner(_ key: Int) -> Int { tables.last.map { Int($0.owners[key]) } ?? key }
  private var keyCount: Int { tables.last?.count ?? users }

  /// After the last batch: the users for whom it holds.
  mutating func settle() -> Bitset {
    var set = Bitset(size: users)
    switch group.body {
    case .condition(let tests):
      for test in gauges.indices {
        for index in gauges[test].indices {
          gauges[test][index].grow(to: keyCount)
          gauges[test][index].settle()
        }
      }
      for key in isGroup.indices
      where isGroup[key] && tests.indices.allSatisfy({ tests[$0].threshold.holds(value($0, key)) }) {
        set.insert(owner(key))
      }
    case .sequence(let plan):
      events.sort { $0.key != $1.key ? $0.key < $1.key : $0.event.time < $1.event.time }
      var solver = SequenceSolver(plan)
      forEachKey { key, events in
        if !set.contains(owner(key)), solver.holds(events) { set.insert(owner(key)) }
      }
    }
    return set
  }

  private func forEachKey(_ body: (Int, ArraySlice<SequenceSolver.Event>) -> Void) {
    let all = events.map(\.event)
    var start = 0
    while start < events.count {
      var end = start
      while end < events.count, events[end].key == events[start].key { end += 1 }
      body(Int(events[start].key), all[start..<end])
      start = end
    }
  }

  private func value(_ test: Int, _ key: Int) -> Quotient? {
    guard case .condition(let tests) = group.body else { return nil }
    return tests[test].value.of(key, gauges[test])
  }

  /// For explaining, after `settle`: the values of the group of a user in which most tests hold.
  func best(_ user: Int) -> [Quotient?]? {
    guard case .condition(let tests) = group.body else { return nil }
    let keys = isGroup.indices.filter { isGroup[$0] && owner($0) == user }
    let all = keys.map { key in tests.indices.map { value($0, key) } }
    func held(_ values: [Quotient?]) -> Int { zip(tests, values).count { $0.threshold.holds($1) } }
    return all.max { held($0) < held($1) }
  }

  /// For explaining, after `settle`: how many units of the sequence the user did at most.
  func reached(_ user: Int) -> Int? {
    guard case .sequence(let plan) = group.body else { return nil }
    var solver = SequenceSolver(plan)
    var most = 0
    forEachKey { key, events in
      guard owner(key) == user else { return }
      most = max(most, solver.holds(events) ? plan.units.count : solver.reached)
    }
    return most
  }
}
