/// What could not be taken of a table's file: how often, why, and where first.
struct LoadProblems {
  private struct Key: Hashable {
    var reason: Reject.Reason
    var field: Int?
  }

  private var counts: [Key: (count: Int, places: [UInt64])] = [:]
  /// Rows that are rejected.
  private(set) var rejected = 0
  /// Values that cannot be read, and rows that have any.
  private(set) var unreadable = 0
  private(set) var troubled = 0
  private var lastTroubled: UInt64 = 0

  private static let placesKept = 3

  mutating func reject(_ reason: Reject.Reason, at place: UInt64) {
    rejected += 1
    count(Key(reason: reason, field: nil), place)
  }

  /// - Parameter field: its number.
  mutating func unreadable(_ reason: Reject.Reason, field: Int, at place: UInt64) {
    unreadable += 1
    if place != lastTroubled { troubled += 1 }
    lastTroubled = place
    count(Key(reason: reason, field: field), place)
  }

  private mutating func count(_ key: Key, _ place: UInt64) {
    var known = counts[key] ?? (0, [])
    known.count += 1
    if known.places.count < Self.placesKept { known.places.append(place) }
    counts[key] = known
  }

  /// Rejected rows first, then fields in order; the most frequent reason of each first.
  /// - Parameter fields: their names.
  func list(_ fields: [String], hasLines: Bool) -> [LoadProblem] {
    counts.sorted { a, b in
      (a.key.field ?? -1, -a.value.count, a.key.reason.rawValue)
        < (b.key.field ?? -1, -b.value.count, b.key.reason.rawValue)
    }.map { key, value in
      LoadProblem(
        reason: key.reason.rawValue, field: key.field.map { fields[$0] } ?? "", count: value.count,
        places: value.places, hasLines: hasLines)
    }
  }
}
