import Store

/// One value a day. Rows come with few days, and often with that of the row before.
struct DayTable<Value: Sendable>: Sendable {
  private(set) var days: [Int32] = []
  var values: [Value] = []
  private var places: [Int32: Int] = [:]
  private var last = 0

  /// Where the day's value is; `make` makes it where there is none.
  @inline(__always)
  mutating func place(of day: Int32, make: () -> Value) -> Int {
    if last < days.count, days[last] == day { return last }
    return find(day, make)
  }

  private mutating func find(_ day: Int32, _ make: () -> Value) -> Int {
    if let known = places[day] {
      last = known
    } else {
      last = days.count
      places[day] = last
      days.append(day)
      values.append(make())
    }
    return last
  }
}

/// What the rows of a day say of it before they are written.
struct DayState: Sendable {
  var use: DayUse
  /// By event code; the first is of events without a name.
  var volumes: [IngestEntry.Volume] = []

  init(fields: Int) { use = DayUse(fields: fields) }

  /// - Parameter event: `UInt32.max`: none.
  @inline(__always)
  mutating func count(_ event: UInt32, anonymous: Bool, dwell: UInt32) {
    let place = Int(event &+ 1)
    if place >= volumes.count {
      volumes += repeatElement(IngestEntry.Volume(), count: place + 1 - volumes.count)
    }
    volumes[place].rows += 1
    volumes[place].anonymous += anonymous ? 1 : 0
    volumes[place].dwell += dwell == .max ? 0 : Int(dwell)
  }
}
