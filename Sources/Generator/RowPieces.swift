/// The prepared pieces of rows that do not belong to an article. The numbers are positions of columns in
/// Snowplow's enriched TSV (1 to 131); each piece ends with the tabs of the columns that it covers.
struct RowPieces: Sendable {
  struct Brand: Sendable {
    /// 1, 2.
    var application: Piece
    /// `https://host`
    var origin: Piece
    /// 33 to 35.
    var host: Piece
    /// The title of the front page.
    var title: Piece
    /// 39 to 41, for a page that was reached from another page of the brand.
    var referringHost: Piece
  }

  struct Place: Sendable {
    /// 19 to 29.
    var geography: Piece
    /// 116 to 119.
    var zone: Piece
  }

  struct Referrer: Sendable {
    /// 32.
    var url: Piece
    /// 39 to 47.
    var parts: Piece
  }

  struct Campaign: Sendable {
    /// With a question mark, behind the URL; and 37 without it.
    var query: Piece
    var parameters: Piece
    /// 48 to 52.
    var columns: Piece
  }

  struct Device: Sendable {
    /// 78 to 115.
    var columns: Piece
    /// 123, for people and for those whom the enrichments take for bots.
    var derived: Piece
    var derivedBot: Piece
  }

  struct Kind: Sendable {
    /// 6.
    var event: Piece
    /// 126 to 129.
    var name: Piece
  }

  let brands: [Brand]
  let places: [Place]
  let referrers: [Referrer]
  let campaigns: [Campaign]
  let devices: [Device]
  /// By `PlannedEvent.Kind`.
  let kinds: [Kind]
  /// The entities of subscription and experiments, by `PlannedEvent.profile`.
  let profiles: [Piece]
  let elements: [Piece]
  let subscriptions: [Piece]
  let donations: [Piece]
  let frontPath: Piece

  init(_ templates: inout Templates) {
    brands = Vocabulary.brands.map { Self.brand($0.name, &templates) }
    places = Vocabulary.places.map { Self.place($0, &templates) }
    referrers = Vocabulary.referrers.map { Self.referrer($0, &templates) }
    campaigns = Vocabulary.campaigns.map { Self.campaign($0.name, $0.medium, $0.source, &templates) }
    devices = (Vocabulary.devices + Vocabulary.botDevices).map { Self.device($0, &templates) }
    kinds = [
      Self.kind("page_view", "com.snowplowanalytics.snowplow\tpage_view\tjsonschema\t1-0-0", &templates),
      Self.kind("page_ping", "com.snowplowanalytics.snowplow\tpage_ping\tjsonschema\t1-0-0", &templates),
      Self.kind("unstruct", "com.snowplowanalytics.snowplow\tlink_click\tjsonschema\t1-0-1", &templates),
      Self.kind("unstruct", "com.acme\tsubscribe\tjsonschema\t1-0-0", &templates),
      Self.kind("unstruct", "com.acme\tdonate\tjsonschema\t1-0-0", &templates),
    ]
    profiles = (0..<12).map { Self.profile($0, &templates) }
    elements = Vocabulary.elements.map { Self.element($0.name, &templates) }
    subscriptions = Vocabulary.prices.map {
      Self.custom("com.acme/subscribe", "\"price\":\($0),\"plan\":\"digital\"", &templates)
    }
    donations = Vocabulary.prices.map { Self.custom("com.acme/donate", "\"amount\":\($0)", &templates) }
    frontPath = templates.add("/")
  }

  private static func brand(_ name: String, _ templates: inout Templates) -> Brand {
    let host = "www.\(name).example"
    return Brand(
      application: templates.add("\(name)\tweb\t"), origin: templates.add("https://\(host)"),
      host: templates.add("https\t\(host)\t443\t"),
      title: templates.add(name.prefix(1).uppercased() + name.dropFirst() + " - news, sport and opinion"),
      referringHost: templates.add("https\t\(host)\t443\t"))
  }

  private static func place(_ place: Vocabulary.Place, _ templates: inout Templates) -> Place {
    let columns = [
      place.country, place.region, place.city, place.code, place.latitude, place.longitude, place.name, "",
      "", "", "",
    ]
    return Place(
      geography: templates.add(columns.map { $0 + "\t" }.joined()),
      zone: templates.add(place.zone + "\t\t\t\t"))
  }

  private static func referrer(_ referrer: Vocabulary.Referrer, _ templates: inout Templates) -> Referrer {
    guard !referrer.host.isEmpty else {
      return Referrer(url: templates.add("\t"), parts: templates.add(String(repeating: "\t", count: 9)))
    }
    let query = referrer.query.isEmpty ? "" : "?" + referrer.query
    let parts = [
      "https", referrer.host, "443", referrer.path, referrer.query, "", referrer.medium, referrer.source, "",
    ]
    return Referrer(
      url: templates.add("https://\(referrer.host)\(referrer.path)\(query)\t"),
      parts: templates.add(parts.map { $0 + "\t" }.joined()))
  }

  private static func campaign(
    _ name: String, _ medium: String, _ source: String, _ templates: inout Templates
  ) -> Campaign {
    guard !name.isEmpty else {
      let nothing = templates.add("")
      return Campaign(query: nothing, parameters: nothing, columns: templates.add("\t\t\t\t\t"))
    }
    let query = "utm_source=\(source)&utm_medium=\(medium)&utm_campaign=\(name)"
    return Campaign(
      query: templates.add("?" + query), parameters: templates.add(query),
      columns: templates.add("\(medium)\t\(source)\t\t\t\(name)\t"))
  }

  private static func device(_ device: Vocabulary.Device, _ templates: inout Templates) -> Device {
    let mobile = device.kind != "Computer"
    let features = [String](repeating: mobile ? "" : "0", count: 9)
    let view = "\(device.width)\t\(device.height - 120)"
    let columns =
      [device.agent, device.browser, device.browser, device.version, "Browser", device.engine, "nl-NL"]
      + features
      + ["1", "24", view, device.os, device.os, device.maker, "Europe/Brussels", device.kind]
      + [mobile ? "1" : "0", "\(device.width)", "\(device.height)", "UTF-8", "\(device.width)", "6400"]
      + [String](repeating: "", count: 7)
    return Device(
      columns: templates.add(columns.map { $0 + "\t" }.joined()),
      derived: templates.add(derived(device, bot: false) + "\t"),
      derivedBot: templates.add(derived(device, bot: true) + "\t"))
  }

  private static func derived(_ device: Vocabulary.Device, bot: Bool) -> String {
    let classes = ["Computer": "Desktop", "Mobile": "Phone"]
    let version = device.osVersion.isEmpty ? "null" : "\"\(device.osVersion)\""
    return """
      {"schema":"iglu:com.snowplowanalytics.snowplow/contexts/jsonschema/1-0-1","data":[\
      {"schema":"iglu:com.iab.snowplow/spiders_and_robots/jsonschema/1-0-0","data":{"spiderOrRobot":\(bot),\
      "category":"\(bot ? "SPIDER_OR_ROBOT" : "BROWSER")","reason":"\(bot ? "FAILED_UA_EXCLUDE" : "PASSED_ALL")",\
      "primaryImpact":"\(bot ? "UNKNOWN" : "NONE")"}},\
      {"schema":"iglu:com.snowplowanalytics.snowplow/ua_parser_context/jsonschema/1-0-0","data":{\
      "useragentFamily":"\(device.browser)","useragentMajor":"\(device.version)","osFamily":"\(device.os)",\
      "osMajor":\(version),"osVersion":"\(device.os)","deviceFamily":"Other"}},\
      {"schema":"iglu:nl.basjes/yauaa_context/jsonschema/1-0-4","data":{"deviceClass":\
      "\(classes[device.kind] ?? device.kind)","agentClass":"\(bot ? "Robot" : "Browser")",\
      "agentName":"\(device.browser)"}}]}
      """
  }

  private static func kind(_ event: String, _ name: String, _ templates: inout Templates) -> Kind {
    Kind(event: templates.add(event + "\t"), name: templates.add(name + "\t"))
  }

  private static func profile(_ profile: Int, _ templates: inout Templates) -> Piece {
    let subscription = ["free", "digital", "premium"][profile / 4]
    let arms = [("homepage", profile & 1 == 0 ? "a" : "b"), ("paywall", profile & 2 == 0 ? "soft" : "hard")]
    let experiments = arms.map { id, variant in
      """
      ,{"schema":"iglu:com.acme/experiment/jsonschema/1-0-0","data":{"id":"\(id)","variant":"\(variant)",\
      "arm":"\(id):\(variant)"}}
      """
    }
    return templates.add(
      """
      ,{"schema":"iglu:com.acme/user/jsonschema/1-0-0","data":{"subscription":"\(subscription)"}}\
      \(experiments.joined())
      """)
  }

  private static func element(_ name: String, _ templates: inout Templates) -> Piece {
    templates.add(
      """
      {"schema":"iglu:com.snowplowanalytics.snowplow/unstruct_event/jsonschema/1-0-0","data":{"schema":\
      "iglu:com.snowplowanalytics.snowplow/link_click/jsonschema/1-0-1","data":{"targetUrl":\
      "https://www.courier.example/\(name)","elementId":"\(name)","elementClasses":["button"]}}}
      """)
  }

  private static func custom(_ schema: String, _ data: String, _ templates: inout Templates) -> Piece {
    templates.add(
      """
      {"schema":"iglu:com.snowplowanalytics.snowplow/unstruct_event/jsonschema/1-0-0","data":{"schema":\
      "iglu:\(schema)/jsonschema/1-0-0","data":{\(data)}}}
      """)
  }
}
