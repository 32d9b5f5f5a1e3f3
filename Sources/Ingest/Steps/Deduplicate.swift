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
    /// Offsets of the records that stay, ordered by event id.
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
  func run(_ bytes: [UInt8], history: [ArrowBatch]) -> Outcome {
    let offsets = RecordOffsets.find(bytes)
    var known = KnownIDs(history, capacity: offsets.count)
    var outcome = Outcome()
    unsafe bytes.withUnsafeBytes { raw in
      guard let base = raw.baseAddress else { return }
      for offset in offsets {
        let record = unsafe RecordView(base: base + offset)
        let entry = unsafe known.insert(record.eventID, record.fingerprint, offset)
        guard let entry else { continue }
        outcome.duplicates += 1
        if unsafe known.fingerprints[entry] != record.fingerprint { outcome.conflicting += 1 }
        if let other = known.offset(entry), unsafe Self.precedes(record, RecordView(base: base + other)) {
          unsafe known.replace(entry, record.fingerprint, offset)
        }
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
  /// Where the record is; −1: in the store.
  private var offsets: [Int] = []

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
  mutating func insert(_ id: UInt128, _ fingerprint: UInt64, _ offset: Int) -> Int? {
    // The low bits chose the partition.
    var slot = Int(truncatingIfNeeded: id >> 20) & (slots.count - 1)
    while slots[slot] != 0 {
      let entry = Int(slots[slot]) - 1
      if ids[entry] == id { return entry }
      slot = (slot + 1) & (slots.count - 1)
    }
    ids.append(id)
    fingerprints.append(fingerprint)
    offsets.append(offset)
    slots[slot] = UInt32(ids.count)
    return nil
  }

  func offset(_ entry: Int) -> Int? { offsets[entry] < 0 ? nil : offsets[entry] }

  mutating func replace(_ entry: Int, _ fingerprint: UInt64, _ offset: Int) {
    fingerprints[entry] = fingerprint
    offsets[entry] = offset
  }

  func collect(_ outcome: inout Deduplicate.Outcome) {
    let new = ids.indices.filter { offsets[$0] >= 0 }.sorted { ids[$0] < ids[$1] }
    outcome.kept = new.map { offsets[$0] }
    outcome.idsHigh = new.map { UInt64(truncatingIfNeeded: ids[$0] >> 64) }
    outcome.idsLow = new.map { UInt64(truncatingIfNeeded: ids[$0]) }
    outcome.fingerprints = new.map { fingerprints[$0] }
  }
}
