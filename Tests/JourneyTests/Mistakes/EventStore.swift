import Bitmaps
import Diagnostics
import Engine
import Events
import Ingest
import Project
import Rules
import Store
import Support
import Testing

/// A real store of a few events, and who the members of a rule are.
struct EventStore {
  let project: Project
  let store: Store

  /// - Parameters:
  ///   - zone: in which days begin.
  ///   - events: lines of JSON: `{"user": "anna", "time": "2026-03-02T03:10:00Z", …}` with plain names of fields.
  init(zone: String, _ events: [String]) throws {
    let fields = [
      "event", "section", "country", "campaign", "tag", "article", "device", "element", "value", "dwell",
    ]
    let text = """
      time_zone: \(zone)
      buckets: 4
      articles: {key: id, fields: {words: number, desk: text}}
      sources:
        rows: {format: jsonl, user: user, time: time, session: session, default_event: page_view, dwell_unit: ms, fields: {\(fields.map { "\($0): \($0)" }.joined(separator: ", "))}}
      """
    let folder = Support.temporaryFolder()
    let reading = Project.parse(SourceText(file: "grandstand.yaml", text: text), folder: folder)
    project = try #require(reading.project, "\(reading.diagnostics)")
    store = Store(at: project.store)
    try store.create(StoreSettings(timeZone: zone, buckets: project.buckets))
    Support.write(events.joined(separator: "\n").utf8, to: folder + "/events.jsonl")
    let summary = try IngestJob(project: project, store: store, options: IngestOptions()).run([
      folder + "/events.jsonl"
    ])
    try #require(summary.entry.stored == events.count)
  }

  /// Loads attributes of articles, `id,words,desk` a line, that hold from a day on.
  func load(articles: String, from day: String) throws {
    let path = Support.temporaryFolder() + "/articles.csv"
    Support.write(("id,words,desk\n" + articles).utf8, to: path)
    let options = LoadOptions(from: try #require(Day(day)))
    let job = LoadJob(project: project, store: store, target: .articles, options: options)
    #expect(try job.run(path).problems == [])
  }

  /// Compiles rules, `who` of each.
  static func segments(_ rules: [String]) throws -> [Segment] {
    var context = RuleContext()
    context.lists = ["exported"]
    context.articleFields = [.ofArticle("words", .number), .ofArticle("desk", .text)]
    let sources = rules.enumerated().map {
      SourceText(file: "s\($0.offset).yaml", text: "purpose: ads\nwho: \($0.element)\n")
    }
    let compilation = RuleCompiler.compile(sources, context: context)
    try #require(compilation.diagnostics.filter(\.isError) == [])
    let byID = Dictionary(uniqueKeysWithValues: compilation.segments.map { ($0.id, $0) })
    return rules.indices.compactMap { byID["s\($0)"] }
  }

  /// Members as of a day, sorted, of each rule.
  func members(_ rules: [String], asOf: String) throws -> [[String]] {
    let snapshot = try store.snapshot()
    let day = try #require(Day(asOf))
    let plan = EvaluationPlan(
      try Self.segments(rules), eventNames: .init(), asOf: day, zone: snapshot.zone)
    let evaluation = try Evaluator(plan, snapshot).run(Workers(threads: 1))
    return try evaluation.members.map { membership in
      try (0..<snapshot.bucketCount).flatMap { bucket in
        let users = try snapshot.users(in: BucketIndex(UInt32(bucket)))
        return membership.ordinals(in: bucket).map { String(decoding: users[Int($0)], as: UTF8.self) }
      }.sorted()
    }
  }

  func members(_ rule: String, asOf: String) throws -> [String] { try members([rule], asOf: asOf)[0] }
}
