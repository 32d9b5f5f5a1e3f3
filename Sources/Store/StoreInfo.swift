import Events

/// What a store holds, from its manifest alone.
public struct StoreInfo: Sendable {
  public struct DayInfo: Sendable {
    public var day: String
    public var rows: Int
    public var parts: Int
    /// Views that came in, anonymous ones included.
    public var views: Int
    public var bytes: Int
  }

  /// An attribute table or a list, by the day from which it holds.
  public struct TableInfo: Sendable {
    public var kind: TableEntry.Kind
    public var name: String
    public var from: String
    public var rows: Int
    public var bytes: Int
  }

  public var version: Int
  public var timeZone: String
  public var buckets: Int
  public var users: Int
  /// Rows that count: replaced ones are left out.
  public var rows: Int
  public var bytes: Int
  public var rejected: Int
  public var days: [DayInfo]
  /// Those that hold on some day: users first, then articles, then lists by name; each by day.
  public var tables: [TableInfo]

  public init(_ snapshot: Snapshot, viewEvent: String = EventNames().view) {
    let manifest = snapshot.manifest
    version = manifest.version
    timeZone = manifest.settings.timeZone
    buckets = manifest.settings.buckets
    users = manifest.users.reduce(0) { $0 + $1.rows }
    rejected = manifest.ingests.reduce(0) { $0 + $1.rejected }
    bytes = manifest.files.reduce(0) { $0 + $1.bytes }
    let all = manifest.parts.reduce(0) { $0 + $1.events.rows }
    rows = all - manifest.deletions.reduce(0) { $0 + $1.rows }
    days = Dictionary(grouping: manifest.parts, by: \.day).sorted { $0.key < $1.key }.map { day, parts in
      DayInfo(
        day: day, rows: parts.reduce(0) { $0 + $1.events.rows }, parts: parts.count,
        views: manifest.ingests.reduce(0) { $0 + ($1.volumes[day]?[viewEvent]?.rows ?? 0) },
        bytes: parts.reduce(0) { $0 + $1.bytes })
    }
    tables = manifest.heldTables.map { entry in
      TableInfo(
        kind: entry.kind, name: entry.name, from: entry.from, rows: entry.file.rows, bytes: entry.file.bytes)
    }
  }
}
