import Diagnostics
import Events
import Testing

@testable import Rules

/// Constructs that the reference's wishes do not show, and the trees that they mean.
struct ConstructTests {
  private typealias Step = Rules.Sequence.Step
  private static let week = Window.last(7)

  private func test(_ measure: String, _ extra: String = "") throws -> MeasureTest? {
    let root = try RuleSamples.root("{\(measure), when: last 7d\(extra)}")
    guard case .condition(let condition) = root else { return nil }
    return condition.tests.first
  }

  @Test func `measures and the units of their thresholds`() throws {
    let against = ", against: days 8-14"
    #expect(
      try test("max props.score: at least 1.5") == MeasureTest(.max(RuleSamples.score), .atLeast(1_500_000)))
    #expect(
      try test("max props.score: more than -2") == MeasureTest(.max(RuleSamples.score), .moreThan(-2_000_000))
    )
    #expect(try test("min dwell: at most 5s") == MeasureTest(.min(.dwell), .atMost(5000)))
    #expect(try test("streak: exactly 3") == MeasureTest(.streak, .exactly(3)))
    #expect(
      try test("views per session: at least 2.5") == MeasureTest(.per(.views, .sessions), .atLeast(2_500_000))
    )
    #expect(
      try test("sum props.score per day: between 1 and 2")
        == MeasureTest(.per(.sum(RuleSamples.score), .days), .between(1_000_000, 2_000_000)))
    #expect(
      try test("distinct section per read: any")
        == MeasureTest(.per(.distinct(.section, elements: nil), .reads), .any))
    #expect(
      try test("share of dwell: less than 12.5%")
        == MeasureTest(.share(of: .dwell, among: .always), .lessThan(125_000)))
    #expect(
      try test("trend of dwell: more than 1.5x", against)
        == MeasureTest(.trend(of: .dwell, against: .days(near: 8, far: 14)), .moreThan(1_500_000)))
    #expect(
      try test("rank of views per day: bottom 0.5%")
        == MeasureTest(.rank(of: .per(.views, .days), among: nil), .bottom(.share(5000))))
    #expect(
      try test("rank of sum value: top 1000")
        == MeasureTest(.rank(of: .sum(.value), among: nil), .top(.users(1000))))
  }

  @Test func `among narrows both sides of a share, the file's where as well`() throws {
    let segment = try RuleSamples.segment(
      """
      where: {brand: gazette}
      who: {share of reads: at least 40%, where: {section: sport}, among: {device: mobile}, when: last 7d}
      """)
    let brand = Filter.text(.brand, "gazette")
    let mobile = Filter.text(.device, "mobile")
    #expect(
      segment.root
        == .condition(
          .share(of: .reads, among: .all([brand, mobile])), .atLeast(400_000),
          .all([brand, mobile, .text(.section, "sport")]), Self.week))
  }

  @Test func `counted days and weeks`() throws {
    let windows: [(String, Window)] = [
      ("exactly 2 of last 10 days", .blocks(.exactly(2), of: 10, days: 1)),
      ("at most 1 of last 3 weeks", .blocks(.atMost(1), of: 3, days: 7)),
      ("exactly 0 of last 4w", .blocks(.exactly(0), of: 4, days: 7)),
    ]
    for (text, window) in windows {
      #expect(
        try RuleSamples.root("{views: any, when: \(text)}") == .condition(.views, .any, .always, window))
    }
  }

  @Test func `numbers inside phrases have no sign and no zero in front`() {
    let rules = [
      "{views: any, when: at least 04 of last 10d}", "{views: any, when: at least +4 of last 10d}",
      "{views: any, when: days 03-9}", "{views: any, when: days +3-9}", "{views: any, when: last 07d}",
      "{views: any, where: {hour: between 06 and 8}, when: last 7d}",
      "{views: any, where: {hour: between +6 and 8}, when: last 7d}",
      "{at least 01 of: [{views: any, when: last 7d}, {clicks: any, when: last 7d}]}",
      "{at least +1 of: [{views: any, when: last 7d}, {clicks: any, when: last 7d}]}",
    ]
    for rule in rules { #expect(RuleSamples.codes(who: rule).count == 1, "\(rule)") }
    for given in ["day: 02", "day: +2", "value: 0x10", "value: 1e3", "value: 05", "value: +1"] {
      let test = "who: everyone\ntests: [{given: [{\(given)}], expect: in}]\n"
      #expect(RuleSamples.codes(test).count == 1, "\(given)")
    }
  }

  @Test func `a sequence with all its keys`() throws {
    let root = try RuleSamples.root(
      """
      sequence:
        - {event: page_view, times: 3, within: 1h}
        - {directly: true, event: [paywall_view, offer_view], section: sport}
        - {element: subscribe, without: {event: purchase}, within: 30m}
      within: 1d
      same: [article, session]
      where: {device: mobile}
      when: last 14d
      """)
    let steps: [Step] = [
      .events(.init(.text(.event, "page_view"), times: 3, within: 3_600_000)),
      .events(
        .init(
          .all([
            .field(.event, .anyOf([.text(.value("paywall_view")), .text(.value("offer_view"))])),
            .text(.section, "sport"),
          ]), directly: true)),
      .events(.init(.text(.element, "subscribe"), within: 1_800_000, without: .text(.event, "purchase"))),
    ]
    #expect(
      root
        == .sequence(
          Rules.Sequence(
            steps, within: 86_400_000, same: [.article, .session], filter: .text(.device, "mobile"),
            window: .last(14))))
  }

  @Test func `one step that happens several times is a sequence`() throws {
    let root = try RuleSamples.root("{sequence: [{event: page_view, times: 3, within: 1h}], when: today}")
    let step = Step.events(.init(.text(.event, "page_view"), times: 3, within: 3_600_000))
    #expect(root == .sequence(Rules.Sequence([step], filter: .always, window: .last(1))))
  }

  @Test func `attributes of users`() throws {
    let since = RuleSamples.subscribedSince
    let matches: [(String, Filter)] = [
      ("subscribed_since: next 30d", .field(since, .next(30 * 86_400_000))),
      (
        "subscribed_since: 2026-01-31",
        .field(since, .inWindow(.dates(from: Day("2026-01-31"), through: Day("2026-01-31"))))
      ),
      (
        "subscribed_since: {not: [last 7d, before 2020-01-01]}",
        .field(
          since,
          .not(.anyOf([.inWindow(.last(7)), .inWindow(.dates(from: nil, through: Day("2019-12-31")))])))
      ),
      ("subscribed_since: {known: false}", .field(since, .known(false))),
      ("first_seen: last 36h", .field(.firstSeen, .inWindow(.lastTime(36 * 3_600_000)))),
      ("first_seen: before last 3650d", .field(.firstSeen, .inWindow(.beforeLast(days: 3650)))),
      ("points: between 1 and 2.5", .field(RuleSamples.points, .number(.between(1_000_000, 2_500_000)))),
      ("tier: {list: vip}", .field(RuleSamples.tier, .list("vip"))),
      (
        "tier: {not: [gold, silver]}",
        .field(RuleSamples.tier, .not(.anyOf([.text(.value("gold")), .text(.value("silver"))])))
      ),
      (
        "any: [{tier: gold}, {points: at least 5}]",
        .any([.text(RuleSamples.tier, "gold"), .field(RuleSamples.points, .number(.atLeast(5_000_000)))])
      ),
    ]
    for (text, filter) in matches {
      #expect(try RuleSamples.root("user: {\(text)}") == .user(filter))
    }
  }

  @Test func `arms, holdouts and earlier days of segments`() throws {
    #expect(
      try RuleSamples.root("{segment: [formula-1-fans.b, rally-fans.holdout, motogp-fans], ago: 2w}")
        == .segment(
          SegmentReference(
            [.init("formula-1-fans", .arm("b")), .init("rally-fans", .holdout), .init("motogp-fans")],
            daysAgo: 14)))
  }

  @Test func `what follows who, with seeds`() throws {
    let segment = try RuleSamples.segment(
      """
      who: everyone
      keep: 30d
      sample: {share: 12.5%, seed: xmas}
      limit: {users: 50000, seed: xmas}
      holdout: 5%
      split: {arms: {a: 50%, b-2: 25%}, seed: xmas}
      """)
    #expect(
      segment.after
        == AfterWho(
          keep: .init(days: 30), sample: .init(millionths: 125_000, seed: "xmas"),
          limit: .init(users: 50_000, seed: "xmas"), holdout: .init(millionths: 50_000, seed: "a/holdout"),
          split: .init(
            arms: [.init(name: "a", millionths: 500_000), .init(name: "b-2", millionths: 250_000)],
            seed: "xmas")))
    #expect(
      try RuleSamples.segment("who: everyone\nlimit: 7\n").after.limit == .init(users: 7, seed: "a/limit"))
    #expect(
      try RuleSamples.segment("who: everyone\nsample: 0.0001%\n").after.sample
        == .init(millionths: 1, seed: "a/sample"))
  }

  @Test func `tests give attributes, lists and fields of articles`() throws {
    let segment = try RuleSamples.segment(
      """
      who: {list: vip}
      tests:
        - given: [{article.premium: true, article.age: 2h, article.published: 2026-11-20}]
          user: {tier: gold, points: 2.5, subscribed_since: 2026-01-01}
          lists: [vip]
          expect: in
      """)
    let test = try #require(segment.tests.first)
    #expect(test.texts == [RuleSamples.tier: "gold"])
    #expect(test.numbers == [RuleSamples.points: 2.5])
    #expect(test.times == [RuleSamples.subscribedSince: 1_767_225_600_000])
    #expect(test.lists == ["vip"])
    #expect(test.given.first?.texts[RuleSamples.premium] == ["true"])
    #expect(test.given.first?.numbers == [.age: 7_200_000, .published: 1_795_132_800_000])
  }

  @Test func `the project's names stand under those of the file`() throws {
    var context = RuleSamples.context
    context.definitions = SourceText(
      file: "definitions.yaml", text: "motorsport: {section: $sport}\nsport: sport/rally\nmonth: last 30d\n")
    let plain = try RuleSamples.segment("who: {views: any, where: $motorsport, when: $month}\n", context)
    #expect(plain.root == .condition(.views, .any, .text(.section, "sport/rally"), .last(30)))
    let own = try RuleSamples.segment(
      "let: {sport: sport/cycling}\nwho: {views: any, where: $motorsport, when: $month}\n", context)
    #expect(own.root == .condition(.views, .any, .text(.section, "sport/cycling"), .last(30)))

    // What the names say is part of what the segment is made of.
    var changed = context
    changed.definitions = SourceText(
      file: "definitions.yaml", text: "month: last 30d\nmotorsport: {tag: x}\n")
    let text = "who: {views: any, where: $motorsport, when: $month}\n"
    #expect(try RuleSamples.segment(text, changed).contentHash != plain.contentHash)
    let without = "who: {views: any, when: last 7d}\n"
    #expect(
      try RuleSamples.segment(without, changed).contentHash == RuleSamples.segment(without).contentHash)
  }

  @Test func `a make file sets the keys of all of its segments`() throws {
    let compilation = RuleSamples.compile([
      "fans":
        "parameters: {f: {section: sport}}\nowner: x\npurpose: ads\nlet: {g: $f}\nwho: {views: any, where: $g, when: last 7d}\nholdout: 10%\n",
      "made": "template: fans\nowner: y\ntags: [z]\ndraft: true\nmake: {a: , b: {f: {tag: live}}}\n",
    ])
    #expect(compilation.diagnostics == [])
    #expect(compilation.segments.map(\.owner) == ["y", "y"])
    #expect(compilation.segments.map(\.tags) == [["z"], ["z"]])
    #expect(compilation.segments.map(\.draft) == [true, true])
    #expect(compilation.segments.map(\.after.holdout?.seed) == ["a/holdout", "b/holdout"])
    #expect(
      compilation.segments.map(\.root) == [
        .condition(.views, .any, .text(.section, "sport"), .last(7)),
        .condition(.views, .any, .text(.tag, "live"), .last(7)),
      ])
  }

  @Test func `parameters inside text`() {
    let text = ParameterText(["n", "name", "name-2"])
    func pieces(_ input: String) -> [String] {
      text.pieces(input).map {
        switch $0 {
        case .text(let text): String(text)
        case .parameter(let name): "<\(name)>"
        }
      }
    }
    #expect(pieces("$n of $name-2, $$n and $names") == ["<n>", " of ", "<name-2>", ", $$n and $names"])
    #expect(pieces("$") == ["$"])
    #expect(pieces("") == [""])
    #expect(pieces("é$n€") == ["é", "<n>", "€"])
    #expect(text.whole("$name") == "name")
    #expect(text.whole("$nam") == nil)
  }
}
