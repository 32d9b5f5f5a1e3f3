import Diagnostics
import Events
import Project
import Store
import Synchronization

extension IngestJob {
  struct Built {
    var parts: [PartEntry] = []
    var users: FileEntry?
    var deletions: [Deletion] = []
    var rows = 0
    var newUsers = 0
  }

  /// Step 4: buckets are encoded in parallel and written in order.
  func assemble(
    _ folded: Folded, _ transaction: Transaction, _ interners: [TextInterner], _ tally: inout Tally
  )
    throws(Diagnostic) -> Built
  {
    let shuffle = try Shuffle(folded.writers, pool: chunks)
    let texts = interners.map(\.values)
    let days = folded.days.keys.sorted()
    let dictionaries = folded.days.mapValues { DayDictionaries($0, texts) }
    var writers: [Int32: PartWriter] = [:]
    for day in days {
      writers[day] = try PartWriter(
        transaction, day: Day(number: day), schema: schema, dictionaries: dictionaries[day]?.values ?? [],
        clusters: folded.days[day].map { clusters($0, texts) } ?? [])
    }
    let encoders = writers.mapValues(\.encoder)
    let step = Assemble(codec: codec, schema: schema)
    let schema = schema
    let base = transaction.base
    let files = BucketOutput(writers, try UserWriter(transaction))
    let output = InOrder<BucketOutput.Bucket> { bucket throws(Diagnostic) in try files.append(bucket) }
    _ = try workers.run(project.buckets) { () throws(Diagnostic) in
      ()
    } _: { (bucket, _: inout Void) throws(Diagnostic) in
      let users = try base.users(in: BucketIndex(UInt32(bucket)))
      let outcome = step.run(try shuffle.take(bucket, isLast: true), users: users, codes: dictionaries)
      var encoded = BucketOutput.Bucket(newUsers: outcome.newUsers)
      for (day, encoder) in encoders {
        let rows = outcome.rows[day] ?? PartRows(schema)
        encoded.batches[day] = encoder.encode(rows)
        encoded.rows += rows.count
      }
      try output.put(bucket, encoded)
      progress(IngestProgress(step: .writing, done: bucket, total: project.buckets, rows: 0))
    }
    var built = try files.finish()
    built.deletions = folded.deletions
    return built
  }

  private func clusters(_ use: DayUse, _ texts: [[String]]) -> [PartCluster] {
    guard let field = schema.texts.firstIndex(of: .event) else { return [] }
    let events = use.counts(field).map { code, rows in
      PartCluster.Frequency(
        event: texts[field][code], rows: rows, rowsWithArticle: use.articleRows(event: code))
    }
    return PartCluster.common(events, buckets: project.buckets, rowsPerBatch: options.rowsPerBatch)
  }
}

/// Puts encoded buckets into the day's parts and the users' file.
private final class BucketOutput {
  struct Bucket: Sendable {
    var newUsers: [[UInt8]]
    var batches: [Int32: PartEncoder.Bucket] = [:]
    var rows = 0
  }

  private let writers: [(day: Int32, part: PartWriter)]
  private let users: UserWriter
  private var built = IngestJob.Built()

  init(_ writers: [Int32: PartWriter], _ users: UserWriter) {
    self.writers = writers.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    self.users = users
  }

  func append(_ bucket: Bucket) throws(Diagnostic) {
    try users.append(bucket.newUsers)
    for (day, part) in writers {
      if let batch = bucket.batches[day] { try part.append(batch) }
    }
    built.rows += bucket.rows
    built.newUsers += bucket.newUsers.count
  }

  func finish() throws(Diagnostic) -> IngestJob.Built {
    for (_, part) in writers { built.parts.append(try part.finish()) }
    built.users = try users.finish()
    return built
  }
}

extension IngestJob {
  /// The manifest of the new version, its files, and the commit.
  func finish(
    _ entry: IngestEntry, _ inputs: [Input], _ rejects: RejectLog, _ transaction: Transaction, _ built: Built,
    _ events: IndexEntry, _ folded: Folded, _ tally: Tally, _ summary: inout IngestSummary
  ) throws(Diagnostic) {
    try checkRejected(tally, rejects, inputs)
    var manifest = transaction.base.manifest
    manifest.parts += built.parts
    if let users = built.users, users.rows > 0 { manifest.users.append(users) }
    if !built.deletions.isEmpty { manifest.deletions.append(try transaction.write(built.deletions)) }
    for index in summary.files.indices { summary.files[index].version = transaction.version }
    let hashes = Set(summary.files.map { "\($0.hash)/\($0.bytes)" })
    manifest.inputs.removeAll { hashes.contains("\($0.hash)/\($0.bytes)") }
    manifest.inputs += summary.files
    manifest.ingests.append(entry)
    for (day, value) in zip(tally.collected.days, tally.collected.values) {
      let key = Day(number: day).description
      let known = manifest.collected[key]
      manifest.collected[key] = .init(
        rows: (known?.rows ?? 0) + value.rows, newest: max(known?.newest ?? .min, value.newest))
    }
    manifest.indexes += ([events] + folded.indexes).filter { $0.file.rows > 0 }.map {
      IndexEntry(kind: $0.kind, file: $0.file, reached: manifest.reached)
    }
    summary.rejects = try writeRejects(rejects, inputs, transaction.version)
    try transaction.commit(manifest)
    summary.version = transaction.version
    summary.entry = entry
    summary.newUsers = built.newUsers
  }

  private func writeRejects(_ rejects: RejectLog, _ inputs: [Input], _ version: Int) throws(Diagnostic)
    -> String?
  {
    guard !rejects.isEmpty else { return nil }
    let folder = "rejects/\(String(repeating: "0", count: max(0, 6 - String(version).count)))\(version)"
    let path = try store.writeFile("\(folder)/rejects.jsonl", rejects.jsonLines(inputs.map(\.name)))
    for (index, input) in inputs.enumerated() {
      let rows = rejects.rows(file: index)
      guard !rows.isEmpty else { continue }
      let suffix = input.source.format == .snowplow ? "tsv" : input.source.format.rawValue
      try store.writeFile("\(folder)/\(index)-\(input.source.name).\(suffix)", rows)
    }
    return path
  }
}
