import Bitmaps
import Diagnostics
import Engine
import Events
import Ingest
import Rules
import Store
import Support
import Testing

/// What users of other systems stumble over, numbered as in `docs/mistakes.md`; those that no other test has.
struct MistakesOfOthersTests {
  // MARK: Time and windows

  @Test func `1, the zone is ignored: an event after midnight UTC is on the day before in New York`() throws {
    let event = #"{"user": "anna", "time": "2026-03-02T03:10:00Z"}"#
    let rules = [
      "{views: any, when: today}", "{views: any, where: {hour: 22, weekday: sun}, when: ever}",
      "{views: any, when: 2026-03-01 to 2026-03-01}", "{first: today}", "{user: {first_seen: today}}",
    ]
    let newYork = try EventStore(zone: "America/New_York", [event])
    #expect(try newYork.members(rules, asOf: "2026-03-01").allSatisfy { $0 == ["anna"] })
    #expect(try newYork.members("{views: any, when: today}", asOf: "2026-03-02") == [])
    let utc = try EventStore(zone: "UTC", [event])
    #expect(try utc.members(rules, asOf: "2026-03-02").map(\.count) == [1, 0, 0, 1, 1])
  }

  @Test func `3, clock changes: a day of 23 hours is one day, and hours are hours`() throws {
    // Sydney puts its clocks forward at 2:00 on 4 October: the day goes from 14:00Z to 13:00Z.
    let store = try EventStore(
      zone: "Australia/Sydney",
      [
        #"{"user": "before", "time": "2026-10-03T13:59:59.999Z"}"#,
        #"{"user": "begin", "time": "2026-10-03T14:00:00Z"}"#,
        #"{"user": "end", "time": "2026-10-04T12:59:59.999Z"}"#,
        #"{"user": "after", "time": "2026-10-04T13:00:00Z"}"#,
      ])
    let members = try store.members(
      ["{views: any, when: today}", "{views: any, when: last 23h}", "{views: any, when: last 25h}"],
      asOf: "2026-10-04")
    #expect(members == [["begin", "end"], ["begin", "end"], ["before", "begin", "end"]])
  }

  @Test func `5, weeks: the first days of January belong to the week that began in December`() throws {
    let days = ["2026-12-27", "2026-12-28", "2026-12-31", "2027-01-01", "2027-01-03"]
    let store = try EventStore(
      zone: "Europe/Amsterdam", days.map { #"{"user": "\#($0)", "time": "\#($0)T12:00:00Z"}"# })
    let members = try store.members(
      ["{views: any, when: this week}", "{views: any, when: last week}", "{views: any, when: this year}"],
      asOf: "2027-01-03")
    #expect(members == [Array(days[1...]), [days[0]], Array(days[3...])])
  }

  @Test func `7, times compared as text: a test of another kind is a mistake of the rule`() {
    let rules = [
      "{user: {first_seen: at least 3}}", "{user: {first_seen: 20260101}}",
      "{views: any, where: {value: last 7d}, when: ever}",
      "{views: any, where: {dwell: at least 30}, when: ever}",
      "{views: any, where: {hour: 22h}, when: ever}", "{dwell: at least 10, when: ever}",
    ]
    for rule in rules {
      let source = SourceText(file: "a.yaml", text: "purpose: ads\nwho: \(rule)\n")
      #expect(RuleCompiler.compile([source], context: .init()).segments.isEmpty, "\(rule)")
    }
  }

  @Test func `9, window exit is not counted: members leave on the right night without a new event`() throws {
    let store = try EventStore(
      zone: "Europe/Amsterdam", [#"{"user": "anna", "time": "2026-03-01T12:00:00Z"}"#])
    for count in [1, 1000] {
      let rules = Array(repeating: "{views: any, when: last 7d}", count: count)
      #expect(try store.members(rules, asOf: "2026-03-07").allSatisfy { $0 == ["anna"] })
      #expect(try store.members(rules, asOf: "2026-03-08").allSatisfy(\.isEmpty))
    }
  }

  @Test
  func
    `10, complete is judged in UTC: a day is complete when it has ended in its zone, and the lateness after`()
    throws
  {
    // Without a collector's time the event's own is what came in. 2 March ends in New York at 05:00Z.
    func complete(_ time: String) throws -> Day? {
      let store = try EventStore(
        zone: "America/New_York",
        [#"{"user": "a", "time": "2026-03-02T12:00:00Z"}"#, #"{"user": "b", "time": "\#(time)"}"#])
      return try store.store.snapshot().newestCompleteDay(lateness: 6)
    }
    #expect(try complete("2026-03-03T10:59:59Z") == nil)
    #expect(try complete("2026-03-03T11:00:00Z") == Day("2026-03-02"))
  }

  @Test func `23, sessions over midnight: one session of two days, whole`() throws {
    let store = try EventStore(
      zone: "Europe/Amsterdam",
      [
        #"{"user": "anna", "session": "s", "time": "2026-03-01T22:59:00Z"}"#,
        #"{"user": "anna", "session": "s", "time": "2026-03-01T23:01:00Z"}"#,
      ])
    let rule =
      "[{sessions: exactly 1, days: exactly 2, when: last 2d}, {views: at least 2, same: session, when: last 2d}]"
    #expect(try store.members(rule, asOf: "2026-03-02") == ["anna"])
  }

  // MARK: Rules

  @Test func `35, at most none finds nobody: who has no row has 0`() throws {
    let store = try EventStore(
      zone: "UTC",
      [
        #"{"user": "anna", "time": "2026-03-01T12:00:00Z"}"#,
        #"{"user": "ben", "time": "2026-03-01T12:00:00Z", "event": "link_click"}"#,
      ])
    let rules = ["none", "at most 0", "exactly 0", "less than 1", "between 0 and 0"].map {
      "{clicks: \($0), when: ever}"
    }
    #expect(try store.members(rules, asOf: "2026-03-01").allSatisfy { $0 == ["anna"] })
  }

  @Test func `37, missing and not equal: one truth table of a value, nothing, empty and the word null`()
    throws
  {
    let values = ["nl": #""NL""#, "word": #""null""#, "empty": #""""#, "nothing": "null"]
    let store = try EventStore(
      zone: "UTC",
      values.map { #"{"user": "\#($0.key)", "time": "2026-03-01T12:00:00Z", "country": \#($0.value)}"# }
        + [#"{"user": "absent", "time": "2026-03-01T12:00:00Z"}"#])
    func views(_ filter: String) -> String { "{views: any, where: {\(filter)}, when: ever}" }
    let members = try store.members(
      [
        views("country: nl"), views("country: {not: nl}"), views("none: [{country: nl}]"),
        views("country: {known: false}"), views(#"country: "null""#), views("country: {known: true}"),
        "{views: none, where: {country: nl}, when: ever}",
      ], asOf: "2026-03-01")
    let unknown = ["absent", "empty", "nothing"]
    #expect(
      members == [
        ["nl"], ["word"], unknown + ["word"], unknown, ["word"], ["nl", "word"], unknown + ["word"],
      ])
  }

  @Test func `38, a mismatch matches everybody: a broken part withholds the whole, also under none`() {
    let rules = [
      "{none: [{views: at leest 3, when: last 7d}]}", "{any: [everyone, {views: 3, when: last 7d}]}",
      "{none: [{views: any, where: {value: high}, when: last 7d}]}", "{none: [{segment: nowhere}]}",
    ]
    for rule in rules {
      let source = SourceText(file: "a.yaml", text: "purpose: ads\nwho: \(rule)\n")
      let compilation = RuleCompiler.compile([source], context: .init())
      #expect(compilation.segments.isEmpty && compilation.withheld == ["a"], "\(rule)")
    }
  }

  @Test func `41, at least runs as exactly: another number is other members`() throws {
    // user-n has n views, one on each of the days 1 to n.
    let lines = (1...6).flatMap { n in
      (1...n).map { #"{"user": "user-\#(n)", "time": "2026-03-\#(10 - $0 + 11)T12:00:00Z"}"# }
    }
    let store = try EventStore(zone: "UTC", lines)
    func users(_ numbers: ClosedRange<Int>) -> [String] { numbers.map { "user-\($0)" } }
    for n in 1...5 {
      let members = try store.members(
        [
          "{views: at least \(n), when: ever}", "{views: more than \(n), when: ever}",
          "{views: at most \(n), when: ever}", "{views: less than \(n + 1), when: ever}",
          "{views: exactly \(n), when: ever}", "{views: between \(n) and \(n + 1), when: ever}",
          "{days: exactly \(n), when: last \(n)d}", "{views: any, when: days \(n)-6}",
          "{views: any, when: before last \(n)d}", "{streak: at least \(n), when: ever}",
        ], asOf: "2026-03-20")
      #expect(
        members == [
          users(n...6), users(n + 1...6), users(1...n), users(1...n), users(n...n), users(n...n + 1),
          users(n...6), users(n...6), users(n + 1...6), users(n...6),
        ], "\(n)")
    }
  }

  @Test func `44, strings: a comma, a line end and a composed letter are what they are`() throws {
    let values = [
      "comma": "a, b", "a": "a", "feed": "x\\ny", "both": "x\\r\\ny", "composed": "caf\\u00e9",
      "apart": "cafe\\u0301",
    ]
    let store = try EventStore(
      zone: "UTC",
      values.map { #"{"user": "\#($0.key)", "time": "2026-03-01T12:00:00Z", "campaign": "\#($0.value)"}"# })
    func views(_ value: String) -> String { "{views: any, where: {campaign: \(value)}, when: ever}" }
    let members = try store.members(
      [
        views(#""a, b""#), views("[a, b]"), views(#""x\ny""#), views(#""x\r\ny""#),
        views(#"{contains: "\n"}"#),
        views("café"), views(#""cafe\u0301""#), views("cafe"), views("{starts: cafe}"),
      ], asOf: "2026-03-01")
    #expect(
      members == [
        ["comma"], ["a"], ["feed"], ["both"], ["both", "feed"], ["apart", "composed"], ["apart", "composed"],
        [], [],
      ])
  }

  // MARK: Counts

  @Test func `45, cohort and report differ: explain says of every user what the run says`() throws {
    let asOf = try #require(Day("2026-03-31"))
    let world = try SampleWorld(seed: 45, zone: "Europe/Amsterdam", asOf: asOf)
    var generator = RandomRules(seed: 45, asOf: asOf)
    let segments = generator.segments(8)
    let (source, names) = world.source()
    let plan = EvaluationPlan(segments, eventNames: .init(), asOf: asOf, zone: world.zone)
    let evaluation = try Evaluator(plan, source).run(Workers(threads: 1))
    for index in segments.indices {
      let members = Set(evaluation.members[index].ordinals(in: 0))
      for user in stride(from: 0, to: names.count, by: 3) {
        let explanation = try Explainer(plan, source, Workers(threads: 1)).explain(
          index, BucketIndex(0), UserOrdinal(UInt32(user)), events: 0)
        #expect(explanation.isMember == members.contains(UInt32(user)))
        if segments[index].after == AfterWho() { #expect(explanation.root.holds == explanation.isMember) }
      }
    }
  }

  @Test func `49, an own export cannot be imported: as a list it has the same members`() throws {
    let lines = (0..<500).map { #"{"user": "user-\#($0)", "time": "2026-03-0\#($0 % 9 + 1)T12:00:00Z"}"# }
    let store = try EventStore(zone: "UTC", lines)
    let members = try store.members("{views: any, when: last 3d}", asOf: "2026-03-09")
    let path = Support.temporaryFolder() + "/exported.csv"
    Support.write(("user_id\n" + members.map { $0 + "\n" }.joined()).utf8, to: path)
    let options = LoadOptions(from: try #require(Day("2026-03-01")))
    let summary = try LoadJob(
      project: store.project, store: store.store, target: .list("exported", column: nil), options: options
    ).run(path)
    #expect(summary.rows == members.count && summary.known == members.count && members.count > 150)
    #expect(try store.members("{list: exported}", asOf: "2026-03-09") == members)
  }

  // MARK: Chance and the past

  @Test func `68, the hash changes: known vectors, seeds of their own, and a smaller arm moves nobody else`()
    throws
  {
    // By Python's hashlib.
    let vectors: [(seed: String, user: String, hash: [UInt8])] = [
      ("xmas", "zoë", [0xd8, 0x34, 0xf3, 0xc2]), ("a/sample", "user-1", [0x34, 0x58, 0x0f, 0x69]),
      ("xmas", "用户", [0x9f, 0x1f, 0x4e, 0xac]), ("s", "😀", [0xf4, 0xdc, 0x31, 0x4c]),
    ]
    for (seed, user, hash) in vectors {
      let part = hash.reduce(Int64(0)) { $0 * 256 + Int64($1) } * 1_000_000 / 4_294_967_296
      #expect(try Self.sampled(user, seed: seed, millionths: part + 1))
      #expect(try !Self.sampled(user, seed: seed, millionths: part))
    }
    func arms(_ b: Int64) throws -> [Set<UInt32>] {
      let split = AfterWho.Split(
        arms: [.init(name: "a", millionths: 400_000), .init(name: "b", millionths: b)], seed: "s")
      return try Self.evaluate((0..<300).map { "user-\($0)" }, AfterWho(split: split)).parts[0].map {
        Set($0.members.ordinals(in: 0))
      }
    }
    let (large, small) = (try arms(500_000), try arms(200_000))
    #expect(large[0] == small[0] && small[1].isStrictSubset(of: large[1]) && !small[1].isEmpty)
    let source = SourceText(
      file: "a.yaml", text: "purpose: ads\nwho: everyone\nsample: 9%\nlimit: 9\nholdout: 9%\nsplit: {a: 9%}\n"
    )
    let after = try #require(RuleCompiler.compile([source], context: .init()).segments.first).after
    let seeds = [after.sample?.seed, after.limit?.seed, after.holdout?.seed, after.split?.seed]
    #expect(seeds == ["a/sample", "a/limit", "a/holdout", "a/split"])
  }

  private static func evaluate(_ users: [String], _ after: AfterWho) throws -> Evaluation {
    let day = try #require(Day("2026-03-01"))
    let events = users.indices.map {
      InMemoryEvents.Event(user: UInt32($0), time: CalendarZone.utc.start(of: day).value)
    }
    let segment = Segment(id: "a", name: "a", purpose: "ads", root: .everyone, after: after)
    let plan = EvaluationPlan([segment], eventNames: .init(), asOf: day, zone: .utc)
    return try Evaluator(plan, InMemoryEvents(events, users: users, zone: .utc)).run(Workers(threads: 1))
  }

  private static func sampled(_ user: String, seed: String, millionths: Int64) throws -> Bool {
    let after = AfterWho(sample: .init(millionths: millionths, seed: seed))
    return try evaluate([user], after).members[0].count == 1
  }

  @Test func `75, a new segment has no past: an earlier day is what it was before the later events`() throws {
    let asOf = try #require(Day("2026-03-20"))
    let world = try SampleWorld(seed: 75, zone: "Europe/Amsterdam", asOf: asOf.advanced(by: 6))
    var generator = RandomRules(seed: 75, asOf: asOf)
    let segments = generator.segments(25)
    let before = world.upTo(asOf)
    #expect(before.events.count < world.events.count)
    let (then, thenUniverse) = try NaiveOracleTests().evaluate(segments, before, asOf)
    let (now, nowUniverse) = try NaiveOracleTests().evaluate(segments, world, asOf)
    #expect(then == now && thenUniverse == nowUniverse)
  }
}
