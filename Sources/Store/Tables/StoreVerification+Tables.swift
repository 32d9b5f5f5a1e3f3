import Diagnostics
import Events

extension StoreVerification {
  /// Keys ascend, so that each is there once; users are in their own bucket; every value is one that a table may hold.
  mutating func checkTables(_ snapshot: Snapshot) {
    for table in snapshot.tables {
      let batches = table.entry.kind == .users ? snapshot.bucketCount : 1
      for batch in 0..<batches {
        check { () throws(Diagnostic) in try Self.checkTable(table, batch, snapshot.bucketCount) }
      }
    }
  }

  private static func checkTable(_ table: StoredTable, _ number: Int, _ buckets: Int) throws(Diagnostic) {
    let batch = try table.reader.batch(number)
    let keys = try table.keys(batch, number)
    for row in 0..<batch.rows {
      let key = keys.bytes(at: row)
      guard row == 0 || keys.bytes(at: row - 1).lexicographicallyPrecedes(key) else {
        throw table.reader.damaged(
          "its ids are not sorted, or one is there twice (row \(row))", batch: number)
      }
      guard table.entry.kind == .users else { continue }
      let home = unsafe key.withUnsafeBytes { unsafe BucketIndex(user: $0, buckets: UInt32(buckets)) }
      guard Int(home.value) == number else {
        throw table.reader.damaged("a user is in a bucket that is not its own (row \(row))", batch: number)
      }
    }
    if table.entry.kind != .list { _ = try table.table(batch: number) }
  }
}
