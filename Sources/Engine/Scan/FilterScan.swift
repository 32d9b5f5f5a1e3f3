import Events
import Rules

/// Evaluates filters on one batch: a byte a row for a part of a filter, then the numbers of the matching rows.
///
/// Parts that several filters share (most often the event's name) are computed once a batch. One a worker; its
/// memory is reused from batch to batch.
struct FilterScan {
  private let predicates: Predicates
  private let zone: CalendarZone
  private var batch = EventBatch(day: Day(number: 0), users: [], times: [])
  private var masks: [Filter: [UInt8]] = [:]
  private var selections: [Filter: [UInt32]] = [:]
  private var alive: [UInt8]?
  private var hours: [UInt8]?

  init(_ predicates: Predicates, zone: CalendarZone) {
    self.predicates = predicates
    self.zone = zone
  }

  mutating func begin(_ batch: EventBatch) {
    self.batch = batch
    masks.removeAll(keepingCapacity: true)
    selections.removeAll(keepingCapacity: true)
    hours = nil
    alive = batch.deletedRows.isEmpty ? nil : ScanKernels.alive(batch.rowCount, batch.deletedRows)
  }

  /// The rows that pass, ascending. Replaced rows never do.
  mutating func rows(_ filter: Filter) -> [UInt32] {
    if let known = selections[filter] { return known }
    let rows: [UInt32]
    // A conjunction begins with the rows of its first part, which is shared, and looks at those only.
    if case .all(let parts) = filter, let first = parts.first {
      rows = parts.dropFirst().reduce(self.rows(first)) { rows, part in refined(rows, part) }
    } else if filter == .always, alive == nil {
      rows = Array(0..<UInt32(batch.rowCount))
    } else {
      rows = ScanKernels.select(mask(filter), alive)
    }
    selections[filter] = rows
    return rows
  }

  private mutating func refined(_ rows: [UInt32], _ part: Filter) -> [UInt32] {
    if rows.isEmpty { return rows }
    if case .field(let field, let match) = part,
      case .codes(let codes, let dictionary)? = batch.columns[field]
    {
      let table = predicates.table(match, dictionary, separator: field.separator)
      return switch codes {
      case .u8(let codes): ScanKernels.refine(rows, codes, table)
      case .u16(let codes): ScanKernels.refine(rows, codes, table)
      case .u32(let codes): ScanKernels.refine(rows, codes, table)
      }
    }
    return ScanKernels.refine(rows, mask(part))
  }

  /// A byte a row: 1 where the filter holds.
  mutating func mask(_ filter: Filter) -> [UInt8] {
    if let known = masks[filter] { return known }
    let mask: [UInt8]
    switch filter {
    case .always: mask = Array(repeating: 1, count: batch.rowCount)
    case .field(let field, let match): mask = self.mask(field, match)
    case .all(let parts):
      mask = parts.reduce(nil) { joined($0, $1, &) } ?? Array(repeating: 1, count: batch.rowCount)
    case .any(let parts): mask = joinedAny(parts)
    case .none(let parts): mask = joinedAny(parts).map { $0 ^ 1 }
    }
    masks[filter] = mask
    return mask
  }

  private mutating func joinedAny(_ parts: [Filter]) -> [UInt8] {
    parts.reduce(nil) { joined($0, $1, |) } ?? Array(repeating: 0, count: batch.rowCount)
  }

  private mutating func joined(_ known: [UInt8]?, _ part: Filter, _ operation: (UInt8, UInt8) -> UInt8)
    -> [UInt8]
  {
    let mask = self.mask(part)
    guard var known else { return mask }
    for row in known.indices { known[row] = operation(known[row], mask[row]) }
    return known
  }

  private mutating func mask(_ field: Field, _ match: Match) -> [UInt8] {
    switch field.kind {
    case .weekday:
      let holds = match.holds(number: Int64(batch.day.weekday))
      return Array(repeating: holds ? 1 : 0, count: batch.rowCount)
    case .hour:
      let table = (0..<24).map { match.holds(number: Int64($0)) ? UInt8(1) : 0 }
      return ScanKernels.lookup(hoursOfRows(), table)
    default: break
    }
    switch batch.columns[field] {
    case .codes(let codes, let dictionary)?:
      let table = predicates.table(match, dictionary, separator: field.separator)
      return switch codes {
      case .u8(let codes): ScanKernels.lookup(codes, table)
      case .u16(let codes): ScanKernels.lookup(codes, table)
      case .u32(let codes): ScanKernels.lookup(codes, table)
      }
    case .lists(let offsets, let codes, let dictionary)?:
      return lists(match, offsets, codes, dictionary, field.separator)
    case .numbers(let numbers)?:
      return numbers.map { match.holds(number: $0.isNaN ? nil : Decimal6($0)?.millionths) ? 1 : 0 }
    case .durations(let values)?:
      return values.map { match.holds(number: $0 == .max ? nil : Int64($0)) ? 1 : 0 }
    case .times(let values)?:
      return values.map { match.holds(number: $0 == .min ? nil : $0) ? 1 : 0 }
    case .ids(let values)?:
      return values.map { match.holds(number: $0 == 0 ? nil : Int64(bitPattern: $0)) ? 1 : 0 }
    case nil:
      // The part lacks the column: unknown on every row.
      let holds = match.holds(text: nil, separator: nil)
      return Array(repeating: holds ? 1 : 0, count: batch.rowCount)
    }
  }

  /// One element is enough; `not` wants elements of which none matches; `allOf` wants one for each.
  private func lists(
    _ match: Match, _ offsets: [UInt32], _ codes: EventColumn.Codes, _ dictionary: TextDictionary,
    _ separator: UInt8?
  ) -> [UInt8] {
    func rows(_ holds: (Int, Int) -> Bool) -> [UInt8] {
      (0..<batch.rowCount).map { holds(Int(offsets[$0]), Int(offsets[$0 + 1])) ? 1 : 0 }
    }
    switch match {
    case .known(let known): return rows { ($0 < $1) == known }
    case .not(let inner):
      let mask = lists(inner, offsets, codes, dictionary, separator)
      return (0..<batch.rowCount).map { offsets[$0] < offsets[$0 + 1] && mask[$0] == 0 ? 1 : 0 }
    case .allOf(let tests):
      var mask = [UInt8](repeating: 1, count: batch.rowCount)
      for test in tests {
        let part = lists(.text(test), offsets, codes, dictionary, separator)
        for row in mask.indices { mask[row] &= part[row] }
      }
      return mask
    case .anyOf(let matches) where matches.contains(where: { if case .text = $0 { false } else { true } }):
      var mask = [UInt8](repeating: 0, count: batch.rowCount)
      for inner in matches {
        let part = lists(inner, offsets, codes, dictionary, separator)
        for row in mask.indices { mask[row] |= part[row] }
      }
      return mask
    default:
      let table = predicates.table(match, dictionary, separator: separator)
      return rows { start, end in (start..<end).contains { table[Int(codes[$0])] != 0 } }
    }
  }

  private mutating func hoursOfRows() -> [UInt8] {
    if let hours { return hours }
    let range = zone.range(of: batch.day)
    let plain = range.upperBound.value - range.lowerBound.value == 86_400_000
    let made = batch.times.map { time -> UInt8 in
      let since = time - range.lowerBound.value
      // A day of 24 hours needs no look at the zone.
      if plain, since >= 0, since < 86_400_000 { return UInt8(since / 3_600_000) }
      return UInt8(truncatingIfNeeded: zone.hour(of: Milliseconds(time)))
    }
    hours = made
    return made
  }
}
