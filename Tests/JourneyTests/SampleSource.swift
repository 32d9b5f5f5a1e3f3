import Engine
import Events

extension SampleWorld {
  /// The world as the engine reads it, and its users by their ordinals. Half of the events in a second part, some of them
  /// twice with the first deleted.
  func source() -> (source: InMemoryEvents, names: [String]) {
    let names = Set(events.map(\.user)).sorted()
    let numbers = Dictionary(uniqueKeysWithValues: names.enumerated().map { ($1, UInt32($0)) })
    var made: [InMemoryEvents.Event] = []
    for (index, event) in events.enumerated() {
      var copy = InMemoryEvents.Event(
        user: numbers[event.user] ?? 0, time: event.time, texts: event.texts, lists: event.lists,
        numbers: event.numbers,
        dwell: event.dwell, session: event.session, part: index % 2)
      if index % 11 == 0 {
        var old = copy
        (old.deleted, old.part, old.dwell) = (true, 0, 999_000)
        made.append(old)
        copy.part = 2
      }
      made.append(copy)
    }
    let source = InMemoryEvents(
      made, users: names + ["nobody"], zone: zone,
      dimensions: { WorldDimensions(world: self, day: $0) })
    return (source, names)
  }
}
