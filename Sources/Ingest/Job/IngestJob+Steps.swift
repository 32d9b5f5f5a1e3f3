import ArrowIPC
import Diagnostics
import Events
import Project
import Store
import Synchronization

extension IngestJob {
  struct Unique {
    var shuffle: Shuffle
    var index: IndexEntry
  }

  /// A worker of a step that shuffles on.
  private struct StepState: Sendable {
    var writer: ShuffleWriter
    var tally = Tally()
    var days: [Int32: DayUse] = [:]
  }

  /// Step 2.
  func deduplicate(_ decoded: Shuffle, _ transaction: Transaction, _ scratch: String, _ tally: inout Tally)
    throws(Diagnostic)
    -> Unique
  {
    let base = transaction.base
    let codec = codec
    let index = try IndexWriter(
      transaction, kind: "events", columns: ["event_id_high", "event_id_low", "fingerprint"])
    let output = InOrder<[[UInt64]]> { columns throws(Diagnostic) in try index.append(columns) }
    let states = try workers.run(Self.partitions) { () throws(Diagnostic) in
      StepState(writer: writer(Self.partitions, scratch))
    } _: { (partition, state: inout StepState) throws(Diagnostic) in
      let bytes = try decoded.take(partition)
      let outcome = Deduplicate(codec: codec).run(
        bytes, history: try base.index("events", partition: partition))
      unsafe bytes.withUnsafeBytes { raw in
        guard let start = raw.baseAddress else { return }
        for offset in outcome.kept {
          let record = unsafe RecordView(base: start + offset)
          let key = unsafe record.foldsPings && record.session != 0 ? record.session : record.idLow >> 8
          unsafe state.writer.append(
            record, dwell: record.dwell, partition: Int(truncatingIfNeeded: key) & (Self.partitions - 1))
        }
      }
      try state.writer.check()
      state.tally.duplicates += outcome.duplicates
      state.tally.conflicting += outcome.conflicting
      try output.put(partition, [outcome.idsHigh, outcome.idsLow, outcome.fingerprints])
      progress(IngestProgress(step: .deduplicating, done: partition, total: Self.partitions, rows: 0))
    }
    for state in states { tally.form(state.tally) }
    return Unique(shuffle: try Shuffle(states.map(\.writer)), index: try index.finish())
  }

  struct Folded {
    var writers: [ShuffleWriter]
    var days: [Int32: DayUse]
    var rewrites: [Fold.Rewrite]
    var indexes: [IndexEntry]
    var deletions: [Deletion] = []
  }

  /// Step 3.
  func fold(
    _ unique: Shuffle, _ transaction: Transaction, _ interners: [TextInterner], _ rejects: RejectLog,
    _ scratch: String,
    _ tally: inout Tally
  ) throws(Diagnostic) -> Folded {
    let base = transaction.base
    let codec = codec
    let rewrites = Mutex([Fold.Rewrite]())
    let indexes = try FoldIndexes(transaction)
    let output = InOrder<Fold.Outcome> { outcome throws(Diagnostic) in try indexes.append(outcome) }
    let states = try workers.run(Self.partitions) { () throws(Diagnostic) in
      StepState(writer: writer(project.buckets, scratch))
    } _: { (partition, state: inout StepState) throws(Diagnostic) in
      let bytes = try unique.take(partition)
      let offsets = RecordOffsets.find(bytes)
      let history = FoldHistory(
        sessions: try base.index("sessions", partition: partition),
        pings: try base.index("pings", partition: partition),
        views: try base.index("views", partition: partition))
      var outcome = unsafe Fold(rule: project.dwell).run(bytes, offsets, history: history) { record in
        unsafe bucket(of: record, codec)
      }
      unsafe bytes.withUnsafeBytes { raw in
        guard let start = raw.baseAddress else { return }
        for (fate, offset) in zip(outcome.fates, offsets) {
          unsafe place(RecordView(base: start + offset), fate, codec, rejects, &state)
        }
      }
      try state.writer.check()
      outcome.fates = []
      let changed = outcome.rewrites
      rewrites.withLock { $0 += changed }
      try output.put(partition, outcome)
      progress(IngestProgress(step: .folding, done: partition, total: Self.partitions, rows: 0))
    }
    var days: [Int32: DayUse] = [:]
    for state in states {
      tally.form(state.tally)
      for (day, use) in state.days {
        if days[day] == nil { days[day] = use } else { days[day]?.form(use) }
      }
    }
    return Folded(
      writers: states.map(\.writer), days: days, rewrites: rewrites.withLock { $0 },
      indexes: try indexes.finish())
  }

  private func bucket(of record: RecordView, _ codec: RecordCodec) -> UInt32? {
    let user = unsafe record.user(codec)
    return user.count == 0 ? nil : unsafe BucketIndex(user: user, buckets: UInt32(project.buckets)).value
  }

  /// Counts a record and passes it on to its user's bucket.
  private func place(
    _ record: RecordView, _ fate: Fold.Fate, _ codec: RecordCodec, _ rejects: RejectLog,
    _ state: inout StepState
  ) {
    state.tally.count(collector: unsafe record.collector)
    switch fate {
    case .folded: state.tally.folded += 1
    case .rejected(let reason):
      state.tally.rejected[reason, default: 0] += 1
      unsafe rejects.add(
        .init(file: record.file, line: record.line, reject: Reject(reason: reason), row: nil))
    case .kept(let dwell):
      let (day, event) = unsafe (record.day, record.code(eventField, codec))
      let bucket = unsafe bucket(of: record, codec)
      var volume = state.tally.volumes[day]?[event] ?? .init()
      volume.rows += 1
      volume.anonymous += bucket == nil ? 1 : 0
      volume.dwell += dwell == .max ? 0 : Int(dwell)
      state.tally.volumes[day, default: [:]][event] = volume
      guard let bucket else {
        state.tally.anonymous += 1
        return
      }
      unsafe mark(record, codec, &state.days[day, default: DayUse(fields: codec.texts + codec.lists)])
      unsafe state.writer.append(record, dwell: dwell, partition: Int(bucket))
    }
  }

  private func mark(_ record: RecordView, _ codec: RecordCodec, _ use: inout DayUse) {
    for field in 0..<codec.texts { use.mark(field, unsafe record.code(field, codec)) }
    if unsafe record.code(articleField, codec) != .max {
      use.markArticle(event: unsafe record.code(eventField, codec))
    }
    for field in 0..<codec.lists {
      for index in unsafe record.listEnd(field - 1, codec)..<record.listEnd(field, codec) {
        use.mark(codec.texts + field, unsafe record.element(index, codec))
      }
    }
  }

  /// Stored views whose dwell grew become records again, and their old rows deletions.
  func rewrite(
    _ folded: Folded, _ transaction: Transaction, _ interners: [TextInterner], _ scratch: String,
    _ tally: inout Tally
  ) throws(Diagnostic) -> Folded {
    guard !folded.rewrites.isEmpty else { return folded }
    var folded = folded
    let base = transaction.base
    let groups = Dictionary(grouping: folded.rewrites) { [UInt32(bitPattern: $0.day), $0.bucket] }
      .sorted { $0.key.lexicographicallyPrecedes($1.key) }.map(\.value)
    let deletions = Mutex([Deletion]())
    let codec = codec
    let states = try workers.run(groups.count) { () throws(Diagnostic) in
      StepState(writer: writer(project.buckets, scratch))
    } _: { (item, state: inout StepState) throws(Diagnostic) in
      let group = groups[item]
      let (day, bucket) = (Day(number: group[0].day), BucketIndex(group[0].bucket))
      let rows = try base.storedRows(of: day, in: bucket, fields: project.storedFields + [.eventTime])
      let found = StoredViews(rows, viewEvent: project.eventNames.view)
      let users = try base.users(in: bucket)
      for rewrite in group {
        guard let (part, row) = found.find(rewrite) else { continue }
        var record = StoredRecord.make(rows[part], row, schema, interners, users)
        record.dwell = rewrite.dwell
        let deletion = Deletion(
          part: rows[part].part, bucket: bucket.value, row: UInt32(rows[part].firstRow + row))
        deletions.withLock { $0.append(deletion) }
        state.tally.rewritten += 1
        var use = state.days[record.day] ?? DayUse(fields: codec.texts + codec.lists)
        for (field, code) in record.codes.enumerated() { use.mark(field, code) }
        if record.codes[articleField] != .max { use.markArticle(event: record.codes[eventField]) }
        var from = 0
        for (field, end) in record.listEnds.enumerated() {
          for element in record.lists[from..<Int(end)] { use.mark(codec.texts + field, element) }
          from = Int(end)
        }
        state.days[record.day] = use
        state.writer.append(record, partition: Int(bucket.value))
      }
      try state.writer.check()
    }
    for state in states {
      tally.form(state.tally)
      folded.writers.append(state.writer)
      for (day, use) in state.days {
        if folded.days[day] == nil { folded.days[day] = use } else { folded.days[day]?.form(use) }
      }
    }
    folded.deletions = deletions.withLock { $0 }
    return folded
  }
}

/// What later ingests need to know of sessions, written partition by partition.
private final class FoldIndexes {
  private let sessions: IndexWriter
  private let pings: IndexWriter
  private let views: IndexWriter

  init(_ transaction: Transaction) throws(Diagnostic) {
    sessions = try IndexWriter(transaction, kind: "sessions", columns: ["session", "start"])
    pings = try IndexWriter(transaction, kind: "pings", columns: ["session", "view", "slot"])
    views = try IndexWriter(transaction, kind: "views", columns: ["session", "view", "day", "bucket"])
  }

  func append(_ outcome: Fold.Outcome) throws(Diagnostic) {
    try sessions.append(outcome.sessions)
    try pings.append(outcome.pings)
    try views.append(outcome.views)
  }

  func finish() throws(Diagnostic) -> [IndexEntry] {
    [try sessions.finish(), try pings.finish(), try views.finish()]
  }
}
