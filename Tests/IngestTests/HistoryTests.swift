import Events
import Project
import Store
import Support
import Testing

@testable import Ingest

/// Random Snowplow-like histories: whatever files the rows come in, in whatever order and however many ingests, the store
/// holds the same logical rows.
struct HistoryTests {
  static let project = """
    buckets: 4
    time_zone: Europe/Amsterdam
    sources: {web: {format: snowplow, user: [user_id, domain_userid], fields: {section: page_urlpath}}}
    """

  /// One line; columns that are not named are empty.
  static func line(_ columns: [Int: String]) -> String {
    (0..<131).map { columns[$0] ?? "" }.joined(separator: "\t")
  }

  static func time(_ millis: Int64) -> String {
    Milliseconds(millis).text.replacing("T", with: " ").replacing("Z", with: "")
  }

  /// Views, pings and clicks of some users around midnight, with copies.
  static func history(_ random: inout SeededRandom) -> [String] {
    var lines: [String] = []
    let start: Int64 = 1_774_000_000_000
    for session in 0..<Int.random(in: 3...10, using: &random) {
      let user = Int.random(in: 0...4, using: &random)
      var time = start + Int64.random(in: 0...172_800_000, using: &random)
      for view in 0..<Int.random(in: 1...3, using: &random) {
        let page =
          "{\"data\":[{\"schema\":\"iglu:com.snowplowanalytics.snowplow/web_page/jsonschema/1-0-0\",\"data\":{\"id\":\"v\(session)-\(view)\"}}]}"
        func row(_ event: String, _ id: String, _ at: Int64, login: Bool) -> String {
          line([
            3: self.time(at + 100), 4: self.time(at), 5: event, 6: id, 12: login ? "login-\(user)" : "",
            15: user == 4 ? "" : "cookie-\(user)",
            35: "/s\(view)", 52: page, 77: "Mozilla", 123: "session-\(session)", 124: self.time(at),
            126: event,
          ])
        }
        let login = Int.random(in: 0...3, using: &random) == 0
        lines.append(row("page_view", "e\(session)-\(view)", time, login: login))
        for ping in 0..<Int.random(in: 0...5, using: &random) {
          time += Int64.random(in: 3_000...14_000, using: &random)
          lines.append(row("page_ping", "p\(session)-\(view)-\(ping)", time, login: login || ping > 2))
        }
        if Bool.random(using: &random) {
          lines.append(row("link_click", "c\(session)-\(view)", time + 50, login: login))
        }
        time += Int64.random(in: 1_000...90_000, using: &random)
      }
    }
    return lines + lines.filter { _ in Int.random(in: 0...7, using: &random) == 0 }
  }

  @Test func `any grouping of rows into files and ingests gives the same logical rows`() throws {
    for seed in 1...UInt64(Support.isNightly ? 500 : 25) {
      var random = SeededRandom(seed)
      let lines = Self.history(&random)
      let whole = try IngestBench(Self.project)
      let path = whole.folder + "/all.tsv"
      Support.write((lines.joined(separator: "\n") + "\n").utf8, to: path)
      let summary = try whole.ingest([path])
      #expect(summary.entry.isBalanced && summary.entry.rejected == 0)

      let pieces = try IngestBench(Self.project)
      var groups: [[String]] = Array(repeating: [], count: Int.random(in: 2...5, using: &random))
      for line in lines.shuffled(using: &random) {
        groups[Int.random(in: 0..<groups.count, using: &random)].append(line)
      }
      var read = 0
      for (index, group) in groups.enumerated() where !group.isEmpty {
        let half = group.count / 2
        let paths = [(0, group[..<half]), (1, group[half...])].filter { !$0.1.isEmpty }.map { number, part in
          let path = pieces.folder + "/part-\(index)-\(number).tsv"
          Support.write((part.joined(separator: "\n") + "\n").utf8, to: path)
          return path
        }
        let entry = try pieces.ingest(paths.shuffled(using: &random)) {
          $0.threads = Int.random(in: 1...3, using: &random)
        }.entry
        #expect(entry.isBalanced)
        read += entry.read
      }
      // Two pieces of equal bytes are one file to the store; that is rare and fine.
      #expect(read <= lines.count)
      #expect(try pieces.rows() == whole.rows(), "seed \(seed)")
      #expect(StoreVerification.run(try pieces.store.snapshot()).findings == [])
    }
  }

  @Test func `threads, the order of files and a budget that spills change no byte of the store`() throws {
    var random = SeededRandom(7)
    let lines = (0..<40).flatMap { _ in Self.history(&random) }
    func store(_ threads: Int, _ memory: Int, reversed: Bool) throws -> [String] {
      let bench = try IngestBench(Self.project)
      let paths = (0..<4).map { piece in
        let path = bench.folder + "/\(piece).tsv"
        let part = lines.enumerated().filter { $0.offset % 4 == piece }.map(\.element)
        Support.write((part.joined(separator: "\n") + "\n").utf8, to: path)
        return path
      }
      try bench.ingest(reversed ? paths.reversed() : paths) {
        $0.threads = threads
        $0.memory = memory
      }
      let manifest = try bench.store.snapshot().manifest
      return manifest.parts.flatMap { [$0.events.hash, $0.index.hash] } + manifest.indexes.map(\.file.hash)
        + manifest.users.map(\.hash)
    }
    let first = try store(1, 1 << 30, reversed: false)
    #expect(try store(3, 1 << 30, reversed: true) == first)
    #expect(try store(2, 1, reversed: false) == first)
  }

  @Test func `the same file again adds nothing, and with force nothing doubles`() throws {
    var random = SeededRandom(3)
    let bench = try IngestBench(Self.project)
    let path = bench.folder + "/a.tsv"
    Support.write((Self.history(&random).joined(separator: "\n") + "\n").utf8, to: path)
    try bench.ingest([path])
    let rows = try bench.rows()
    let again = try bench.ingest([path])
    #expect(again.version == nil && again.known == [path])
    let forced = try bench.ingest([path]) { $0.force = true }
    #expect(forced.entry.stored == 0 && forced.entry.isBalanced)
    #expect(try bench.rows() == rows)
  }

  @Test func `too many rejected rows leave the store as it was`() throws {
    let bench = try IngestBench(Self.project)
    let path = bench.folder + "/a.tsv"
    Support.write("broken\nbroken too\n".utf8, to: path)
    #expect(throws: (any Error).self) { try bench.ingest([path]) { $0.maximumRejected = .share(0.01) } }
    #expect(try bench.store.snapshot().manifest.version == 0)
    let summary = try bench.ingest([path])
    #expect(summary.entry.rejected == 2 && summary.entry.stored == 0)
  }

  @Test func `placeholder ids are nobody and are counted`() throws {
    let bench = try IngestBench("buckets: 2\nsources: {rows: {format: csv, user: u, time: t}}")
    let path = bench.folder + "/a.csv"
    Support.write(
      "u,t\nNone,2026-01-01\nundefined,2026-01-01\n00000000-0000-0000-0000-000000000000,2026-01-01\n007,2026-01-01 10:00:00\n"
        .utf8, to: path)
    let summary = try bench.ingest([path])
    #expect(summary.entry.anonymous == 3 && summary.entry.stored == 1 && summary.newUsers == 1)
    #expect(try bench.rows().first?.hasPrefix("007 2026-01-01") == true)
  }
}
