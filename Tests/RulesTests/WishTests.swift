import Events
import Testing

@testable import Rules

/// The wishes of the language's reference, word for word, and the trees that they mean.
struct WishTests {
  private static let hour: Int64 = 3_600_000
  private static let page = Filter.text(.event, "page_view")

  @Test func `readers on a phone in Flanders at weekends`() throws {
    let root = try RuleSamples.root(
      "{reads: at least 5, where: {device: mobile, region: Flanders, weekday: [sat, sun]}, when: last 30d}")
    let days = Match.anyOf([.number(.exactly(6)), .number(.exactly(7))])
    #expect(
      root
        == .condition(
          .reads, .atLeast(5),
          .all([.text(.device, "mobile"), .text(.region, "flanders"), .field(.weekday, days)]), .last(30)))
  }

  @Test func `lapsed heavy readers`() throws {
    let root = try RuleSamples.root(
      """
      - {latest: before last 30d, where: {event: page_view}}
      - {reads: at least 10, when: days 31-60}
      """)
    let latest = Extreme(
      which: .latest, test: .inWindow(.beforeLast(days: 30)), filter: Self.page, window: .ever)
    #expect(
      root == .all([.extreme(latest), .condition(.reads, .atLeast(10), .always, .days(near: 31, far: 60))]))
  }

  @Test func `new to cycling this week`() throws {
    let root = try RuleSamples.root("{first: last 7d, where: {section: sport/cycling}}")
    #expect(
      root
        == .extreme(
          Extreme(
            which: .first, test: .inWindow(.last(7)), filter: .text(.section, "sport/cycling"), window: .ever)
        ))
  }

  @Test func `returning after a month away`() throws {
    let root = try RuleSamples.root(
      """
      - {views: any, when: last 7d}
      - {views: none, when: days 8-37}
      - {views: any, when: before last 37d}
      """)
    #expect(
      root
        == .all([
          .condition(.views, .any, .always, .last(7)),
          .condition(.views, .none, .always, .days(near: 8, far: 37)),
          .condition(.views, .any, .always, .beforeLast(days: 37)),
        ]))
  }

  @Test func `three days a week, three weeks of four`() throws {
    let root = try RuleSamples.root("{days: at least 3, when: at least 3 of last 4w}")
    #expect(root == .condition(.days, .atLeast(3), .always, .blocks(.atLeast(3), of: 4, days: 7)))
  }

  @Test func `at least 40 percent sport among ten articles or more`() throws {
    let root = try RuleSamples.root(
      """
      - {share of reads: at least 40%, where: {section: sport}, when: last 90d}
      - {reads: at least 10, when: last 90d}
      """)
    #expect(
      root
        == .all([
          .condition(
            .share(of: .reads, among: .always), .atLeast(400_000), .text(.section, "sport"), .last(90)),
          .condition(.reads, .atLeast(10), .always, .last(90)),
        ]))
  }

  @Test func `top 5 percent of subscribers by time in news`() throws {
    let root = try RuleSamples.root(
      "{rank of dwell: top 5%, among: {user: {tier: {known: true}}}, where: {section: news}, when: last 30d}")
    let subscribers = RuleNode.user(.field(RuleSamples.tier, .known(true)))
    #expect(
      root
        == .condition(
          .rank(of: .dwell, among: subscribers), .top(.share(50_000)), .text(.section, "news"), .last(30)))
  }

  @Test func `reads twice as much as before`() throws {
    let root = try RuleSamples.root("{trend of reads: at least 2x, when: last 7d, against: days 8-35}")
    #expect(
      root
        == .condition(
          .trend(of: .reads, against: .days(near: 8, far: 35)), .atLeast(2_000_000), .always, .last(7)))
  }

  @Test func `two of three money topics`() throws {
    let root = try RuleSamples.root(
      """
      at least 2 of:
        - {reads: any, where: {section: money/housing}, when: last 30d}
        - {reads: any, where: {section: money/savings}, when: last 30d}
        - {reads: any, where: {section: money/pensions}, when: last 30d}
      """)
    #expect(
      root
        == .count(
          .atLeast(2),
          of: ["housing", "savings", "pensions"].map {
            .condition(.reads, .any, .text(.section, "money/" + $0), .last(30))
          }))
  }

  @Test func `saw the paywall, pressed subscribe, bought nothing`() throws {
    let root = try RuleSamples.root(
      """
      sequence:
        - {event: paywall_view}
        - {element: subscribe, within: 30m}
        - {absent: {event: purchase}, within: 1d}
      when: last 14d
      """)
    let steps: [Rules.Sequence.Step] = [
      .events(.init(.text(.event, "paywall_view"))),
      .events(.init(.text(.element, "subscribe"), within: Self.hour / 2)),
      .absent(.text(.event, "purchase"), within: 24 * Self.hour),
    ]
    #expect(root == .sequence(Rules.Sequence(steps, filter: .always, window: .last(14))))
  }

  @Test func `first came from social, now in Belgium`() throws {
    let social = Extreme(
      which: .first, test: .matches(.text(.referrer, "social")), filter: .always, window: .ever)
    #expect(try RuleSamples.root("{first: {referrer: social}}") == .extreme(social))
    let belgium = Extreme(
      which: .latest, test: .matches(.text(.country, "be")), filter: .always, window: .ever)
    #expect(try RuleSamples.root("{latest: {country: be}}") == .extreme(belgium))
  }

  @Test func `loyal to a columnist, back to one article, ten in one sitting`() throws {
    #expect(
      try RuleSamples.root("{reads: at least 5, same: author, when: last 60d}")
        == .condition([MeasureTest(.reads, .atLeast(5))], .always, .last(60), same: .author))
    #expect(
      try RuleSamples.root("{views: at least 3, same: article, when: last 14d}")
        == .condition([MeasureTest(.views, .atLeast(3))], .always, .last(14), same: .article))
    #expect(
      try RuleSamples.root("{reads: at least 10, same: session, when: last 30d}")
        == .condition([MeasureTest(.reads, .atLeast(10))], .always, .last(30), same: .session))
  }

  @Test func `attentive, 45 seconds a view`() throws {
    let root = try RuleSamples.root("{dwell per view: at least 45s, views: at least 20, when: last 30d}")
    #expect(
      root
        == .condition(
          [MeasureTest(.per(.dwell, .views), .atLeast(45_000)), MeasureTest(.views, .atLeast(20))], .always,
          .last(30)))
  }

  @Test func `gold over a year, not on the do-not-target list`() throws {
    let root = try RuleSamples.root(
      """
      - user: {tier: gold, subscribed_since: before last 365d}
      - none: [{list: do-not-target}]
      """)
    let user = Filter.all([
      .text(RuleSamples.tier, "gold"),
      .field(RuleSamples.subscribedSince, .inWindow(.beforeLast(days: 365))),
    ])
    #expect(root == .all([.user(user), .none([.list(["do-not-target"])])]))
  }

  @Test func `motorsport but Formula 1, and left Formula 1 this week`() throws {
    #expect(
      try RuleSamples.root(
        """
        - segment: [motogp-fans, rally-fans]
        - none: [{segment: formula-1-fans}]
        """)
        == .all([
          .segment(SegmentReference([.init("motogp-fans"), .init("rally-fans")])),
          .none([.segment(SegmentReference([.init("formula-1-fans")]))]),
        ]))
    #expect(
      try RuleSamples.root(
        """
        - {segment: formula-1-fans, ago: 7d}
        - none: [{segment: formula-1-fans}]
        """)
        == .all([
          .segment(SegmentReference([.init("formula-1-fans")], daysAgo: 7)),
          .none([.segment(SegmentReference([.init("formula-1-fans")]))]),
        ]))
  }

  @Test func `first exposed to homepage B, never to another arm`() throws {
    let root = try RuleSamples.root(
      """
      - {first: {experiment: homepage:b}, where: {experiment: homepage}}
      - {distinct experiment: exactly 1, where: {experiment: homepage}, when: ever}
      """)
    let homepage = Filter.text(.experiment, "homepage")
    let first = Extreme(
      which: .first, test: .matches(.text(.experiment, "homepage:b")), filter: homepage, window: .ever)
    #expect(
      root
        == .all([
          .extreme(first),
          .condition(
            .distinct(.experiment, elements: .text(.value("homepage"))), .exactly(1), homepage, .ever),
        ]))
  }

  @Test func `two premium pieces within two hours of publication`() throws {
    let root = try RuleSamples.root(
      "{reads: at least 2, where: {article.premium: true, article.age: at most 2h}, when: last 14d}")
    #expect(
      root
        == .condition(
          .reads, .atLeast(2),
          .all([
            .text(RuleSamples.premium, "true"), .field(.age, .number(.atMost(2 * Self.hour))),
          ]), .last(14)))
  }

  @Test func `commuters, before nine on four of the last ten days`() throws {
    let root = try RuleSamples.root(
      "{views: any, where: {hour: between 6 and 8}, when: at least 4 of last 10d}")
    #expect(
      root
        == .condition(
          .views, .any, .field(.hour, .hours(from: 6, through: 8)), .blocks(.atLeast(4), of: 10, days: 1)))
  }

  @Test func `in at five reads a fortnight, out when reading stops or after 90 days`() throws {
    let segment = try RuleSamples.segment(
      """
      who: {reads: at least 5, when: last 14d}
      keep: {for: 90d, while: {reads: any, when: last 28d}}
      """)
    #expect(segment.root == .condition(.reads, .atLeast(5), .always, .last(14)))
    #expect(
      segment.after
        == AfterWho(keep: .init(days: 90, while: .condition(.reads, .any, .always, .last(28)))))
  }

  @Test func `two creatives, a tenth sees none`() throws {
    let segment = try RuleSamples.segment("who: everyone\nholdout: 10%\nsplit: {a: 50%, b: 50%}\n")
    #expect(segment.root == .everyone)
    #expect(
      segment.after
        == AfterWho(
          holdout: .init(millionths: 100_000, seed: "a/holdout"),
          split: .init(
            arms: [.init(name: "a", millionths: 500_000), .init(name: "b", millionths: 500_000)],
            seed: "a/split")))
  }

  @Test func `fans of many sports from one template`() throws {
    let compilation = RuleSamples.compile([
      "section-fans": """
      name: Fans of $section
      description: At least $n articles of $section.
      purpose: ads
      parameters: {section: required, n: 3}
      who: {reads: at least $n, where: {section: $section}, when: last 30d}
      tests:
        - {given: [{section: $section, times: 3}], expect: in}
      """,
      "fans": """
      template: section-fans
      make: {tennis-fans: {section: sport/tennis}, rowing-fans: {section: sport/rowing, n: 2}}
      """,
    ])
    #expect(compilation.diagnostics == [])
    #expect(compilation.templates == ["section-fans"])
    #expect(compilation.segments.map(\.id) == ["rowing-fans", "tennis-fans"])
    let tennis = try #require(compilation.segments.last)
    #expect(tennis.root == .condition(.reads, .atLeast(3), .text(.section, "sport/tennis"), .last(30)))
    #expect(tennis.name == "Fans of sport/tennis")
    #expect(tennis.description == "At least 3 articles of sport/tennis.")
    #expect(tennis.file == "fans.yaml")
    #expect(tennis.tests.first?.given.first?.texts[.section] == ["sport/tennis"])
    let rowing = try #require(compilation.segments.first)
    #expect(rowing.root == .condition(.reads, .atLeast(2), .text(.section, "sport/rowing"), .last(30)))
    #expect(rowing.contentHash != tennis.contentHash)
  }
}
