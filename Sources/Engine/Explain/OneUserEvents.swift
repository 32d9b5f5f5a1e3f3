import Diagnostics
import Events
import Synchronization

/// One user's events up to a day as a source of their own, ordinal 0 of the only bucket: what will be on later days if
/// nothing more happens, or only some events more. What is known of the user and of articles stays as it was.
struct OneUserEvents: EventSource {
  let zone: CalendarZone
  let countsUsersWithoutEvents: Bool
  private let base: any EventSource
  private let bucket: BucketIndex
  private let last: Day
  private let ids: UserIDs
  private let own: [Day: [EventBatch]]
  private let tables = Tables()
  /// What would happen beside it.
  private var more: InMemoryEvents?

  var bucketCount: Int { 1 }
  var days: [Day] { Set(own.keys).union(more?.days ?? []).sorted() }

  /// - Parameter fields: columns that will be read.
  init(
    _ base: any EventSource, _ bucket: BucketIndex, _ user: UserOrdinal, through last: Day, fields: [Field]
  )
    throws(Diagnostic)
  {
    (self.base, self.bucket, self.last) = (base, bucket, last)
    (zone, countsUsersWithoutEvents) = (base.zone, base.countsUsersWithoutEvents)
    var ids = UserIDs()
    ids.append(Array(try base.users(in: bucket)[Int(user.value)]))
    self.ids = ids
    var own: [Day: [EventBatch]] = [:]
    for day in base.days where day <= last {
      let batches = try base.batches(of: day, in: bucket, fields: fields).compactMap { $0.rows(of: user) }
      if !batches.isEmpty { own[day] = batches }
    }
    self.own = own
  }

  /// The same with some events more.
  func with(_ events: [InMemoryEvents.Event]) -> OneUserEvents {
    guard !events.isEmpty else { return self }
    var copy = self
    copy.more = InMemoryEvents(events, users: [""], zone: zone)
    return copy
  }

  func userCount(in bucket: BucketIndex) -> Int { 1 }
  func users(in bucket: BucketIndex) -> UserIDs { ids }

  func dimensions(asOf day: Day) throws(Diagnostic) -> any Dimensions {
    let dimensions = try base.dimensions(asOf: min(day, last))
    return tables.cut(dimensions, bucket)
  }

  func readers(of day: Day, columns: ([String?]) -> [Field]?) throws(Diagnostic) -> [any EventReader] {
    (own[day] ?? []).compactMap { BatchReader($0, columns) }
      + (try more?.readers(of: day, columns: columns) ?? [])
  }

  /// Tables by their version, so that many days read each once.
  private final class Tables: Sendable {
    private let known = Mutex<[String: OneBucketDimensions]>([:])

    func cut(_ dimensions: any Dimensions, _ bucket: BucketIndex) -> OneBucketDimensions {
      known.withLock { known in
        if let found = known[dimensions.version] { return found }
        let made = OneBucketDimensions(dimensions, bucket)
        known[dimensions.version] = made
        return made
      }
    }
  }
}

/// The tables of a source of which one bucket is left. Its users are read once.
private final class OneBucketDimensions: Dimensions {
  private let base: any Dimensions
  private let bucket: BucketIndex
  private let known = Mutex<AttributeTable?>(nil)

  init(_ base: any Dimensions, _ bucket: BucketIndex) { (self.base, self.bucket) = (base, bucket) }

  func users(in _: BucketIndex) throws(Diagnostic) -> AttributeTable {
    if let table = known.withLock({ $0 }) { return table }
    let table = try base.users(in: bucket)
    known.withLock { $0 = table }
    return table
  }

  func articles() throws(Diagnostic) -> AttributeTable { try base.articles() }
  func list(_ name: String) throws(Diagnostic) -> Set<[UInt8]>? { try base.list(name) }
  var version: String { base.version }
}

extension EventBatch {
  /// The rows of one user, who becomes ordinal 0; nil where there are none.
  fileprivate func rows(of user: UserOrdinal) -> EventBatch? {
    let rows = users.indices.filter { users[$0] == user.value }
    if rows.isEmpty { return nil }
    var batch = permuted(rows)
    batch.users = Array(repeating: 0, count: rows.count)
    let deleted = Set(deletedRows)
    batch.deletedRows = rows.indices.filter { deleted.contains(UInt32(rows[$0])) }.map { UInt32($0) }
    return batch
  }
}
