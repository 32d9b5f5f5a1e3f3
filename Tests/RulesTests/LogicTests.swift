import Events
import Testing

@testable import Rules

/// What is reported of rules that nobody or everybody meets, and what must not be.
struct LogicTests {
  @Test func `certain contradictions are errors`() {
    let rules = [
      "[{streak: at least 3, days: at most 2, when: last 7d}]",
      "[{reads: at least 2, when: last 7d}, {events: at most 1, when: last 30d}]",
      "[{dwell: at least 2m, views: any, when: last 7d}, {dwell: at most 1m, views: any, when: last 7d}]",
      "[{views: any, when: days 3-5}, {views: none, when: ever}]",
      "[{user: {points: at least 3}}, {user: {points: none}}]",
      "{none: [everyone]}",
      "{all: [{list: vip}], none: [{list: vip}]}",
      "{views: any, where: {device: {known: false}, all: [{device: mobile}]}, when: last 7d}",
    ]
    for rule in rules { #expect(RuleSamples.codes(who: rule).contains("L3"), "\(rule)") }
  }

  @Test func `what may hold is not reported`() {
    let rules = [
      // Different weeks may differ.
      "[{views: any, when: at least 2 of last 4w}, {views: none, when: at least 1 of last 4w}]",
      // Different sessions may differ.
      "[{views: at least 3, same: session, when: last 7d}, {views: at most 2, same: session, when: last 7d}]",
      // The smaller window may have less.
      "[{views: none, when: last 7d}, {views: any, when: last 30d}]",
      // Another section.
      "[{views: none, where: {section: sport}, when: last 7d}, {views: any, where: {section: news}, when: last 7d}]",
      "[{reads: at most 3, views: at least 5, when: last 7d}]",
      // A list has more than one element; a hierarchy is itself and all below.
      "{views: any, where: {tag: a, all: [{tag: b}]}, when: last 7d}",
      "{views: any, where: {section: sport, all: [{section: sport/rally}]}, when: last 7d}",
      "{views: any, where: {section: [sport, news], all: [{section: news/local}]}, when: last 7d}",
      "{views: any, where: {device: {starts: mob}, all: [{device: mobile}]}, when: last 7d}",
      // Ratios lie between whole millionths.
      "[{views per day: more than 0.5, when: last 7d}, {views per day: less than 0.500001, when: last 7d}]",
      // Sums may shrink with more events.
      "[{sum props.score: at least 5, when: last 7d}, {sum props.score: at most 3, events: any, when: last 30d}]",
      "{any: [{sum props.score: at least 1, when: last 7d}, {sum props.score: less than 1, events: any, when: last 7d}]}",
      "{any: [{list: vip}, {none: [{list: do-not-target}]}]}",
    ]
    for rule in rules {
      let codes = RuleSamples.codes(who: rule).filter { $0 != "T8" }
      #expect(codes == [], "\(rule)")
    }
  }

  @Test func `rules that say the same are told, drafts and other seeds are not`() {
    func codes(_ a: String, _ b: String) -> [String] {
      RuleSamples.compile(["x": "purpose: ads\n" + a, "y": "purpose: ads\n" + b]).diagnostics.map(
        \.code.rawValue)
    }
    let rule = "who: [{views: any, when: last 7d}, {any: [{list: vip}, {user: {tier: [gold, silver]}}]}]\n"
    let same =
      "who:\n  all: [{any: [{user: {tier: [silver, gold]}}, {any: [{list: vip}]}]}, {views: any, when: last 7d}]\n"
    #expect(codes(rule, same) == ["L7"])
    #expect(codes(rule, same + "draft: true\n") == [])
    #expect(codes(rule + "sample: 10%\n", same + "sample: 10%\n") == [])
    #expect(codes(rule + "limit: {users: 5, seed: s}\n", same + "limit: {users: 5, seed: s}\n") == ["L7"])
    #expect(codes(rule, "who: {views: any, when: last 7d}\n") == [])
    #expect(codes("who: {none: [{list: vip}]}\n", "who: {any: [{list: vip}]}\n") == [])
  }

  @Test func `the reference's first example has no warnings`() {
    #expect(
      RuleSamples.codes(
        """
        who:
          - reads: at least 3
            dwell: at least 10m
            where: {section: sport/formula-1}
            when: last 30d
          - clicks: none
            where: {element: unsubscribe}
            when: ever
        """) == [])
  }
}
