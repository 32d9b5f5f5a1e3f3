import Support
import Testing

/// What the campaigns of random rules found, at its smallest, where a case of `Tests/Cases` cannot say it.
struct FoundByOraclesTests {
  @Test func `attributes of articles that only a group measures are read, as of each day`() throws {
    let store = try EventStore(
      zone: "UTC",
      [
        #"{"user": "anna", "session": "s", "time": "2026-03-05T12:00:00Z", "article": "long"}"#,
        #"{"user": "ben", "session": "t", "time": "2026-03-05T12:00:00Z", "article": "short"}"#,
      ])
    try store.load(articles: "long,900,sport\nshort,100,news\n", from: "2026-03-01")
    try store.load(articles: "long,100,news\nshort,900,sport\n", from: "2026-03-09")
    for measure in [
      "max article.words: at least 500", "sum article.words: at least 500", "min article.words: at least 500",
      "max article.words: at least 500, distinct article.desk: exactly 1",
    ] {
      // One rule at a time: another that reads attributes would load them for all.
      let rule = "{\(measure), same: session, when: 2026-03-05 to 2026-03-05}"
      #expect(try store.members(rule, asOf: "2026-03-06") == ["anna"], "\(measure)")
      #expect(try store.members(rule, asOf: "2026-03-10") == ["ben"], "\(measure)")
      let earlier = try store.members([rule, "{segment: s0, ago: 4d}"], asOf: "2026-03-10")
      #expect(earlier == [["ben"], ["anna"]], "\(measure)")
    }
    let desks = "{distinct article.desk: exactly 1, same: session, when: 2026-03-05 to 2026-03-05}"
    #expect(try store.members(desks, asOf: "2026-03-06") == ["anna", "ben"])
  }
}
