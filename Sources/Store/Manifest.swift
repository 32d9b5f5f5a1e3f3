import Events
import FoundationEssentials

/// What is committed: the store's settings and every file that belongs to it. One JSON file a version.
public struct Manifest: Codable, Sendable, Equatable {
  /// Of the layout on disk; others are refused.
  public static let currentFormat = 2

  public var format = Manifest.currentFormat
  public var version = 0
  public var settings: StoreSettings
  public var users: [FileEntry] = []
  public var parts: [PartEntry] = []
  /// Lists of rows that a later commit replaced.
  public var deletions: [FileEntry] = []
  /// What later ingests need to know, by kind.
  public var indexes: [IndexEntry] = []
  public var inputs: [InputEntry] = []
  public var ingests: [IngestEntry] = []
  /// By UTC day of the collector: how many rows came, and the latest time. Says how far the data reach.
  public var collected: [String: Collected] = [:]
  /// Attribute tables and uploaded lists, in the order of their commits.
  public var tables: [TableEntry] = []

  public struct Collected: Codable, Sendable, Equatable {
    public var rows: Int
    public var newest: Int64
    public init(rows: Int, newest: Int64) {
      self.rows = rows
      self.newest = newest
    }
  }

  public init(settings: StoreSettings) { self.settings = settings }
}

/// What is fixed when a store is made.
public struct StoreSettings: Codable, Sendable, Equatable {
  public var timeZone: String
  public var buckets: Int

  public init(timeZone: String, buckets: Int) {
    self.timeZone = timeZone
    self.buckets = buckets
  }

  enum CodingKeys: String, CodingKey {
    case timeZone = "time_zone"
    case buckets
  }
}

/// A file with what is needed to know that it is whole.
public struct FileEntry: Codable, Sendable, Equatable {
  /// Relative to the store.
  public var path: String
  public var rows: Int
  public var bytes: Int
  /// XXH3-64 of all its bytes, and of its Arrow footer, hexadecimal.
  public var hash: String
  public var footer: String

  public init(path: String, rows: Int, bytes: Int, hash: String, footer: String) {
    self.path = path
    self.rows = rows
    self.bytes = bytes
    self.hash = hash
    self.footer = footer
  }
}

/// Rows of a part that have batches of their own.
public struct ClusterEntry: Codable, Sendable, Equatable {
  /// The name of their event.
  public var event: String
  /// Nil: all rows of the event. Otherwise those whose article is known, and the fields of which each article has one value
  /// in this cluster, by name.
  public var byArticle: [String]?

  public init(event: String, byArticle: [String]?) {
    self.event = event
    self.byArticle = byArticle
  }
}

/// A part of a day: its events, and beside them who has one, what articles have, and the row-aligned index.
public struct PartEntry: Codable, Sendable, Equatable {
  public var day: String
  public var events: FileEntry
  public var index: FileEntry
  public var presence: FileEntry
  /// What articles have; nil where no cluster is by article.
  public var articles: FileEntry?
  /// Behind them stands one for all other rows.
  public var clusters: [ClusterEntry]
  /// The version that added it.
  public var version: Int

  public init(
    day: String, events: FileEntry, index: FileEntry, presence: FileEntry, articles: FileEntry?,
    clusters: [ClusterEntry], version: Int
  ) {
    self.day = day
    self.events = events
    self.index = index
    self.presence = presence
    self.articles = articles
    self.clusters = clusters
    self.version = version
  }

  public var files: [FileEntry] { [events, index, presence] + (articles.map { [$0] } ?? []) }
  public var bytes: Int { files.reduce(0) { $0 + $1.bytes } }
}

/// A file of what later ingests need; one batch a partition.
public struct IndexEntry: Codable, Sendable, Equatable {
  public var kind: String
  public var file: FileEntry
  /// The UTC day that the store's data had reached when the newest of its entries came; nil in files of before.
  public var reached: String?

  public init(kind: String, file: FileEntry, reached: String? = nil) {
    self.kind = kind
    self.file = file
    self.reached = reached
  }
}

/// A source file that was taken.
public struct InputEntry: Codable, Sendable, Equatable {
  public var name: String
  public var bytes: Int
  /// XXH3-64 of its bytes as they lay there, hexadecimal.
  public var hash: String
  public var rows: Int
  public var version: Int

  public init(name: String, bytes: Int, hash: String, rows: Int, version: Int) {
    self.name = name
    self.bytes = bytes
    self.hash = hash
    self.rows = rows
    self.version = version
  }
}

/// Where the rows of one ingest went: `read = stored + folded + duplicate + bot + anonymous + rejected`.
public struct IngestEntry: Codable, Sendable, Equatable {
  public var version = 0
  public var read = 0
  public var stored = 0
  public var folded = 0
  public var duplicate = 0
  public var bot = 0
  public var anonymous = 0
  public var rejected = 0
  /// Among the duplicates: the same id with other content.
  public var conflicting = 0
  /// Stored rows that were written again because a late ping changed their dwell; no rows of the input.
  public var rewritten = 0
  /// Rejected rows by reason.
  public var reasons: [String: Int] = [:]
  /// Volumes by day and event, anonymous rows included.
  public var volumes: [String: [String: Volume]] = [:]

  public struct Volume: Codable, Sendable, Equatable {
    public var rows = 0
    public var anonymous = 0
    /// Of views, engaged milliseconds.
    public var dwell = 0
    public init(rows: Int = 0, anonymous: Int = 0, dwell: Int = 0) {
      self.rows = rows
      self.anonymous = anonymous
      self.dwell = dwell
    }
  }

  public init() {}

  /// Every row is accounted for.
  public var isBalanced: Bool { read == stored + folded + duplicate + bot + anonymous + rejected }
}

extension Manifest {
  /// Every file that the version needs.
  public var files: [FileEntry] {
    users + parts.flatMap(\.files) + deletions + indexes.map(\.file) + tables.map(\.file)
  }

  /// The UTC day of `newestCollector`.
  public var reached: String? {
    newestCollector.map { CalendarZone.utc.day(of: Milliseconds($0)).description }
  }

  /// How far the data reach, milliseconds. A clock that is wrong by years in a few rows does not move it: days of
  /// less than a hundredth of the rows, or a single one, behind a gap of more than 400 days are passed over.
  public var newestCollector: Int64? {
    let days = collected.compactMap { key, value in Day(key).map { (day: $0, value: value) } }.sorted {
      $0.day < $1.day
    }
    let all = days.reduce(0) { $0 + $1.value.rows }
    var beyond = days.reduce(0) { $0 + $1.value.rows }
    var newest: Int64?
    var last: Day?
    for (day, value) in days {
      let few = beyond * 100 < all || (beyond == 1 && all >= 3)
      if let last, last.distance(to: day) > 400, few { break }
      beyond -= value.rows
      newest = value.newest
      last = day
    }
    return newest
  }

  /// Canonical JSON: sorted keys, so that equal manifests are equal bytes.
  func encoded() throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
    return Array(try encoder.encode(self)) + [0x0a]
  }

  static func decode(_ bytes: [UInt8]) throws -> Manifest {
    try JSONDecoder().decode(Manifest.self, from: Data(bytes))
  }

  /// Only the format, for files that a newer version wrote.
  static func format(of bytes: [UInt8]) -> Int? {
    struct Head: Decodable { var format: Int }
    // A manifest that cannot even say its format is reported as damaged by the caller.
    return try? JSONDecoder().decode(Head.self, from: Data(bytes)).format
  }
}
