import Events
import Project
import Store
import Support
import Testing

@testable import Ingest

/// What users of other systems stumble over when events come in, numbered as in `docs/mistakes.md`.
struct MistakesOfIngestTests {
  /// 20 March 2026, 10:00 in UTC.
  private static let start: Int64 = 1_774_000_800_000

  /// - Parameters:
  ///   - at: milliseconds after `start`.
  ///   - view: the page view's id.
  private static func row(
    _ event: String, _ id: String, at: Int64, session: String = "s", view: String = "v", login: String = ""
  ) -> String {
    let page =
      "{\"data\":[{\"schema\":\"iglu:com.snowplowanalytics.snowplow/web_page/jsonschema/1-0-0\",\"data\":{\"id\":\"\(view)\"}}]}"
    let time = HistoryTests.time(start + at)
    return HistoryTests.line([
      3: time, 4: time, 5: event, 6: id, 12: login, 15: "cookie", 35: "/a", 52: page, 77: "Mozilla",
      123: session, 124: time, 126: event,
    ])
  }

  /// What one ingest of some lines stores.
  private func stored(_ lines: [String]) throws -> (bench: IngestBench, summary: IngestSummary) {
    let bench = try IngestBench(HistoryTests.project)
    let path = bench.folder + "/a.tsv"
    Support.write((lines.joined(separator: "\n") + "\n").utf8, to: path)
    return (bench, try bench.ingest([path]))
  }

  /// Dwell of all views, milliseconds.
  private func dwell(_ lines: [String]) throws -> Int {
    let (bench, _) = try stored(lines)
    let snapshot = try bench.store.snapshot()
    var total = 0
    for bucket in (0..<UInt32(snapshot.bucketCount)).map(BucketIndex.init) {
      for day in snapshot.days {
        for batch in try snapshot.batches(of: day, in: bucket, fields: [.dwell]) {
          guard case .durations(let values)? = batch.columns[.dwell] else { continue }
          total += values.filter { $0 != .max }.reduce(0) { $0 + Int($1) }
        }
      }
    }
    return total
  }

  @Test
  func `8, impossible times: an event of the year 9999 is set apart, and the newest complete day stays`()
    throws
  {
    let good = Self.row("page_view", "e1", at: 0)
    let impossible = Self.row("page_view", "e2", at: 0).replacing("2026-03-20", with: "9999-03-20")
    let later = Self.row("page_view", "e3", at: 2 * 86_400_000, session: "t", view: "w")
    let (bench, summary) = try stored([good, impossible, later])
    #expect(summary.entry.reasons == ["time_out_of_range": 1] && summary.entry.stored == 2)
    let snapshot = try bench.store.snapshot()
    #expect(snapshot.days.map(\.description) == ["2026-03-20", "2026-03-22"])
    #expect(snapshot.newestCompleteDay(lateness: 6)?.description == "2026-03-20")
  }

  @Test func `13, login splits a session: dwell is the same whether somebody logs in half-way or not`() throws
  {
    func lines(_ login: String) -> [String] {
      [Self.row("page_view", "e", at: 0)]
        + (1...5).map {
          Self.row("page_ping", "p\($0)", at: Int64($0) * 10_000, login: $0 > 2 ? login : "")
        }
    }
    let whole = try dwell(lines(""))
    #expect(whole > 0)
    #expect(try dwell(lines("anna")) == whole)
  }

  @Test func `27, stray pings: those of another session never extend a view`() throws {
    let view = Self.row("page_view", "e", at: 0)
    let own = Self.row("page_ping", "p", at: 10_000)
    let stray = Self.row("page_ping", "q", at: 60_000, session: "other")
    let late = Self.row("page_ping", "r", at: 7 * 86_400_000, session: "other")
    #expect(try dwell([view, own, stray, late]) == dwell([view, own]))
  }

  @Test func `28, double timers: eight pings in three slots are three`() throws {
    let view = Self.row("page_view", "e", at: 0)
    let times: [Int64] = [10_000, 12_000, 15_000, 20_000, 21_000, 30_000, 33_000, 39_000]
    let pings = times.enumerated().map { Self.row("page_ping", "p\($0.offset)", at: $0.element) }
    let three = [10_000, 20_000, 30_000].map { Self.row("page_ping", "q\($0)", at: $0) }
    #expect(try dwell([view] + pings) == 25_000)
    #expect(try dwell([view] + three) == 25_000)
  }
}
