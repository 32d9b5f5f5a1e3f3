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
    /// Rows that are not folded, with their buckets already.
    fileprivate var settled: [StepState]
  }

  /// A worker of a step that shuffles on.
  fileprivate struct StepState: Sendable {
    var writer: ShuffleWriter
    var tally = Tally()
    var days = DayTable<DayState>()
  }

  /// A worker of step 2.
  private struct UniqueState: Sendable {
    /// For step 3.
    var sessions: StepState
    /// For step 4.
    var settled: StepState
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
      UniqueState(
        sessions: StepState(writer: writer(Self.partitions, scratch)),
        settled: StepState(writer: writer(project.buckets, scratch)))
    } _: { (partition, state: inout UniqueState) throws(Diagnostic) in
      let rows = try decoded.take(partition)
      let outcome = Deduplicate(codec: codec).run(
        rows, history: try base.index("events", partition: partition))
      let records = unsafe rows.records
      for index in outcome.kept {
        let record = unsafe records[index]
        guard unsafe record.foldsPings else {
          unsafe settle(record, dwell: record.dwell, codec, &state.settled)
          continue
        }
        let key = unsafe record.session != 0 ? record.session : record.idLow >> 8
        unsafe state.sessions.writer.append(
          record, dwell: record.dwell, partition: Int(truncatingIfNeeded: key) & (Self.partitions - 1))
      }
      extendLifetime(rows)
      try state.sessions.writer.check()
      try state.settled.writer.check()
      state.sessions.tally.duplicates += outcome.duplicates
      state.sessions.tally.conflicting += outcome.conflicting
      try output.put(partition, [outcome.idsHigh, outcome.idsLow, outcome.fingerprints])
      progress(IngestProgress(step: .deduplicating, done: partition, total: Self.partitions, rows: 0))
    }
    for state in states { tally.form(state.sessions.tally) }
    return Unique(
      shuffle: try Shuffle(states.map(\.sessions.writer), pool: chunks), index: try index.finish(),
      settled: states.map(\.settled))
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
    _ unique: Unique, _ transaction: Transaction, _ interners: [TextInterner], _ rejects: RejectLog,
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
      let rows = try unique.shuffle.take(partition)
      let records = unsafe rows.records
      let history = FoldHistory(
        sessions: try base.index("sessions", partition: partition),
        pings: try base.index("pings", partition: partition),
        views: try base.index("views", partition: partition))
      var outcome = unsafe Fold(rule: project.dwell).run(records, history: history) { record in
        unsafe bucket(of: record, codec)
      }
      for index in unsafe records.indices {
        unsafe place(records[index], outcome.fates[index], codec, rejects, &state)
      }
      extendLifetime(rows)
      try state.writer.check()
      outcome.fates = []
      let changed = outcome.rewrites
      rewrites.withLock { $0 += changed }
      try output.put(partition, outcome)
      progress(IngestProgress(step: .folding, done: partition, total: Self.partitions, rows: 0))
    }
    var days: [Int32: DayUse] = [:]
    for state in unique.settled + states { Self.merge(state, &days, &tally) }
    return Folded(
      writers: (unique.settled + states).map(\.writer), days: days, rewrites: rewrites.withLock { $0 },
      indexes: try indexes.finish())
  }

  private static func merge(_ state: StepState, _ days: inout [Int32: DayUse], _ tally: inout Tally) {
    tally.form(state.tally)
    for (day, value) in zip(state.days.days, state.days.values) {
      if days[day] == nil { days[day] = value.use } else { days[day]?.form(value.use) }
      tally.add(day, value.volumes)
    }
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
    switch fate {
    case .kept(let dwell): return unsafe settle(record, dwell: dwell, codec, &state)
    case .folded: state.tally.folded += 1
    case .rejected(let reason):
      state.tally.rejected[reason, default: 0] += 1
      unsafe rejects.add(
        .init(file: record.file, line: record.line, reject: Reject(reason: reason), row: nil))
    }
    state.tally.count(collector: unsafe record.collector)
  }

  /// A row that is stored, or of nobody.
  private func settle(_ record: RecordView, dwell: UInt32, _ codec: RecordCodec, _ state: inout StepState) {
    state.tally.count(collector: unsafe record.collector)
    let bucket = unsafe bucket(of: record, codec)
    let day = state.days.place(of: unsafe record.day) { DayState(fields: codec.texts + codec.lists) }
    state.days.values[day].count(
      unsafe record.code(eventField, codec), anonymous: bucket == nil, dwell: dwell)
    guard let bucket else {
      state.tally.anonymous += 1
      return
    }
    unsafe mark(record, codec, &state.days.values[day].use)
    unsafe state.writer.append(record, dwell: dwell, partition: Int(bucket))
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
        let day = state.days.place(of: record.day) { DayState(fields: codec.texts + codec.lists) }
        for (field, code) in record.codes.enumerated() { state.days.values[day].use.mark(field, code) }
        if record.codes[articleField] != .max {
          state.days.values[day].use.markArticle(event: record.codes[eventField])
        }
        var from = 0
        for (field, end) in record.listEnds.enumerated() {
          for element in record.lists[from..<Int(end)] {
            state.days.values[day].use.mark(codec.texts + field, element)
          }
          from = Int(end)
        }
        state.writer.append(record, partition: Int(bucket.value))
      }
      try state.writer.check()
    }
    for state in states {
      Self.merge(state, &folded.days, &tally)
      folded.writers.append(state.writer)
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
