/// What goes wrong on the way from a browser to a file, decided by each event's own number.
struct Dirt {
  let world: World
  /// Day on which the planned visit began.
  let day: Int

  /// Per million events.
  static let late = 5000, duplicates = 5000, conflicts = 200, broken = 500

  /// Makes an event late, or gives the copies of it, in place of nothing at all for most.
  /// - Parameter copies: what is to be written besides the event.
  func spoil(_ event: inout PlannedEvent, _ copies: inout [PlannedEvent]) {
    guard event.role == .good else { return }
    var chance = Chance(event.event ^ 0xd1f7)
    if chance.hits(Self.late) {
      // Never of visits past midnight: everything is in the files of its own day or the next one.
      if world.day(of: event.collector, near: day) == day {
        event.collector = world.dayStarts[day + 1] + Int64(60_000 + chance.below(8 * 3_600_000))
      }
      return
    }
    if chance.hits(Self.duplicates) { copies.append(duplicate(of: event, &chance)) }
    if event.kind == .view, chance.hits(Self.conflicts * 5) { copies.append(conflict(with: event, &chance)) }
    if chance.hits(Self.broken) { copies.append(broken(event, &chance)) }
  }

  private func duplicate(of event: PlannedEvent, _ chance: inout Chance) -> PlannedEvent {
    var copy = event
    copy.role = .duplicate
    switch chance.below(4) {
    case 0, 1: break
    case 2: copy.collector += Int64(1 + chance.below(60_000))
    default: copy.collector += Int64(3_600_000 + chance.below(12 * 3_600_000))
    }
    return withinReach(copy, of: event)
  }

  private func conflict(with event: PlannedEvent, _ chance: inout Chance) -> PlannedEvent {
    var copy = event
    copy.role = .conflict
    copy.collector += Int64(1 + chance.below(3_600_000))
    copy.article = world.articles.pick(section: chance.below(20), at: event.time, &chance)
    if copy.article == event.article { copy.article = PlannedEvent.frontPage }
    copy.strayQuote = false
    return withinReach(copy, of: event)
  }

  private func broken(_ event: PlannedEvent, _ chance: inout Chance) -> PlannedEvent {
    var copy = event
    copy.event = chance.next()
    copy.strayQuote = false
    switch chance.below(3) {
    case 0: copy.role = .brokenColumns
    case 1: copy.role = .brokenTimes
    default: copy.role = .brokenJSON
    }
    return copy
  }

  /// A copy may come a day later at most.
  private func withinReach(_ copy: PlannedEvent, of event: PlannedEvent) -> PlannedEvent {
    guard world.day(of: copy.collector, near: day) > day + 1 else { return copy }
    var near = copy
    near.collector = event.collector + 1
    return near
  }
}
