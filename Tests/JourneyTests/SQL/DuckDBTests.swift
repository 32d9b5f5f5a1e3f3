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

/// The whole way on real files: JSON lines are ingested, rules run on the store, and DuckDB says who the members are
/// from the store's own Arrow files.
@Suite(.enabled(if: Support.python != nil, "needs the Python oracles"))
struct DuckDBTests {
  private static let projectText = """
    buckets: 4
    sources:
      rows:
        format: jsonl
        user: user
        time: time
        event_id: id
        session: session
        fields:
          event: event
          section: section
          device: device
          country: country
          element: element
          article: article
          tag: tag
          experiment: experiment
          value: value
          dwell: dwell
          author: author
          brand: brand
          os: os
          region: region
          referrer: referrer
          campaign: campaign
          position: position
          scroll: scroll
          props.plan: plan
          props.score: score
        dwell_unit: ms
    numbers: [props.score]
    users: {key: key, fields: {tier: text, age: number, since: time}}
    articles: {key: key, fields: {desk: text, words: number, published: time}}
    """

  /// Stores of 60 rules; the shares run side by side.
  @Test(arguments: 0..<2)
  func `DuckDB computes the same members from the store's Arrow files`(share: Int) throws {
    let stores = max(1, Support.cases(2000) / 400)
    for store in stride(from: share, to: stores, by: 2) { try check(seed: UInt64(store + 1), rules: 60) }
  }

  private func check(seed: UInt64, rules: Int) throws {
    let asOf = try #require(Day(NaiveOracleTests.days[Int(seed) % NaiveOracleTests.days.count]))
    let zone = NaiveOracleTests.zones[Int(seed) % NaiveOracleTests.zones.count]
    let world = try SampleWorld(seed: seed &+ 1000, zone: zone, asOf: asOf.advanced(by: 1), events: 500)
    let folder = Support.temporaryFolder()
    let text = "time_zone: \(zone)\n" + Self.projectText
    let project = try #require(
      Project.parse(SourceText(file: "grandstand.yaml", text: text), folder: folder).project)
    let store = Store(at: project.store)
    try store.create(StoreSettings(timeZone: zone, buckets: project.buckets))
    try ingest(world, project, store, folder)
    try load(world, project, store, folder)
    var generator = RandomRules(seed: seed &* 31 &+ 5, asOf: asOf, sequenceEvents: SQLSequence.limit)
    let segments = generator.segments(rules)
    if try isSame(segments, try store.snapshot(), folder, project, asOf, world.zone, seed: seed) {
      Support.remove(folder)
    }
  }

  /// Two ingests, so that days have two parts.
  private func ingest(_ world: SampleWorld, _ project: Project, _ store: Store, _ folder: String) throws {
    for half in 0..<2 {
      let lines = world.events.enumerated().filter { $0.offset % 2 == half }.map {
        Self.json($0.element, $0.offset)
      }
      Support.write(lines.joined(separator: "\n").utf8, to: "\(folder)/\(half).jsonl")
      let summary = try IngestJob(project: project, store: store, options: IngestOptions()).run([
        "\(folder)/\(half).jsonl"
      ])
      #expect(summary.entry.stored == lines.count)
    }
  }

  private func load(_ world: SampleWorld, _ project: Project, _ store: Store, _ folder: String) throws {
    func load(_ target: LoadTarget, _ text: String, _ from: Day) throws {
      Support.write(text.utf8, to: folder + "/table")
      var options = LoadOptions(from: from)
      options.allowsEmpty = true
      let job = LoadJob(project: project, store: store, target: target, options: options)
      #expect(try job.run(folder + "/table").problems == [])
    }
    for table in world.userTables {
      try load(.users, Self.csv(table.rows, SampleWorld.userFields), table.from)
    }
    for table in world.articleTables {
      try load(.articles, Self.csv(table.rows, SampleWorld.articleFields), table.from)
    }
    for table in world.listTables {
      for (name, ids) in table.lists.sorted(by: { $0.key < $1.key }) {
        try load(.list(name, column: nil), ids.sorted().map { $0 + "\n" }.joined(), table.from)
      }
    }
  }

  private func isSame(
    _ segments: [Segment], _ snapshot: Snapshot, _ folder: String, _ project: Project, _ asOf: Day,
    _ zone: CalendarZone, seed: UInt64
  ) throws -> Bool {
    let plan = EvaluationPlan(segments, eventNames: .init(), asOf: asOf, zone: zone)
    let evaluation = try Evaluator(plan, snapshot).run(Workers(threads: 2))
    let oracle = SQLOracle(segments)
    for segment in segments { _ = oracle.outcome(segment.id, asOf) }
    Support.write(oracle.statements.joined(separator: "\n").utf8, to: folder + "/statements")
    let users = try (0..<UInt32(snapshot.bucketCount)).map { try snapshot.users(in: BucketIndex($0)) }
    func ids(_ membership: Membership) -> String {
      (0..<snapshot.bucketCount).flatMap { bucket in
        membership.ordinals(in: bucket).map { String(decoding: users[bucket][Int($0)], as: UTF8.self) }
      }.sorted().joined(separator: ",")
    }
    var found: [(segment: Segment, line: String)] = []
    var wanted = ""
    for (index, segment) in segments.enumerated() {
      found.append((segment, "\(segment.id) members:\(ids(evaluation.members[index]))"))
      var parts = ["members"]
      for (name, set) in evaluation.parts[index] {
        parts.append(name == "holdout" ? name : "arm_\(name)")
        found.append((segment, "\(segment.id) \(parts[parts.count - 1]):\(ids(set))"))
      }
      wanted += "\(segment.id) \(parts.joined(separator: ","))\n"
    }
    let output = try Support.run(
      Support.python ?? "",
      [
        Support.packageRoot + "Tests/Oracles/members.py", project.store, folder + "/statements",
        asOf.description,
      ],
      input: Array(wanted.utf8))
    let expected = output.output.split(separator: "\n").map(String.init)
    guard output.code == 0, expected.count == found.count else {
      Issue.record("seed \(seed), \(folder): \(output.errors)")
      return false
    }
    for (engine, sql) in zip(found, expected) where engine.line != sql {
      Issue.record(
        "seed \(seed), \(folder): engine \(engine.line)\nDuckDB \(sql)\n\(engine.segment.root.wording.line)\n\(engine.segment.root)\n\(engine.segment.after)"
      )
    }
    return zip(found, expected).allSatisfy { $0.line == $1 }
  }

  /// Attributes as a file of them.
  private static func csv(_ rows: [String: [Field: NaiveValue]], _ fields: [Field]) -> String {
    func text(_ value: NaiveValue?, _ field: Field) -> String {
      switch value {
      case .texts(let texts): texts.first ?? ""
      case .number(let number?) where field.kind == .time: Milliseconds(number).text
      case .number(let number?): "\(Double(number) / 1_000_000)"
      default: ""
      }
    }
    let names = fields.map { $0.name.split(separator: ".").last.map(String.init) ?? "" }
    let lines = rows.sorted { $0.key < $1.key }.map { key, row in
      ([key] + fields.map { text(row[$0], $0) }).joined(separator: ",")
    }
    return ([(["key"] + names).joined(separator: ",")] + lines).map { $0 + "\n" }.joined()
  }

  static func json(_ event: SampleEvent, _ id: Int) -> String {
    var members = [
      "\"id\":\"\(id)\"", "\"user\":\"\(event.user)\"", "\"time\":\"\(Milliseconds(event.time).text)\"",
    ]
    for (field, text) in event.texts { members.append("\"\(column(field))\":\(JSONText.quoted(text))") }
    for (field, list) in event.lists {
      members.append("\"\(field.name)\":[\(list.map { JSONText.quoted($0) }.joined(separator: ","))]")
    }
    for (field, number) in event.numbers { members.append("\"\(column(field))\":\(number)") }
    if let dwell = event.dwell { members.append("\"dwell\":\(dwell)") }
    if let session = event.session { members.append("\"session\":\"\(session)\"") }
    return "{\(members.joined(separator: ","))}"
  }

  private static func column(_ field: Field) -> String {
    field.name.split(separator: ".").last.map(String.init) ?? ""
  }
}
