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
