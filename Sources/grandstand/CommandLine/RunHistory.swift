#if canImport(Glibc)
  import Glibc
#endif
import Diagnostics
import Events
import FoundationEssentials
import Store

/// What a run's record says, as far as other commands read it. `Engine/RunRecord` writes it.
struct RunSummary: Decodable, Sendable {
  struct Entry: Decodable, Sendable {
    var id: String
    var size: Int
    var previousSize: Int?
    var entered: Int?
    var left: Int?
    var fileHash: String

    enum CodingKeys: String, CodingKey {
      case id, size, entered, left
      case previousSize = "previous_size"
      case fileHash = "file_hash"
    }
  }

  var run: String
  var asOf: String
  var storeVersion: Int
  var rows: Int
  /// Not one of some segments; runs that do not say were.
  var whole: Bool?
  var withheld: [String]
  var segments: [Entry]

  enum CodingKeys: String, CodingKey {
    case run, rows, whole, withheld, segments
    case asOf = "as_of"
    case storeVersion = "store_version"
  }

  /// - Throws: `S2` where the record cannot be read.
  static func read(_ run: String, _ store: Store) throws(Diagnostic) -> RunSummary {
    let bytes = try store.runRecord(run)
    do { return try JSONDecoder().decode(RunSummary.self, from: Data(bytes)) } catch {
      throw Diagnostic(
        .s2, "the record of the run cannot be read", at: Place(file: store.path + "/runs/\(run)/record.json"),
        hint: "run 'grandstand run' again")
    }
  }
}

/// The runs of the last days, for sizes over time.
struct RunHistory {
  /// The run that `runs/LATEST` names.
  var latest: RunSummary?
  /// As-of days, oldest first.
  var days: [String] = []
  /// Sizes by as-of day, then by segment.
  private var sizes: [String: [String: Int]] = [:]

  static let mostDays = 30

  /// - Parameter days: how many as-of days to look back; 0: only the latest run.
  init(_ store: Store, days limit: Int, _ printer: Printer) throws(Diagnostic) {
    guard store.exists else { return }
    if let id = store.latestRun() { latest = Self.summary(id, store, printer) }
    guard limit > 0 else { return }
    let runs = Dictionary(grouping: try store.runs()) { String($0.prefix(10)) }
    days = runs.keys.sorted().suffix(limit)
    for day in days {
      // Of several runs of a day the last one counts; one of a few segments leaves the others as they were.
      let ordered = (runs[day] ?? []).sorted {
        Self.order($0, store, latest?.run) < Self.order($1, store, latest?.run)
      }
      for id in ordered {
        guard let summary = id == latest?.run ? latest : Self.summary(id, store, printer) else { continue }
        for entry in summary.segments { sizes[day, default: [:]][entry.id] = entry.size }
      }
    }
  }

  /// A segment's size on each of `days`; nil where it was not evaluated.
  func sizes(of segment: String) -> [Int?] { days.map { sizes[$0]?[segment] } }

  func latestEntry(_ segment: String) -> RunSummary.Entry? { latest?.segments.first { $0.id == segment } }

  /// The size that a segment's latest one is compared with.
  func change(of segment: String) -> Int? {
    latestEntry(segment).flatMap { entry in entry.previousSize.map { entry.size - $0 } }
  }

  private static func summary(_ id: String, _ store: Store, _ printer: Printer) -> RunSummary? {
    do throws(Diagnostic) { return try RunSummary.read(id, store) } catch {
      // A damaged record hides its day, and the others are shown.
      printer.diagnostic(error)
      return nil
    }
  }

  private static func order(_ id: String, _ store: Store, _ latest: String?) -> (Int, Int, String) {
    var status = stat()
    let path = store.path + "/runs/\(id)/record.json"
    guard unsafe stat(path, &status) == 0 else { return (0, 0, id) }
    return id == latest ? (.max, 0, id) : (status.st_mtim.tv_sec, status.st_mtim.tv_nsec, id)
  }

  // MARK: One run

  /// The run of all segments that counts for a day: the latest, else the one that was written last.
  static func wholeRun(of day: Day, _ store: Store, _ printer: Printer) throws(Diagnostic) -> String? {
    let latest = store.latestRun()
    let runs = try store.runs().filter { $0.hasPrefix(day.description) }
    return runs.filter { isWhole($0, store, printer) }.max {
      order($0, store, latest) < order($1, store, latest)
    }
  }

  /// The last run of all segments, by its name, of the days before one.
  static func wholeRun(before day: Day, _ store: Store, _ printer: Printer) throws(Diagnostic) -> String? {
    try store.runs().last { $0 < day.description && isWhole($0, store, printer) }
  }

  private static func isWhole(_ id: String, _ store: Store, _ printer: Printer) -> Bool {
    summary(id, store, printer)?.whole ?? true
  }
}
