import Events

/// The made-up publisher: everything about it is a function of the seed, so that any file can be written by any thread.
struct World: Sendable {
  let seed: UInt64

  static let sections = [
    "sport/formula-1", "sport/football", "sport/cycling", "sport/tennis", "sport/rally", "sport/motogp",
    "news/politics",
    "news/world", "news/local", "news/climate", "money/housing", "money/savings", "money/pensions",
    "culture/film",
    "culture/books", "culture/music", "tech/ai", "tech/gadgets", "lifestyle/food", "lifestyle/travel",
    "opinion/columns",
  ]
  static let brands = ["courier", "gazette", "herald", "tribune", "observer"]
  static let places = [
    ("NL", "Holland"), ("NL", "Utrecht"), ("NL", "Brabant"), ("BE", "Flanders"), ("BE", "Brussels"),
    ("BE", "Wallonia"),
    ("DE", "Berlin"), ("FR", "Île-de-France"), ("GB", "London"), ("US", "New York"),
  ]
  static let subscriptions = ["free", "free", "free", "free", "free", "digital", "digital", "premium"]
  static let elements = [
    "related", "share", "search", "subscribe", "newsletter-signup", "unsubscribe", "paywall-cta",
  ]
  static let campaigns = ["spring-sale", "newsletter-weekly", "autumn-sale"]
  static let referrers: [(medium: String, source: String)] = [
    ("search", "Google"), ("social", "Facebook"), ("email", "newsletter"), ("social", "Twitter"), ("", ""),
    ("", ""), ("", ""),
  ]
  static let firstNames = ["anna", "ben", "carla", "david", "eva", "finn", "greta", "hugo", "iris", "jonas"]
  static let lastNames = [
    "de-vries", "jansen", "peeters", "martin", "schmidt", "dubois", "smith", "maes", "bakker", "visser",
  ]
  /// The hours of a day by how much is read in them, out of 100.
  static let hours: [Int] = [
    2, 1, 1, 1, 1, 2, 4, 6, 7, 5, 4, 4, 6, 5, 4, 4, 5, 6, 7, 8, 8, 7, 4, 2,
  ].enumerated().flatMap { hour, weight in Array(repeating: hour, count: weight) }
  static let articlesPerSectionAndDay: UInt64 = 10

  struct User {
    var id: UInt64
    /// Sessions a day, in thousandths.
    var rate: UInt64
    var favourites: (Int, Int)
    var brand: Int
    /// 0 computer, 1 mobile, 2 tablet.
    var device: Int
    var place: Int
    var subscription: Int
    var isBot: Bool
    var isAnonymous: Bool
    var logsIn: Bool
  }

  /// A number out of a path of numbers.
  @inline(__always) func random(_ a: UInt64, _ b: UInt64 = 0, _ c: UInt64 = 0, _ d: UInt64 = 0, salt: UInt64)
    -> UInt64
  {
    var z = seed &* 0x9e37_79b9_7f4a_7c15
    z = Self.stir(z ^ a)
    z = Self.stir(z ^ b)
    z = Self.stir(z ^ c)
    z = Self.stir(z ^ d)
    return Self.stir(z ^ salt)
  }

  @inline(__always) private static func stir(_ value: UInt64) -> UInt64 {
    var z = value &* 0xbf58_476d_1ce4_e5b9
    z ^= z >> 29
    z = z &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 32)
  }

  func user(_ id: UInt64) -> User {
    let r = random(id, salt: 1)
    // Log-normal-like: the product of a few uniform factors; few read much, many little.
    var rate: UInt64 = 220
    for shift in [0, 8, 16] as [UInt64] { rate = rate * (40 + (r >> shift & 0xff)) / 130 }
    let rank = r >> 24
    return User(
      id: id, rate: min(rate, 6000), favourites: (Int(rank % 21), Int(rank / 21 % 21)),
      brand: Int(rank / 441 % 5),
      device: [0, 0, 1, 1, 1, 1, 2][Int(rank / 2205 % 7)], place: Int(min(rank / 15_435 % 14, 9)),
      subscription: Int(rank / 216_090 % 8), isBot: r >> 56 < 2, isAnonymous: (r >> 48 & 0xff) < 3,
      logsIn: (r >> 40 & 0xff) < 20)
  }

  /// How many sessions a user has on a day.
  func sessions(_ user: User, _ day: UInt64, factor: UInt64) -> Int {
    let expected = user.rate * factor / 1000
    let r = random(user.id, day, salt: 2)
    return Int(expected / 1000) + (r % 1000 < expected % 1000 ? 1 : 0)
  }

  /// An article of a section read on a day: mostly a new one, mostly a popular one.
  func article(_ section: Int, _ day: UInt64, _ r: UInt64) -> (number: UInt64, age: UInt64) {
    var age: UInt64 = 0
    while age < 5, r >> (age * 2) & 3 == 0 { age += 1 }
    let popular = min(r >> 16 & 0xff, r >> 24 & 0xff) * Self.articlesPerSectionAndDay / 256
    let published = day + 10 - age
    return ((published * 21 + UInt64(section)) * Self.articlesPerSectionAndDay + popular, age)
  }
}
