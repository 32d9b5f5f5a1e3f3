import ArrowIPC
import Diagnostics
import Events

/// Writes one part of a day: the events, row for row the index beside them, who has one, and what articles have. Of each bucket, in
/// order, a batch for each cluster.
public final class PartWriter {
  private let day: Day
  private let version: Int
  private let name: String
  private let transaction: Transaction
  private let events: StoreArrowFile
  private let index: StoreArrowFile
  private let presence: StoreArrowFile
  /// Of buckets whose batch is not full yet.
  private var present: [[UInt8]] = []
  /// By cluster; nil where it is not by article.
  private var articles: [ArticleValues?]
  private let dictionaries: [Int]
  public let encoder: PartEncoder

  /// - Parameters:
  ///   - dictionaries: for each text and then each list field its values, sorted by bytes.
  ///   - clusters: events whose rows get batches of their own, sorted by the bytes of their names.
  public init(
    _ transaction: Transaction, day: Day, schema: PartSchema, dictionaries: [[String]],
    clusters: [PartCluster]
  ) throws(Diagnostic) {
    self.day = day
    self.transaction = transaction
    version = transaction.version
    name = "dt=\(day)/part-\(padded(version)).arrow"
    self.dictionaries = dictionaries.map(\.count)
    let arrow = schema.arrow(dictionaries: self.dictionaries)
    events = try StoreArrowFile(try transaction.file("events/" + name), arrow)
    index = try StoreArrowFile(try transaction.file("index/" + name), PartSchema.index)
    presence = try StoreArrowFile(try transaction.file("presence/" + name), PartSchema.presence)
    for (id, values) in dictionaries.enumerated() {
      // A dictionary has a word even where nothing is known, for the null slots to point at.
      try events.append(dictionary: Int64(id), ArrowArray(strings: values.isEmpty ? [""] : values))
    }
    let encoder = PartEncoder(
      schema, events: events.encoder, index: index.encoder, dictionaries: dictionaries, clusters: clusters)
    self.encoder = encoder
    articles = encoder.clusters.map { cluster in
      guard let field = encoder.articleField, cluster.byArticle else { return nil }
      return ArticleValues(schema, articleField: field, articles: dictionaries[field].count)
    }
  }

  public func append(_ bucket: PartEncoder.Bucket) throws(Diagnostic) {
    for (cluster, batch) in bucket.batches.enumerated() {
      try events.append(batch.events, rows: batch.rows)
      try index.append(batch.index, rows: batch.rows)
      if let seen = batch.articles { articles[cluster]?.take(seen.rows, notOne: seen.notOne) }
    }
    present.append(bucket.presence)
    if present.count == PartSchema.presenceBuckets { try flushPresence() }
  }

  private func flushPresence() throws(Diagnostic) {
    let batch = ArrowBatch(rows: present.count, columns: [ArrowArray(present)])
    try presence.append(presence.encoder.encode(batch), rows: present.count)
    present.removeAll(keepingCapacity: true)
  }

  public func finish() throws(Diagnostic) -> PartEntry {
    if !present.isEmpty { try flushPresence() }
    let clusters = zip(encoder.clusters, articles).map { cluster, articles in
      ClusterEntry(event: cluster.event, byArticle: articles?.names(dictionaries))
    }
    return PartEntry(
      day: day.description, events: try events.finish(), index: try index.finish(),
      presence: try presence.finish(), articles: try writeArticles(), clusters: clusters, version: version)
  }

  private func writeArticles() throws(Diagnostic) -> FileEntry? {
    let known = articles.compactMap { $0 }
    if known.isEmpty { return nil }
    let file = try StoreArrowFile(try transaction.file("articles/" + name), encoder.schema.articles)
    for values in known {
      let batch = values.batch(dictionaries)
      try file.append(file.encoder.encode(batch), rows: batch.rows)
    }
    return try file.finish()
  }
}

/// Turns a bucket's rows into bytes; pure, for any thread.
public struct PartEncoder: Sendable {
  let schema: PartSchema
  let events: ArrowFileLayout
  let index: ArrowFileLayout
  let dictionaries: [Int]
  let clusters: [PartCluster]
  let articleField: Int?
  /// Of the clusters' names in the dictionary of events.
  private let codes: [UInt32]
  private let eventField: Int?

  struct Batch: Sendable {
    let events: EncodedMessage
    let index: EncodedMessage
    let rows: Int
    /// Of a cluster by article: a row for each, and the fields of which one has several values.
    let articles: (rows: PartRows, notOne: [Int])?
  }

  public struct Bucket: Sendable {
    /// A batch a cluster.
    let batches: [Batch]
    /// A bit a user.
    let presence: [UInt8]
  }

  init(
    _ schema: PartSchema, events: ArrowFileLayout, index: ArrowFileLayout, dictionaries: [[String]],
    clusters: [PartCluster]
  ) {
    self.schema = schema
    self.events = events
    self.index = index
    self.dictionaries = dictionaries.map(\.count)
    eventField = schema.texts.firstIndex(of: .event)
    let articleField = schema.texts.firstIndex(of: .article).flatMap {
      dictionaries[$0].count <= PartSchema.mostArticles ? $0 : nil
    }
    self.articleField = articleField
    let names = eventField.map { dictionaries[$0] } ?? []
    let known = clusters.compactMap { cluster in
      names.firstIndex(of: cluster.event).map { code in
        (
          PartCluster(event: cluster.event, byArticle: cluster.byArticle && articleField != nil),
          UInt32(code)
        )
      }
    }
    self.clusters = known.map(\.0)
    codes = known.map(\.1)
  }

  /// - Parameter rows: of one bucket, sorted.
  public func encode(_ rows: PartRows) -> Bucket {
    let batches = pieces(rows).enumerated().map { cluster, ranges in
      let piece = rows.joined(ranges)
      var articles: (rows: PartRows, notOne: [Int])?
      if let articleField, cluster < clusters.count, clusters[cluster].byArticle {
        let fields = (schema.texts + schema.lists).indices.filter { $0 != eventField && $0 != articleField }
        articles = piece.articles(articleField, dictionaries[articleField], comparing: fields)
      }
      return Batch(
        events: events.encode(ArrowBatch(rows: piece.count, columns: eventColumns(piece))),
        index: index.encode(ArrowBatch(rows: piece.count, columns: Self.indexColumns(piece))),
        rows: piece.count, articles: articles)
    }
    return Bucket(batches: batches, presence: Self.presence(rows.ordinals))
  }

  /// By cluster its rows.
  private func pieces(_ rows: PartRows) -> [[Range<Int>]] {
    var pieces = Array(repeating: [Range<Int>](), count: codes.count + 1)
    guard let eventField else { return [[0..<rows.count]] }
    var start = 0
    while start < rows.count {
      let cluster = cluster(rows, start, eventField)
      var end = start + 1
      while end < rows.count, self.cluster(rows, end, eventField) == cluster { end += 1 }
      pieces[cluster].append(start..<end)
      start = end
    }
    return pieces
  }

  private func cluster(_ rows: PartRows, _ row: Int, _ eventField: Int) -> Int {
    guard let cluster = codes.firstIndex(of: rows.texts[eventField][row]) else { return codes.count }
    guard clusters[cluster].byArticle, let articleField else { return cluster }
    return rows.texts[articleField][row] < UInt32(dictionaries[articleField]) ? cluster : codes.count
  }

  private static func presence(_ ordinals: [UInt32]) -> [UInt8] {
    guard let last = ordinals.max() else { return [] }
    var bits = [UInt8](repeating: 0, count: Int(last) / 8 + 1)
    for ordinal in ordinals { bits[Int(ordinal >> 3)] |= 1 << UInt8(ordinal & 7) }
    return bits
  }

  private func eventColumns(_ rows: PartRows) -> [ArrowArray] {
    let count = rows.count
    var columns = [
      ArrowArray(count: count, storage: .u16(rows.ordinals.map { UInt16(truncatingIfNeeded: $0) })),
      ArrowArray(
        count: count, validity: ArrowArray.bitmap(rows.ordinals.map { $0 > 0xffff }),
        storage: .u16(rows.ordinals.map { UInt16(truncatingIfNeeded: $0 >> 16) })),
    ]
    for (codes, size) in zip(rows.texts, dictionaries) { columns.append(Self.codes(codes, size)) }
    for (list, size) in zip(rows.lists.indices, dictionaries.dropFirst(rows.texts.count)) {
      let child = Self.codes(rows.lists[list], size)
      columns.append(ArrowArray(count: count, storage: .list(offsets: rows.listOffsets[list], child: child)))
    }
    for numbers in rows.numbers {
      columns.append(
        ArrowArray(
          count: count, validity: ArrowArray.bitmap(numbers.map { !$0.isNaN }),
          storage: .u64(numbers.map { $0.isNaN ? 0 : $0.bitPattern })))
    }
    columns.append(
      ArrowArray(
        count: count, validity: ArrowArray.bitmap(rows.dwell.map { $0 != .max }), storage: .u32(rows.dwell)))
    columns.append(ArrowArray(count: count, storage: .u64(rows.times.map { UInt64(bitPattern: $0) })))
    columns.append(
      ArrowArray(
        count: count, validity: ArrowArray.bitmap(rows.sessions.map { $0 != 0 }), storage: .u64(rows.sessions)
      ))
    columns.append(ArrowArray(count: count, storage: .bytes(offsets: rows.userOffsets, data: rows.users)))
    return columns
  }

  /// Indexes in the dictionary's width; unknown is null. A null slot holds 0, because some readers (Polars) look it up.
  static func codes(_ codes: [UInt32], _ size: Int) -> ArrowArray {
    let validity = ArrowArray.bitmap(codes.map { $0 < UInt32(size) })
    let storage: ArrowArray.Storage =
      switch PartSchema.indexBits(size) {
      case 8: .u8(codes.map { $0 < UInt32(size) ? UInt8(truncatingIfNeeded: $0) : 0 })
      case 16: .u16(codes.map { $0 < UInt32(size) ? UInt16(truncatingIfNeeded: $0) : 0 })
      default: .u32(codes.map { $0 < UInt32(size) ? $0 : 0 })
      }
    // The values are in the file already.
    let indexes = ArrowArray(count: codes.count, validity: validity, storage: storage)
    return ArrowArray(
      count: codes.count, validity: validity,
      storage: .dictionary(indexes, values: ArrowArray(count: 0, storage: .null)))
  }

  private static func indexColumns(_ rows: PartRows) -> [ArrowArray] {
    [
      ArrowArray(
        count: rows.count, storage: .u64(rows.eventIDs.map { UInt64(truncatingIfNeeded: $0 >> 64) })),
      ArrowArray(count: rows.count, storage: .u64(rows.eventIDs.map { UInt64(truncatingIfNeeded: $0) })),
      ArrowArray(count: rows.count, storage: .u64(rows.views)),
    ]
  }
}
