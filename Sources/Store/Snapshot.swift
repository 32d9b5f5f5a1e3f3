import ArrowIPC
import Diagnostics
import Events
import Synchronization

/// One version of a store, to read: pinned, whatever is committed meanwhile.
public final class Snapshot: Sendable {
  public let store: Store
  public let manifest: Manifest
  public let zone: CalendarZone
  let parts: [Day: [Part]]
  private let users: [StoreReader]
  private let deletions: Deletions
  let indexes: [String: [StoreReader]]
  let tables: [StoredTable]
  /// By bucket; asked of every batch.
  private let userCounts: Mutex<[Int?]>

  init(_ store: Store, _ manifest: Manifest) throws(Diagnostic) {
    self.store = store
    self.manifest = manifest
    do throws(ZoneError) { zone = try CalendarZone(named: manifest.settings.timeZone) } catch {
      throw Diagnostic(.s2, error.reason, at: Place(file: store.path))
    }
    var parts: [Day: [Part]] = [:]
    for entry in manifest.parts {
      guard let day = Day(entry.day) else {
        throw Diagnostic(.s2, "the manifest names the day '\(entry.day)'", at: Place(file: store.path))
      }
      parts[day, default: []].append(Part(entry, day: day, store: store.path))
    }
    self.parts = parts
    users = manifest.users.map { StoreReader($0, store: store.path) }
    deletions = Deletions(manifest.deletions.map { StoreReader($0, store: store.path) })
    indexes = Dictionary(grouping: manifest.indexes, by: \.kind).mapValues { entries in
      entries.map { StoreReader($0.file, store: store.path) }
    }
    var tables: [StoredTable] = []
    for entry in manifest.tables { tables.append(try StoredTable(entry, store: store.path)) }
    self.tables = tables
    userCounts = Mutex(Array(repeating: nil, count: manifest.settings.buckets))
  }

  /// The users of a bucket in the order of their ordinals.
  public func users(in bucket: BucketIndex) throws(Diagnostic) -> UserIDs {
    var ids = UserIDs()
    for reader in users { try ids.append(reader, bucket: Int(bucket.value)) }
    return ids
  }

  /// Where a user is.
  /// - Returns: nil for an id that never came.
  public func find(_ id: [UInt8]) throws(Diagnostic) -> (bucket: BucketIndex, ordinal: UserOrdinal)? {
    let bucket = unsafe id.withUnsafeBytes { unsafe BucketIndex(user: $0, buckets: UInt32(bucketCount)) }
    let ids = try users(in: bucket)
    guard let ordinal = ids.firstIndex(of: id) else { return nil }
    return (bucket, UserOrdinal(UInt32(ordinal)))
  }

  /// One partition of an index kind: a batch for each file of it, oldest first.
  public func index(_ kind: String, partition: Int) throws(Diagnostic) -> [ArrowBatch] {
    var batches: [ArrowBatch] = []
    for reader in indexes[kind] ?? [] { batches.append(try reader.batch(partition)) }
    return batches
  }

  func deletedRows(_ part: Part, _ bucket: BucketIndex) throws(Diagnostic) -> [UInt32] {
    try deletions.rows(part.entry.events.path, bucket.value)
  }

  /// Everything that is read, for `verify`.
  var allReaders: [StoreReader] {
    users
      + parts.values.flatMap {
        $0.flatMap { [$0.events, $0.index, $0.presence] + ($0.articles.map { [$0] } ?? []) }
      } + deletions.readers
      + indexes.values.flatMap { $0 } + tables.map(\.reader)
  }

  /// The newest day that is complete: it has ended in the store's zone and `lateness` hours have passed since, by
  /// the newest collector time that came in. The machine's clock has no say.
  public func newestCompleteDay(lateness hours: Int) -> Day? {
    guard let newest = manifest.newestCollector else { return nil }
    let reached = Milliseconds(newest - Int64(hours) * 3_600_000)
    let complete = zone.day(of: reached).advanced(by: -1)
    return days.last { $0 <= complete }
  }
}

extension UserIDs {
  /// Those of a bucket in one of the files of users.
  mutating func append(_ file: StoreReader, bucket: Int) throws(Diagnostic) {
    let column = try file.batch(bucket).columns.first
    guard let column, case .bytes(let offsets, let data) = column.storage else {
      throw file.damaged("it holds no user ids", batch: bucket)
    }
    append(offsets, data)
  }
}

extension Snapshot {
  /// The distinct values of text and list fields on the newest days, folded.
  /// - Parameter days: how many of the newest days with parts.
  public func knownValues(of fields: [Field], days count: Int) throws(Diagnostic) -> [Field: Set<String>] {
    var values: [Field: Set<String>] = [:]
    for day in days.suffix(count) {
      for part in parts[day] ?? [] {
        for field in fields {
          for text in try part.dictionary(of: field)?.values ?? [] where !text.isEmpty {
            values[field, default: []].insert(TextFold.fold(text))
          }
        }
      }
    }
    return values
  }
}

extension Snapshot: EventSource {
  public var bucketCount: Int { manifest.settings.buckets }
  public var days: [Day] { parts.keys.sorted() }

  public func userCount(in bucket: BucketIndex) throws(Diagnostic) -> Int {
    let index = Int(bucket.value)
    if let known = userCounts.withLock({ $0[index] }) { return known }
    var count = 0
    for reader in users { count += try reader.rows(ofBatch: index) }
    let counted = count
    userCounts.withLock { $0[index] = counted }
    return counted
  }

  public func readers(of day: Day, columns: ([String?]) -> [Field]?) throws(Diagnostic)
    -> [any EventReader]
  {
    var readers: [any EventReader] = []
    for part in parts[day] ?? [] {
      for cluster in 0..<part.clusterCount {
        guard let fields = columns(try part.names(ofCluster: cluster)) else { continue }
        readers.append(try ClusterReader(self, part, cluster: cluster, fields: fields))
      }
    }
    return readers
  }

  public func presence(on day: Day, in bucket: BucketIndex) throws(Diagnostic) -> [UInt64] {
    let users = try userCount(in: bucket)
    var words = [UInt64](repeating: 0, count: (users + 63) / 64)
    for part in parts[day] ?? [] {
      guard try deletedRows(part, bucket).isEmpty else {
        // A user whose rows were all replaced is told by the rows only.
        for cluster in 0..<part.clusterCount {
          let reader = try ClusterReader(self, part, cluster: cluster, fields: [])
          try reader.batch(in: bucket)?.mark(&words)
        }
        continue
      }
      for (index, byte) in try part.presenceBits(bucket).enumerated() where byte != 0 {
        guard index * 8 + 8 - byte.leadingZeroBitCount <= users else {
          throw part.presence.damaged("its users are out of range")
        }
        words[index >> 3] |= UInt64(byte) << UInt64(index & 7 * 8)
      }
    }
    return words
  }
}

extension Snapshot {
  /// Rows on days up to one.
  public func rows(upTo day: Day) -> Int {
    var rows = 0
    for (other, parts) in parts where other <= day { for part in parts { rows += part.entry.events.rows } }
    return rows
  }
}

extension Snapshot {
  /// How many rows of a part later commits replaced.
  func replacedRows(of part: PartEntry) throws(Diagnostic) -> Int {
    try deletions.all()[part.events.path]?.values.reduce(0) { $0 + $1.count } ?? 0
  }

  /// All replaced rows but those of some parts.
  func deletions(notOf parts: Set<String>) throws(Diagnostic) -> [Deletion] {
    try deletions.all().filter { !parts.contains($0.key) }.flatMap { part, buckets in
      buckets.flatMap { bucket, rows in rows.map { Deletion(part: part, bucket: bucket, row: $0) } }
    }
  }
}

/// Which rows of which batch later commits replaced; read once, when first asked.
final class Deletions: Sendable {
  let readers: [StoreReader]
  private let loaded = Mutex<[String: [UInt32: [UInt32]]]?>(nil)

  static let schema = ArrowSchema([
    ArrowField("part", .utf8, nullable: false),
    ArrowField("bucket", .int(bits: 32, signed: false), nullable: false),
    ArrowField("row", .int(bits: 32, signed: false), nullable: false),
  ])

  init(_ readers: [StoreReader]) { self.readers = readers }

  func rows(_ part: String, _ bucket: UInt32) throws(Diagnostic) -> [UInt32] {
    readers.isEmpty ? [] : try all()[part]?[bucket] ?? []
  }

  /// By part and bucket.
  func all() throws(Diagnostic) -> [String: [UInt32: [UInt32]]] {
    if let known = loaded.withLock({ $0 }) { return known }
    let all = try load()
    loaded.withLock { $0 = all }
    return all
  }

  private func load() throws(Diagnostic) -> [String: [UInt32: [UInt32]]] {
    var all: [String: [UInt32: [UInt32]]] = [:]
    for reader in readers {
      let batch = try reader.batch(0)
      guard batch.columns.count == 3, case .u32(let buckets) = batch.columns[1].storage,
        case .u32(let rows) = batch.columns[2].storage
      else { throw reader.damaged("it is no list of deletions") }
      for row in 0..<batch.rows {
        let part = String(decoding: batch.columns[0].bytes(at: row), as: UTF8.self)
        all[part, default: [:]][buckets[row], default: []].append(rows[row])
      }
    }
    return all.mapValues { $0.mapValues { $0.sorted() } }
  }
}

/// Rows of one cluster of a bucket in one part with everything that is stored of them, to be written again.
public struct StoredRows: Sendable {
  /// The part's path, as deletions name it.
  public var part: String
  /// How many rows of the part's bucket stand before these, as deletions count them.
  public var firstRow: Int
  /// All columns; rows already replaced are in `deletedRows`.
  public var batch: EventBatch
  public var eventIDs: [UInt128]
  public var views: [UInt64]
}

extension Snapshot {
  /// Everything of a bucket's rows on a day.
  public func storedRows(of day: Day, in bucket: BucketIndex, fields: [Field]) throws(Diagnostic)
    -> [StoredRows]
  {
    var all: [StoredRows] = []
    for part in parts[day] ?? [] {
      for cluster in 0..<part.clusterCount {
        let reader = try ClusterReader(self, part, cluster: cluster, fields: fields)
        guard let batch = try reader.batch(in: bucket)?.expanded else { continue }
        let (ids, views) = try part.identities(bucket, of: cluster, rows: batch.rowCount)
        all.append(
          StoredRows(
            part: part.entry.events.path, firstRow: try reader.firstRow(in: bucket), batch: batch,
            eventIDs: ids, views: views))
      }
    }
    return all
  }
}
