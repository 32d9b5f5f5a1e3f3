import Events
import Store

/// Finds stored views by session and page view.
struct StoredViews {
  private var places: [FoldHistory.Key: (part: Int, row: Int)] = [:]

  init(_ parts: [StoredRows], viewEvent: String) {
    for (part, rows) in parts.enumerated() {
      guard case .ids(let sessions)? = rows.batch.columns[.session],
        case .codes(let events, let dictionary)? = rows.batch.columns[.event],
        let code = dictionary.values.firstIndex(of: viewEvent)
      else { continue }
      let deleted = Set(rows.batch.deletedRows)
      for row in 0..<rows.batch.rowCount where events[row] == UInt32(code) && !deleted.contains(UInt32(row)) {
        places[.init(session: sessions[row], view: rows.views[row])] = (part, row)
      }
    }
  }

  func find(_ rewrite: Fold.Rewrite) -> (part: Int, row: Int)? {
    places[.init(session: rewrite.session, view: rewrite.view)]
  }
}

/// A stored row as an event record again.
enum StoredRecord {
  static func make(
    _ rows: StoredRows, _ row: Int, _ schema: PartSchema, _ interners: [TextInterner], _ users: UserIDs
  ) -> EventRecord {
    var record = EventRecord()
    record.rewritten = true
    record.eventID = rows.eventIDs[row]
    record.view = rows.views[row]
    record.time = rows.batch.times[row]
    record.collector = record.time
    record.day = rows.batch.day.number
    record.kind = .view
    record.foldsPings = true
    record.user = Array(users[Int(rows.batch.users[row])])
    if case .ids(let sessions)? = rows.batch.columns[.session] { record.session = sessions[row] }
    for (field, interner) in zip(schema.texts, interners) {
      record.codes.append(text(rows.batch.columns[field], row).map { interner.code($0) } ?? .max)
    }
    for (field, interner) in zip(schema.lists, interners.dropFirst(schema.texts.count)) {
      record.lists += list(rows.batch.columns[field], row).map { interner.code($0) }
      record.listEnds.append(UInt32(record.lists.count))
    }
    for field in schema.numbers {
      if case .numbers(let numbers)? = rows.batch.columns[field] {
        record.numbers.append(numbers[row])
      } else {
        record.numbers.append(.nan)
      }
    }
    return record
  }

  private static func text(_ column: EventColumn?, _ row: Int) -> String? {
    guard case .codes(let codes, let dictionary)? = column, Int(codes[row]) < dictionary.values.count else {
      return nil
    }
    return dictionary.values[Int(codes[row])]
  }

  private static func list(_ column: EventColumn?, _ row: Int) -> [String] {
    guard case .lists(let offsets, let codes, let dictionary)? = column else { return [] }
    return (Int(offsets[row])..<Int(offsets[row + 1])).map { dictionary.values[Int(codes[$0])] }
  }
}
