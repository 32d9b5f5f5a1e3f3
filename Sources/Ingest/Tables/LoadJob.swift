import Diagnostics
import Events
import Project
import Store

/// One load, from a file to a commit: read ▸ order ▸ write.
public struct LoadJob: Sendable {
  let project: Project
  let store: Store
  let target: LoadTarget
  let options: LoadOptions

  public init(project: Project, store: Store, target: LoadTarget, options: LoadOptions) {
    self.project = project
    self.store = store
    self.target = target
    self.options = options
  }

  /// - Throws: where something stands in the way of the whole; then the store is as it was.
  public func run(_ path: String) throws(Diagnostic) -> LoadSummary {
    let layout = try layout()
    let transaction = try Transaction(store)
    try project.check(transaction.base)
    var builder = TableBuilder(
      layout.columns, zone: project.zone,
      longestKey: target == .users ? RowMapper.longestUser : TableBuilder.longestText,
      placeholders: target == .articles ? [] : project.placeholderIDs)
    let outcome = try TableReader(path: path, layout: layout).read(into: &builder)
    let order = builder.ordered(buckets: target == .users ? project.buckets : 1)
    var summary = summary(builder, order, outcome, transaction.base.manifest)
    try check(builder, summary, path)
    summary.known = try known(builder, order, transaction.base)
    summary.version = try write(builder, order, transaction, path)
    return summary
  }

  private func layout() throws(Diagnostic) -> TableLayout {
    if case .list(_, let column) = target {
      let headers = [TableLayout.standardKey] + (project.users.map { [$0.key.lowercased()] } ?? [])
      return TableLayout(
        key: column, columns: [], delimiter: options.delimiter ?? UInt8(ascii: ","), mayLackHeader: true,
        listHeaders: Set(headers))
    }
    guard let mapping = target == .users ? project.users : project.articles else {
      let key = target == .users ? "user_id" : "article_id"
      let field = target == .users ? "tier: text" : "published: time"
      throw Diagnostic(
        .c1, "the project does not say what a file of \(target.words) holds",
        at: Place(file: project.folder + "grandstand.yaml"),
        hint: "add: \(target.words): {key: \(key), fields: {\(field)}}")
    }
    return TableLayout(
      key: mapping.key, columns: mapping.columns, delimiter: options.delimiter ?? mapping.delimiter,
      mayLackHeader: false)
  }

  private func summary(
    _ builder: TableBuilder, _ order: TableOrder, _ outcome: TableReader.Outcome, _ manifest: Manifest
  ) -> LoadSummary {
    var summary = LoadSummary()
    summary.read = builder.read
    summary.rows = order.rows
    summary.repeated = order.repeated
    summary.rejected = builder.problems.rejected
    summary.unreadable = builder.problems.unreadable
    summary.problems = builder.problems.list(builder.columns.map(\.column.name), hasLines: outcome.hasLines)
    summary.column = outcome.column
    summary.before = manifest.table(target.kind, target.name, asOf: options.from)?.file.rows
    summary.until = manifest.nextTable(target.kind, target.name, after: options.from)?.from
    return summary
  }

  /// An outage upstream must not turn into "nobody".
  private func check(_ builder: TableBuilder, _ summary: LoadSummary, _ path: String) throws(Diagnostic) {
    let notes = summary.problems.map { Diagnostic.Note($0.words) }
    if summary.read == 0, !options.allowsEmpty {
      throw Diagnostic(
        .i4, "the file is empty: from \(options.from) on nothing would be in \(target.words)",
        at: Place(file: path), hint: "if that is meant, say --allow-empty; nothing was loaded")
    }
    if summary.read > 0, summary.rows == 0 {
      throw Diagnostic(
        .i1, "no row of the file can be used", at: Place(file: path), notes: notes,
        hint: "nothing was loaded")
    }
    let troubled = summary.rejected + builder.problems.troubled
    guard let limit = options.maximumRejected, limit.isExceeded(by: troubled, of: summary.read) else {
      return
    }
    throw Diagnostic(
      .i1, "\(troubled) of \(summary.read) rows were rejected or have a value that cannot be read",
      at: Place(file: path), notes: notes, hint: "mend the file, or raise --max-rejected; nothing was loaded")
  }

  /// How many of the ids the store has met in events.
  private func known(_ builder: TableBuilder, _ order: TableOrder, _ base: Snapshot) throws(Diagnostic) -> Int
  {
    let rows = Array(order.batches.joined())
    if target == .articles {
      let articles = try base.articleIDs(days: LoadSummary.articleDays)
      return rows.count { articles.contains(Array(builder.key($0))) }
    }
    var known = 0
    for (bucket, rows) in builder.grouped(rows, buckets: base.bucketCount).enumerated() {
      let ids = Set(rows.map { Array(builder.key($0)) })
      known += try base.countUsers(in: BucketIndex(UInt32(bucket)), among: ids)
    }
    return known
  }

  /// - Returns: the new version; nil where the same table holds from that day already, and nothing is added.
  private func write(
    _ builder: TableBuilder, _ order: TableOrder, _ transaction: Transaction, _ path: String
  ) throws(Diagnostic) -> Int? {
    let encoding = builder.encoding(order)
    let fields = builder.columns.map { Field(name: $0.column.name, kind: $0.column.fieldKind) }
    let writer = try TableWriter(
      transaction, target.kind, name: target.name, fields: fields, dictionaries: encoding.dictionaries)
    for rows in order.batches {
      guard let batch = builder.batch(rows, encoding) else {
        throw Diagnostic(.f3, "the ids take more than 2 GiB", at: Place(file: path), hint: "split the file")
      }
      try writer.append(batch)
    }
    let entry = try writer.finish(from: options.from)
    var manifest = transaction.base.manifest
    // Equal rows are equal bytes, whatever file they came in.
    let held = manifest.table(target.kind, target.name, asOf: options.from)
    if let held, held.from == entry.from, held.file.hash == entry.file.hash,
      held.file.bytes == entry.file.bytes
    {
      return nil
    }
    manifest.tables.append(entry)
    try transaction.commit(manifest)
    return transaction.version
  }
}
