import Bitmaps
import Events
import Rules

/// What one gauge has measured so far, by key: the ordinal of a user in the bucket, or of a group of one user's events.
struct GaugeState {
  private let kind: EvaluationPlan.Gauge.Kind
  private var users: Int
  /// `count`, `days`, the longest `streak`, and after `settle` the distinct ones.
  private var counts: [UInt32] = []
  /// `days` and `streak`: the last day that was counted.
  private var lastDay: [Int32] = []
  /// `streak`: the run that is going on.
  private var runs: [UInt32] = []
  /// `dwell` in milliseconds; `sum`, `largest` and `smallest` in millionths (of `dwell` in milliseconds).
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
    self.users = 0
    grow(to: users)
  }

  /// One whose rows were counted elsewhere.
  init(_ kind: EvaluationPlan.Gauge.Kind, counts: [UInt32]) {
    self.kind = kind
    self.counts = counts
    users = counts.count
  }

  /// Makes room for more keys, which have measured nothing yet.
  mutating func grow(to count: Int) {
    guard count > users else { return }
    let more = count - users
    users = count
    switch kind {
    case .count: counts += repeatElement(0, count: more)
    case .days:
      counts += repeatElement(0, count: more)
      lastDay += repeatElement(.min, count: more)
    case .streak:
      counts += repeatElement(0, count: more)
      lastDay += repeatElement(.min, count: more)
      runs += repeatElement(0, count: more)
    case .dwell, .largest, .smallest:
      sums += repeatElement(0, count: more)
      flags += repeatElement(0, count: more)
    case .sum:
      sums += repeatElement(0, count: more)
      high += repeatElement(0, count: more)
      flags += repeatElement(0, count: more)
    case .distinct: break
    case .extreme(let which, _):
      times += repeatElement(which == .first ? .max : .min, count: more)
      hits += repeatElement(0, count: more)
      flags += repeatElement(0, count: more)
    }
  }

  // MARK: Rows

  /// Takes the matching rows of a batch. Days come newest first.
  /// - Parameter keys: of each row; below what the gauge has room for.
  mutating func take(
    _ rows: [UInt32], _ keys: [UInt32], _ batch: EventBatch, _ predicates: Predicates,
    tables: LoadedTables?, matches: [UInt8]?, zone: CalendarZone
  ) {
    switch kind {
    case .count: Self.count(&counts, keys)
    case .days: countDays(keys, batch.day.number)
    case .streak: countStreaks(keys, batch.day.number)
    case .dwell: addDwell(rows, keys, batch)
    case .sum(let field): addNumbers(rows, keys, batch, field)
    case .largest(let field): addLimits(rows, keys, batch, field) { $0 > $1 }
    case .smallest(let field): addLimits(rows, keys, batch, field) { $0 < $1 }
    case .distinct(let field, let elements):
      addDistinct(rows, keys, batch, field, elements, predicates, tables, zone)
    case .extreme(let which, _): addExtreme(rows, keys, batch, which, matches)
    }
  }

  private static func count(_ counts: inout [UInt32], _ keys: [UInt32]) {
    unsafe counts.withUnsafeMutableBufferPointer { counts in
      for key in keys { unsafe counts[Int(key)] &+= 1 }
    }
  }

  private mutating func countDays(_ keys: [UInt32], _ day: Int32) {
    unsafe counts.withUnsafeMutableBufferPointer { counts in
      unsafe lastDay.withUnsafeMutableBufferPointer { lastDay in
        for key in keys {
          let user = Int(key)
          unsafe counts[user] &+= lastDay[user] == day ? 0 : 1
          unsafe lastDay[user] = day
        }
      }
    }
  }

  private mutating func countStreaks(_ keys: [UInt32], _ day: Int32) {
    for key in keys {
      let user = Int(key)
      guard lastDay[user] != day else { continue }
      runs[user] = lastDay[user] == day &+ 1 ? runs[user] &+ 1 : 1
      lastDay[user] = day
      counts[user] = max(counts[user], runs[user])
    }
  }

  private mutating func addDwell(_ rows: [UInt32], _ keys: [UInt32], _ batch: EventBatch) {
    guard case .durations(let values)? = batch.columns[.dwell] else {
      for key in keys { flags[Int(key)] |= 1 }
      return
    }
    unsafe sums.withUnsafeMutableBufferPointer { sums in
      unsafe flags.withUnsafeMutableBufferPointer { flags in
        unsafe values.withUnsafeBufferPointer { values in
          for index in rows.indices {
            let user = Int(keys[index])
            let value = unsafe values[Int(rows[index])]
            unsafe sums[user] &+= value == .max ? 0 : Int64(value)
            unsafe flags[user] |= value == .max ? 1 : 3
          }
        }
      }
    }
  }

  private mutating func addNumbers(_ rows: [UInt32], _ keys: [UInt32], _ batch: EventBatch, _ field: Field) {
    guard case .numbers(let values)? = batch.columns[field] else {
      for key in keys { flags[Int(key)] |= 1 }
      return
    }
    unsafe sums.withUnsafeMutableBufferPointer { sums in
      unsafe flags.withUnsafeMutableBufferPointer { flags in
        unsafe values.withUnsafeBufferPointer { values in
          for index in rows.indices {
            let user = Int(keys[index])
            guard let number = unsafe Decimal6(values[Int(rows[index])]) else {
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

  /// The largest or smallest known value.
  @inline(__always) private mutating func addLimits(
    _ rows: [UInt32], _ keys: [UInt32], _ batch: EventBatch, _ field: Field, better: (Int64, Int64) -> Bool
  ) {
    for index in rows.indices {
      let row = Int(rows[index])
      let value: Int64?
      switch batch.columns[field] {
      case .numbers(let values)?: value = Decimal6(values[row])?.millionths
      case .durations(let values)?: value = values[row] == .max ? nil : Int64(values[row])
      default: value = nil
      }
      guard let value else { continue }
      let user = Int(keys[index])
      if flags[user] == 0 || better(value, sums[user]) { sums[user] = value }
      flags[user] = 3
    }
  }

  // MARK: Distinct values

  private mutating func addDistinct(
    _ rows: [UInt32], _ keys: [UInt32], _ batch: EventBatch, _ field: Field, _ elements: Match?,
    _ predicates: Predicates, _ tables: LoadedTables?, _ zone: CalendarZone
  ) {
    switch field.kind {
    case .hour:
      for (row, key) in zip(rows, keys) {
        push(key, UInt32(zone.hour(of: Milliseconds(batch.times[Int(row)]))))
      }
      return
    case .weekday:
      for key in keys { push(key, UInt32(batch.day.weekday)) }
      return
    default: break
    }
    switch batch.columns[field] {
    case .codes(let codes, let dictionary)?:
      let distinct = predicates.distinctCodes(field, dictionary)
      for (row, key) in zip(rows, keys) {
        let code = Int(codes[Int(row)])
        if code < distinct.count { push(key, distinct[code]) }
      }
    case .lists(let offsets, let codes, let dictionary)?:
      let distinct = predicates.distinctCodes(field, dictionary)
      let wanted = elements.map { predicates.table($0, dictionary, separator: field.separator, tables) }
      for (row, key) in zip(rows, keys) {
        for index in Int(offsets[Int(row)])..<Int(offsets[Int(row) + 1]) {
          let code = Int(codes[index])
          if wanted.map({ $0[code] != 0 }) ?? true { push(key, distinct[code]) }
        }
      }
    case .numbers(let values)?:
      for (row, key) in zip(rows, keys) {
        guard let number = Decimal6(values[Int(row)]) else { continue }
        push(key, value: UInt64(bitPattern: number.millionths))
      }
    case .durations(let values)?:
      for (row, key) in zip(rows, keys) where values[Int(row)] != .max { push(key, values[Int(row)]) }
    case .ids(let values)?:
      for (row, key) in zip(rows, keys) where values[Int(row)] != 0 { push(key, value: values[Int(row)]) }
    case .times(let values)?:
      for (row, key) in zip(rows, keys) where values[Int(row)] != .min {
        push(key, value: UInt64(bitPattern: values[Int(row)]))
      }
    case nil: break
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
    _ rows: [UInt32], _ keys: [UInt32], _ batch: EventBatch, _ which: Extreme.Which, _ matches: [UInt8]?
  ) {
    for (row, key) in zip(rows, keys) {
      let user = Int(key)
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
    case .count, .days, .streak, .distinct: Int128(counts[user])
    case .largest, .smallest: flags[user] == 0 ? nil : Int128(sums[user])
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
    case .count, .days, .streak, .distinct:
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
