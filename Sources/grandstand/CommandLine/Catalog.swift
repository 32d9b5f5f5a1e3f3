import Authoring
import Diagnostics
import Rules

/// All segments of a project with what the runs and the files say of them: for `list` and `show`.
struct Catalog {
  let segments: [SegmentOutline]
  let history: RunHistory
  let sources: [SourceText]
  private let dates: FileDates

  init(_ workspace: Workspace, days: Int, _ printer: Printer) throws(Diagnostic) {
    let (compilation, sources) = try workspace.compile(
      asOf: nil, in: try workspace.snapshotIfAny())
    self.sources = sources
    segments = SegmentOutline.all(compilation, sources)
    history = try RunHistory(workspace.store, days: days, printer)
    dates = FileDates(workspace.project)
  }

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
    ]
  }
}
