import Events
import Store

/// One worker's counts.
struct Tally: Sendable {
  var read = 0
  var duplicates = 0
  var conflicting = 0
  var bots = 0
  var rejected: [Reject.Reason: Int] = [:]
  var folded = 0
  var anonymous = 0
  var stored = 0
  var rewritten = 0
  /// By day and event code.
  var volumes: [Int32: [UInt32: IngestEntry.Volume]] = [:]
  /// By UTC day of the collector.
  var collected = DayTable<Manifest.Collected>()

  mutating func count(collector time: Int64) { take(Int32(clamping: time / 86_400_000), 1, newest: time) }

  /// - Parameter volumes: by event code; the first is of events without a name.
  mutating func add(_ day: Int32, _ volumes: [IngestEntry.Volume]) {
    for (place, volume) in volumes.enumerated() where volume.rows > 0 { add(day, UInt32(place) &- 1, volume) }
  }

  private mutating func add(_ day: Int32, _ event: UInt32, _ volume: IngestEntry.Volume) {
    volumes[day, default: [:]][event, default: .init()].rows += volume.rows
    volumes[day]?[event]?.anonymous += volume.anonymous
    volumes[day]?[event]?.dwell += volume.dwell
  }

  mutating func form(_ other: Tally) {
    read += other.read
    duplicates += other.duplicates
    conflicting += other.conflicting
    bots += other.bots
    folded += other.folded
    anonymous += other.anonymous
    stored += other.stored
    rewritten += other.rewritten
    rejected.merge(other.rejected, uniquingKeysWith: +)
    for (day, events) in other.volumes {
      for (event, volume) in events { add(day, event, volume) }
    }
    for (day, value) in zip(other.collected.days, other.collected.values) {
      take(day, value.rows, newest: value.newest)
    }
  }

  @inline(__always)
  private mutating func take(_ day: Int32, _ rows: Int, newest: Int64) {
    let place = collected.place(of: day) { .init(rows: 0, newest: .min) }
    collected.values[place].rows += rows
    collected.values[place].newest = max(collected.values[place].newest, newest)
  }

  /// - Parameter events: names by code.
  func entry(version: Int, events: [String]) -> IngestEntry {
    var entry = IngestEntry()
    entry.version = version
    entry.read = read
    entry.stored = stored
    entry.folded = folded
    entry.duplicate = duplicates
    entry.conflicting = conflicting
    entry.bot = bots
    entry.anonymous = anonymous
    entry.rejected = rejected.values.reduce(0, +)
    entry.rewritten = rewritten
    entry.reasons = Dictionary(uniqueKeysWithValues: rejected.map { ($0.key.rawValue, $0.value) })
    for (day, volumes) in volumes {
      for (code, volume) in volumes {
        let name = code == .max ? "" : events[Int(code)]
        entry.volumes[Day(number: day).description, default: [:]][name] = volume
      }
    }
    return entry
  }
}
