import ArrowIPC
import Diagnostics
import Events

/// Makes few large files of many small ones, as one commit that changes no logical row: what is read before and after is the same.
/// The old files stay for readers of older versions until `Vacuum` takes them.
public struct Compaction: Sendable {
  let store: Store
  let options: CompactionOptions
  let progress: @Sendable (_ done: Int, _ total: Int) -> Void
  private let workers: Workers

  /// - Parameter progress: rows done, of how many.
  public init(
    store: Store, options: CompactionOptions, progress: @escaping @Sendable (Int, Int) -> Void = { _, _ in }
  ) {
    self.store = store
    self.options = options
    self.progress = progress
    workers = Workers(threads: options.threads)
  }

  /// What was done.
  public struct Summary: Sendable {
    public var plan: CompactionPlan
    /// The new version; nil where there was nothing to do.
    public var version: Int?
    /// The parts that were made, one for each of the plan's days.
    public var parts: [PartEntry] = []

    /// What was planned only.
    public init(plan: CompactionPlan) { self.plan = plan }
  }

  public func run() throws(Diagnostic) -> Summary {
    let transaction = try Transaction(store)
    var summary = Summary(plan: try CompactionPlan(transaction.base, options))
    guard !summary.plan.isEmpty else { return summary }
    var manifest = transaction.base.manifest
    let total = summary.plan.days.reduce(0) { $0 + $1.rows }
    var done = 0
    for merge in summary.plan.days {
      summary.parts.append(try part(merge, transaction))
      done += merge.rows
      progress(done, total)
    }
    try replaceParts(summary, transaction, &manifest)
    try mergeIndexes(summary.plan, transaction, &manifest)
    try mergeUsers(summary.plan, transaction, &manifest)
    manifest.tables.removeAll { summary.plan.tables.contains($0) }
    try transaction.commit(manifest)
    summary.version = transaction.version
    return summary
  }

  /// Buckets are merged in parallel and written in order, so that memory holds one a thread.
  private func part(_ merge: CompactionPlan.DayMerge, _ transaction: Transaction) throws(Diagnostic)
    -> PartEntry
  {
    let base = transaction.base
    let parts = (base.parts[merge.day] ?? []).filter { merge.parts.contains($0.entry) }
    let source = try PartMerge(base, parts, options, workers)
    let writer = try PartWriter(
      transaction, day: merge.day, schema: source.schema, dictionaries: source.dictionaries,
      clusters: source.clusters)
    let encoder = writer.encoder
    let output = InOrder<PartEncoder.Bucket> { bucket throws(Diagnostic) in try writer.append(bucket) }
    _ = try workers.run(base.bucketCount) { () throws(Diagnostic) in
      ()
    } _: { (bucket, _: inout Void) throws(Diagnostic) in
      let index = BucketIndex(UInt32(bucket))
      let rows = try source.rows(in: index, users: try base.users(in: index))
      try output.put(bucket, encoder.encode(rows))
    }
    return try writer.finish()
  }

  private func replaceParts(_ summary: Summary, _ transaction: Transaction, _ manifest: inout Manifest)
    throws(Diagnostic)
  {
    let merged = Set(summary.plan.days.flatMap(\.parts).map(\.events.path))
    manifest.parts.removeAll { merged.contains($0.events.path) }
    manifest.parts += summary.parts
    let drops = summary.plan.days.contains { $0.replaced > 0 }
    guard drops || !summary.plan.deletions.isEmpty else { return }
    let left = try transaction.base.deletions(notOf: merged)
    manifest.deletions = left.isEmpty ? [] : [try transaction.write(left)]
  }

  private func mergeIndexes(_ plan: CompactionPlan, _ transaction: Transaction, _ manifest: inout Manifest)
    throws(Diagnostic)
  {
    manifest.indexes.removeAll { plan.forgotten.contains($0) }
    for (number, files) in plan.indexes.enumerated() {
      let merge = try IndexMerge(files, reached: manifest.reached, store: store.path)
      let writer = try IndexWriter(transaction, kind: merge.kind, columns: merge.columns, number: number)
      let output = InOrder<[[UInt64]]> { columns throws(Diagnostic) in try writer.append(columns) }
      _ = try workers.run(try merge.partitionCount()) { () throws(Diagnostic) in
        ()
      } _: { (partition, _: inout Void) throws(Diagnostic) in
        try output.put(partition, try merge.entries(ofPartition: partition))
      }
      var entry = try writer.finish()
      entry.reached = merge.reached
      guard let place = manifest.indexes.firstIndex(of: files[0]) else { continue }
      manifest.indexes.insert(entry, at: place)
      manifest.indexes.removeAll { files.contains($0) }
    }
    // Files of before begin to age now.
    for index in manifest.indexes.indices where manifest.indexes[index].reached == nil {
      manifest.indexes[index].reached = manifest.reached
    }
  }

  /// End to end, so that every user keeps the ordinal.
  private func mergeUsers(_ plan: CompactionPlan, _ transaction: Transaction, _ manifest: inout Manifest)
    throws(Diagnostic)
  {
    guard !plan.users.isEmpty else { return }
    let readers = plan.users.map { StoreReader($0, store: store.path) }
    let writer = try UserWriter(transaction)
    for bucket in 0..<transaction.base.bucketCount {
      var ids = UserIDs()
      for reader in readers { try ids.append(reader, bucket: bucket) }
      let offsets = ids.offsets.map { UInt32($0) }
      try writer.append(ArrowArray(count: ids.count, storage: .bytes(offsets: offsets, data: ids.bytes)))
    }
    manifest.users.removeLast(plan.users.count)
    manifest.users.append(try writer.finish())
  }
}
