import Diagnostics
import Events
import Project
import Store
import Synchronization

extension IngestJob {
  /// Where a worker's decoded rows go.
  private struct DecodeSink: RecordSink, Sendable {
    var writer: ShuffleWriter
    var tally = Tally()
    let rejects: RejectLog

    mutating func append(_ record: borrowing EventRecord) {
      writer.append(record, partition: Int(truncatingIfNeeded: record.eventID) & (IngestJob.partitions - 1))
    }

    mutating func reject(_ reject: Reject, file: UInt32, line: UInt64, bytes: UnsafeRawBufferPointer?) {
      tally.rejected[reject.reason, default: 0] += 1
      rejects.add(
        .init(file: file, line: line, reject: reject, row: unsafe bytes.flatMap { unsafe RejectLog.kept($0) })
      )
    }

    mutating func bot() { tally.bots += 1 }
  }

  /// Step 1: files in parallel, largest first so that the last one is short.
  func decode(
    _ inputs: [Input], _ interners: [TextInterner], _ rejects: RejectLog, _ scratch: String,
    _ tally: inout Tally,
    _ summary: inout IngestSummary
  ) throws(Diagnostic) -> Shuffle {
    let order = inputs.indices.sorted { (inputs[$1].file.bytes, $0) < (inputs[$0].file.bytes, $1) }
    let total = inputs.reduce(0) { $0 + $1.file.bytes }
    let done = Atomic<Int>(0)
    let rows = Atomic<Int>(0)
    let counts = Mutex([Int](repeating: 0, count: inputs.count))
    let sinks = try workers.run(inputs.count) { () throws(Diagnostic) in
      DecodeSink(writer: writer(Self.partitions, scratch), rejects: rejects)
    } _: { (item, sink: inout DecodeSink) throws(Diagnostic) in
      let index = order[item]
      let reader = SourceReader(
        project: project, source: inputs[index].source, layout: schema, interners: interners)
      let read = try reader.read(
        inputs[index].file.path, file: UInt32(index), contentHash: inputs[index].hash, into: &sink
      ) { bytes, more in
        let bytes = done.wrappingAdd(bytes, ordering: .relaxed).newValue
        let all = rows.wrappingAdd(more, ordering: .relaxed).newValue
        progress(IngestProgress(step: .reading, done: bytes, total: total, rows: all))
      }
      try sink.writer.check()
      sink.tally.read += read
      counts.withLock { $0[index] = read }
    }
    for sink in sinks { tally.form(sink.tally) }
    summary.files = zip(inputs, counts.withLock { $0 }).map { input, rows in
      InputEntry(
        name: input.name, bytes: input.file.bytes, hash: Hash.hex(input.hash), rows: rows, version: 0)
    }
    try checkRejected(tally, rejects, inputs)
    return try Shuffle(sinks.map(\.writer), pool: chunks)
  }

  /// `--max-rejected`: the rejects stay to be read, the store as it was.
  func checkRejected(_ tally: Tally, _ rejects: RejectLog, _ inputs: [Input]) throws(Diagnostic) {
    guard let limit = options.maximumRejected else { return }
    let rejected = tally.rejected.values.reduce(0, +)
    guard limit.isExceeded(by: rejected, of: tally.read) else { return }
    let path = try store.writeFile("rejects/failed.jsonl", rejects.jsonLines(inputs.map(\.name)))
    let worst = tally.rejected.max { ($0.value, $1.key.rawValue) < ($1.value, $0.key.rawValue) }
    throw Diagnostic(
      .i1, "\(rejected) of \(tally.read) rows were rejected, most for \(worst?.key.rawValue ?? "")",
      at: Place(file: path),
      hint: "look at the rows in that file, or raise --max-rejected; nothing was ingested")
  }
}
