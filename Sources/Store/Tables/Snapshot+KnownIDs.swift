import Diagnostics
import Events

extension Snapshot {
  /// How many of some ids are users with events.
  /// - Parameter ids: of one bucket, each once.
  public func countUsers(in bucket: BucketIndex, among ids: Set<[UInt8]>) throws(Diagnostic) -> Int {
    guard !ids.isEmpty else { return 0 }
    let users = try users(in: bucket)
    return (0..<users.count).count { ids.contains(Array(users[$0])) }
  }

  /// The ids of the articles that events of the newest days name.
  /// - Parameter days: how many of the newest days with parts.
  public func articleIDs(days count: Int) throws(Diagnostic) -> Set<[UInt8]> {
    var ids: Set<[UInt8]> = []
    for day in days.suffix(count) {
      for part in parts[day] ?? [] {
        for id in try part.dictionary(of: .article)?.values ?? [] where !id.isEmpty {
          ids.insert(Array(id.utf8))
        }
      }
    }
    return ids
  }
}
