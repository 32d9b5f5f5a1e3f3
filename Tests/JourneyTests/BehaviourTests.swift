import Diagnostics
import Engine
import Events
import Ingest
import Project
import Rules
import Store
import Support
import Testing

/// Real readers from CSV: the five audiences of the fixtures' page.
@Suite(.enabled(if: Support.fixtures != nil, "needs the fixtures"))
struct BehaviourTests {
  @Test func `the five audiences of real readers have their documented members`() throws {
    let folder = Support.temporaryFolder()
    let text = """
      buckets: 4
      sources:
        reads: {format: csv, user: user_id, time: read_at, fields: {article: article_id, dwell: read_time_s, scroll: scroll_pct}}
      """
    let project = try #require(
      Project.parse(SourceText(file: "grandstand.yaml", text: text), folder: folder).project)
    let store = Store(at: project.store)
    try store.create(StoreSettings(timeZone: "UTC", buckets: 4))
    let path = (Support.fixtures ?? "") + "behaviour/ebnerd_history.csv"
    _ = try IngestJob(project: project, store: store, options: IngestOptions()).run([path])
    let rules = [
      ("{reads: at least 3, where: {dwell: at least 30s}, when: last 7d}", 34, 1_424_844),
      ("{dwell: at least 30m, when: last 7d}", 24, 977_874),
      ("{days: at least 5, when: last 7d}", 26, 1_087_651),
      ("{views: at least 10, where: {scroll: at least 90}, when: ever}", 35, 1_407_354),
      ("{latest: before last 7d}", 4, 202_255),
    ]
    let sources = rules.enumerated().map { index, rule in
      SourceText(file: "s\(index).yaml", text: "name: s\npurpose: analytics\nwho: \(rule.0)\n")
    }
    let compilation = RuleCompiler.compile(sources, context: RuleContext())
    #expect(compilation.diagnostics == [])
    let snapshot = try store.snapshot()
    let plan = EvaluationPlan(
      compilation.segments, eventNames: .init(), asOf: try #require(Day("2023-02-22")), zone: snapshot.zone)
    let evaluation = try Evaluator(plan, snapshot).run(Workers(threads: 2))
    for (segment, members) in zip(plan.segments, evaluation.members) {
      var sum = 0
      for bucket in 0..<members.bucketCount {
        let ordinals = members.ordinals(in: bucket)
        let users = try snapshot.users(in: BucketIndex(UInt32(bucket)))
        for ordinal in ordinals { sum += Int(String(decoding: users[Int(ordinal)], as: UTF8.self)) ?? 0 }
      }
      let expected = rules[Int(segment.id.dropFirst()) ?? 0]
      #expect(members.count == expected.1 && sum == expected.2, "\(expected.0)")
    }
  }
}
