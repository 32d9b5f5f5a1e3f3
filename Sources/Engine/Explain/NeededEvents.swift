import Events
import Rules

/// Events that fill what a condition lacks, as they could come on one day: as few as may be.
struct NeededEvents {
  private let condition: Condition
  private let missing: [Outlook.Missing]
  private let names: EventNames
  private let example: ExampleEvent

  private static let most = 1000

  /// nil where they cannot be made up.
  init?(_ condition: Condition, _ missing: [Outlook.Missing], _ names: EventNames) {
    let largest = missing.filter { $0.test.measure != .dwell }.map(\.amount).max() ?? 1
    guard let example = ExampleEvent(condition.filter), largest <= Self.most else { return nil }
    (self.condition, self.missing, self.names, self.example) = (condition, missing, names, example)
  }

  /// Different days cannot all be the same one.
  var dayCount: Int { Int(amount(of: .days) ?? 1) }

  /// - Parameter day: the last of the days on which they come.
  func on(_ day: Day, zone: CalendarZone) -> [InMemoryEvents.Event] {
    let clicks = Int(amount(of: .clicks) ?? 0)
    let views = Int(max(amount(of: .views) ?? 0, amount(of: .reads) ?? 0))
    let others = [Measure.events, .sessions, .days].compactMap { amount(of: $0) }.max() ?? 0
    let total = max(clicks + views, Int(others), 1)
    return (0..<total).map { index in
      let name = index < clicks ? names.click : index < clicks + views ? names.view : nil
      var event = event(index, name, zone.start(of: day.advanced(by: -min(index, dayCount - 1))), zone)
      // All of the missing time on one of them, and a view where there is one.
      if let dwell = amount(of: .dwell), index == (views > 0 ? clicks : 0) {
        event.dwell = UInt32(clamping: max(dwell, Int64(event.dwell ?? 0)))
      }
      return event
    }
  }

  private func amount(of measure: Measure) -> Int64? {
    missing.first { $0.test.measure == measure }?.amount
  }

  private func event(_ index: Int, _ name: String?, _ midnight: Milliseconds, _ zone: CalendarZone)
    -> InMemoryEvents.Event
  {
    // At the hour that is asked, else at noon; a second apart, so that they are in an order.
    let time = midnight.value + Int64(example.hour ?? 12) * 3_600_000 + Int64(index) * 1000
    var texts = example.texts
    texts[.event] = name ?? texts[.event] ?? names.view
    // One that was never read, in a session that was never had.
    texts[.article] = texts[.article] ?? "an article of its own, \(index)"
    return InMemoryEvents.Event(
      user: 0, time: time, texts: texts, lists: example.lists, numbers: example.numbers,
      dwell: example.dwell, session: "a session of its own, \(index)")
  }
}
