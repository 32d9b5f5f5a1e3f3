/// The words of the made-up publisher: what its example audiences name.
enum Vocabulary {
  /// Section and how much of the reading is about it.
  static let sections: [(name: String, weight: Int)] = [
    ("sport/formula-1", 60), ("sport/football", 130), ("sport/cycling", 70), ("sport/tennis", 25),
    ("sport/rally", 8), ("sport/motogp", 12), ("news/politics", 120), ("news/world", 110),
    ("news/local", 140),
    ("news/climate", 30), ("money/housing", 35), ("money/savings", 22), ("money/pensions", 14),
    ("culture/film", 35), ("culture/books", 18), ("culture/music", 28), ("tech/ai", 40), ("tech/gadgets", 30),
    ("lifestyle/food", 40), ("lifestyle/travel", 35), ("opinion/columns", 38),
  ]

  static let brands: [(name: String, weight: Int)] = [
    ("courier", 40), ("gazette", 24), ("herald", 16), ("tribune", 12), ("observer", 8),
  ]

  static let firstNames = [
    "anna", "bram", "chloe", "daan", "emma", "femke", "gijs", "hanna", "iris", "joris", "kim", "lotte",
    "milan",
    "noor", "olivier", "pieter", "quinten", "rosa", "sofie", "thomas",
  ]

  static let lastNames = [
    "de-vries", "jansen", "peeters", "van-dijk", "maes", "bakker", "claes", "visser", "wouters", "smit",
  ]

  /// Tags by section; the last ones fit everywhere.
  static let tags: [String: [String]] = [
    "sport/formula-1": ["verstappen", "spa", "zandvoort", "ferrari", "qualifying"],
    "sport/football": ["champions-league", "transfers", "red-devils", "oranje", "ajax"],
    "sport/cycling": ["tour-de-france", "flanders-classic", "van-der-poel", "cyclocross"],
    "sport/tennis": ["wimbledon", "roland-garros"], "sport/rally": ["wrc", "ypres"],
    "sport/motogp": ["assen", "marquez"], "news/politics": ["election", "parliament", "coalition", "budget"],
    "news/world": ["ukraine", "united-states", "china", "europe"],
    "news/local": ["traffic", "police", "schools"],
    "news/climate": ["heat", "floods", "energy"], "money/housing": ["mortgage", "rent", "renovation"],
    "money/savings": ["interest", "inflation"], "money/pensions": ["retirement", "inflation"],
    "culture/film": ["oscars", "netflix"], "culture/books": ["novel", "interview"],
    "culture/music": ["festival", "eurovision"], "tech/ai": ["chatbots", "regulation"],
    "tech/gadgets": ["phones", "review"], "lifestyle/food": ["recipe", "vegetarian", "wine"],
    "lifestyle/travel": ["city-trip", "trains"], "opinion/columns": ["debate", "letters"],
  ]
  static let commonTags = ["analysis", "interview", "live", "video", "podcast", "long-read"]

  static let titleWords = [
    "after", "the", "storm", "a", "quiet", "year", "for", "north", "city", "new", "plan", "divides",
    "experts",
    "why", "this", "summer", "changes", "everything", "small", "team", "big", "dream", "what", "we", "know",
    "about", "costs", "rise", "again", "inside", "story", "of", "an", "unlikely", "winner", "café", "Liège",
    "één",
  ]

  /// Country, region code, city, postcode, latitude, longitude, region, time zone, weight.
  struct Place {
    var country, region, city, code, latitude, longitude, name, zone: String
    var weight: Int
    init(
      _ country: String, _ region: String, _ city: String, _ code: String, _ latitude: String,
      _ longitude: String,
      _ name: String, _ zone: String, _ weight: Int
    ) {
      self.country = country
      self.region = region
      self.city = city
      self.code = code
      self.latitude = latitude
      self.longitude = longitude
      self.name = name
      self.zone = zone
      self.weight = weight
    }
  }

  static let places: [Place] = [
    Place("BE", "VLG", "Antwerp", "2000", "51.2205", "4.4003", "Flanders", "Europe/Brussels", 150),
    Place("BE", "VLG", "Ghent", "9000", "51.0543", "3.7174", "Flanders", "Europe/Brussels", 120),
    Place("BE", "BRU", "Brussels", "1000", "50.8503", "4.3517", "Brussels", "Europe/Brussels", 80),
    Place("BE", "WAL", "Liège", "4000", "50.6326", "5.5797", "Wallonia", "Europe/Brussels", 45),
    Place("NL", "NH", "Amsterdam", "1012", "52.3740", "4.8897", "North Holland", "Europe/Amsterdam", 130),
    Place("NL", "ZH", "Rotterdam", "3011", "51.9225", "4.4792", "Holland", "Europe/Amsterdam", 110),
    Place("NL", "UT", "Utrecht", "3511", "52.0907", "5.1214", "Utrecht", "Europe/Amsterdam", 70),
    Place("NL", "NB", "Eindhoven", "5611", "51.4416", "5.4697", "Brabant", "Europe/Amsterdam", 70),
    Place("NL", "GE", "Nijmegen", "6511", "51.8425", "5.8528", "Gelderland", "Europe/Amsterdam", 35),
    Place("DE", "NW", "Cologne", "50667", "50.9375", "6.9603", "North Rhine-Westphalia", "Europe/Berlin", 40),
    Place("DE", "BE", "Berlin", "10115", "52.5200", "13.4050", "Land Berlin", "Europe/Berlin", 25),
    Place("FR", "IDF", "Paris", "75001", "48.8566", "2.3522", "Île-de-France", "Europe/Paris", 40),
    Place("FR", "HDF", "Lille", "59000", "50.6292", "3.0573", "Hauts-de-France", "Europe/Paris", 20),
    Place("GB", "ENG", "London", "EC1A", "51.5072", "-0.1276", "England", "Europe/London", 35),
    Place("US", "NY", "New York", "10001", "40.7128", "-74.0060", "New York", "America/New_York", 20),
    Place(
      "US", "CA", "San Francisco", "94103", "37.7749", "-122.4194", "California", "America/Los_Angeles", 10),
  ]

  struct Device {
    var agent, browser, version, engine, os, osVersion, maker, kind: String
    var width, height, weight: Int
    init(
      _ kind: String, _ os: String, _ osVersion: String, _ maker: String, _ browser: String,
      _ version: String,
      _ engine: String, _ width: Int, _ height: Int, _ weight: Int, _ agent: String
    ) {
      self.kind = kind
      self.os = os
      self.osVersion = osVersion
      self.maker = maker
      self.browser = browser
      self.version = version
      self.engine = engine
      self.width = width
      self.height = height
      self.weight = weight
      self.agent = agent
    }
  }

  /// None of the agents of people has a piece of the bot rule's list in it.
  static let devices: [Device] = [
    Device(
      "Computer", "Windows", "10", "Microsoft Corporation", "Chrome", "131", "WEBKIT", 1920, 1080, 160,
      "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36"
    ),
    Device(
      "Computer", "Windows", "10", "Microsoft Corporation", "Edge", "131", "WEBKIT", 1536, 864, 60,
      "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36 Edg/131.0.0.0"
    ),
    Device(
      "Computer", "Windows", "10", "Microsoft Corporation", "Firefox", "133", "GECKO", 1920, 1080, 35,
      "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:133.0) Gecko/20100101 Firefox/133.0"),
    Device(
      "Computer", "Mac OS X", "10.15", "Apple Inc.", "Safari", "17", "WEBKIT", 1440, 900, 70,
      "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.6 Safari/605.1.15"
    ),
    Device(
      "Computer", "Mac OS X", "10.15", "Apple Inc.", "Chrome", "131", "WEBKIT", 1680, 1050, 45,
      "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36"
    ),
    Device(
      "Computer", "Linux", "", "Other", "Firefox", "132", "GECKO", 1920, 1200, 10,
      "Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0"),
    Device(
      "Mobile", "iOS", "18.1", "Apple Inc.", "Mobile Safari", "18", "WEBKIT", 390, 844, 260,
      "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1"
    ),
    Device(
      "Mobile", "iOS", "17.7", "Apple Inc.", "Chrome Mobile iOS", "131", "WEBKIT", 393, 852, 40,
      "Mozilla/5.0 (iPhone; CPU iPhone OS 17_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/131.0.6778.73 Mobile/15E148 Safari/604.1"
    ),
    Device(
      "Mobile", "Android", "10", "Google Inc.", "Chrome Mobile", "131", "WEBKIT", 412, 915, 210,
      "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Mobile Safari/537.36"
    ),
    Device(
      "Mobile", "Android", "14", "Google Inc.", "Samsung Internet", "27", "WEBKIT", 360, 780, 60,
      "Mozilla/5.0 (Linux; Android 14; SAMSUNG SM-S911B) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/27.0 Chrome/125.0.0.0 Mobile Safari/537.36"
    ),
    Device(
      "Tablet", "iOS", "17.6", "Apple Inc.", "Mobile Safari", "17", "WEBKIT", 810, 1080, 45,
      "Mozilla/5.0 (iPad; CPU OS 17_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.6 Mobile/15E148 Safari/604.1"
    ),
    Device(
      "Tablet", "Android", "13", "Google Inc.", "Chrome", "130", "WEBKIT", 800, 1280, 25,
      "Mozilla/5.0 (Linux; Android 13; SM-X200) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36"
    ),
  ]

  /// Agents of bots that say so.
  static let botDevices: [Device] = [
    Device(
      "Computer", "Other", "", "Other", "Googlebot", "2", "OTHER", 1024, 1024, 6,
      "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; Googlebot/2.1; +http://www.google.com/bot.html) Chrome/131.0.0.0 Safari/537.36"
    ),
    Device(
      "Computer", "Other", "", "Other", "AhrefsBot", "7", "OTHER", 1280, 720, 3,
      "Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)"),
    Device(
      "Computer", "Other", "", "Other", "PingdomBot", "1", "OTHER", 1280, 720, 1,
      "Mozilla/5.0 (Unknown; Linux x86_64) AppleWebKit/538.1 (KHTML, like Gecko) PhantomJS/2.1.1 Safari/538.1"
    ),
  ]

  struct Referrer {
    var host, path, query, medium, source: String
    var weight: Int
    init(_ host: String, _ path: String, _ query: String, _ medium: String, _ source: String, _ weight: Int) {
      self.host = host
      self.path = path
      self.query = query
      self.medium = medium
      self.source = source
      self.weight = weight
    }
  }

  /// The first is none at all.
  static let referrers: [Referrer] = [
    Referrer("", "", "", "", "", 420), Referrer("www.google.com", "/", "", "search", "Google", 240),
    Referrer("www.bing.com", "/search", "q=nieuws", "search", "Bing", 25),
    Referrer("duckduckgo.com", "/", "", "search", "DuckDuckGo", 15),
    Referrer("www.facebook.com", "/", "", "social", "Facebook", 90),
    Referrer("l.instagram.com", "/", "", "social", "Instagram", 30),
    Referrer("www.linkedin.com", "/feed/", "", "social", "LinkedIn", 15),
    Referrer("t.co", "/", "", "social", "Twitter", 25),
    Referrer("mail.google.com", "/", "", "email", "Gmail", 30),
    Referrer("news.ycombinator.com", "/item", "id=4242", "social", "Hacker News", 4),
    Referrer("forum.example.org", "/t/races", "", "unknown", "", 20),
  ]

  /// Name, medium, source, weight; the first is none.
  static let campaigns: [(name: String, medium: String, source: String, weight: Int)] = [
    ("", "", "", 900), ("newsletter-weekly", "email", "newsletter", 60),
    ("spring-sale", "display", "dv360", 25),
    ("autumn-sale", "social", "meta", 15),
  ]

  /// What can be clicked, and how often.
  static let elements: [(name: String, weight: Int)] = [
    ("related", 45), ("share", 20), ("search", 12), ("newsletter-signup", 8), ("paywall-cta", 8),
    ("subscribe", 5),
    ("unsubscribe", 1),
  ]

  /// Visits by hour of the local clock, Monday to Friday and at the weekend.
  static let weekdayHours = [
    8, 5, 3, 2, 3, 8, 25, 60, 75, 60, 52, 50, 68, 60, 48, 46, 50, 60, 66, 72, 80, 76, 52, 24,
  ]
  static let weekendHours = [
    14, 9, 5, 3, 3, 5, 12, 28, 50, 68, 76, 72, 64, 58, 54, 52, 54, 58, 62, 66, 72, 68, 48, 26,
  ]
  /// Monday to Sunday, in hundredths.
  static let weekdays = [106, 104, 102, 100, 96, 92, 100]

  static let prices = ["4.95", "9.95", "9.95", "14.5", "99"]
}
