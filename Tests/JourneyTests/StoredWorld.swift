import Bitmaps
import Diagnostics
import Events
import Ingest
import Project
import Store
import Support
import Testing

/// A random world in a real store: its events as JSON lines, its attributes and lists as files.
struct StoredWorld {
  let folder = Support.temporaryFolder()
  let project: Project
  let store: Store

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

  /// - Parameters:
  ///   - ingests: the events are shared out among so many, so that days have several parts.
  ///   - rowsPerBatch: as in `IngestOptions`.
  ///   - afterwards: done to the store after each ingest.
  init(
    _ world: SampleWorld, ingests: Int = 2, rowsPerBatch: Int = IngestOptions().rowsPerBatch,
    afterwards: (Store) throws -> Void = { _ in }
  ) throws {
    let text = "time_zone: \(world.zone.name)\n" + Self.projectText
    project = try #require(
      Project.parse(SourceText(file: "grandstand.yaml", text: text), folder: folder).project)
    store = Store(at: project.store)
    try store.create(StoreSettings(timeZone: world.zone.name, buckets: project.buckets))
    for part in 0..<ingests {
      try ingest(world, part, of: ingests, rowsPerBatch)
      try afterwards(store)
    }
    try load(world)
  }

  private func ingest(_ world: SampleWorld, _ part: Int, of count: Int, _ rowsPerBatch: Int) throws {
    let lines = world.events.enumerated().filter { $0.offset % count == part }.map {
      Self.json($0.element, $0.offset)
    }
    Support.write(lines.joined(separator: "\n").utf8, to: "\(folder)/\(part).jsonl")
    var options = IngestOptions()
    options.rowsPerBatch = rowsPerBatch
    let summary = try IngestJob(project: project, store: store, options: options).run([
      "\(folder)/\(part).jsonl"
    ])
    #expect(summary.entry.stored == lines.count)
  }

  private func load(_ world: SampleWorld) throws {
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

/// The users of a store by their ordinals.
struct UserNames {
  private let users: [UserIDs]

  init(_ snapshot: Snapshot) throws {
    users = try (0..<UInt32(snapshot.bucketCount)).map { try snapshot.users(in: BucketIndex($0)) }
  }

  /// The members' ids, sorted.
  func of(_ membership: Membership) -> [String] {
    users.indices.flatMap { bucket in
      membership.ordinals(in: bucket).map { String(decoding: users[bucket][Int($0)], as: UTF8.self) }
    }.sorted()
  }
}
