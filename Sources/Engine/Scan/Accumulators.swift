import Bitmaps
import Events
import Rules

/// The planes of one bucket. One a worker: its memory is used again from bucket to bucket.
struct Accumulators {
  typealias Pass = AccumulatorPlan.Pass
  typealias Width = AccumulatorPlan.Width

  private var users = 0
  /// From one plane to the next: a number for each user and for replaced rows, and a few more, so that planes do
  /// not fall on the same lines of the cache.
  private var stride = 0
  private let planes: [Width: Int]
  private let predicates: Predicates
  private let routes: Routes
  private var narrow: [UInt8] = []
  private var wide: [UInt32] = []
  private var met: [Width: PairSet<UInt64>] = [:]
  /// By number of the plan's sets. In 32 bits where a user and an article fit, so that more of them are in the cache.
  private var firsts: [PairSet<UInt64>]
  private var compactFirsts: [PairSet<UInt32>]
  private let articles: Int
  /// Of the batch at hand, by number of the set: 1 for the first row of a user and value.
  private var fresh: [[UInt8]?]

  /// - Parameter articles: how many the source has in all parts.
  init(_ plan: AccumulatorPlan, _ predicates: Predicates, _ routes: Routes, articles: Int) {
    planes = plan.planes
    self.predicates = predicates
    self.routes = routes
    self.articles = articles
    firsts = Array(repeating: PairSet(), count: plan.firstSetCount)
    compactFirsts = Array(repeating: PairSet(), count: plan.firstSetCount)
    fresh = Array(repeating: nil, count: plan.firstSetCount)
  }

  /// Makes ready for a bucket.
  mutating func begin(users: Int) {
    self.users = users
    stride = (users + 1 + 63) / 64 * 64 + 64
    assert(stride <= users + Self.padding)
    Self.clear(&narrow, (planes[.narrow] ?? 1) * stride)
    Self.clear(&wide, (planes[.wide] ?? 1) * stride)
    met.removeAll()
    for set in firsts.indices {
      firsts[set].removeAll()
      compactFirsts[set].removeAll()
    }
  }

  private static func clear<Number: FixedWidthInteger>(_ numbers: inout [Number], _ count: Int) {
    if numbers.count < count {
      numbers = Array(repeating: 0, count: count)
    } else {
      unsafe numbers.withUnsafeMutableBufferPointer { unsafe $0[..<count].update(repeating: 0) }
    }
  }

  /// A stride is at most so much more than a bucket's users.
  static let padding = 128

  // MARK: Rows

  /// Takes a batch.
  /// - Parameters:
  ///   - piece: of which piece it is.
  ///   - number: of its day, from 1: newest first, each once.
  mutating func take(
    _ batch: EventBatch, piece: Int, day number: Int, _ passes: [Pass], _ filters: inout FilterScan
  ) {
    var named: NamedRows?
    for set in fresh.indices { fresh[set] = nil }
    for pass in passes {
      if case .selected(let filter) = pass.rows {
        let selection = filters.select(filter)
        if !selection.rows.isEmpty { add(selection, batch, pass, number) }
        continue
      }
      let rows = named ?? NamedRows(batch, trash: UInt32(users))
      named = rows
      if let set = pass.firsts, fresh[set] == nil { findFirsts(set, pass, rows, piece, passes) }
      switch pass.rows {
      case .named(let event):
        let plane = pass.members[0].plane
        for range in rows.ranges(event, predicates) { add(rows, range, pass, number) { _ in plane } }
      case .routed(let event, let field):
        let ranges = rows.ranges(event, predicates)
        if !ranges.isEmpty { route(rows, ranges, field, pass, number) }
      case .selected: break
      }
    }
  }

  private mutating func route(
    _ rows: NamedRows, _ ranges: [Range<Int>], _ field: Field, _ pass: Pass, _ day: Int
  ) {
    if let column = rows.batch.articleColumns[field],
      case .codes(let articles, _)? = rows.batch.columns[.article]
    {
      for layer in routes.layers(pass, field, column) { route(rows, ranges, articles, layer, pass, day) }
      return
    }
    switch rows.batch.columns[field] {
    case .codes(let codes, let dictionary)?:
      for layer in routes.layers(pass, field, dictionary) { route(rows, ranges, codes, layer, pass, day) }
    case .lists(let offsets, let codes, let dictionary)?:
      for layer in routes.layers(pass, field, dictionary) {
        for range in ranges {
          let (chosen, planes) =
            switch codes {
            case .u8(let codes): PlaneKernels.elements(range, offsets, codes, layer)
            case .u16(let codes): PlaneKernels.elements(range, offsets, codes, layer)
            case .u32(let codes): PlaneKernels.elements(range, offsets, codes, layer)
            }
          if !chosen.isEmpty { add(chosen, planes, rows, pass, day) }
        }
      }
    default:
      // The part lacks the column: unknown on every row, which most tests refuse.
      for layer in routes.layers(pass, field, Self.nothing) {
        let unknown = [UInt8](repeating: 0, count: rows.batch.rowCount)
        route(rows, ranges, .u8(unknown), layer, pass, day)
      }
    }
  }

  /// The dictionary of a column that is not there.
  private static let nothing = TextDictionary([])

  private mutating func route(
    _ rows: NamedRows, _ ranges: [Range<Int>], _ codes: EventColumn.Codes, _ layer: [UInt16], _ pass: Pass,
    _ day: Int
  ) {
    for range in ranges {
      switch codes {
      case .u8(let codes): route(rows, range, codes, layer, pass, day)
      case .u16(let codes): route(rows, range, codes, layer, pass, day)
      case .u32(let codes): route(rows, range, codes, layer, pass, day)
      }
    }
  }

  private mutating func route<Code: FixedWidthInteger & UnsignedInteger>(
    _ rows: NamedRows, _ range: Range<Int>, _ codes: [Code], _ layer: [UInt16], _ pass: Pass, _ day: Int
  ) {
    unsafe codes.withUnsafeBufferPointer { codes in
      unsafe layer.withUnsafeBufferPointer { layer in
        guard let all = codes.baseAddress, let planes = layer.baseAddress else { return }
        let first = unsafe all + range.lowerBound
        add(rows, range, pass, day) { row in
          unsafe Int(truncatingIfNeeded: planes[Int(truncatingIfNeeded: first[row])])
        }
      }
    }
  }

  // MARK: Adding

  /// Adds the rows of a range.
  @inline(__always)
  private mutating func add(
    _ rows: NamedRows, _ range: Range<Int>, _ pass: Pass, _ day: Int, plane: (Int) -> Int
  ) {
    let first = range.lowerBound
    unsafe rows.users.withUnsafeBufferPointer { users in
      guard let base = users.baseAddress else { return }
      unsafe add(base + first, range.count, rows.batch, pass, day, plane: plane) { first &+ $0 }
    }
  }

  /// Adds rows that were chosen one by one.
  private mutating func add(_ selection: Selection, _ batch: EventBatch, _ pass: Pass, _ day: Int) {
    let plane = pass.members[0].plane
    unsafe selection.keys.withUnsafeBufferPointer { keys in
      unsafe selection.rows.withUnsafeBufferPointer { chosen in
        guard let users = keys.baseAddress else { return }
        unsafe add(users, keys.count, batch, pass, day, plane: { _ in plane }) {
          unsafe Int(truncatingIfNeeded: chosen[$0])
        }
      }
    }
  }

  private mutating func add(
    _ chosen: [UInt32], _ planes: [UInt16], _ rows: NamedRows, _ pass: Pass, _ day: Int
  ) {
    let users = ScanKernels.gather(rows.users, chosen)
    unsafe users.withUnsafeBufferPointer { keys in
      unsafe chosen.withUnsafeBufferPointer { chosen in
        unsafe planes.withUnsafeBufferPointer { planes in
          guard let users = keys.baseAddress else { return }
          unsafe add(users, keys.count, rows.batch, pass, day, plane: { unsafe Int(planes[$0]) }) {
            unsafe Int(truncatingIfNeeded: chosen[$0])
          }
        }
      }
    }
  }

  /// - Parameters:
  ///   - plane: of the i-th row that is added.
  ///   - row: of the batch, of the i-th.
  @inline(__always)
  private mutating func add(
    _ users: UnsafePointer<UInt32>, _ count: Int, _ batch: EventBatch, _ pass: Pass, _ day: Int,
    plane: (Int) -> Int, row: (Int) -> Int
  ) {
    let stride = stride
    switch (pass.kind, pass.width) {
    case (.count, .narrow):
      unsafe Self.numbers(&narrow) {
        unsafe PlaneKernels.count($0, users, count, stride: stride, plane: plane)
      }
    case (.count, .wide):
      unsafe Self.numbers(&wide) { unsafe PlaneKernels.count($0, users, count, stride: stride, plane: plane) }
    case (.days, _):
      let day = UInt32(truncatingIfNeeded: day)
      unsafe Self.numbers(&wide) {
        unsafe PlaneKernels.countDays($0, users, count, stride: stride, day: day, plane: plane)
      }
    case (.dwell, _):
      guard case .durations(let values)? = batch.columns[.dwell] else { return }
      unsafe values.withUnsafeBufferPointer { values in
        unsafe Self.numbers(&wide) {
          unsafe PlaneKernels.add($0, users, count, stride: stride, plane: plane) { unsafe values[row($0)] }
        }
      }
    case (.distinct, let width) where pass.firsts != nil:
      guard let set = pass.firsts, let fresh = fresh[set] else { return }
      unsafe fresh.withUnsafeBufferPointer { fresh in
        switch width {
        case .narrow:
          unsafe Self.numbers(&narrow) {
            unsafe PlaneKernels.add($0, users, count, stride: stride, plane: plane) { unsafe fresh[row($0)] }
          }
        case .wide:
          unsafe Self.numbers(&wide) {
            unsafe PlaneKernels.add($0, users, count, stride: stride, plane: plane) {
              unsafe UInt32(fresh[row($0)])
            }
          }
        }
      }
    case (.distinct(let field), _):
      guard let (codes, shared) = values(of: field, batch) else { return }
      switch codes {
      case .u8(let codes): unsafe addDistinct(users, count, codes, shared, pass.width, plane: plane, row: row)
      case .u16(let codes):
        unsafe addDistinct(users, count, codes, shared, pass.width, plane: plane, row: row)
      case .u32(let codes):
        unsafe addDistinct(users, count, codes, shared, pass.width, plane: plane, row: row)
      }
    }
  }

  /// A text column's codes, and for each code the one of all parts; nil where the batch has no such column.
  private func values(of field: Field, _ batch: EventBatch) -> (codes: EventColumn.Codes, shared: [UInt32])? {
    if case .codes(let codes, let dictionary)? = batch.columns[field] {
      return (codes, predicates.distinctCodes(field, dictionary))
    }
    guard let column = batch.articleColumns[field], case .codes(let values, _) = column.values,
      case .codes(let articles, _)? = batch.columns[.article]
    else { return nil }
    let shared = predicates.distinctCodes(field, column.dictionary)
    return (
      articles, (0..<values.count).map { Int(values[$0]) < shared.count ? shared[Int(values[$0])] : .max }
    )
  }

  /// Finds the rows of a batch whose user and value of a field were not met before.
  private mutating func findFirsts(
    _ set: Int, _ pass: Pass, _ rows: NamedRows, _ piece: Int, _ passes: [Pass]
  ) {
    guard case .distinct(let field) = pass.kind, let (codes, all) = values(of: field, rows.batch) else {
      return
    }
    let shared = field == .article ? routes.counted(set, piece: piece, passes, rows.batch, all) : all
    var fresh = [UInt8](repeating: 0, count: rows.batch.rowCount)
    for range in rows.ranges(pass.rows.event, predicates) {
      switch codes {
      case .u8(let codes): findFirsts(set, field, range, rows, codes, shared, &fresh)
      case .u16(let codes): findFirsts(set, field, range, rows, codes, shared, &fresh)
      case .u32(let codes): findFirsts(set, field, range, rows, codes, shared, &fresh)
      }
    }
    self.fresh[set] = fresh
  }

  private mutating func findFirsts<Code: FixedWidthInteger & UnsignedInteger>(
    _ set: Int, _ field: Field, _ range: Range<Int>, _ rows: NamedRows, _ codes: [Code], _ shared: [UInt32],
    _ fresh: inout [UInt8]
  ) {
    // Users count from 1, and one more stands for replaced rows.
    let bits = (users + 1).leadingZeroBitCount - 32
    if field == .article, bits > 0, articles < 1 << bits {
      PlaneKernels.firsts(
        range, rows.users, codes, shared, bits: UInt32(bits), &compactFirsts[set], &fresh)
    } else {
      PlaneKernels.firsts(range, rows.users, codes, shared, bits: 32, &firsts[set], &fresh)
    }
  }

  /// - Parameter shared: for each code the one of all parts; "unknown" has none.
  @inline(__always)
  private mutating func addDistinct<Code: FixedWidthInteger & UnsignedInteger>(
    _ users: UnsafePointer<UInt32>, _ count: Int, _ codes: [Code], _ shared: [UInt32], _ width: Width,
    plane: (Int) -> Int, row: (Int) -> Int
  ) {
    var met = self.met.removeValue(forKey: width) ?? PairSet()
    let stride = stride
    unsafe codes.withUnsafeBufferPointer { codes in
      unsafe shared.withUnsafeBufferPointer { shared in
        switch width {
        case .narrow:
          unsafe Self.numbers(&narrow) {
            unsafe PlaneKernels.countDistinct($0, &met, users, count, stride: stride, plane: plane) {
              let code = unsafe Int(truncatingIfNeeded: codes[row($0)])
              return unsafe code < shared.count ? shared[code] : .max
            }
          }
        case .wide:
          unsafe Self.numbers(&wide) {
            unsafe PlaneKernels.countDistinct($0, &met, users, count, stride: stride, plane: plane) {
              let code = unsafe Int(truncatingIfNeeded: codes[row($0)])
              return unsafe code < shared.count ? shared[code] : .max
            }
          }
        }
      }
    }
    self.met[width] = met
  }

  /// All planes of a width, as kernels take them.
  @inline(__always)
  private static func numbers<Number>(
    _ planes: inout [Number], _ body: (UnsafeMutablePointer<Number>) -> Void
  ) {
    unsafe planes.withUnsafeMutableBufferPointer { planes in
      if let first = planes.baseAddress { unsafe body(first) }
    }
  }

  // MARK: Readings

  /// The users whose number is in a range now.
  func users(_ reading: AccumulatorPlan.Reading, in range: ClosedRange<Int64>) -> Bitset {
    let first = reading.plane * stride
    guard range.upperBound >= 0 else { return Bitset(size: users) }
    let low = UInt32(clamping: range.lowerBound)
    let high = UInt32(clamping: range.upperBound)
    switch reading.width {
    case .narrow:
      return unsafe narrow.withUnsafeBufferPointer { planes in
        guard let numbers = planes.baseAddress else { return Bitset(size: users) }
        return Bitset(
          size: users,
          words: unsafe PlaneKernels.bits(
            numbers + first, users, from: UInt8(clamping: low), through: UInt8(clamping: high)))
      }
    case .wide:
      // The days that were counted stand in the lower half.
      let mask: UInt32 = reading.kind == .days ? 0xffff : .max
      guard low <= mask else { return Bitset(size: users) }
      return unsafe wide.withUnsafeBufferPointer { planes in
        guard let numbers = planes.baseAddress else { return Bitset(size: users) }
        return Bitset(
          size: users,
          words: unsafe PlaneKernels.bits(
            numbers + first, users, from: low, through: min(high, mask), mask: mask))
      }
    }
  }

  /// The number of each user now; only of readings that keep values.
  func values(_ reading: AccumulatorPlan.Reading) -> [UInt32] {
    let numbers = wide[reading.plane * stride..<reading.plane * stride + users]
    return reading.kind == .days ? numbers.map { $0 & 0xffff } : Array(numbers)
  }
}

/// A batch whose rows of one event name stand together, and where each name's are.
private struct NamedRows {
  let batch: EventBatch
  /// Replaced rows belong to a user who is nobody.
  let users: [UInt32]
  /// Runs of one event code, in order.
  private let runs: [(code: Int, rows: Range<Int>)]

  /// - Parameter trash: the user of rows that were replaced.
  init(_ batch: EventBatch, trash: UInt32) {
    var batch = batch
    if !batch.deletedRows.isEmpty {
      for row in batch.deletedRows { batch.users[Int(row)] = trash }
    }
    guard case .codes(let codes, let dictionary)? = batch.columns[.event] else {
      (self.batch, users, runs) = (batch, batch.users, [])
      return
    }
    if batch.isOfOneEvent {
      (self.batch, users, runs) = (batch, batch.users, [(Int(codes[0]), 0..<batch.rowCount)])
      return
    }
    let limit = dictionary.values.count + 1
    if let runs = Self.runs(codes, most: limit) {
      (self.batch, users, self.runs) = (batch, batch.users, runs)
      return
    }
    // Rows in memory, or of a source that does not keep names together.
    let order = Self.order(codes, limit)
    let sorted = batch.permuted(order)
    guard case .codes(let codes, _)? = sorted.columns[.event], let runs = Self.runs(codes, most: limit) else {
      preconditionFailure("rows sorted by name are in as many runs as there are names")
    }
    (self.batch, users, self.runs) = (sorted, sorted.users, runs)
  }

  /// The rows of some event names.
  func ranges(_ event: Match?, _ predicates: Predicates) -> [Range<Int>] {
    guard let event else { return batch.rowCount == 0 ? [] : [0..<batch.rowCount] }
    guard case .codes(_, let dictionary)? = batch.columns[.event] else {
      return event.holds(text: nil, separator: nil) ? [0..<batch.rowCount] : []
    }
    let table = predicates.table(event, dictionary, separator: nil)
    return runs.filter { table[$0.code] != 0 }.map(\.rows)
  }

  private static func runs(_ codes: EventColumn.Codes, most: Int) -> [(code: Int, rows: Range<Int>)]? {
    switch codes {
    case .u8(let codes): runs(codes, most: most)
    case .u16(let codes): runs(codes, most: most)
    case .u32(let codes): runs(codes, most: most)
    }
  }

  /// nil where there are more.
  private static func runs<Code: FixedWidthInteger & UnsignedInteger>(_ codes: [Code], most: Int) -> [(
    code: Int, rows: Range<Int>
  )]? {
    var runs: [(code: Int, rows: Range<Int>)] = []
    var start = 0
    while start < codes.count {
      let code = codes[start]
      var end = start + 1
      while end < codes.count, codes[end] == code { end += 1 }
      guard runs.count < most else { return nil }
      runs.append((Int(truncatingIfNeeded: code), start..<end))
      start = end
    }
    return runs
  }

  /// Rows by code, of one code as they were.
  private static func order(_ codes: EventColumn.Codes, _ limit: Int) -> [Int] {
    var rows = Array(repeating: [Int](), count: limit)
    for row in 0..<codes.count { rows[Int(codes[row])].append(row) }
    return rows.flatMap { $0 }
  }
}
