import Diagnostics
import Project
import Store

extension Project {
  /// The store is the one that this project describes.
  /// - Throws: `S5` where it was made with another zone or number of buckets.
  func check(_ snapshot: Snapshot) throws(Diagnostic) {
    let settings = snapshot.manifest.settings
    guard settings.timeZone == zone.name, settings.buckets == buckets else {
      throw Diagnostic(
        .s5,
        "the store was made with time_zone \(settings.timeZone) and \(settings.buckets) buckets; the project now says \(zone.name) and \(buckets)",
        at: Place(file: snapshot.store.path),
        hint: "put the old values back, or make a new store and ingest again")
    }
  }
}
