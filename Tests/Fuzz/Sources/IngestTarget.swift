import Diagnostics
import Events
import Glibc
import Gzip
import Project
import Store

@testable import Ingest

/// Fuzzes the decoders through a file in memory, the way they read any other.
enum IngestTarget {
  private static let yaml = """
    sources:
      web:
        format: snowplow
        user: [user_id, domain_userid]
        fields:
          article: contexts.com.acme/article/1.id
          section: contexts.com.acme/article/1-0.section
          author: contexts.com.acme/article/1.authors
          tag: [contexts.com.acme/article/*.tags, "contexts.com.acme/article/1[0].authors"]
          experiment: contexts.com.acme/experiment/1.arm
          value: [unstruct.com.acme/subscribe/1.price, se_value]
          element: unstruct.com.snowplowanalytics.snowplow/link_click/1.elementId
          referrer: host(page_referrer)
          props.subscription: contexts.com.acme/user/1.subscription
      readers:
        format: csv
        user: user_id
        time: read_at
        fields: {article: article_id, section: section, dwell: read_time_s, scroll: scroll_pct}
      lines:
        format: jsonl
        user: [user.id, id]
        time: t
        fields: {event: e, section: a.section, tag: a.tags, dwell: d, value: v}
    """

  private static let project: Project = {
    let reading = Project.parse(SourceText(file: "grandstand.yaml", text: yaml), folder: "/fuzz")
    guard let project = reading.project else { fatalError("\(reading.diagnostics)") }
    return project
  }()

  private static let path = "/dev/shm/grandstand-fuzz-\(getpid())"

  /// Counts rows; checks what every record promises.
  private struct CountingSink: RecordSink {
    var rows = 0
    let layout: PartSchema

    mutating func append(_ record: borrowing EventRecord) {
      precondition(record.codes.count == layout.texts.count && record.numbers.count == layout.numbers.count)
      precondition(record.listEnds.count == layout.lists.count)
      precondition(record.listEnds.last.map { Int($0) == record.lists.count } ?? true)
      precondition(record.numbers.allSatisfy { $0.isNaN || $0.magnitude <= Decimal6.limit })
      rows += 1
    }

    mutating func reject(_ reject: Reject, file: UInt32, line: UInt64, bytes: UnsafeRawBufferPointer?) {
      rows += 1
    }
    mutating func bot() { rows += 1 }
  }

  static func run(_ target: FuzzTarget, _ bytes: [UInt8]) {
    switch target {
    case .contexts: read(line(contexts: bytes), source: 0)
    case .csv:
      read(Array("user_id,read_at,article_id,section,read_time_s,scroll_pct\n".utf8) + bytes, source: 1)
    case .jsonl: read(bytes, source: 2)
    default: read(bytes, source: 0)
    }
  }

  /// One good line with these bytes as its contexts and again as its event's own JSON.
  private static func line(contexts: [UInt8]) -> [UInt8] {
    let json = contexts.map { $0 == 0x09 || $0 == 0x0a || $0 == 0x0d ? 0x20 : $0 }
    var columns = [[UInt8]](repeating: [], count: 131)
    for (position, text) in [
      (4, "2026-11-02 07:02:42.760"), (6, "page_view"), (7, "29bd3ce5-c32c-4b8c-bc0c-0b4e8c3fbd4f"),
      (16, "u1"),
      (78, "Mozilla/5.0"), (124, "s1"), (125, "2026-11-02 07:02:42.000"), (127, "page_view"),
    ] { columns[position - 1] = Array(text.utf8) }
    for position in [53, 59, 123] { columns[position - 1] = json }
    return Array(columns.joined(separator: [0x09])) + [0x0a]
  }

  private static func read(_ bytes: [UInt8], source: Int) {
    guard let file = fopen(path, "wb") else { fatalError("/dev/shm cannot be written") }
    fwrite(bytes, 1, bytes.count, file)
    fclose(file)
    defer { unlink(path) }
    let layout = PartSchema(fields: project.storedFields)
    let interners = (layout.texts + layout.lists).map { _ in TextInterner() }
    let reader = SourceReader(
      project: project, source: project.sources[source], layout: layout, interners: interners)
    var sink = CountingSink(layout: layout)
    do throws(Diagnostic) {
      let rows = try reader.read(path, file: 0, contentHash: 1, into: &sink) { _, _ in }
      precondition(rows == sink.rows, "\(rows) rows are said, \(sink.rows) were given")
    } catch {
      precondition(error.json.hasPrefix("{"))
    }
  }
}
