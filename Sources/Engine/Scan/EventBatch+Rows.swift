import Events

extension EventBatch {
  /// Some rows, in any order, none of them marked as replaced.
  func permuted(_ rows: [Int]) -> EventBatch {
    var batch = EventBatch(
      day: day, users: rows.map { users[$0] }, times: times.isEmpty ? [] : rows.map { times[$0] })
    batch.columns = columns.mapValues { $0.gathered(rows) }
    return batch
  }
}

extension EventColumn {
  /// The values at some rows; −1 is unknown.
  func gathered(_ rows: [Int]) -> EventColumn {
    func values<T>(_ all: [T], _ unknown: T) -> [T] { rows.map { $0 < 0 ? unknown : all[$0] } }
    switch self {
    case .codes(let codes, let dictionary):
      let unknown = UInt32(dictionary.values.count)
      return .codes(.u32(rows.map { $0 < 0 ? unknown : codes[$0] }), dictionary: dictionary)
    case .numbers(let all): return .numbers(values(all, .nan))
    case .times(let all): return .times(values(all, .min))
    case .durations(let all): return .durations(values(all, .max))
    case .ids(let all): return .ids(values(all, 0))
    case .lists(let offsets, let codes, let dictionary):
      var (starts, elements): ([UInt32], [UInt32]) = ([0], [])
      for row in rows {
        if row >= 0 { elements += (Int(offsets[row])..<Int(offsets[row + 1])).map { codes[$0] } }
        starts.append(UInt32(elements.count))
      }
      return .lists(offsets: starts, codes: .u32(elements), dictionary: dictionary)
    }
  }
}
