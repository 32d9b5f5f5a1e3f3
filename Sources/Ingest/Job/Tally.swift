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
  var collected: [Int32: Manifest.Collected] = [:]

  mutating func count(collector time: Int64) {
    let day = Int32(clamping: time / 86_400_000)
    take(day, .init(rows: 1, newest: time))
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
      for (event, volume) in events {
        volumes[day, default: [:]][event, default: .init()].rows += volume.rows
        volumes[day]?[event]?.anonymous += volume.anonymous
        volumes[day]?[event]?.dwell += volume.dwell
      }
    }
    for (day, value) in other.collected { take(day, value) }
  }

  private mutating func take(_ day: Int32, _ value: Manifest.Collected) {
    var known = collected[day] ?? .init(rows: 0, newest: .min)
    known.rows += value.rows
    known.newest = max(known.newest, value.newest)
    collected[day] = known
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
