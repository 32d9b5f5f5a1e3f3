import Events
import Rules

/// All choices of events, one after the other.
struct NaiveSequence {
  private let naive: NaiveEvaluator
  private let sequence: Sequence
  private let asOf: Day
  private let end: Int64

  init(_ naive: NaiveEvaluator, _ sequence: Sequence, _ asOf: Day) {
    self.naive = naive
    self.sequence = sequence
    self.asOf = asOf
    // The end of the last day that is inside.
    let last = (0..<4000).lazy.map { asOf.advanced(by: -$0) }.first {
      naive.inside(sequence.window, $0, naive.zone.start(of: $0.advanced(by: 1)).value - 1, asOf)
    }
    end = last.map { naive.zone.start(of: $0.advanced(by: 1)).value } ?? .min
  }

  func holds(_ user: String) -> Bool {
    let events = naive.matching(sequence.filter, sequence.window, user, asOf)
    return groups(events, sequence.same).contains { holds(among: $0) }
  }

  private func groups(_ events: [SampleEvent], _ fields: [Field]) -> [[SampleEvent]] {
    guard let field = fields.first else { return [events] }
    return Set(events.flatMap { naive.values(field, $0, asOf) }).flatMap { value in
      groups(events.filter { naive.values(field, $0, asOf).contains(value) }, Array(fields.dropFirst()))
    }
  }

  private struct State {
    var step = 0
    /// How many events of the step are chosen.
    var chosen = 0
    var used: Set<Int> = []
    /// Of the last event or the end of the last absence; of the step before; of the first event.
    var last: Int64?
    var stepBefore: Int64?
    var first: Int64?
  }

  private func holds(among events: [SampleEvent]) -> Bool {
    let events = events.sorted { $0.time < $1.time }
    let passes = sequence.steps.map { step in
      events.map { event in
        switch step {
        case .events(let step): naive.holds(step.filter, event, asOf)
        case .absent(let filter, _): naive.holds(filter, event, asOf)
        }
      }
    }
    func search(_ state: State) -> Bool {
      guard state.step < sequence.steps.count else { return true }
      switch sequence.steps[state.step] {
      case .absent(_, let within):
        guard let last = state.last, last + within < end else { return false }
        for (index, event) in events.enumerated()
        where passes[state.step][index] && event.time > last && event.time <= last + within { return false }
        var next = state
        (next.step, next.last, next.stepBefore) = (state.step + 1, last + within, last + within)
        return search(next)
      case .events(let step):
        return events.indices.contains { index in
          let time = events[index].time
          guard passes[state.step][index], !state.used.contains(index), time >= state.last ?? .min else {
            return false
          }
          if step.directly, let last = state.last,
            events.contains(where: { $0.time > last && $0.time < time })
          {
            return false
          }
          var next = state
          next.used.insert(index)
          next.last = time
          next.first = state.first ?? time
          next.chosen += 1
          if let within = sequence.within, let first = next.first, time - first > within { return false }
          guard next.chosen == step.times else { return search(next) }
          if let within = step.within, let from = state.stepBefore ?? next.first, time - from > within {
            return false
          }
          if let without = step.without, let before = state.stepBefore,
            events.contains(where: { $0.time > before && $0.time < time && naive.holds(without, $0, asOf) })
          {
            return false
          }
          (next.step, next.chosen, next.stepBefore) = (state.step + 1, 0, time)
          return search(next)
        }
      }
    }
    return search(State())
  }
}
