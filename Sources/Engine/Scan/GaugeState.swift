import Bitmaps
import Events
import Rules

/// What one gauge has measured of one bucket's users so far.
struct GaugeState {
  private let kind: EvaluationPlan.Gauge.Kind
  private let users: Int
  /// `count`, `days`, and after `settle` the distinct ones.
  private var counts: [UInt32] = []
  /// `days`: the last day that was counted.
  private var lastDay: [Int32] = []
  /// `dwell` in milliseconds; `sum` in millionths.
  private var sums: [Int64] = []
  /// The carry of `sum` beyond 64 bits.
  private var high: [Int64] = []
  /// Bit 0: an event matched; bit 1: one of them was known.
  private var flags: [UInt8] = []
  /// `distinct`: user and value, not yet sorted.
  private var pairs: [UInt64] = []
  /// How many pairs there may be before they are made distinct.
  private var limit = 1 << 20
  /// `distinct` of 64-bit values: a code for each that was met.
  private var codes: [UInt64: UInt32] = [:]
  /// `extreme`.
  private var times: [Int64] = []
  private var hits: [UInt8] = []

  init(_ kind: EvaluationPlan.Gauge.Kind, users: Int) {
    self.kind = kind
    self.users = users
    switch kind {
    case .count: counts = Array(repeating: 0, count: users)
    case .days:
      counts = Array(repeating: 0, count: users)
      lastDay = Array(repeating: .min, count: users)
    case .dwell:
      sums = Array(repeating: 0, count: users)
      flags = Array(repeating: 0, count: users)
    case .sum:
      sums = Array(repeating: 0, count: users)
      high = Array(repeating: 0, count: users)
      flags = Array(repeating: 0, count: users)
    case .distinct: break
    case .extreme(let which, _):
      times = Array(repeating: which == .first ? .max : .min, count: users)
      hits = Array(repeating: 0, count: users)
      flags = Array(repeating: 0, count: users)
    }
  }

  // MARK: Rows

  /// Takes the matching rows of a batch.
  mutating func take(
    _ rows: [UInt32], _ batch: EventBatch, _ predicates: Predicates, matches: [UInt8]?, zone: CalendarZone
  ) {
    switch kind {
    case .count: Self.count(&counts, rows, batch.users)
    case .days: countDays(rows, batch)
    case .dwell: addDwell(rows, batch)
    case .sum(let field): addNumbers(rows, batch, field)
    case .distinct(let field, let elements): addDistinct(rows, batch, field, elements, predicates, zone)
    case .extreme(let which, _): addExtreme(rows, batch, which, matches)
    }
  }

  private static func count(_ counts: inout [UInt32], _ rows: [UInt32], _ users: [UInt32]) {
    unsafe counts.withUnsafeMutableBufferPointer { counts in
      unsafe users.withUnsafeBufferPointer { users in
        for row in rows { unsafe counts[Int(users[Int(row)])] &+= 1 }
      }
    }
  }

  private mutating func countDays(_ rows: [UInt32], _ batch: EventBatch) {
    let day = batch.day.number
    unsafe counts.withUnsafeMutableBufferPointer { counts in
      unsafe lastDay.withUnsafeMutableBufferPointer { lastDay in
        unsafe batch.users.withUnsafeBufferPointer { users in
          for row in rows {
            let user = unsafe Int(users[Int(row)])
            unsafe counts[user] &+= lastDay[user] == day ? 0 : 1
            unsafe lastDay[user] = day
          }
        }
      }
    }
  }

  private mutating func addDwell(_ rows: [UInt32], _ batch: EventBatch) {
    guard case .durations(let values)? = batch.columns[.dwell] else {
      for row in rows { flags[Int(batch.users[Int(row)])] |= 1 }
      return
    }
    unsafe sums.withUnsafeMutableBufferPointer { sums in
      unsafe flags.withUnsafeMutableBufferPointer { flags in
        unsafe values.withUnsafeBufferPointer { values in
          unsafe batch.users.withUnsafeBufferPointer { users in
            for row in rows {
              let user = unsafe Int(users[Int(row)])
              let value = unsafe values[Int(row)]
              unsafe sums[user] &+= value == .max ? 0 : Int64(value)
              unsafe flags[user] |= value == .max ? 1 : 3
            }
          }
        }
      }
    }
  }

  private mutating func addNumbers(_ rows: [UInt32], _ batch: EventBatch, _ field: Field) {
    guard case .numbers(let values)? = batch.columns[field] else {
      for row in rows { flags[Int(batch.users[Int(row)])] |= 1 }
      return
    }
    unsafe sums.withUnsafeMutableBufferPointer { sums in
      unsafe flags.withUnsafeMutableBufferPointer { flags in
        unsafe values.withUnsafeBufferPointer { values in
          unsafe batch.users.withUnsafeBufferPointer { users in
            for row in rows {
              let user = unsafe Int(users[Int(row)])
              guard let number = unsafe Decimal6(values[Int(row)]) else {
                unsafe flags[user] |= 1
                continue
              }
              // Exact over any number of rows: what overflows 64 bits is carried.
              let (sum, overflow) = unsafe sums[user].addingReportingOverflow(number.millionths)
              unsafe sums[user] = sum
              if overflow { high[user] += number.millionths < 0 ? -1 : 1 }
              unsafe flags[user] |= 3
            }
          }
        }
      }
    }
  }

  // MARK: Distinct values

  private mutating func addDistinct(
    _ rows: [UInt32], _ batch: EventBatch, _ field: Field, _ elements: Match?, _ predicates: Predicates,
    _ zone: CalendarZone
  ) {
    switch field.kind {
    case .hour:
      for row in rows {
        push(batch.users[Int(row)], UInt32(zone.hour(of: Milliseconds(batch.times[Int(row)]))))
      }
      return
    case .weekday:
      for row in rows { push(batch.users[Int(row)], UInt32(batch.day.weekday)) }
      return
    default: break
    }
    switch batch.columns[field] {
    case .codes(let codes, let dictionary)?:
      let distinct = predicates.distinctCodes(field, dictionary)
      for row in rows {
        let code = Int(codes[Int(row)])
        if code < distinct.count { push(batch.users[Int(row)], distinct[code]) }
      }
    case .lists(let offsets, let codes, let dictionary)?:
      let distinct = predicates.distinctCodes(field, dictionary)
      let wanted = elements.map { predicates.table($0, dictionary, separator: field.separator) }
      for row in rows {
        for index in Int(offsets[Int(row)])..<Int(offsets[Int(row) + 1]) {
          let code = Int(codes[index])
          if wanted.map({ $0[code] != 0 }) ?? true { push(batch.users[Int(row)], distinct[code]) }
        }
      }
    case .numbers(let values)?:
      for row in rows {
        guard let number = Decimal6(values[Int(row)]) else { continue }
        push(batch.users[Int(row)], value: UInt64(bitPattern: number.millionths))
      }
    case .durations(let values)?:
      for row in rows where values[Int(row)] != .max { push(batch.users[Int(row)], values[Int(row)]) }
    case .ids(let values)?:
      for row in rows where values[Int(row)] != 0 { push(batch.users[Int(row)], value: values[Int(row)]) }
    case .times, nil: break
    }
  }

  /// Rows of one user are neighbours, and so often are equal values.
  @inline(__always) private mutating func push(_ user: UInt32, _ code: UInt32) {
    let pair = UInt64(user) << 32 | UInt64(code)
    if pairs.last != pair { pairs.append(pair) }
    if pairs.count >= limit { compact() }
  }

  private mutating func push(_ user: UInt32, value: UInt64) {
    let next = UInt32(truncatingIfNeeded: codes.count)
    let code = codes[value, default: next]
    if code == next { codes[value] = next }
    push(user, code)
  }

  /// Memory follows the distinct pairs, not the rows.
  private mutating func compact() {
    pairs.sort()
    var kept = 0
    for index in pairs.indices where index == 0 || pairs[index] != pairs[index - 1] {
      pairs[kept] = pairs[index]
      kept += 1
    }
    pairs.removeLast(pairs.count - kept)
    // Twice what is left: sorting costs a constant a row, however many distinct pairs there are.
    limit = max(1 << 20, pairs.count * 2)
  }

  // MARK: Extremes

  private mutating func addExtreme(
    _ rows: [UInt32], _ batch: EventBatch, _ which: Extreme.Which, _ matches: [UInt8]?
  ) {
    for row in rows {
      let user = Int(batch.users[Int(row)])
      let time = batch.times[Int(row)]
      let hit = matches?[Int(row)] ?? 0
      let better = which == .first ? time < times[user] : time > times[user]
      if better || flags[user] == 0 {
        times[user] = time
        hits[user] = hit
        flags[user] = 1
      } else if time == times[user] {
        hits[user] |= hit
      }
    }
  }

  // MARK: Results

  /// After the last batch.
  mutating func settle() {
    guard case .distinct = kind else { return }
    compact()
    counts = Array(repeating: 0, count: users)
    for pair in pairs { counts[Int(pair >> 32)] += 1 }
    pairs = []
    codes = [:]
  }

  /// A user's value; nil is absent.
  func value(_ user: Int) -> Int128? {
    switch kind {
    case .count, .days, .distinct: Int128(counts[user])
    case .dwell: flags[user] == 1 ? nil : Int128(sums[user])
    case .sum: flags[user] == 1 ? nil : (Int128(high[user]) << 64) + Int128(sums[user])
    case .extreme: nil
    }
  }

  /// The extreme event: its time, and whether it matches.
  func extreme(_ user: Int) -> (time: Int64, matches: Bool)? {
    flags[user] == 0 ? nil : (times[user], hits[user] != 0)
  }

  /// The users whose value passes.
  func users(_ threshold: Threshold) -> Bitset {
    var set = Bitset(size: users)
    let range = threshold.range
    switch kind {
    case .count, .days, .distinct:
      guard range.upperBound >= 0 else { return set }
      let low = UInt64(max(0, range.lowerBound))
      let high = UInt64(range.upperBound)
      for user in 0..<users where UInt64(counts[user]) >= low && UInt64(counts[user]) <= high {
        set.insert(user)
      }
    default:
      for user in 0..<users where threshold.holds(value(user)) { set.insert(user) }
    }
    return set
  }

  /// The users whose extreme event passes.
  func users(where holds: (_ time: Int64, _ matches: Bool) -> Bool) -> Bitset {
    var set = Bitset(size: users)
    for user in 0..<users {
      if let (time, matches) = extreme(user), holds(time, matches) { set.insert(user) }
    }
    return set
  }
}
