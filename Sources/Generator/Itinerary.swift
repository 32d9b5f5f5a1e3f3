/// Plans what one reader does in the visits that begin on one day: a pure function of seed, reader and day, so
/// that any thread can plan it again.
struct Itinerary {
  let world: World
  private(set) var events: [PlannedEvent] = []
  private var chance = Chance(0)
  private var starts: [(time: Int64, race: Bool)] = []

  init(_ world: World) { self.world = world }

  /// Replaces `events`; a session's events follow each other, a view before its pings.
  mutating func plan(_ reader: Reader, day: Int) {
    events.removeAll(keepingCapacity: true)
    let options = world.options
    chance = Chance(options.seed, UInt64(reader.number), UInt64(day) &+ 0x1771_0000)
    let weekday = options.firstDay.advanced(by: day).weekday
    let usual = reader.activity * world.draws.sessionsPerDay
    let mean = usual * Double(Vocabulary.weekdays[weekday - 1]) / 100 * (day == options.bigDay ? 2 : 1)
    // Numbers of sessions rise from day to day without knowing yesterday's: each day has a range of its own.
    let stride = 4 + Int(min(10_000, usual * 6))
    let count = chance.count(mean: mean, limit: stride)
    starts.removeAll(keepingCapacity: true)
    for _ in 0..<count { starts.append(start(day: day, weekend: weekday > 5)) }
    starts.sort { $0.time < $1.time }
    for (visit, start) in starts.enumerated() {
      session(reader, start, index: UInt32(truncatingIfNeeded: day * stride + visit + 1))
    }
  }

  /// When a visit begins, and whether it is for the race.
  private mutating func start(day: Int, weekend: Bool) -> (time: Int64, race: Bool) {
    let race = day == world.options.bigDay && chance.below(2) == 0
    let hours = weekend ? world.draws.weekendHour : world.draws.weekdayHour
    let hour = race ? 14 + chance.below(3) : hours.draw(&chance)
    // On a day of 23 h the last hour's visits begin on the next day: nothing is wrong with that.
    return (world.dayStarts[day] + Int64(hour * 3_600_000 + chance.below(3_600_000)), race)
  }

  private mutating func session(_ reader: Reader, _ start: (time: Int64, race: Bool), index: UInt32) {
    var time = start.time
    var event = blank(reader, time: time, index: index)
    var views = 1 + chance.count(mean: 2.2, limit: 12)
    if reader.kind == .botByUserAgent { views *= 4 }
    let logsInAt = login(reader)
    for view in 0..<views {
      if view >= logsInAt, event.role != .anonymous { event.identity = .account }
      let previous = view == 0 ? PlannedEvent.noPage : event.article
      choosePage(reader, first: view == 0, race: start.race, at: time, &event)
      event.previous = previous
      event.view = chance.next()
      time += page(reader, at: time, event)
    }
  }

  /// From which view of the session on the reader is logged in.
  private mutating func login(_ reader: Reader) -> Int {
    guard reader.hasAccount else { return .max }
    return chance.below(4) == 0 ? 1 + chance.below(3) : 0
  }

  private mutating func blank(_ reader: Reader, time: Int64, index: UInt32) -> PlannedEvent {
    var role = PlannedEvent.Role.good
    var identity = PlannedEvent.Identity.cookie
    switch reader.kind {
    case .botByUserAgent: role = .botByUserAgent
    case .botByEnrichment: role = .botByEnrichment
    case .person:
      if chance.below(100) == 0 {
        role = .anonymous
        let kinds: [PlannedEvent.Identity] = [.nothing, .nothing, .undefined, .null, .zeroes]
        identity = kinds[chance.below(kinds.count)]
      }
    }
    return PlannedEvent(
      time: time, collector: time, event: 0, session: chance.next(), view: 0, user: reader.number,
      article: PlannedEvent.frontPage, previous: PlannedEvent.noPage, clockError: reader.clockError,
      sessionIndex: index, scroll: 0, kind: .view, role: role, identity: identity,
      brand: chance.below(10) < 8 ? reader.brand : UInt8(world.draws.brand.draw(&chance)),
      place: reader.place,
      device: reader.device, referrer: 0, campaign: 0, profile: reader.subscription * 4 + reader.arms,
      detail: 0,
      strayQuote: false)
  }

  private mutating func choosePage(
    _ reader: Reader, first: Bool, race: Bool, at time: Int64, _ event: inout PlannedEvent
  ) {
    event.referrer = first ? UInt8(world.draws.referrer.draw(&chance)) : 0
    event.campaign = first ? UInt8(world.draws.campaign.draw(&chance)) : 0
    guard chance.below(100) >= (first ? 25 : 8) else {
      event.article = PlannedEvent.frontPage
      return
    }
    let section: Int
    switch chance.below(100) {
    case ..<40 where race: section = 0
    case ..<38: section = Int(reader.favourites.0)
    case ..<58: section = Int(reader.favourites.1)
    default: section = world.draws.section.draw(&chance)
    }
    event.article = world.articles.pick(section: section, at: time, &chance)
  }

  /// Plans a view with all that happens on the page.
  /// - Returns: how long the reader stays, in milliseconds.
  private mutating func page(_ reader: Reader, at time: Int64, _ page: PlannedEvent) -> Int64 {
    let stay = Int64(min(1_200_000, world.draws.stay.draw(&chance)))
    var event = page
    event.strayQuote = event.role == .good && chance.hits(200)
    add(event, at: time)
    event.strayQuote = false
    if reader.kind != .botByUserAgent { pings(event, from: time, stay: stay) }
    if reader.kind == .person, chance.below(100) < 12 { click(event, reader, at: time + stay * 2 / 3) }
    return stay + 500 + Int64(chance.below(4000))
  }

  /// The tracker looks every 10 s, first after 5 s, whether something moved.
  private mutating func pings(_ page: PlannedEvent, from time: Int64, stay: Int64) {
    var event = page
    event.kind = .ping
    var after: Int64 = 5000
    while after <= stay {
      event.scroll = UInt16(min(100, Int(event.scroll) + chance.below(20)))
      if chance.below(100) < 88 { add(event, at: time + after + Int64(chance.below(900))) }
      after += 10_000
    }
  }

  private mutating func click(_ page: PlannedEvent, _ reader: Reader, at time: Int64) {
    var event = page
    event.kind = .click
    event.detail = UInt8(world.draws.element.draw(&chance))
    event.scroll = UInt16(1 + chance.below(12))
    add(event, at: time)
    let name = Vocabulary.elements[Int(event.detail)].name
    let buys = name == "subscribe" || name == "paywall-cta"
    if buys, chance.below(100) < 25 + Int(reader.arms) * 5 {
      event.kind = .subscribe
    } else if chance.below(200) == 0 {
      event.kind = .donate
    } else {
      return
    }
    event.detail = UInt8(chance.below(Vocabulary.prices.count))
    add(event, at: time + 20_000)
  }

  private mutating func add(_ planned: PlannedEvent, at time: Int64) {
    var event = planned
    event.time = time
    event.collector = time + Int64(min(30_000, world.draws.delay.draw(&chance)))
    event.event = chance.next()
    events.append(event)
  }
}
