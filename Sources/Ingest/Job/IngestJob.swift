#if canImport(Glibc)
  import Glibc
#endif
import ArrowIPC
import Diagnostics
import Events
import Project
import Store
import Synchronization

/// One ingest, from file names to a commit: decode ▸ deduplicate ▸ fold ▸ assemble (docs/architecture.md).
public struct IngestJob: Sendable {
  let project: Project
  let store: Store
  let options: IngestOptions
  let schema: PartSchema
  /// Among the schema's texts; every project has both.
  let eventField: Int
  let articleField: Int
  let workers: Workers
  let progress: @Sendable (IngestProgress) -> Void
  let chunks = ChunkPool()

  /// Partitions of event ids and of sessions; a constant of the store, since its index files have a batch for each.
  static let partitions = 64

  public init(
    project: Project, store: Store, options: IngestOptions,
    progress: @escaping @Sendable (IngestProgress) -> Void = { _ in }
  ) {
    self.project = project
    self.store = store
    self.options = options
    self.progress = progress
    schema = PartSchema(fields: project.storedFields)
    eventField = schema.texts.firstIndex(of: .event) ?? 0
    articleField = schema.texts.firstIndex(of: .article) ?? 0
    workers = Workers(threads: options.threads)
  }

  /// What is known of one file to read.
  struct Input: Sendable {
    var file: InputFile
    var name: String
    var source: Source
    var hash: UInt64
  }

  /// - Parameter paths: files, folders, patterns, or `-` for standard input.
  /// - Throws: where something stands in the way of the whole; then the store is as it was.
  public func run(_ paths: [String]) throws(Diagnostic) -> IngestSummary {
    let transaction = try Transaction(store)
    try project.check(transaction.base)
    let scratch = try transaction.scratchFolder()
    var summary = IngestSummary()
    let spooled = try paths.contains("-") ? spoolStandardInput(scratch) : nil
    defer { if let spooled { unsafe unlink(spooled) } }
    let inputs = try inputs(paths, spooled, transaction.base.manifest, &summary)
    guard !inputs.isEmpty else { return summary }
    let interners = (schema.texts + schema.lists).map { _ in TextInterner() }
    let rejects = RejectLog()
    var tally = Tally()

    let decoded = try decode(inputs, interners, rejects, scratch, &tally, &summary)
    let unique = try deduplicate(decoded, transaction, scratch, &tally)
    let folded = try fold(unique, transaction, interners, rejects, scratch, &tally)
    let rewritten = try rewrite(folded, transaction, interners, scratch, &tally)
    let built = try assemble(rewritten, transaction, interners, &tally)

    var entry = tally.entry(version: transaction.version, events: interners[eventField].values)
    entry.stored = built.rows - tally.rewritten
    precondition(entry.isBalanced, "a row is not accounted for: \(entry)")
    try finish(entry, inputs, rejects, transaction, built, unique.index, folded, tally, &summary)
    return summary
  }

  var codec: RecordCodec { RecordCodec(schema) }

  /// At most three shuffles and a partition a thread are in memory at any time.
  func writer(_ partitions: Int, _ scratch: String) -> ShuffleWriter {
    ShuffleWriter(
      partitions: partitions, codec: codec, budget: max(1 << 16, options.memory / (6 * workers.threads)),
      folder: scratch, pool: chunks)
  }

  // MARK: Inputs

  /// A pipe is kept in a file first: its content must be known before its rows are.
  private func spoolStandardInput(_ scratch: String) throws(Diagnostic) -> String {
    let path = "\(scratch)/stdin-\(getpid())"
    let file = unsafe open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    guard file >= 0 else { throw Diagnostic(.f1, "cannot keep the piped data", at: Place(file: path)) }
    defer { close(file) }
    var buffer = [UInt8](repeating: 0, count: 1 << 20)
    while true {
      let count = unsafe buffer.withUnsafeMutableBytes { unsafe read(0, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return path }
      var done = 0
      while done < count {
        let written = unsafe buffer.withUnsafeBytes {
          unsafe write(file, $0.baseAddress.map { unsafe $0 + done }, count - done)
        }
        if written < 0, errno == EINTR { continue }
        guard written > 0 else {
          unsafe unlink(path)
          throw Diagnostic(
            .f2, "cannot keep the piped data: the disk is full", at: Place(file: path),
            hint: "free some space")
        }
        done += written
      }
    }
  }

  private func inputs(
    _ paths: [String], _ spooled: String?, _ manifest: Manifest, _ summary: inout IngestSummary
  )
    throws(Diagnostic) -> [Input]
  {
    let plain = paths.filter { $0 != "-" }
    var files = plain.isEmpty ? [] : try InputFile.find(plain)
    if let spooled { files += try InputFile.find([spooled]) }
    let taken = Set(manifest.inputs.map { "\($0.hash)/\($0.bytes)" })
    var seen: Set<String> = []
    var inputs: [Input] = []
    for file in files {
      let name = file.path == spooled ? "-" : file.path
      let hash = try ByteReader.contentHash(path: file.path)
      let key = "\(Hash.hex(hash))/\(file.bytes)"
      guard seen.insert(key).inserted, options.force || !taken.contains(key) else {
        summary.known.append(name)
        continue
      }
      inputs.append(Input(file: file, name: name, source: try source(of: file, name), hash: hash))
    }
    return inputs
  }

  /// By `--source`, by the patterns of the sources, or the only one that there is.
  private func source(of file: InputFile, _ name: String) throws(Diagnostic) -> Source {
    if let wanted = options.source {
      if let source = project.sources.first(where: { $0.name == wanted }) { return source }
      throw Diagnostic(
        .c3, "the project has no source '\(wanted)'",
        hint: "its sources: \(project.sources.map(\.name).joined(separator: ", "))")
    }
    let matching = project.sources.first { source in
      source.files.contains { unsafe fnmatch($0, file.name, 0) == 0 }
    }
    if let matching { return matching }
    if project.sources.count == 1 { return project.sources[0] }
    throw Diagnostic(
      .i2, "no source of the project takes this file", at: Place(file: name),
      hint:
        "add its pattern to 'files' of a source, or name one: --source \(project.sources.map(\.name).joined(separator: "|"))"
    )
  }
}
