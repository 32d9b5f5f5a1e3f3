import Diagnostics
import Events

/// The tables and lists of a snapshot as they held on one day.
struct StoredDimensions: Dimensions {
  private let usersTable: StoredTable?
  private let articlesTable: StoredTable?
  private let lists: [String: StoredTable]
  let version: String

  init(_ snapshot: Snapshot, asOf day: Day) {
    func holder(_ kind: TableEntry.Kind, _ name: String = "") -> StoredTable? {
      snapshot.manifest.table(kind, name, asOf: day).flatMap { entry in
        snapshot.tables.first { $0.entry == entry }
      }
    }
    usersTable = holder(.users)
    articlesTable = holder(.articles)
    var lists: [String: StoredTable] = [:]
    for name in snapshot.manifest.listNames { lists[name] = holder(.list, name) }
    self.lists = lists
    let held = [usersTable, articlesTable].compactMap { $0 } + lists.sorted { $0.key < $1.key }.map(\.value)
    version = held.map { "\($0.entry.kind.rawValue) \($0.entry.name) \($0.entry.file.hash)" }.joined(
      separator: "\n")
  }

  func users(in bucket: BucketIndex) throws(Diagnostic) -> AttributeTable {
    guard let usersTable else { return AttributeTable() }
    return try usersTable.table(batch: Int(bucket.value))
  }

  func articles() throws(Diagnostic) -> AttributeTable {
    guard let articlesTable else { return AttributeTable() }
    return try articlesTable.whole()
  }

  func list(_ name: String) throws(Diagnostic) -> Set<[UInt8]>? {
    guard let list = lists[name] else { return nil }
    return try list.list()
  }
}

extension Snapshot {
  public func dimensions(asOf day: Day) throws(Diagnostic) -> any Dimensions {
    StoredDimensions(self, asOf: day)
  }
}
