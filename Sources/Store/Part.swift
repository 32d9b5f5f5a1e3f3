import ArrowIPC
import Diagnostics
import Events
import Synchronization

/// One part of a day, to read: its columns by field, its dictionaries as the scan wants them.
final class Part: Sendable {
  let entry: PartEntry
  let day: Day
  let events: StoreReader
  let index: StoreReader
  let presence: StoreReader
  let articles: StoreReader?
  private let articleColumns = Mutex<[Int: [Field: ArticleColumn]]>([:])
  private let columns = Mutex<[String: Int]?>(nil)
  private let dictionaries = Mutex<[Int: TextDictionary]>([:])
  /// The batches of `presence` that were read last.
  private let present = Mutex<[(number: Int, users: ArrowArray)]>([])

  init(_ entry: PartEntry, day: Day, store: String) {
    self.entry = entry
    self.day = day
    events = StoreReader(entry.events, store: store)
    index = StoreReader(entry.index, store: store)
    presence = StoreReader(entry.presence, store: store)
    articles = entry.articles.map { StoreReader($0, store: store) }
  }

  var clusterCount: Int { entry.clusters.count + 1 }

  /// Which batch of the file a cluster of a bucket is.
  func batch(_ bucket: BucketIndex, _ cluster: Int) -> Int { Int(bucket.value) * clusterCount + cluster }

  /// The names of a cluster's events; nil is an unknown one.
  func names(ofCluster cluster: Int) throws(Diagnostic) -> [String?] {
    if cluster < entry.clusters.count { return [entry.clusters[cluster].event] }
    let own = Set(entry.clusters.filter { $0.byArticle == nil }.map(\.event))
    return (try dictionary(of: .event)?.values ?? []).filter { !own.contains($0) } + [nil]
  }

  /// The bits of users with a row in a bucket, replaced rows included.
  func presenceBits(_ bucket: BucketIndex) throws(Diagnostic) -> ArraySlice<UInt8> {
    let (number, row) = Int(bucket.value).quotientAndRemainder(dividingBy: PartSchema.presenceBuckets)
    let users = try presenceBatch(number)
    guard row < users.count else { throw presence.damaged("it lacks a bucket", batch: number) }
    return users.bytes(at: row)
  }

  private func presenceBatch(_ number: Int) throws(Diagnostic) -> ArrowArray {
    if let known = present.withLock({ kept in kept.first { $0.number == number } }) { return known.users }
    let users = try presence.batch(number).columns[0]
    guard case .bytes = users.storage else { throw presence.damaged("it holds no users", batch: number) }
    present.withLock { kept in
      kept.insert((number, users), at: 0)
      // Buckets are scanned in order, so that threads look at two neighbours at most.
      if kept.count > 2 { kept.removeLast() }
    }
    return users
  }

  /// Row-aligned event ids and page views of a cluster of a bucket.
  func identities(_ bucket: BucketIndex, of cluster: Int, rows: Int) throws(Diagnostic) -> (
    ids: [UInt128], views: [UInt64]
  ) {
    let number = batch(bucket, cluster)
    let batch = try index.batch(number)
    guard let high = batch.numbers(0), let low = batch.numbers(1), let views = batch.numbers(2),
      views.count == rows
    else { throw index.damaged("its rows are not those of the events", batch: number) }
    return (zip(high, low).map { UInt128($0) << 64 | UInt128($1) }, views)
  }

  /// Where a field's column is; nil where the part has none.
  func column(of field: String) throws(Diagnostic) -> Int? {
    if let known = columns.withLock({ $0 }) { return known[field] }
    var made: [String: Int] = [:]
    for (index, field) in try events.file().schema.fields.enumerated() { made[field.name] = index }
    let result = made
    columns.withLock { $0 = result }
    return result[field]
  }

  /// The values of a text or list column, one object for all; nil where the part has no such column.
  func dictionary(of field: Field) throws(Diagnostic) -> TextDictionary? {
    guard let column = try column(of: field.name) else { return nil }
    if let known = dictionaries.withLock({ $0[column] }) { return known }
    guard let values = try events.file().dictionary(ofColumn: column) else { return nil }
    let made = TextDictionary(values.strings)
    return dictionaries.withLock { known in
      if let other = known[column] { return other }
      known[column] = made
      return made
    }
  }
}

extension Part {
  /// What the articles of a cluster have, one object a field for all; none where it is not by article.
  func articleColumns(ofCluster cluster: Int) throws(Diagnostic) -> [Field: ArticleColumn] {
    guard let articles, cluster < entry.clusters.count, let names = entry.clusters[cluster].byArticle else {
      return [:]
    }
    if let known = articleColumns.withLock({ $0[cluster] }) { return known }
    let number = entry.clusters[..<cluster].count { $0.byArticle != nil }
    let batch = try articles.batch(number)
    let schema = try articles.file().schema
    guard let count = try dictionary(of: .article)?.values.count, batch.rows == count else {
      throw articles.damaged("its rows are not the part's articles", batch: number)
    }
    var made: [Field: ArticleColumn] = [:]
    for (column, array) in zip(schema.fields, batch.columns) where names.contains(column.name) {
      let field = Field(name: column.name, kind: column.type == .list ? .textList : .text)
      guard let dictionary = try dictionary(of: field),
        let values = Self.articleValues(array, dictionary)
      else { throw articles.damaged("column '\(column.name)' is not what it should be", batch: number) }
      made[field] = ArticleColumn(values, dictionary, isMet: (0..<count).map { array.isValid($0) })
    }
    let result = made
    return articleColumns.withLock { slot in
      if let known = slot[cluster] { return known }
      slot[cluster] = result
      return result
    }
  }

  /// nil for a code that is out of range.
  private static func articleValues(_ array: ArrowArray, _ dictionary: TextDictionary) -> EventColumn? {
    let count = UInt32(dictionary.values.count)
    switch array.storage {
    case .u32(let codes):
      return codes.allSatisfy { $0 <= count } ? .codes(.u32(codes), dictionary: dictionary) : nil
    case .list(let offsets, let child):
      guard child.validity == nil, case .u32(let codes) = child.storage, codes.allSatisfy({ $0 < count })
      else { return nil }
      return .lists(offsets: offsets, codes: .u32(codes), dictionary: dictionary)
    default: return nil
    }
  }
}
