import Events
import Support

/// One random event, before it is written anywhere.
struct SampleEvent {
  var user: String
  var time: Int64
  var texts: [Field: String] = [:]
  var lists: [Field: [String]] = [:]
  var numbers: [Field: Double] = [:]
  var dwell: UInt32?
  var session: String?
}

/// A random little world: few users and few values, so that thresholds are met and missed.
struct SampleWorld {
  static let sections = [
    "sport", "sport/formula-1", "Sport/Tennis", "sports", "news", "news/politics", "économie",
    "E\u{301}CONOMIE/x",
  ]
  static let tags = ["a", "B", "long-read", "ÉTÉ"]
  static let experiments = ["homepage:a", "homepage:b", "paywall:hard"]
  static let devices = ["mobile", "tablet", "computer"]
  static let countries = ["NL", "be", "no"]
  static let elements = ["subscribe", "unsubscribe", "x-sale", "spring-sale"]
  /// Of all fields that have no hierarchy and no elements.
  static let words = ["spring-sale", "Été", "x"]
  static let score = Field.property("score", number: true)
  static let plainTexts: [Field] = [
    .brand, .os, .region, .referrer, .campaign, .property("plan", number: false),
  ]
  static let events = ["page_view", "page_view", "page_view", "link_click", "subscribe"]

  static let userFields = [
    Field(name: "tier", kind: .text), Field(name: "age", kind: .number), Field(name: "since", kind: .time),
  ]
  static let articleFields = [
    Field.ofArticle("desk", .text), Field.ofArticle("words", .number), Field.published,
  ]
  static let lists = ["blocked", "vip"]

  let zone: CalendarZone
  let asOf: Day
  var events: [SampleEvent]
  /// From which day they hold, newest last.
  private(set) var userTables: [(from: Day, rows: [String: [Field: NaiveValue]])] = []
  private(set) var articleTables: [(from: Day, rows: [String: [Field: NaiveValue]])] = []
  private(set) var listTables: [(from: Day, lists: [String: Set<String>])] = []

  /// Without the events of later days.
  func upTo(_ day: Day) -> SampleWorld {
    var world = self
    world.events.removeAll { zone.day(of: Milliseconds($0.time)) > day }
    return world
  }

  func attributes(_ asOf: Day) -> [String: [Field: NaiveValue]] {
    userTables.last { $0.from <= asOf }?.rows ?? [:]
  }
  /// Gives each article one section, author and tags on all its events.
  /// - Parameter moved: some articles have others on later days.
  mutating func settleArticles(seed: UInt64, moved: Bool) {
    var values: [String: SampleEvent] = [:]
    for index in events.indices {
      // All views have an article, so that those of every part are by article.
      if events[index].texts[.event] == "page_view", events[index].texts[.article] == nil {
        events[index].texts[.article] = "art-\(index % 6)"
      }
      guard let article = events[index].texts[.article] else { continue }
      let isLate =
        moved && article.hasSuffix("3")
        && events[index].time >= zone.range(of: asOf.advanced(by: -4)).lowerBound.value
      let key = TextFold.fold(article) + (isLate ? " late" : "")
      let model = values[key] ?? events[index]
      values[key] = model
      events[index].texts[.section] = model.texts[.section]
      events[index].lists[.tag] = model.lists[.tag]
      events[index].lists[.author] = model.lists[.author]
    }
  }

  func articles(_ asOf: Day) -> [String: [Field: NaiveValue]] {
    articleTables.last { $0.from <= asOf }?.rows ?? [:]
  }
  func list(_ name: String, _ asOf: Day) -> Set<String> {
    listTables.last { $0.from <= asOf }?.lists[name] ?? []
  }

  /// One user's events, and all tables, up to a day.
  func cut(to user: String, through day: Day) -> SampleWorld {
    var world = self
    world.events = events.filter { $0.user == user && zone.day(of: Milliseconds($0.time)) <= day }
    world.userTables = userTables.filter { $0.from <= day }
    world.articleTables = articleTables.filter { $0.from <= day }
    world.listTables = listTables.filter { $0.from <= day }
    return world
  }

  init(seed: UInt64, zone name: String, asOf: Day, events count: Int = 300, users: Int = 14) throws {
    var random = SeededRandom(seed)
    zone = try CalendarZone(named: name)
    self.asOf = asOf
    var events: [SampleEvent] = []
    for _ in 0..<count {
      let day = asOf.advanced(
        by: 1 - Int.random(in: 1...(Bool.random(using: &random) ? 9 : 45), using: &random))
      let range = zone.range(of: day)
      // Often at the very edges of a day or an hour.
      let edges = [
        range.lowerBound.value, range.upperBound.value - 1, range.lowerBound.value + 3_600_000 * 22,
      ]
      let time =
        Int.random(in: 0...4, using: &random) == 0
        ? edges.randomElement(using: &random) ?? 0
        : Int64.random(in: range.lowerBound.value..<range.upperBound.value, using: &random)
      var event = SampleEvent(user: "user-\(Int.random(in: 0..<users, using: &random))", time: time)
      event.texts[.event] = Self.events.randomElement(using: &random)
      func maybe(_ field: Field, _ values: [String]) {
        if Int.random(in: 0...3, using: &random) > 0 {
          event.texts[field] = values.randomElement(using: &random)
        }
      }
      maybe(.section, Self.sections)
      maybe(.device, Self.devices)
      maybe(.country, Self.countries)
      maybe(.element, Self.elements)
      maybe(.article, (0..<6).map { "art-\($0)" } + ["ART-0"])
      event.lists[.tag] = Self.tags.filter { _ in Int.random(in: 0...2, using: &random) == 0 }
      event.lists[.experiment] = Self.experiments.filter { _ in Int.random(in: 0...2, using: &random) == 0 }
      event.lists[.author] = Self.words.filter { _ in Int.random(in: 0...2, using: &random) == 0 }
      for field in Self.plainTexts { maybe(field, Self.words) }
      for field in [Field.position, .scroll, Self.score] where Bool.random(using: &random) {
        event.numbers[field] = Double(Int.random(in: 0...8, using: &random)) / 2
      }
      if Bool.random(using: &random) {
        event.numbers[.value] = Double(Int.random(in: -300...900, using: &random)) / 100
      }
      if Int.random(in: 0...2, using: &random) > 0 {
        event.dwell = UInt32.random(in: 0...120, using: &random) * 1000
      }
      if Int.random(in: 0...5, using: &random) > 0 {
        event.session = "s\(Int.random(in: 0...3, using: &random))-\(event.user)"
      }
      events.append(event)
    }
    self.events = events
    for back in [60, 7, 0] {
      let from = asOf.advanced(by: -back)
      userTables.append(
        (from, table(Self.userFields, Set(events.map(\.user)).sorted() + ["stranger"], &random)))
      articleTables.append((from, table(Self.articleFields, (0..<6).map { "art-\($0)" }, &random)))
      var lists: [String: Set<String>] = [:]
      for name in Self.lists {
        lists[name] = Set((0..<users).map { "user-\($0)" }.filter { _ in Bool.random(using: &random) })
      }
      // Lists are of texts, too.
      for (name, texts) in [
        ("countries", Self.countries), ("tags", Self.tags), ("tiers", ["gold", "silver"]),
        ("articles", (0..<6).map { "art-\($0)" }),
      ] { lists[name] = Set(texts.filter { _ in Bool.random(using: &random) }) }
      listTables.append((from, lists))
    }
  }

  private func table(_ fields: [Field], _ keys: [String], _ random: inout SeededRandom) -> [String: [Field:
    NaiveValue]]
  {
    var rows: [String: [Field: NaiveValue]] = [:]
    for key in keys where Int.random(in: 0...4, using: &random) > 0 {
      for field in fields where Int.random(in: 0...4, using: &random) > 0 {
        switch field.kind {
        case .text:
          rows[key, default: [:]][field] = .texts([
            ["gold", "Silver", "free"].randomElement(using: &random) ?? ""
          ])
        case .time:
          let day = asOf.advanced(by: Int.random(in: -400...20, using: &random))
          rows[key, default: [:]][field] = .number(
            zone.start(of: day).value + Int64.random(in: -1...86_400_000, using: &random))
        default: rows[key, default: [:]][field] = .number(Int64.random(in: 0...6, using: &random) * 500_000)
        }
      }
    }
    return rows
  }
}

/// The world's tables as the engine reads them. One bucket.
struct WorldDimensions: Dimensions {
  let world: SampleWorld
  let day: Day

  var version: String { "\(world.userTables.lastIndex { $0.from <= day } ?? -1)" }
  func users(in bucket: BucketIndex) -> AttributeTable {
    Self.table(world.attributes(day), SampleWorld.userFields)
  }
  func articles() -> AttributeTable { Self.table(world.articles(day), SampleWorld.articleFields) }
  func list(_ name: String) -> Set<[UInt8]>? { Set(world.list(name, day).map { Array($0.utf8) }) }

  private static func table(_ rows: [String: [Field: NaiveValue]], _ fields: [Field]) -> AttributeTable {
    let keys = rows.keys.sorted()
    var table = AttributeTable(
      rows: Dictionary(uniqueKeysWithValues: keys.enumerated().map { (Array($1.utf8), $0) }))
    func number(_ key: String, _ field: Field) -> Int64? {
      if case .number(let number)? = rows[key]?[field] { number } else { nil }
    }
    for field in fields {
      switch field.kind {
      case .text:
        let texts = keys.map { key in
          if case .texts(let texts)? = rows[key]?[field] { texts.first } else { String?.none }
        }
        let values = Set(texts.compactMap { $0 }).sorted()
        table.columns[field] = .codes(
          .u32(texts.map { text in UInt32(text.flatMap { values.firstIndex(of: $0) } ?? values.count) }),
          dictionary: TextDictionary(values))
      case .time: table.columns[field] = .times(keys.map { number($0, field) ?? .min })
      default:
        table.columns[field] = .numbers(keys.map { number($0, field).map { Double($0) / 1_000_000 } ?? .nan })
      }
    }
    return table
  }
}
