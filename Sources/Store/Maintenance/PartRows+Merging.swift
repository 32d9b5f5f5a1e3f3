import Events

extension PartRows {
  /// Adds the rows of a batch; the users' ids are left for later.
  /// - Parameters:
  ///   - maps: by text and then list field from the batch's codes to those of `dictionaries`.
  mutating func append(
    _ batch: EventBatch, _ schema: PartSchema, _ maps: [[UInt32]], _ dictionaries: [[String]],
    _ identities: (ids: [UInt128], views: [UInt64])
  ) {
    let count = batch.rowCount
    ordinals += batch.users
    times += batch.times
    for (place, field) in schema.texts.enumerated() {
      if case .codes(let codes, _)? = batch.columns[field] {
        codes.append(to: &texts[place], maps[place])
      } else {
        texts[place] += repeatElement(UInt32(dictionaries[place].count), count: count)
      }
    }
    for (place, field) in schema.lists.enumerated() {
      let base = UInt32(lists[place].count)
      if case .lists(let offsets, let codes, _)? = batch.columns[field] {
        codes.append(to: &lists[place], maps[schema.texts.count + place])
        listOffsets[place] += offsets.dropFirst().map { base + $0 }
      } else {
        listOffsets[place] += repeatElement(base, count: count)
      }
    }
    for (place, field) in schema.numbers.enumerated() {
      if case .numbers(let values)? = batch.columns[field] {
        numbers[place] += values
      } else {
        numbers[place] += repeatElement(.nan, count: count)
      }
    }
    if case .durations(let values)? = batch.columns[.dwell] {
      dwell += values
    } else {
      dwell += repeatElement(.max, count: count)
    }
    if case .ids(let values)? = batch.columns[.session] {
      sessions += values
    } else {
      sessions += repeatElement(0, count: count)
    }
    eventIDs += identities.ids
    views += identities.views
  }

  /// Some of the rows in the order in which parts have them, with their users' ids.
  func sorted(_ kept: [Int], eventField: Int?, _ ids: UserIDs) -> PartRows {
    struct Key {
      var event: UInt32
      var ordinal: UInt32
      var time: Int64
      var id: UInt128
      var row: Int
    }
    var keys = kept.map { row in
      Key(
        event: eventField.map { texts[$0][row] } ?? 0, ordinal: ordinals[row], time: times[row],
        id: eventIDs[row],
        row: row)
    }
    keys.sort { a, b in
      if a.event != b.event { return a.event < b.event }
      if a.ordinal != b.ordinal { return a.ordinal < b.ordinal }
      if a.time != b.time { return a.time < b.time }
      return a.id != b.id ? a.id < b.id : a.row < b.row
    }
    return gathered(keys.map(\.row), ids)
  }

  private func gathered(_ order: [Int], _ ids: UserIDs) -> PartRows {
    var rows = self
    rows.ordinals = order.map { ordinals[$0] }
    rows.times = order.map { times[$0] }
    rows.texts = texts.map { codes in order.map { codes[$0] } }
    for list in lists.indices {
      (rows.listOffsets[list], rows.lists[list]) = Self.gathered(listOffsets[list], lists[list], order)
    }
    rows.numbers = numbers.map { values in order.map { values[$0] } }
    rows.dwell = order.map { dwell[$0] }
    rows.sessions = order.map { sessions[$0] }
    rows.eventIDs = order.map { eventIDs[$0] }
    rows.views = order.map { views[$0] }
    for ordinal in rows.ordinals {
      rows.users += ids[Int(ordinal)]
      rows.userOffsets.append(UInt32(rows.users.count))
    }
    return rows
  }

  private static func gathered(_ offsets: [UInt32], _ codes: [UInt32], _ order: [Int]) -> ([UInt32], [UInt32])
  {
    var (starts, elements): ([UInt32], [UInt32]) = ([0], [])
    starts.reserveCapacity(order.count + 1)
    elements.reserveCapacity(codes.count)
    for row in order {
      for element in Int(offsets[row])..<Int(offsets[row + 1]) { elements.append(codes[element]) }
      starts.append(UInt32(elements.count))
    }
    return (starts, elements)
  }
}

extension EventColumn.Codes {
  /// Adds what a map makes of each code.
  fileprivate func append(to target: inout [UInt32], _ map: [UInt32]) {
    switch self {
    case .u8(let codes): target += codes.lazy.map { map[Int($0)] }
    case .u16(let codes): target += codes.lazy.map { map[Int($0)] }
    case .u32(let codes): target += codes.lazy.map { map[Int($0)] }
    }
  }
}
