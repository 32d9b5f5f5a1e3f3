import Diagnostics
import Events

/// What compacting a version would do: a value, for a dry run to print.
///
/// Its rule is that late data cost what their rows cost. Parts that came late are merged with each other, and with the day only when
/// they make up a tenth of it, or replaced rows a fiftieth, which every reader has to remember; of index and user files the newest are merged until each file has more rows than all newer ones together,
/// so that a row is written again as often as the store doubles, and there are few files.
public struct CompactionPlan: Sendable {
  /// Parts of a day that become one.
  public struct DayMerge: Sendable, Equatable {
    public var day: Day
    public var parts: [PartEntry]
    /// Rows that a later commit replaced: they are left out.
    public var replaced: Int

    public var rows: Int { parts.reduce(0) { $0 + $1.events.rows } - replaced }
    public var bytes: Int { parts.reduce(0) { $0 + $1.bytes } }
  }

  public var days: [DayMerge] = []
  /// Index files that become one, each time of one kind, oldest first.
  public var indexes: [[IndexEntry]] = []
  /// Index files of which every entry is past the horizon.
  public var forgotten: [IndexEntry] = []
  /// Lists of replaced rows that become one.
  public var deletions: [FileEntry] = []
  /// Files of users that become one.
  public var users: [FileEntry] = []
  /// Tables in whose place another holds.
  public var tables: [TableEntry] = []

  public var isEmpty: Bool {
    days.isEmpty && indexes.isEmpty && forgotten.isEmpty && deletions.isEmpty && users.isEmpty
      && tables.isEmpty
  }

  public init(_ snapshot: Snapshot, _ options: CompactionOptions) throws(Diagnostic) {
    let manifest = snapshot.manifest
    for day in snapshot.days where options.days?.contains(day) ?? true {
      var parts: [(entry: PartEntry, replaced: Int)] = []
      for part in snapshot.parts[day] ?? [] {
        parts.append((part.entry, try snapshot.replacedRows(of: part.entry)))
      }
      let merged = Self.merged(parts, takesAll: options.takesAll)
      guard !merged.isEmpty, try snapshot.canMerge(merged.map(\.entry), of: day) else { continue }
      days.append(
        DayMerge(day: day, parts: merged.map(\.entry), replaced: merged.reduce(0) { $0 + $1.replaced }))
    }
    plan(manifest.indexes, reached: manifest.reached.flatMap { Day($0) }, options)
    let tail = Self.tail(manifest.users.map(\.rows), takesAll: options.takesAll)
    if manifest.users.count - tail > 1 { users = Array(manifest.users[tail...]) }
    let lists = manifest.deletions
    if lists.count - Self.tail(lists.map(\.rows), takesAll: options.takesAll) > 1 { deletions = lists }
    let held = manifest.heldTables
    tables = manifest.tables.filter { !held.contains($0) }
  }

  /// Which parts of a day become one; none where that does not pay.
  private static func merged(
    _ parts: [(entry: PartEntry, replaced: Int)], takesAll: Bool
  ) -> [(entry: PartEntry, replaced: Int)] {
    let replaced = parts.reduce(0) { $0 + $1.replaced }
    guard parts.count > 1 || replaced > 0 else { return [] }
    let rows = parts.reduce(0) { $0 + $1.entry.events.rows }
    guard let largest = parts.map(\.entry).max(by: { $0.events.rows < $1.events.rows }) else { return [] }
    let pays = (rows - largest.events.rows) * 10 >= rows || replaced * 50 >= rows
    if takesAll || pays { return parts }
    let late = parts.filter { $0.entry != largest }
    return late.count >= 4 ? late : []
  }

  /// From which file on, of those in the order of their making, the newest become one.
  static func tail(_ rows: [Int], takesAll: Bool) -> Int {
    var newer = 0
    var start = rows.count
    for place in rows.indices.reversed() {
      if takesAll || rows[place] <= newer { start = place }
      newer += rows[place]
    }
    return start
  }

  /// Where there is a horizon, files are merged only with those that came within an eighth of it, so that none outlives it by more.
  private mutating func plan(_ indexes: [IndexEntry], reached: Day?, _ options: CompactionOptions) {
    let horizon = options.deduplicationDays
    for kind in Set(indexes.map(\.kind)).sorted() {
      var files = indexes.filter { $0.kind == kind }
      if let horizon, let reached {
        let old = files.filter {
          $0.reached.flatMap { Day($0) }.map { $0.distance(to: reached) > horizon } ?? false
        }
        forgotten += old
        files.removeAll { old.contains($0) }
      }
      let spans = horizon.map { days in files.map { Self.span($0, max(1, days / 8)) } }
      var start = 0
      while start < files.count {
        var end = start + 1
        while end < files.count, spans?[end] == spans?[start] { end += 1 }
        let group = files[start..<end]
        let tail = Self.tail(group.map(\.file.rows), takesAll: options.takesAll)
        if group.count - tail > 1 { self.indexes.append(Array(group.dropFirst(tail))) }
        start = end
      }
    }
  }

  private static func span(_ file: IndexEntry, _ days: Int) -> Int? {
    file.reached.flatMap { Day($0) }.map { Int($0.number) / days }
  }
}

extension Snapshot {
  /// Whether columns of one name are of one kind in all parts: a project may have made a text a number.
  fileprivate func canMerge(_ entries: [PartEntry], of day: Day) throws(Diagnostic) -> Bool {
    var kinds: [String: Field.Kind] = [:]
    for part in parts[day] ?? [] where entries.contains(part.entry) {
      for field in try part.fields() {
        if let known = kinds[field.name], known != field.kind { return false }
        kinds[field.name] = field.kind
      }
    }
    return true
  }
}

extension Part {
  /// The texts, lists and numbers that it has columns of.
  func fields() throws(Diagnostic) -> [Field] {
    let places: Set = ["user_number", "user_number_high", "dwell", "time", "session", "user"]
    return try events.file().schema.fields.filter { !places.contains($0.name) }.map { column in
      let kind: Field.Kind = column.dictionary != nil ? .text : column.type == .list ? .textList : .number
      return Field(name: column.name, kind: kind)
    }
  }
}
