import Diagnostics
import Events
import YAML

/// What reading `grandstand.yaml` gave: a project, if nothing in it is wrong, and what is.
public struct ProjectReading: Sendable {
  public var project: Project?
  public var diagnostics: [Diagnostic]
}

extension Project {
  static let keys = [
    "store", "segments", "time_zone", "buckets", "retention", "deduplication", "lateness", "events",
    "numbers", "placeholders",
    "bots",
    "dwell", "valid_times", "users", "articles", "sources",
  ]

  /// Reads a project file.
  /// - Parameter folder: the file's folder; relative paths are resolved against it.
  public static func parse(_ source: SourceText, folder: String) -> ProjectReading {
    let root: YAMLNode?
    do { root = try YAMLNode.parse(source) } catch {
      return ProjectReading(project: nil, diagnostics: [error])
    }
    guard let root else {
      let empty = Diagnostic(
        .c1, "the project file is empty", at: Place(file: source.file), hint: "'grandstand init' writes one")
      return ProjectReading(project: nil, diagnostics: [empty])
    }
    var reader = ConfigReader()
    let project = read(root, folder: folder.hasSuffix("/") ? folder : folder + "/", &reader)
    let failed = reader.diagnostics.contains { $0.isError }
    return ProjectReading(project: failed ? nil : project, diagnostics: reader.diagnostics)
  }

  private static func read(_ root: YAMLNode, folder: String, _ reader: inout ConfigReader) -> Project {
    var project = Project(
      folder: folder, store: resolve(".grandstand/store", in: folder),
      segments: resolve("segments", in: folder),
      zone: .utc, sources: [])
    let entries = reader.map(root, "the project", known: keys)
    for entry in entries {
      project.set(entry, &reader)
    }
    if entries.isEmpty || !entries.contains(where: { $0.name == "sources" }) {
      reader.report(
        .c1, "the project names no sources", at: root.place, hint: "add 'sources:' with at least one")
    }
    project.collectProperties(numbers: root["numbers"], &reader)
    project.checkDeduplication(root["deduplication"], &reader)
    return project
  }

  private mutating func set(_ entry: YAMLNode.Entry, _ reader: inout ConfigReader) {
    let node = entry.value
    switch entry.name {
    case "store": reader.text(node, "store").map { store = Self.resolve($0, in: folder) }
    case "segments": reader.text(node, "segments").map { segments = Self.resolve($0, in: folder) }
    case "time_zone": reader.zone(node, "time_zone").map { zone = $0 }
    case "buckets": setBuckets(node, &reader)
    case "retention": reader.wholeDays(node, "retention").map { retentionDays = $0 }
    case "deduplication": reader.wholeDays(node, "deduplication").map { deduplicationDays = $0 }
    case "lateness":
      reader.duration(node, "lateness").map { latenessHours = Int(($0 + 3_599_999) / 3_600_000) }
    case "events": setEventNames(node, &reader)
    case "placeholders":
      placeholderIDs.formUnion(reader.texts(node, "placeholders").map { TextFold.fold($0.text) })
    case "bots": setBots(node, &reader)
    case "dwell": setDwell(node, &reader)
    case "valid_times": setValidTimes(node, &reader)
    case "users": users = TableMapping.read(node, .users, &reader)
    case "articles": articles = TableMapping.read(node, .articles, &reader)
    case "sources": setSources(node, &reader)
    default: break
    }
  }

  private mutating func setBuckets(_ node: YAMLNode, _ reader: inout ConfigReader) {
    guard let count = reader.integer(node, "buckets", in: 1...65_536) else { return }
    guard count & (count - 1) == 0 else {
      reader.report(
        .c2, "buckets must be a power of two, not \(count)", at: node.place,
        hint: "64 suits 200,000 users, 512 two million: about 4,000 users a bucket")
      return
    }
    buckets = count
  }

  /// Rows that ingest takes at all, however late, have to meet what they are compared with.
  private func checkDeduplication(_ node: YAMLNode?, _ reader: inout ConfigReader) {
    guard let node, let days = deduplicationDays else { return }
    let needed = (max(dwell.lateLimit, dwell.sessionLimit) + 86_399_999) / 86_400_000
    guard days < needed else { return }
    reader.report(
      .c2, "deduplication must not be shorter than dwell's late_limit and session_limit", at: node.place,
      hint: "at least \(needed)d")
  }

  private mutating func setEventNames(_ node: YAMLNode, _ reader: inout ConfigReader) {
    for entry in reader.map(node, "events", known: ["view", "click", "ping"]) {
      guard let name = reader.text(entry.value, "events.\(entry.name)") else { continue }
      switch entry.name {
      case "view": eventNames.view = name
      case "click": eventNames.click = name
      default: eventNames.ping = name
      }
    }
  }

  private mutating func setBots(_ node: YAMLNode, _ reader: inout ConfigReader) {
    for entry in reader.map(
      node, "bots", known: ["exclude", "user_agents", "missing_user_agent", "enrichments"])
    {
      switch entry.name {
      case "exclude": reader.bool(entry.value, "bots.exclude").map { bots.excluded = $0 }
      case "user_agents": bots.userAgents = reader.texts(entry.value, "bots.user_agents").map(\.text)
      case "missing_user_agent":
        reader.bool(entry.value, "bots.missing_user_agent").map { bots.missingUserAgent = $0 }
      default: reader.bool(entry.value, "bots.enrichments").map { bots.enrichments = $0 }
      }
    }
  }

  private mutating func setDwell(_ node: YAMLNode, _ reader: inout ConfigReader) {
    let known = ["heartbeat", "minimum_visit", "late_limit", "session_limit", "require_ids"]
    for entry in reader.map(node, "dwell", known: known) {
      let what = "dwell.\(entry.name)"
      switch entry.name {
      case "heartbeat":
        guard let value = reader.duration(entry.value, what) else { continue }
        guard value >= 1000, value % 1000 == 0 else {
          reader.report(.c2, "\(what) must be whole seconds, at least 1s", at: entry.value.place)
          continue
        }
        dwell.heartbeat = value
      case "minimum_visit": reader.duration(entry.value, what).map { dwell.minimumVisit = $0 }
      case "late_limit": reader.duration(entry.value, what).map { dwell.lateLimit = $0 }
      case "session_limit": reader.duration(entry.value, what).map { dwell.sessionLimit = $0 }
      default: reader.bool(entry.value, what).map { dwell.requiresIDs = $0 }
      }
    }
  }

  private mutating func setValidTimes(_ node: YAMLNode, _ reader: inout ConfigReader) {
    for entry in reader.map(node, "valid_times", known: ["from", "to", "ahead"]) {
      let what = "valid_times.\(entry.name)"
      switch entry.name {
      case "from": reader.day(entry.value, what).map { validTimes.first = $0 }
      case "to": reader.day(entry.value, what).map { validTimes.last = $0 }
      default: reader.duration(entry.value, what).map { validTimes.ahead = $0 }
      }
    }
    if validTimes.first > validTimes.last {
      reader.report(.c2, "valid_times ends before it begins", at: node.place, hint: "swap 'from' and 'to'")
    }
  }

  private mutating func setSources(_ node: YAMLNode, _ reader: inout ConfigReader) {
    for entry in reader.map(node, "sources", known: nil) {
      Source.read(entry, zone: zone, &reader).map { sources.append($0) }
    }
    if sources.isEmpty, !reader.diagnostics.contains(where: { $0.isError }) {
      reader.report(.c1, "'sources' is empty", at: node.place, hint: "add one: 'web: {format: snowplow}'")
    }
  }

  /// Own fields are those that a source maps; `numbers` names the ones that are no text.
  private mutating func collectProperties(numbers: YAMLNode?, _ reader: inout ConfigReader) {
    let named = Set(sources.flatMap(\.fields.keys).filter { $0.name.hasPrefix("props.") }.map(\.name))
    var numeric: Set<String> = []
    if let numbers {
      for (name, place) in reader.texts(numbers, "numbers") {
        guard named.contains(name) else {
          reader.report(
            .c2, "no source maps '\(name)'", at: place,
            hint: Nearest.word(to: name, among: named.sorted()).map { "did you mean '\($0)'?" })
          continue
        }
        numeric.insert(name)
      }
    }
    properties = named.sorted().map {
      Field.property(String($0.dropFirst(6)), number: numeric.contains($0))
    }
    // A source has read its own fields as text; give them their kind.
    for index in sources.indices {
      for (field, paths) in sources[index].fields where numeric.contains(field.name) {
        sources[index].fields[field] = nil
        sources[index].fields[Field.property(String(field.name.dropFirst(6)), number: true)] = paths
      }
    }
  }

  /// `10s`, `6h` or `3d` as milliseconds, as project files write them; nil for what is none.
  public static func duration(_ text: String) -> Int64? { ConfigReader.duration(text) }

  private static func resolve(_ path: String, in folder: String) -> String {
    path.hasPrefix("/") || folder == "./" ? path : folder + path
  }
}
