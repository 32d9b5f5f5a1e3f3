import Diagnostics
import Events
import Testing

@testable import Project

struct ProjectParsingTests {
  /// The project of a text without mistakes.
  private func read(_ text: String) throws -> Project {
    let reading = reading(text)
    #expect(reading.diagnostics == [])
    return try #require(reading.project)
  }

  private func reading(_ text: String) -> ProjectReading {
    Project.parse(SourceText(file: "grandstand.yaml", text: text), folder: "/p")
  }

  @Test func `a small project gets the packages' defaults`() throws {
    let project = try #require(reading("sources:\n  web: {format: snowplow}\n").project)
    #expect(project.store == "/p/.grandstand/store")
    #expect(project.dwell == DwellRule())
    #expect(project.bots.userAgents.contains("Googlebot"))
    #expect(project.sources[0].user == [.column("domain_userid")])
    #expect(project.sources[0].fields[.event] == [.column("event_name"), .column("event")])
  }

  @Test func `every key is read`() throws {
    let project = try read(
      """
      store: /var/store
      segments: audiences
      time_zone: Europe/Brussels
      buckets: 128
      retention: 90d
      lateness: 8h
      events: {view: pv, click: cl, ping: pi}
      numbers: [props.score]
      placeholders: [Nobody]
      bots: {exclude: false, user_agents: [robot], missing_user_agent: false, enrichments: false}
      dwell: {heartbeat: 30s, minimum_visit: 10s, late_limit: 1d, session_limit: 2d, require_ids: false}
      valid_times: {from: 2020-01-01, to: 2030-12-31, ahead: 1h}
      sources:
        web:
          format: snowplow
          files: '*.tsv.gz'
          user: [user_id, domain_userid]
          columns: 125-131
          fields:
            section: [contexts.com.acme/article/1.section, "contexts.com.acme/article/*[0].meta.section"]
            props.score: contexts.com.acme/article/1-0-2.score
            referrer: host(page_referrer)
        rows: {format: csv, user: u, time: t, time_zone: UTC, fields: {dwell: s}, dwell_unit: ms, delimiter: ';'}
      """
    )
    #expect(project.segments == "/p/audiences" && project.buckets == 128 && project.retentionDays == 90)
    #expect(project.eventNames == EventNames(view: "pv", click: "cl", ping: "pi"))
    #expect(project.placeholderIDs.contains("nobody"))
    #expect(project.dwell.heartbeat == 30_000 && !project.dwell.requiresIDs)
    #expect(project.properties == [Field.property("score", number: true)])
    let web = project.sources[0]
    #expect(web.columns == 125...131)
    let article = EntityPath(
      column: .contexts, vendor: "com.acme", name: "article", version: [1], keys: ["section"])
    let meta = EntityPath(
      column: .contexts, vendor: "com.acme", name: "article", version: [], keys: ["meta", "section"], index: 0
    )
    #expect(web.fields[.section] == [.entity(article), .entity(meta)])
    #expect(web.fields[.referrer] == [.host("page_referrer")])
    #expect(web.fields[Field.property("score", number: true)]?.count == 1)
    #expect(project.sources[1].delimiter == UInt8(ascii: ";") && project.sources[1].dwellUnit == 1)
  }

  @Test(arguments: [
    ("sources:\n  web: {format: snowplo}", "C2", 2), ("sorces:\n  web: {format: csv}", "C1", 1),
    ("buckets: 100\nsources: {web: {format: snowplow}}", "C2", 1),
    ("time_zone: Europe/Brusels\nsources: {web: {format: snowplow}}", "C2", 1),
    ("sources:\n  web:\n    format: snowplow\n    fields:\n      sectoin: page_url", "C1", 5),
    ("sources:\n  web:\n    format: snowplow\n    fields:\n      section: contexts.acme", "C2", 5),
    ("sources:\n  web:\n    format: snowplow\n    user: domain_user", "C2", 4), ("", "C1", 0),
    ("a: [", "Y0", 2),
    ("retention: 12h\nsources: {web: {format: snowplow}}", "C2", 1), ("sources: {a: {format: csv}}", "C1", 1),
  ])
  func `a mistake is named with its line`(_ text: String, _ code: String, _ line: Int) {
    let reading = reading(text)
    #expect(reading.project == nil)
    #expect(reading.diagnostics.contains { $0.code.rawValue == code && ($0.place?.line ?? 0) == line })
  }

  @Test func `users and articles have attributes of stated kinds`() throws {
    let project = try read(
      """
      users:
        key: user_id
        fields: {tier: text, since: {column: subscribed_since, kind: time}, age: number, premium: boolean}
      articles: {key: id, fields: {published: time, premium: boolean}, delimiter: ";"}
      sources: {web: {format: snowplow}}
      """)
    #expect(
      project.userFields == [
        Field(name: "tier", kind: .text), Field(name: "since", kind: .time),
        Field(name: "age", kind: .number),
        Field(name: "premium", kind: .text),
      ])
    #expect(project.articleFields == [.published, .ofArticle("premium", .text)])
    #expect(project.users?.columns[1].column == "subscribed_since" && project.users?.key == "user_id")
    #expect(project.articles?.delimiter == UInt8(ascii: ";"))
    #expect(try read("sources: {web: {format: snowplow}}").userFields == [])
  }

  @Test(arguments: [
    ("users: {fields: {tier: text}}", "C1"), ("users: {key: u, fields: {tier: txt}}", "C2"),
    ("users: {key: u, fields: {Tier: text}}", "C2"), ("users: {key: u, fields: {first_seen: time}}", "C2"),
    ("users: {key: u, fields: {user: text}}", "C2"), ("users: {key: u, fields: {tier: {column: x}}}", "C1"),
    ("users: {key: u, fields: {tier: [text]}}", "C2"), ("users: {key: u, field: {}}", "C1"),
    ("users: [a]", "C1"), ("users: {key: u, delimiter: ab}", "C2"),
    ("articles: {key: u, fields: {age: number}}", "C2"),
    ("articles: {key: u, fields: {published: text}}", "C2"),
  ])
  func `a mistake in attributes is named with its line`(_ text: String, _ code: String) {
    let reading = reading("sources: {web: {format: snowplow}}\n\(text)\n")
    #expect(reading.project == nil)
    #expect(reading.diagnostics.contains { $0.code.rawValue == code && $0.place?.line == 2 })
  }

  @Test func `random bytes never trap`() {
    var random = SystemRandomNumberGenerator()
    let seed = Array(
      "sources:\n  web: {format: snowplow, fields: {section: contexts.com.acme/a/1[0].x}}\ndwell: {heartbeat: 10s}\n"
        .utf8)
    for _ in 0..<2000 {
      var bytes = seed
      for _ in 0..<Int.random(in: 1...6, using: &random) {
        bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
      }
      _ = Project.parse(SourceText(file: "x", bytes: bytes), folder: "/p")
    }
  }
}
