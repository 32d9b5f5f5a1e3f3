import Events

/// Everything that does not change while rows are written: articles, brands, places, devices and the prepared
/// pieces of rows about them.
struct World: Sendable {
  let options: TrafficOptions
  let templates: Templates
  let articles: Articles
  let pieces: RowPieces
  let draws: Draws
  /// The first instant of every day and of the one after the last, in milliseconds.
  let dayStarts: [Int64]

  init(_ options: TrafficOptions) {
    self.options = options
    var templates = Templates()
    articles = Articles(options: options, templates: &templates)
    pieces = RowPieces(&templates)
    draws = Draws(options)
    self.templates = templates
    dayStarts = (0...options.days + 1).map { options.zone.start(of: options.firstDay.advanced(by: $0)).value }
  }

  /// Which day (from 0) an instant is on; -1 and `days` or more: outside.
  func day(of time: Int64, near guess: Int) -> Int {
    var day = max(0, min(guess, options.days))
    while day > 0, time < dayStarts[day] { day -= 1 }
    while day + 1 < dayStarts.count, time >= dayStarts[day + 1] { day += 1 }
    return time < dayStarts[0] ? -1 : day
  }
}

/// The tables that chance draws from.
struct Draws: Sendable {
  let section = Quantiles.weighted(Vocabulary.sections.map(\.weight))
  let brand = Quantiles.weighted(Vocabulary.brands.map(\.weight))
  let place = Quantiles.weighted(Vocabulary.places.map(\.weight))
  let device = Quantiles.weighted(Vocabulary.devices.map(\.weight))
  let botDevice = Quantiles.weighted(Vocabulary.botDevices.map(\.weight))
  let referrer = Quantiles.weighted(Vocabulary.referrers.map(\.weight))
  let campaign = Quantiles.weighted(Vocabulary.campaigns.map(\.weight))
  let element = Quantiles.weighted(Vocabulary.elements.map(\.weight))
  let weekdayHour = Quantiles.weighted(Vocabulary.weekdayHours)
  let weekendHour = Quantiles.weighted(Vocabulary.weekendHours)
  /// Thousandths of the average visitor's activity: the mean of a log-normal of sigma 1 is e^0.5 × its median.
  let activity = Quantiles.logNormal(median: 1000 / 1.6487, sigma: 1)
  /// Milliseconds that somebody stays on a page: median 15 s, mean 27 s.
  let stay = Quantiles.logNormal(median: 15_000, sigma: 1.1)
  /// Milliseconds from an event to its collector.
  let delay = Quantiles.logNormal(median: 180, sigma: 1)
  /// Sessions a day of average activity; an average session has `rowsPerSession` rows (measured, see the tests).
  let sessionsPerDay: Double

  static let rowsPerSession = 11.4

  init(_ options: TrafficOptions) {
    sessionsPerDay = options.eventsPerUserPerDay / Self.rowsPerSession
  }
}

/// Who a cookie belongs to: derived from the seed and the user's number, never stored.
struct Reader {
  enum Kind: UInt8 { case person, botByUserAgent, botByEnrichment }

  var number: UInt32
  var kind: Kind
  var brand, place, device: UInt8
  /// 0 free, 1 digital, 2 premium.
  var subscription: UInt8
  /// Bit 0: homepage a or b; bit 1: paywall soft or hard.
  var arms: UInt8
  var favourites: (UInt8, UInt8)
  var hasAccount: Bool
  /// How wrong the device's clock is, in milliseconds.
  var clockError: Int32
  /// Against the average.
  var activity: Double

  init(_ number: Int, _ world: World) {
    var chance = Chance(world.options.seed, UInt64(number), 0x0c00c1e)
    let draws = world.draws
    self.number = UInt32(truncatingIfNeeded: number)
    let share = chance.below(1000)
    kind = share < 5 ? .botByUserAgent : share < 10 ? .botByEnrichment : .person
    brand = UInt8(draws.brand.draw(&chance))
    place = UInt8(draws.place.draw(&chance))
    let ordinary = draws.device.draw(&chance)
    device = UInt8(
      kind == .botByUserAgent ? Vocabulary.devices.count + draws.botDevice.draw(&chance) : ordinary)
    let plan = chance.below(100)
    subscription = plan < 85 ? 0 : plan < 96 ? 1 : 2
    arms = UInt8(chance.below(4))
    favourites = (UInt8(draws.section.draw(&chance)), UInt8(draws.section.draw(&chance)))
    hasAccount = chance.below(100) < 8
    clockError =
      chance.below(10) == 0 ? Int32(chance.below(240_000) - 120_000) : Int32(chance.below(2000) - 1000)
    activity = Double(draws.activity.draw(&chance)) / 1000
  }
}
