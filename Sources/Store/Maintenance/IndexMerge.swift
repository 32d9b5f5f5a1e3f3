import ArrowIPC
import Diagnostics
import Events

/// Index files of one kind on their way into one, partition by partition.
struct IndexMerge: Sendable {
  let kind: String
  let columns: [String]
  /// The newest of the files' days.
  let reached: String?
  private let readers: [StoreReader]

  /// - Parameter fallback: for files that do not say what day they reach.
  init(_ files: [IndexEntry], reached fallback: String?, store: String) throws(Diagnostic) {
    kind = files.first?.kind ?? ""
    readers = files.map { StoreReader($0.file, store: store) }
    columns = try readers.first?.file().schema.fields.map(\.name) ?? []
    reached = files.contains { $0.reached == nil } ? fallback : files.compactMap(\.reached).max()
  }

  func partitionCount() throws(Diagnostic) -> Int { try readers.first?.file().batchCount ?? 0 }

  /// The entries of a partition as columns, in ascending order, each once; of a session only the earliest start.
  func entries(ofPartition partition: Int) throws(Diagnostic) -> [[UInt64]] {
    var rows: [SIMD4<UInt64>] = []
    for reader in readers {
      let batch = try reader.batch(partition)
      var all: [[UInt64]] = []
      for column in columns.indices {
        guard let numbers = batch.numbers(column), columns.count <= 4 else {
          throw reader.damaged("it is no index of \(kind)", batch: partition)
        }
        all.append(numbers)
      }
      rows.reserveCapacity(rows.count + batch.rows)
      for row in 0..<batch.rows {
        var entry = SIMD4<UInt64>()
        for column in all.indices { entry[column] = all[column][row] }
        rows.append(entry)
      }
    }
    rows.sort { Self.precedes($0, $1) }
    let kept = kind == "sessions" ? Self.earliest(rows) : Self.distinct(rows)
    return columns.indices.map { column in kept.map { $0[column] } }
  }

  private static func precedes(_ a: SIMD4<UInt64>, _ b: SIMD4<UInt64>) -> Bool {
    if a[0] != b[0] { return a[0] < b[0] }
    if a[1] != b[1] { return a[1] < b[1] }
    return (a[2], a[3]) < (b[2], b[3])
  }

  private static func distinct(_ rows: [SIMD4<UInt64>]) -> [SIMD4<UInt64>] {
    rows.indices.filter { $0 == 0 || rows[$0] != rows[$0 - 1] }.map { rows[$0] }
  }

  /// Times before 1970 are negative.
  private static func earliest(_ rows: [SIMD4<UInt64>]) -> [SIMD4<UInt64>] {
    var kept: [SIMD4<UInt64>] = []
    for row in rows {
      if let last = kept.last, last[0] == row[0] {
        if Int64(bitPattern: row[1]) < Int64(bitPattern: last[1]) { kept[kept.count - 1] = row }
      } else {
        kept.append(row)
      }
    }
    return kept
  }
}
