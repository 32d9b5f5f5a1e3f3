import Events
import Rules

/// Rows of a batch that pass a filter, and whose they are.
struct Selection {
  var rows: [UInt32]
  /// The user of each row.
  var keys: [UInt32]
}

/// Evaluates filters on one batch: a byte a row for a part of a filter, then the numbers of the matching rows.
///
/// Parts that several filters share (most often the event's name) are computed once a batch. One a worker; its
/// memory is reused from batch to batch.
struct FilterScan {
  typealias BoundFilter = EvaluationPlan.BoundFilter

  private let predicates: Predicates
  private let zone: CalendarZone
  private let tables: PlanTables
  private var batch = EventBatch(day: Day(number: 0), users: [], times: [])
  private var masks: [BoundFilter: [UInt8]] = [:]
  private var selections: [BoundFilter: Selection] = [:]
  private var derived: [DerivedKey: EventColumn] = [:]
  private var alive: [UInt8]?
  private var hours: [UInt8]?

  private struct DerivedKey: Hashable {
    var field: Field
    /// nil: of the batch's own.
    var tables: Day?
  }

  init(_ predicates: Predicates, zone: CalendarZone, tables: PlanTables) {
    self.predicates = predicates
    self.zone = zone
    self.tables = tables
  }

  mutating func begin(_ batch: EventBatch) {
    self.batch = batch
    masks.removeAll(keepingCapacity: true)
    selections.removeAll(keepingCapacity: true)
    derived.removeAll(keepingCapacity: true)
    hours = nil
    alive = batch.deletedRows.isEmpty ? nil : ScanKernels.alive(batch.rowCount, batch.deletedRows)
  }

  /// The rows that pass, ascending, with their users. Replaced rows never do.
  mutating func select(_ filter: BoundFilter) -> Selection {
    if let known = selections[filter] { return known }
    let rows: [UInt32]
    // A conjunction begins with the rows of its first part, which is shared, and looks at those only.
    if case .all(let parts) = filter.filter, let first = parts.first {
      rows = parts.dropFirst().reduce(select(part(first, filter.tables)).rows) { rows, part in
        refined(rows, self.part(part, filter.tables))
      }
    } else if filter.filter == .always, alive == nil {
      rows = Array(0..<UInt32(batch.rowCount))
    } else {
      rows = ScanKernels.select(mask(filter), alive)
    }
    let selection = Selection(rows: rows, keys: ScanKernels.gather(batch.users, rows))
    selections[filter] = selection
    return selection
  }

  /// A part of a filter; without tables where it needs none, so that it is shared.
  private func part(_ filter: Filter, _ tables: Day?) -> BoundFilter {
    BoundFilter(filter: filter, tables: tables != nil && filter.needsTables ? tables : nil)
  }

  private mutating func refined(_ rows: [UInt32], _ part: BoundFilter) -> [UInt32] {
    if rows.isEmpty { return rows }
    if case .field(let field, let match) = part.filter, part.tables == nil,
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
  mutating func mask(_ filter: BoundFilter) -> [UInt8] {
    if let known = masks[filter] { return known }
    let mask: [UInt8]
    switch filter.filter {
    case .always: mask = Array(repeating: 1, count: batch.rowCount)
    case .field(let field, let match): mask = self.mask(field, match, filter.tables)
    case .all(let parts):
      mask =
        parts.reduce(nil) { joined($0, part($1, filter.tables), &) }
        ?? Array(repeating: 1, count: batch.rowCount)
    case .any(let parts): mask = joinedAny(parts, filter.tables)
    case .none(let parts): mask = joinedAny(parts, filter.tables).map { $0 ^ 1 }
    }
    masks[filter] = mask
    return mask
  }

  private mutating func joinedAny(_ parts: [Filter], _ tables: Day?) -> [UInt8] {
    parts.reduce(nil) { joined($0, part($1, tables), |) } ?? Array(repeating: 0, count: batch.rowCount)
  }

  private mutating func joined(_ known: [UInt8]?, _ part: BoundFilter, _ operation: (UInt8, UInt8) -> UInt8)
    -> [UInt8]
  {
    let mask = self.mask(part)
    guard var known else { return mask }
    for row in known.indices { known[row] = operation(known[row], mask[row]) }
    return known
  }

  private mutating func mask(_ field: Field, _ match: Match, _ day: Day?) -> [UInt8] {
    switch field.kind {
    case .weekday:
      let holds = match.holds(number: Int64(batch.day.weekday))
      return Array(repeating: holds ? 1 : 0, count: batch.rowCount)
    case .hour:
      let table = (0..<24).map { match.holds(number: Int64($0)) ? UInt8(1) : 0 }
      return ScanKernels.lookup(hoursOfRows(), table)
    default: break
    }
    let tables = tables[day]
    switch column(field, day) {
    case .codes(let codes, let dictionary)?:
      let table = predicates.table(match, dictionary, separator: field.separator, tables)
      return switch codes {
      case .u8(let codes): ScanKernels.lookup(codes, table)
      case .u16(let codes): ScanKernels.lookup(codes, table)
      case .u32(let codes): ScanKernels.lookup(codes, table)
      }
    case .lists(let offsets, let codes, let dictionary)?:
      return lists(match, offsets, codes, dictionary, field.separator, tables)
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
    _ separator: UInt8?, _ tables: LoadedTables?
  ) -> [UInt8] {
    func rows(_ holds: (Int, Int) -> Bool) -> [UInt8] {
      (0..<batch.rowCount).map { holds(Int(offsets[$0]), Int(offsets[$0 + 1])) ? 1 : 0 }
    }
    switch match {
    case .known(let known): return rows { ($0 < $1) == known }
    case .not(let inner):
      let mask = lists(inner, offsets, codes, dictionary, separator, tables)
      return (0..<batch.rowCount).map { offsets[$0] < offsets[$0 + 1] && mask[$0] == 0 ? 1 : 0 }
    case .allOf(let tests):
      var mask = [UInt8](repeating: 1, count: batch.rowCount)
      for test in tests {
        let part = lists(.text(test), offsets, codes, dictionary, separator, tables)
        for row in mask.indices { mask[row] &= part[row] }
      }
      return mask
    case .anyOf(let matches) where matches.contains(where: { if case .text = $0 { false } else { true } }):
      var mask = [UInt8](repeating: 0, count: batch.rowCount)
      for inner in matches {
        let part = lists(inner, offsets, codes, dictionary, separator, tables)
        for row in mask.indices { mask[row] |= part[row] }
      }
      return mask
    default:
      let table = predicates.table(match, dictionary, separator: separator, tables)
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

  // MARK: Article attributes

  /// A column of the batch, or an attribute of the rows' articles.
  mutating func column(_ field: Field, _ day: Day?) -> EventColumn? {
    // A segment's own tests give attributes with the event.
    if let given = batch.columns[field] { return given }
    if batch.articleColumns[field] != nil {
      let key = DerivedKey(field: field, tables: nil)
      if let known = derived[key] { return known }
      let made = batch.column(byArticle: field)
      derived[key] = made
      return made
    }
    guard field.isOfArticle else { return nil }
    guard let day, let tables = tables[day] else { return nil }
    let key = DerivedKey(field: field, tables: day)
    if let known = derived[key] { return known }
    guard case .codes(let codes, let dictionary)? = batch.columns[.article] else { return nil }
    let made = attribute(field, predicates.articleRows(dictionary, tables), codes, tables.articles)
    if let made { derived[key] = made }
    return made
  }

  private func attribute(
    _ field: Field, _ rows: [Int32], _ codes: EventColumn.Codes, _ table: AttributeTable
  ) -> EventColumn? {
    func gathered<T>(_ values: [T], _ unknown: T) -> [T] {
      (0..<batch.rowCount).map { rows[Int(codes[$0])] < 0 ? unknown : values[Int(rows[Int(codes[$0])])] }
    }
    switch table.columns[field.kind == .age ? .published : field] {
    case .codes(let values, let dictionary)?:
      let unknown = UInt32(dictionary.values.count)
      return .codes(.u32(gathered((0..<values.count).map { values[$0] }, unknown)), dictionary: dictionary)
    case .numbers(let values)?: return .numbers(gathered(values, .nan))
    case .times(let values)?:
      let times = gathered(values, .min)
      guard field.kind == .age else { return .times(times) }
      return .times(
        zip(times, batch.times).map { published, time in
          guard published != .min else { return .min }
          let (age, overflow) = time.subtractingReportingOverflow(published)
          return overflow ? .min : age
        })
    default: return nil
    }
  }

  /// The batch with the columns that a gauge reads, attributes among them.
  mutating func batch(for field: Field?, _ day: Day?) -> EventBatch {
    guard let field, field.isOfArticle || self.batch.articleColumns[field] != nil else { return batch }
    var batch = batch
    batch.columns[field] = column(field, day)
    return batch
  }

  // MARK: Groups

  /// The rows that pass from an instant on.
  mutating func select(_ filter: BoundFilter, from instant: Int64?) -> Selection {
    let selection = select(filter)
    guard let instant else { return selection }
    let kept = selection.rows.indices.filter { batch.times[Int(selection.rows[$0])] >= instant }
    return Selection(rows: kept.map { selection.rows[$0] }, keys: kept.map { selection.keys[$0] })
  }

  /// The values of a field on some rows, as numbers: equal for equal values of the whole bucket.
  /// - Returns: for each value the position of its row in `rows`; rows without a value have none, lists have several.
  mutating func groupValues(_ field: Field, _ day: Day?, _ rows: [UInt32], _ predicates: Predicates)
    -> (positions: [Int], values: [UInt64])
  {
    switch field.kind {
    case .hour:
      let hours = hoursOfRows()
      return (Array(rows.indices), rows.map { UInt64(hours[Int($0)]) })
    case .weekday: return (Array(rows.indices), rows.map { _ in UInt64(batch.day.weekday) })
    default: break
    }
    var (positions, values): ([Int], [UInt64]) = ([], [])
    func add(_ position: Int, _ value: UInt64?) {
      guard let value else { return }
      positions.append(position)
      values.append(value)
    }
    let column = column(field, day)
    let distinct: [UInt32] =
      switch column {
      case .codes(_, let dictionary)?, .lists(_, _, let dictionary)?:
        predicates.distinctCodes(field, dictionary)
      default: []
      }
    for (position, row) in rows.enumerated() {
      let row = Int(row)
      switch column {
      case .codes(let codes, _)?:
        let code = Int(codes[row])
        add(position, code < distinct.count ? UInt64(distinct[code]) : nil)
      case .lists(let offsets, let codes, _)?:
        let first = values.count
        for index in Int(offsets[row])..<Int(offsets[row + 1]) {
          let value = UInt64(distinct[Int(codes[index])])
          // An element that stands there twice is one event of its group.
          if !values[first...].contains(value) { add(position, value) }
        }
      case .ids(let ids)?: add(position, ids[row] == 0 ? nil : ids[row])
      case .numbers(let numbers)?:
        add(position, Decimal6(numbers[row]).map { UInt64(bitPattern: $0.millionths) })
      case .durations(let lengths)?: add(position, lengths[row] == .max ? nil : UInt64(lengths[row]))
      case .times(let times)?: add(position, times[row] == .min ? nil : UInt64(bitPattern: times[row]))
      case nil: break
      }
    }
    return (positions, values)
  }
}
