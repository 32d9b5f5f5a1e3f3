import Events

/// Writes enriched TSV rows into a buffer, column by column.
struct RowWriter: Sendable {
  private(set) var bytes: [UInt8] = []
  private var column = 0

  /// What a row says.
  struct Row {
    var user: World.User
    var brand: Int
    var event: String
    var eventName: String
    var eventID: UInt64
    var idSalt: UInt64
    var session: UInt64
    var sessionIndex: Int
    var view: UInt64
    /// Milliseconds.
    var time: Int64
    var collector: Int64
    var article: UInt64
    var section: Int
    var element: Int?
    var price: Bool
    var loggedIn: Bool
    var referrer: Int
    var campaign: Int?
    var breakage: Int?
  }

  mutating func take() -> [UInt8] {
    defer { bytes.removeAll(keepingCapacity: true) }
    return bytes
  }

  mutating func reserve(_ count: Int) { bytes.reserveCapacity(count) }

  mutating func append(_ row: Row) {
    column = 0
    let user = row.user
    let brand = World.brands[row.brand]
    put(0, brand)
    put(1, "web")
    put(2) { $0.time(row.collector + 900) }
    put(3) { row.breakage == 1 ? $0.text("2026-13-45 99:00:00") : $0.time(row.collector) }
    put(4) { $0.time(row.time) }
    put(5, row.event)
    put(6) { $0.uuid(row.eventID, row.idSalt) }
    put(8, "cf")
    put(9, "js-3.23.0")
    put(10, "ssc-2.10.0-kinesis")
    put(11, "snowplow-enrich-kinesis-4.2.0")
    if row.loggedIn {
      put(12) {
        $0.text("reader-"); $0.number(user.id)
      }
    }
    put(13, "82.10.20.30")
    if user.isAnonymous {
      if user.id % 2 == 0 { put(15, "undefined") }
    } else {
      put(15) { $0.uuid(user.id &* 0x9e37_79b9_7f4a_7c15, 77) }
      put(16) { $0.number(UInt64(row.sessionIndex)) }
      put(17) { $0.uuid(user.id &* 0x94d0_49bb_1331_11eb, 78) }
    }
    place(row, brand)
    referrer(row)
    put(52) { $0.contexts(row) }
    if let element = row.element { put(58) { $0.click(element, row.breakage == 2) } }
    if row.price { put(58, Self.subscribe) }
    if row.event == "page_ping" {
      put(75, "0")
      put(76) { $0.number(row.eventID % 4000) }
    }
    device(user)
    put(119) { $0.time(row.collector - 40) }
    put(122) { $0.derived(user) }
    put(123) { $0.uuid(row.session, 79) }
    put(124) { $0.time(row.time) }
    put(125, "com.snowplowanalytics.snowplow")
    put(126, row.eventName)
    put(127, "jsonschema")
    put(128, "1-0-0")
    put(129) { $0.hex(row.eventID &* 31) }
    // Breakage 0: the line has a column too few.
    while column < (row.breakage == 0 ? 129 : 130) {
      bytes.append(0x09)
      column += 1
    }
    bytes.append(0x0a)
  }

  // MARK: Groups of columns

  private mutating func place(_ row: Row, _ brand: String) {
    let place = World.places[row.user.place]
    put(18, place.0)
    put(24, place.1)
    put(29) { $0.url(row, brand) }
    put(30) {
      $0.text("Lorem ipsum dolor sit amet, article "); $0.number(row.article); $0.text(" | "); $0.text(brand)
    }
    put(32, "https")
    put(33) {
      $0.text("www."); $0.text(brand); $0.text(".example")
    }
    put(34, "443")
    put(35) { $0.path(row) }
  }

  private mutating func referrer(_ row: Row) {
    let referrer = World.referrers[row.referrer]
    if !referrer.medium.isEmpty {
      put(44, referrer.medium)
      put(45, referrer.source)
    }
    if let campaign = row.campaign {
      put(47, "email")
      put(51, World.campaigns[campaign])
    }
  }

  private static let agents = [
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (Linux; Android 14; SM-X910) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/125.0.0.0 Safari/537.36",
  ]
  private static let bot = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
  private static let subscribe =
    "{\"schema\":\"iglu:com.snowplowanalytics.snowplow/unstruct_event/jsonschema/1-0-0\",\"data\":{\"schema\":\"iglu:com.acme/subscribe/jsonschema/1-0-0\",\"data\":{\"plan\":\"digital\",\"price\":9.95}}}"

  private mutating func device(_ user: World.User) {
    put(77, user.isBot && user.id % 2 == 0 ? Self.bot : Self.agents[user.device])
    put(78, "Chrome")
    put(83, "nl-NL")
    put(93, "1280")
    put(94, "720")
    put(97, ["Windows", "iOS", "Android"][user.device])
    put(100, "Europe/Amsterdam")
    put(101, ["Computer", "Mobile", "Tablet"][user.device])
    put(105, "UTF-8")
    put(106, "1280")
    put(107, "8400")
  }

  // MARK: Values

  private mutating func put(_ target: Int, _ text: String) { put(target) { $0.text(text) } }

  private mutating func put(_ target: Int, _ write: (inout RowWriter) -> Void) {
    while column < target {
      bytes.append(0x09)
      column += 1
    }
    write(&self)
  }

  private mutating func text(_ text: String) { bytes.append(contentsOf: text.utf8) }

  private mutating func number(_ value: UInt64) {
    var rest = value
    let start = bytes.count
    repeat {
      bytes.append(0x30 + UInt8(rest % 10))
      rest /= 10
    } while rest > 0
    bytes[start...].reverse()
  }

  private mutating func digits(_ value: Int, _ count: Int) {
    var scale = 1
    for _ in 1..<count { scale *= 10 }
    while scale > 0 {
      bytes.append(0x30 + UInt8(value / scale % 10))
      scale /= 10
    }
  }

  /// `2026-11-23 09:05:28.590`
  private mutating func time(_ milliseconds: Int64) {
    let day = Day(number: Int32(milliseconds / 86_400_000))
    let rest = Int(milliseconds % 86_400_000)
    let (year, month, date) = day.civil
    digits(year, 4)
    bytes.append(0x2d)
    digits(month, 2)
    bytes.append(0x2d)
    digits(date, 2)
    bytes.append(0x20)
    digits(rest / 3_600_000, 2)
    bytes.append(0x3a)
    digits(rest / 60_000 % 60, 2)
    bytes.append(0x3a)
    digits(rest / 1000 % 60, 2)
    bytes.append(0x2e)
    digits(rest % 1000, 3)
  }

  private mutating func nibbles(_ value: UInt64, _ count: Int) {
    for index in (0..<count).reversed() {
      let nibble = UInt8(value >> UInt64(index * 4) & 15)
      bytes.append(nibble < 10 ? 0x30 + nibble : 0x57 + nibble)
    }
  }

  private mutating func hex(_ value: UInt64) { nibbles(value, 16) }

  /// A UUID of version 4 out of two numbers.
  private mutating func uuid(_ a: UInt64, _ salt: UInt64) {
    let b = (a ^ salt) &* 0xbf58_476d_1ce4_e5b9
    nibbles(a >> 32, 8)
    bytes.append(0x2d)
    nibbles(a >> 16 & 0xffff, 4)
    text("-4")
    nibbles(a & 0xfff, 3)
    text("-a")
    nibbles(b >> 48 & 0xfff, 3)
    bytes.append(0x2d)
    nibbles(b & 0xffff_ffff_ffff, 12)
  }

  private mutating func path(_ row: Row) {
    text("/")
    text(World.sections[row.section])
    text("/art-")
    number(row.article)
    text("/lorem-ipsum-dolor-sit-amet-consectetur")
  }

  private mutating func url(_ row: Row, _ brand: String) {
    text("https://www.")
    text(brand)
    text(".example")
    path(row)
    if row.campaign != nil { text("?utm_medium=email") }
  }

  private mutating func contexts(_ row: Row) {
    text(
      "{\"schema\":\"iglu:com.snowplowanalytics.snowplow/contexts/jsonschema/1-0-0\",\"data\":[{\"schema\":\"iglu:com.snowplowanalytics.snowplow/web_page/jsonschema/1-0-0\",\"data\":{\"id\":\""
    )
    uuid(row.view, 80)
    text("\"}},{\"schema\":\"iglu:com.acme/article/jsonschema/1-0-2\",\"data\":{\"id\":\"art-")
    number(row.article)
    text("\",\"section\":\"")
    text(World.sections[row.section])
    text("\",\"authors\":[\"")
    author(row.article)
    if row.article % 7 == 0 {
      text("\",\"")
      author(row.article / 7)
    }
    text("\"],\"tags\":[\"tag-")
    number(row.article % 97)
    text("\",\"tag-")
    number(row.article % 61 + 100)
    text("\"],\"premium\":")
    text(row.article % 5 == 0 ? "true" : "false")
    text("}},{\"schema\":\"iglu:com.acme/user/jsonschema/1-0-0\",\"data\":{\"subscription\":\"")
    text(World.subscriptions[row.user.subscription])
    text("\"}},{\"schema\":\"iglu:com.acme/experiment/jsonschema/1-0-0\",\"data\":{\"arm\":\"homepage:")
    text(row.user.id % 2 == 0 ? "a" : "b")
    text("\"}},{\"schema\":\"iglu:com.acme/experiment/jsonschema/1-0-0\",\"data\":{\"arm\":\"paywall:")
    text(row.user.id / 2 % 2 == 0 ? "soft" : "hard")
    // Breakage 3: JSON without its end.
    text(row.breakage == 3 ? "\"}}" : "\"}}]}")
  }

  private mutating func author(_ article: UInt64) {
    text(World.firstNames[Int(article % 10)])
    text("-")
    text(World.lastNames[Int(article / 10 % 10)])
  }

  private mutating func click(_ element: Int, _ broken: Bool) {
    text(
      "{\"schema\":\"iglu:com.snowplowanalytics.snowplow/unstruct_event/jsonschema/1-0-0\",\"data\":{\"schema\":\"iglu:com.snowplowanalytics.snowplow/link_click/jsonschema/1-0-1\",\"data\":{\"targetUrl\":\"https://www.courier.example/x\",\"elementId\":\""
    )
    text(World.elements[element])
    text(broken ? "\"}" : "\"}}}")
  }

  private mutating func derived(_ user: World.User) {
    text(
      "{\"schema\":\"iglu:com.snowplowanalytics.snowplow/contexts/jsonschema/1-0-1\",\"data\":[{\"schema\":\"iglu:com.snowplowanalytics.snowplow/ua_parser_context/jsonschema/1-0-0\",\"data\":{\"useragentFamily\":\"Chrome\",\"osFamily\":\"Windows\",\"deviceFamily\":\"Other\"}},{\"schema\":\"iglu:com.iab.snowplow/spiders_and_robots/jsonschema/1-0-0\",\"data\":{\"category\":\""
    )
    text(
      user.isBot
        ? "SPIDER_OR_ROBOT\",\"primaryImpact\":\"UNKNOWN\",\"reason\":\"FAILED_UA_INCLUDE\",\"spiderOrRobot\":true"
        : "BROWSER\",\"primaryImpact\":\"NONE\",\"reason\":\"PASSED_ALL\",\"spiderOrRobot\":false")
    text("}}]}")
  }
}
