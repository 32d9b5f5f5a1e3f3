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
  static let events = ["page_view", "page_view", "page_view", "link_click", "subscribe"]

  let zone: CalendarZone
  let asOf: Day
  let events: [SampleEvent]

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
  }
}
