import Diagnostics
import Events
import YAML

extension Source {
  static let keys = [
    "format", "files", "user", "time", "time_zone", "event_id", "session", "view", "fields", "default_event",
    "dwell_unit", "columns", "delimiter",
  ]

  /// - Parameter zone: the project's, which a source's times are in unless it says otherwise.
  static func read(_ entry: YAMLNode.Entry, zone: CalendarZone, _ reader: inout ConfigReader) -> Source? {
    let what = "source '\(entry.name)'"
    let entries = reader.map(entry.value, what, known: keys)
    guard let formatNode = entry.value["format"] else {
      reader.report(.c1, "\(what) has no format", at: entry.key.place, hint: "format: \(Format.words)")
      return nil
    }
    guard let format = formatNode.text.flatMap({ Format(rawValue: $0) }) else {
      reader.report(
        .c2, "\(what) has the unknown format '\(formatNode.text ?? formatNode.kind)'", at: formatNode.place,
        hint: Format.words)
      return nil
    }
    var source =
      format == .snowplow
      ? snowplow(named: entry.name) : Source(name: entry.name, format: format, user: [], time: [])
    for entry in entries { source.set(entry, what, &reader) }
    source.checkCompleteness(entry, &reader)
    return source
  }

  /// The columns that mean the same on every Snowplow pipeline.
  public static func snowplow(named name: String) -> Source {
    let link = EntityPath(
      column: .unstruct, vendor: "com.snowplowanalytics.snowplow", name: "link_click", version: [1],
      keys: ["elementId"])
    let page = EntityPath(
      column: .contexts, vendor: "com.snowplowanalytics.snowplow", name: "web_page", version: [1],
      keys: ["id"])
    return Source(
      name: name, format: .snowplow, user: [.column("domain_userid")],
      time: [.column("derived_tstamp"), .column("collector_tstamp")], eventID: [.column("event_id")],
      session: [.column("domain_sessionid")], view: [.entity(page)],
      fields: [
        .event: [.column("event_name"), .column("event")], .brand: [.column("app_id")],
        .device: [.column("dvce_type")], .os: [.column("os_name")], .country: [.column("geo_country")],
        .region: [.column("geo_region_name")], .referrer: [.column("refr_source"), .column("refr_medium")],
        .campaign: [.column("mkt_campaign")], .element: [.entity(link)], .value: [.column("se_value")],
      ])
  }

  private mutating func set(_ entry: YAMLNode.Entry, _ what: String, _ reader: inout ConfigReader) {
    let node = entry.value
    let path = "\(what), \(entry.name)"
    switch entry.name {
    case "files": files = reader.texts(node, path).map(\.text)
    case "user": user = paths(node, path, &reader)
    case "time": time = paths(node, path, &reader)
    case "time_zone": reader.zone(node, path).map { timeZone = $0 }
    case "event_id": eventID = paths(node, path, &reader)
    case "session": session = paths(node, path, &reader)
    case "view": view = paths(node, path, &reader)
    case "fields": setFields(node, what, &reader)
    case "default_event": reader.text(node, path).map { defaultEvent = $0 }
    case "dwell_unit": setDwellUnit(node, path, &reader)
    case "columns": setColumns(node, path, &reader)
    case "delimiter": reader.delimiter(node, path).map { delimiter = $0 }
    default: break
    }
  }

  private mutating func setFields(_ node: YAMLNode, _ what: String, _ reader: inout ConfigReader) {
    let known = Field.stored.filter { $0 != .session }
    for entry in reader.map(node, "\(what), fields", known: nil) {
      let field: Field
      if entry.name.hasPrefix("props."), entry.name.utf8.count > 6 {
        field = Field.property(String(entry.name.dropFirst(6)), number: false)
      } else if let standard = known.first(where: { $0.name == entry.name }) {
        field = standard
      } else {
        let near = Nearest.word(to: entry.name, among: known.map(\.name))
        reader.report(
          .c1, "no field is called '\(entry.name)'", at: entry.key.place,
          hint: near.map { "did you mean '\($0)'?" } ?? "your own fields are called props.\(entry.name)")
        continue
      }
      fields[field] = paths(entry.value, "\(what), field '\(entry.name)'", &reader)
    }
  }

  private mutating func setDwellUnit(_ node: YAMLNode, _ what: String, _ reader: inout ConfigReader) {
    let units: [String: Int64] = ["ms": 1, "s": 1000, "m": 60_000]
    guard let unit = node.text.flatMap({ units[$0] }) else {
      reader.report(.c2, "\(what) must be ms, s or m", at: node.place)
      return
    }
    dwellUnit = unit
  }

  private mutating func setColumns(_ node: YAMLNode, _ what: String, _ reader: inout ConfigReader) {
    let ends = (node.text ?? "").split(separator: "-").map { Int($0) }
    guard (1...2).contains(ends.count), let low = ends[0], let high = ends[ends.count - 1], low <= high,
      (1...1000).contains(low), high <= 1000
    else {
      reader.report(.c2, "\(what) must be a number or a range", at: node.place, hint: "131, or 125-131")
      return
    }
    columns = low...high
  }

  private func paths(_ node: YAMLNode, _ what: String, _ reader: inout ConfigReader) -> [FieldPath] {
    reader.texts(node, what).compactMap { text, place in
      do throws(PathError) { return try FieldPath(text, format: format) } catch {
        reader.report(.c2, "\(what): \(error.reason)", at: place, hint: error.hint)
        return nil
      }
    }
  }

  private mutating func checkCompleteness(_ entry: YAMLNode.Entry, _ reader: inout ConfigReader) {
    if user.isEmpty {
      reader.report(.c1, "source '\(name)' names no user column", at: entry.key.place, hint: "user: user_id")
    }
    if time.isEmpty {
      reader.report(
        .c1, "source '\(name)' names no time column", at: entry.key.place, hint: "time: timestamp")
    }
    if format != .snowplow, fields[.event] == nil, defaultEvent == nil { defaultEvent = "page_view" }
  }
}
