/// Decides whether the events of one user (or of one group) contain a sequence.
///
/// Events are taken in time order, those at one instant together. For each number of units done the solver keeps the
/// ways to have done them that no other way beats: of two ways, one that is nowhere behind the other is enough.
/// Where instants have one event each this is a step or two an event and unit.
struct SequenceSolver {
  /// One event: its instant in milliseconds and which filters hold.
  struct Event {
    var time: Int64
    var bits: UInt128
  }

  /// A way to have done some units.
  private struct Way {
    /// Where the next unit counts from: the last event, or the end of an absence.
    var at: Int64
    /// Where the step before the open one ended.
    var stepBefore: Int64
    /// The first event.
    var first: Int64

    /// Whether what can follow the other can follow this one, from an instant on. One that waits for the end of an
    /// absence beats nobody yet.
    func beats(_ other: Way, now: Int64) -> Bool {
      (at <= now || at == other.at) && at >= other.at && stepBefore >= other.stepBefore
        && first >= other.first
    }
  }

  private let plan: SequencePlan
  /// By units done; the ways of the whole are not kept.
  private var ways: [[Way]]
  /// By bit: the latest instant before the present one with an event that has it.
  private var lastWith: [Int64]
  /// For each absence of the plan and each event: the instant of the first event from there on that breaks it.
  private var nextWith: [Int: [Int64]] = [:]
  /// The most units that were done.
  private(set) var reached = 0

  init(_ plan: SequencePlan) {
    self.plan = plan
    ways = Array(repeating: [], count: plan.units.count)
    lastWith = Array(repeating: .min, count: plan.filters.count)
  }

  /// - Parameter events: in time order.
  mutating func holds(_ events: ArraySlice<Event>) -> Bool {
    for index in ways.indices { ways[index].removeAll(keepingCapacity: true) }
    for bit in lastWith.indices { lastWith[bit] = .min }
    reached = 0
    lookAhead(events)
    var start = events.startIndex
    var before = Int64.min
    while start < events.endIndex {
      var end = start
      while end < events.endIndex, events[end].time == events[start].time { end += 1 }
      if take(events[start..<end], events, before: before) { return true }
      for event in events[start..<end] {
        var bits = event.bits
        while bits != 0 {
          lastWith[bits.trailingZeroBitCount] = event.time
          bits &= bits &- 1
        }
      }
      before = events[start].time
      start = end
    }
    return false
  }

  private mutating func lookAhead(_ events: ArraySlice<Event>) {
    for unit in plan.units {
      guard case .absent = unit.kind else { continue }
      var next = [Int64](repeating: .max, count: events.count + 1)
      for index in events.indices.reversed() {
        let has = events[index].bits >> UInt128(unit.bit) & 1 == 1
        let position = index - events.startIndex
        next[position] = has ? events[index].time : next[position + 1]
      }
      nextWith[unit.bit] = next
    }
  }

  /// The events of one instant.
  private mutating func take(_ block: ArraySlice<Event>, _ events: ArraySlice<Event>, before: Int64) -> Bool {
    let time = block[block.startIndex].time
    // From the end, so that no event is used twice.
    for done in plan.units.indices.reversed() {
      guard done == 0 || !ways[done].isEmpty else { continue }
      var count = 0
      while done + count < plan.units.count, count < block.count, plan.units[done + count].kind == .event {
        count += 1
        guard fits(done, count, block) else { break }
        for way in starts(done, time) {
          guard let next = advance(way, done, count, time, before: before) else { continue }
          if settle(next, done + count, now: time, after: block.endIndex - events.startIndex) { return true }
        }
      }
    }
    return false
  }

  private func starts(_ done: Int, _ time: Int64) -> [Way] {
    if done == 0 { return [Way(at: .min, stepBefore: .min, first: time)] }
    return ways[done].filter { $0.at <= time }
  }

  /// Whether the units `done..<done + count` fit different events of the instant.
  private func fits(_ done: Int, _ count: Int, _ block: ArraySlice<Event>) -> Bool {
    func has(_ unit: Int, _ index: Int) -> Bool {
      block[index].bits >> UInt128(plan.units[unit].bit) & 1 == 1
    }
    if count == 1 { return block.indices.contains { has(done, $0) } }
    // A matching of units and events, unit by unit, with augmenting paths.
    var owner: [Int: Int] = [:]
    func assign(_ unit: Int, _ seen: inout Set<Int>) -> Bool {
      for index in block.indices where has(unit, index) && seen.insert(index).inserted {
        if owner[index].map({ assign($0, &seen) }) ?? true {
          owner[index] = unit
          return true
        }
      }
      return false
    }
    for unit in done..<done + count {
      var seen: Set<Int> = []
      guard assign(unit, &seen) else { return false }
    }
    return true
  }

  /// The way after `count` more units at one instant; nil where a limit forbids it.
  private func advance(_ way: Way, _ done: Int, _ count: Int, _ time: Int64, before: Int64) -> Way? {
    var way = way
    for index in done..<done + count {
      let unit = plan.units[index]
      if index > 0 {
        // Strictly between: after the way's instant and before this one.
        if unit.directly, way.at < time, before > way.at { return nil }
        if let bit = unit.without, way.stepBefore < time, lastWith[bit] > way.stepBefore { return nil }
      }
      if unit.closesStep, let within = unit.within {
        let from = way.stepBefore == .min ? way.first : way.stepBefore
        if Self.exceeds(from, time, within) { return nil }
      }
      if let within = plan.within, Self.exceeds(way.first, time, within) { return nil }
      way.at = time
      if unit.closesStep { way.stepBefore = time }
    }
    return way
  }

  private static func exceeds(_ from: Int64, _ to: Int64, _ within: Int64) -> Bool {
    let (length, overflow) = to.subtractingReportingOverflow(from)
    return overflow || length > within
  }

  /// Notes a way, going through absences that follow. True where the sequence is whole.
  /// - Parameters:
  ///   - now: the instant of the last event.
  ///   - next: the position of the first event after it.
  private mutating func settle(_ way: Way, _ units: Int, now: Int64, after next: Int) -> Bool {
    var (way, done) = (way, units)
    reached = max(reached, done)
    while done < plan.units.count, case .absent(let length) = plan.units[done].kind {
      let (end, overflow) = way.at.addingReportingOverflow(length)
      guard !overflow, end < plan.end else { return false }
      if breaks(plan.units[done].bit, after: way.at, through: end, from: next) { return false }
      way.at = end
      way.stepBefore = end
      done += 1
      reached = max(reached, done)
    }
    if done == plan.units.count { return true }
    if ways[done].contains(where: { $0.beats(way, now: now) }) { return false }
    ways[done].removeAll { way.beats($0, now: now) }
    ways[done].append(way)
    return false
  }

  /// Whether an event with the bit lies in `after < time <= end`; events before the position lie before.
  private func breaks(_ bit: Int, after: Int64, through end: Int64, from position: Int) -> Bool {
    guard let next = nextWith[bit] else { return false }
    var position = position
    // A second absence begins where the first has ended.
    while position < next.count, next[position] <= after { position += 1 }
    return position < next.count && next[position] <= end
  }
}
