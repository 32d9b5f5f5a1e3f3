import Authoring
import Diagnostics
import Events
import Rules
import Store

/// All segments of a project with what the runs and the files say of them: for `list` and `show`.
struct Catalog {
  let segments: [SegmentOutline]
  let history: RunHistory
  let sources: [SourceText]
  private let dates: FileDates
  /// By id: what a night reads for it alone, in bytes; empty where there is no day to look at.
  private let reads: [String: Int]

  init(_ workspace: Workspace, days: Int, _ printer: Printer) throws(Diagnostic) {
    let snapshot = try workspace.snapshotIfAny()
    let (compilation, sources) = try workspace.compile(asOf: nil, in: snapshot)
    self.sources = sources
    segments = SegmentOutline.all(compilation, sources)
    history = try RunHistory(workspace.store, days: days, printer)
    dates = FileDates(workspace.project)
    let day =
      history.latest.flatMap { Day($0.asOf) }
      ?? snapshot?.newestCompleteDay(lateness: workspace.project.latenessHours)
    reads = try Self.reads(compilation, snapshot, workspace.project.eventNames, day)
  }

  private static func reads(
    _ compilation: Compilation, _ snapshot: Snapshot?, _ eventNames: EventNames, _ day: Day?
  ) throws(Diagnostic) -> [String: Int] {
    guard let snapshot, let day else { return [:] }
    let cost = try NightReading(snapshot, eventNames, asOf: day).cost(of: compilation.segments)
    return Dictionary(
      uniqueKeysWithValues: zip(compilation.segments.map(\.id), cost.shares.map(\.alone.bytes)))
  }

  /// What a night reads for a segment alone.
  func reads(_ segment: SegmentOutline) -> Int? { reads[segment.id] }

  func changed(_ segment: SegmentOutline) -> String? { dates.day(of: segment.file) }

  func referrers(of id: String) -> [String] { segments.filter { $0.references.contains(id) }.map(\.id) }

  /// What keeps a segment from delivery, or will.
  func status(_ segment: SegmentOutline) -> String {
    var parts: [String] = []
    if segment.isWithheld { parts.append("withheld") }
    if segment.isDraft { parts.append("draft") }
    if let day = segment.expires {
      let isOver = history.latest.map { day.description < $0.asOf } ?? false
      parts.append("\(isOver ? "expired" : "expires") \(day)")
    }
    return parts.joined(separator: ", ")
  }

  func json(_ segment: SegmentOutline) -> [(String, JSONValue)] {
    let entry = history.latestEntry(segment.id)
    func optional(_ value: Int?) -> JSONValue { value.map { .count($0) } ?? .null }
    let sizes = zip(history.days, history.sizes(of: segment.id)).compactMap { day, size in
      size.map { JSONValue.object([("day", .text(day)), ("size", .count($0))]) }
    }
    return [
      ("id", .text(segment.id)), ("name", .text(segment.name)), ("owner", .text(segment.owner)),
      ("purpose", .text(segment.purpose)), ("tags", .list(segment.tags.map { .text($0) })),
      ("file", .text(segment.file)), ("changed", changed(segment).map { .text($0) } ?? .null),
      ("draft", .bool(segment.isDraft)), ("expires", segment.expires.map { .text($0.description) } ?? .null),
      ("withheld", .bool(segment.isWithheld)), ("size", optional(entry?.size)),
      ("change", optional(history.change(of: segment.id))), ("entered", optional(entry?.entered)),
      ("left", optional(entry?.left)), ("sizes", .list(sizes)),
      ("night_bytes", optional(reads(segment))),
    ]
  }
}
