import ArrowIPC
import Diagnostics
import Events

/// Reads everything of a version and checks every invariant that the manifest and the files promise.
public struct StoreVerification: Sendable {
  public var files = 0
  public var rows = 0
  public var findings: [Diagnostic] = []

  /// - Parameter progress: files done, of how many.
  public static func run(_ snapshot: Snapshot, progress: (Int, Int) -> Void = { _, _ in })
    -> StoreVerification
  {
    var verification = StoreVerification()
    let readers = snapshot.allReaders
    for (index, reader) in readers.enumerated() {
      verification.check { () throws(Diagnostic) in try Self.whole(reader, snapshot) }
      progress(index, readers.count)
    }
    verification.files = readers.count
    verification.checkUsers(snapshot)
    verification.checkParts(snapshot)
    verification.checkTables(snapshot)
    return verification
  }

  mutating func check(_ body: () throws(Diagnostic) -> Void) {
    do throws(Diagnostic) { try body() } catch { findings.append(error) }
  }

  /// A file's bytes are those that were committed, every batch can be read, and the rows add up.
  private static func whole(_ reader: StoreReader, _ snapshot: Snapshot) throws(Diagnostic) {
    let hash = try reader.contentHash()
    guard hash == reader.entry.hash else {
      throw reader.damaged("its bytes are not those that were committed (the checksum is wrong)")
    }
    let file = try reader.file()
    var rows = 0
    for batch in 0..<file.batchCount { rows += try reader.batch(batch).rows }
    guard rows == reader.entry.rows else {
      throw reader.damaged("it has \(rows) rows; \(reader.entry.rows) were committed")
    }
  }

  /// Each id is once in the store, and in its own bucket.
  private mutating func checkUsers(_ snapshot: Snapshot) {
    for bucket in 0..<UInt32(snapshot.bucketCount) {
      check { () throws(Diagnostic) in
        let users = try snapshot.users(in: BucketIndex(bucket))
        var seen: Set<[UInt8]> = []
        for ordinal in 0..<users.count {
          let id = Array(users[ordinal])
          let home = unsafe id.withUnsafeBytes {
            unsafe BucketIndex(user: $0, buckets: UInt32(snapshot.bucketCount))
          }
          guard home.value == bucket, seen.insert(id).inserted else {
            throw Diagnostic(
              .s2, "a user is twice in the store, or in a bucket that is not its own",
              at: Place(file: snapshot.store.path, detail: "bucket \(bucket), ordinal \(ordinal)"))
          }
        }
      }
    }
  }

  /// Rows are of their day, sorted, of known users, and what is deleted is there.
  private mutating func checkParts(_ snapshot: Snapshot) {
    for day in snapshot.days {
      let range = snapshot.zone.range(of: day)
      for bucket in 0..<UInt32(snapshot.bucketCount) {
        do throws(Diagnostic) { rows += try Self.checkedRows(snapshot, day, bucket, range) } catch {
          findings.append(error)
        }
      }
    }
  }

  private static func checkedRows(
    _ snapshot: Snapshot, _ day: Day, _ bucket: UInt32, _ range: Range<Milliseconds>
  )
    throws(Diagnostic) -> Int
  {
    var rows = 0
    for batch in try snapshot.batches(of: day, in: BucketIndex(bucket), fields: Field.stored + [.eventTime]) {
      rows += batch.rowCount
      var last: (UInt32, UInt32, Int64) = (0, 0, .min)
      for row in 0..<batch.rowCount {
        let key = (batch.columns[.event]?.code(row) ?? 0, batch.users[row], batch.times[row])
        let sorted = last <= key
        last = key
        guard sorted, range.contains(Milliseconds(batch.times[row])) else {
          throw Diagnostic(
            .s2, "a row is out of order or of another day",
            at: Place(file: snapshot.store.path, detail: "\(day), bucket \(bucket), row \(row)"))
        }
      }
    }
    try snapshot.checkPresence(on: day, in: BucketIndex(bucket))
    return rows
  }
}

extension Snapshot {
  /// Those who are said to have rows in a part are those who have.
  fileprivate func checkPresence(on day: Day, in bucket: BucketIndex) throws(Diagnostic) {
    for part in parts[day] ?? [] {
      var words = [UInt64](repeating: 0, count: (try userCount(in: bucket) + 63) / 64)
      for cluster in 0..<part.clusterCount {
        guard var batch = try ClusterReader(self, part, cluster: cluster, fields: []).batch(in: bucket) else {
          continue
        }
        batch.deletedRows = []
        batch.mark(&words)
      }
      let bits = try part.presenceBits(bucket)
      let same = words.indices.allSatisfy { index in
        words[index] == bits.dropFirst(index * 8).prefix(8).reversed().reduce(0) { $0 << 8 | UInt64($1) }
      }
      guard same, bits.count <= words.count * 8 else {
        throw part.presence.damaged("it says other users than the rows", batch: Int(bucket.value))
      }
    }
  }
}

extension EventColumn {
  /// Of a text column: the row's code.
  fileprivate func code(_ row: Int) -> UInt32? {
    if case .codes(let codes, _) = self { codes[row] } else { nil }
  }
}
