import ArrowIPC
import Diagnostics
import Events

/// Step 2, one partition of event ids: of the records of one id the one with the earliest collector time stays; ids
/// that the store has are dropped.
///
/// Equal collector times are decided by the fingerprint and then by file and line, so that the order in which files
/// were read never matters. Between ingests the one that was taken first stays.
struct Deduplicate {
  let codec: RecordCodec

  struct Outcome: Sendable {
    /// Indexes of the records that stay, ordered by event id.
    var kept: [Int] = []
    var duplicates = 0
    /// Among them: with other content.
    var conflicting = 0
    /// For the store's index, in the same order.
    var idsHigh: [UInt64] = []
    var idsLow: [UInt64] = []
    var fingerprints: [UInt64] = []
  }

  /// - Parameter history: batches of the index "events": id high, id low, fingerprint.
  func run(_ partition: borrowing Partition, history: [ArrowBatch]) -> Outcome {
    let records = unsafe partition.records
    var known = unsafe KnownIDs(history, capacity: records.count)
    var outcome = Outcome()
    for index in unsafe records.indices {
      let record = unsafe records[index]
      let entry = unsafe known.insert(record.eventID, record.fingerprint, index)
      guard let entry else { continue }
      outcome.duplicates += 1
      if unsafe known.fingerprints[entry] != record.fingerprint { outcome.conflicting += 1 }
      if let other = known.record(entry), unsafe Self.precedes(record, records[other]) {
        unsafe known.replace(entry, record.fingerprint, index)
      }
    }
    known.collect(&outcome)
    return outcome
  }

  private static func precedes(_ a: RecordView, _ b: RecordView) -> Bool {
    if unsafe a.collector != b.collector { return unsafe a.collector < b.collector }
    if unsafe a.fingerprint != b.fingerprint { return unsafe a.fingerprint < b.fingerprint }
    return unsafe (a.file, a.line) < (b.file, b.line)
  }
}

/// A table of event ids: those of the store, and those met in this partition.
private struct KnownIDs {
  private var slots: [UInt32]
  private var ids: [UInt128] = []
  private(set) var fingerprints: [UInt64] = []
  /// Which record of the partition; −1: in the store.
  private var records: [Int] = []

  init(_ history: [ArrowBatch], capacity: Int) {
    let stored = history.reduce(0) { $0 + $1.rows }
    var size = 64
    while size < (stored + capacity) * 2 { size *= 2 }
    slots = Array(repeating: 0, count: size)
    for batch in history {
      guard let high = batch.numbers(0), let low = batch.numbers(1), let prints = batch.numbers(2) else {
        continue
      }
      for row in 0..<batch.rows { _ = insert(UInt128(high[row]) << 64 | UInt128(low[row]), prints[row], -1) }
    }
  }

  /// - Returns: the entry that has the id already, else nil.
  mutating func insert(_ id: UInt128, _ fingerprint: UInt64, _ record: Int) -> Int? {
    // The low bits chose the partition.
    var slot = Int(truncatingIfNeeded: id >> 20) & (slots.count - 1)
    while slots[slot] != 0 {
      let entry = Int(slots[slot]) - 1
      if ids[entry] == id { return entry }
      slot = (slot + 1) & (slots.count - 1)
    }
    ids.append(id)
    fingerprints.append(fingerprint)
    records.append(record)
    slots[slot] = UInt32(ids.count)
    return nil
  }

  func record(_ entry: Int) -> Int? { records[entry] < 0 ? nil : records[entry] }

  mutating func replace(_ entry: Int, _ fingerprint: UInt64, _ record: Int) {
    fingerprints[entry] = fingerprint
    records[entry] = record
  }

  func collect(_ outcome: inout Deduplicate.Outcome) {
    // Ids are hashes: their upper half decides all but always.
    var new = ids.indices.filter { records[$0] >= 0 }.map { (UInt64(truncatingIfNeeded: ids[$0] >> 64), $0) }
    new.sort { $0.0 != $1.0 ? $0.0 < $1.0 : ids[$0.1] < ids[$1.1] }
    outcome.kept = new.map { records[$0.1] }
    outcome.idsHigh = new.map(\.0)
    outcome.idsLow = new.map { UInt64(truncatingIfNeeded: ids[$0.1]) }
    outcome.fingerprints = new.map { fingerprints[$0.1] }
  }
}
