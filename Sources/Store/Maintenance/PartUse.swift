import Diagnostics
import Events

/// Which values the rows of some parts use that were not replaced, and how often their events are there.
struct PartUse: Sendable {
  /// By part and then text or list field: by code, whether a row has it.
  var used: [[[Bool]]]
  private var events: [String: PartCluster.Frequency] = [:]

  init(_ dictionaries: [[TextDictionary?]]) {
    used = dictionaries.map { $0.map { Array(repeating: false, count: $0?.values.count ?? 0) } }
  }

  var frequencies: [PartCluster.Frequency] { Array(events.values) }

  mutating func markAll(part: Int, field: Int) {
    used[part][field] = Array(repeating: true, count: used[part][field].count)
  }

  /// - Parameter fields: numbers and names of the fields to look at.
  mutating func mark(_ batch: EventBatch, part: Int, fields: [(Int, Field)]) {
    let rows = batch.keptRows
    for (number, field) in fields {
      switch batch.columns[field] {
      case .codes(let codes, let dictionary)?:
        let count = UInt32(dictionary.values.count)
        for row in rows where codes[row] < count { used[part][number][Int(codes[row])] = true }
      case .lists(let offsets, let codes, _)?:
        for row in rows {
          for element in offsets[row]..<offsets[row + 1] {
            used[part][number][Int(codes[Int(element)])] = true
          }
        }
      default: break
      }
    }
    count(batch, rows)
  }

  private mutating func count(_ batch: EventBatch, _ rows: [Int]) {
    guard case .codes(let codes, let names)? = batch.columns[.event] else { return }
    var known: [Bool]?
    if case .codes(let articles, let dictionary)? = batch.columns[.article] {
      let count = UInt32(dictionary.values.count)
      known = rows.map { articles[$0] < count }
    }
    var counts = [(rows: Int, withArticle: Int)](repeating: (0, 0), count: names.values.count + 1)
    for (place, row) in rows.enumerated() {
      counts[Int(codes[row])].rows += 1
      if known?[place] ?? false { counts[Int(codes[row])].withArticle += 1 }
    }
    for (name, count) in zip(names.values, counts) where count.rows > 0 {
      add(.init(event: name, rows: count.rows, rowsWithArticle: count.withArticle))
    }
  }

  private mutating func add(_ more: PartCluster.Frequency) {
    var all = events[more.event] ?? .init(event: more.event, rows: 0, rowsWithArticle: 0)
    all.rows += more.rows
    all.rowsWithArticle += more.rowsWithArticle
    events[more.event] = all
  }

  mutating func form(_ other: PartUse) {
    for part in used.indices {
      for field in used[part].indices {
        for code in used[part][field].indices where other.used[part][field][code] {
          used[part][field][code] = true
        }
      }
    }
    for more in other.events.values { add(more) }
  }
}

extension EventBatch {
  /// The rows that were not replaced.
  var keptRows: [Int] {
    if deletedRows.isEmpty { return Array(0..<rowCount) }
    let deleted = Set(deletedRows)
    return (0..<rowCount).filter { !deleted.contains(UInt32($0)) }
  }
}
