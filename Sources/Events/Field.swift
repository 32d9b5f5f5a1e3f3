/// A column of the canonical event that rules can name.
public struct Field: Sendable, Hashable, Comparable {
  public let name: String
  public let kind: Kind

  public enum Kind: Sendable, Hashable {
    /// Dictionary-encoded text.
    case text
    /// A list of dictionary-encoded texts on one event.
    case textList
    /// A decimal number, exact to 6 decimals.
    case number
    /// Milliseconds.
    case duration
    /// An id that compares as bytes and is kept as its hash.
    case id
    /// Derived from the event's time in the store's zone: hour 0...23, weekday 1...7.
    case hour, weekday
    /// An instant, of an attribute only.
    case time
    /// `article.age`: the event's time minus the article's `published`, milliseconds.
    case age
  }

  /// What separates levels: `sport` is itself and all of `sport/…`; nil where there are none.
  public var separator: UInt8? {
    switch name {
    case "section": UInt8(ascii: "/")
    case "experiment": UInt8(ascii: ":")
    default: nil
    }
  }

  public init(name: String, kind: Kind) {
    self.name = name
    self.kind = kind
  }

  public static func < (a: Field, b: Field) -> Bool { a.name < b.name }

  public static let event = Field(name: "event", kind: .text)
  public static let section = Field(name: "section", kind: .text)
  public static let tag = Field(name: "tag", kind: .textList)
  public static let author = Field(name: "author", kind: .textList)
  public static let article = Field(name: "article", kind: .text)
  public static let brand = Field(name: "brand", kind: .text)
  public static let device = Field(name: "device", kind: .text)
  public static let os = Field(name: "os", kind: .text)
  public static let country = Field(name: "country", kind: .text)
  public static let region = Field(name: "region", kind: .text)
  public static let referrer = Field(name: "referrer", kind: .text)
  public static let campaign = Field(name: "campaign", kind: .text)
  public static let element = Field(name: "element", kind: .text)
  public static let position = Field(name: "position", kind: .number)
  public static let scroll = Field(name: "scroll", kind: .number)
  public static let dwell = Field(name: "dwell", kind: .duration)
  public static let value = Field(name: "value", kind: .number)
  public static let experiment = Field(name: "experiment", kind: .textList)
  public static let session = Field(name: "session", kind: .id)
  public static let hour = Field(name: "hour", kind: .hour)
  public static let weekday = Field(name: "weekday", kind: .weekday)

  /// The event's own time, to be read beside columns; no field of rules.
  public static let eventTime = Field(name: "time", kind: .time)

  /// The fields that every project has, in the order of the store's columns; the last two are derived.
  public static let standard: [Field] = [
    event, section, tag, author, article, brand, device, os, country, region, referrer, campaign, element,
    position, scroll, dwell, value, experiment, session, hour, weekday,
  ]

  /// Those of `standard` that are columns of a part.
  public static let stored: [Field] = standard.filter { $0.kind != .hour && $0.kind != .weekday }

  /// Whether it is an attribute of the event's article, and so read from a table.
  public var isOfArticle: Bool { name.hasPrefix("article.") }

  /// `article.x`
  public static func ofArticle(_ name: String, _ kind: Kind) -> Field {
    Field(name: "article." + name, kind: kind)
  }
  /// How old the article was at the event, from its attribute `published`.
  public static let age = Field(name: "article.age", kind: .age)
  public static let published = Field(name: "article.published", kind: .time)
  /// Of users: the time of the first event.
  public static let firstSeen = Field(name: "first_seen", kind: .time)

  /// The kind a project may give its own `props.x`.
  public static func property(_ name: String, number: Bool) -> Field {
    Field(name: "props." + name, kind: number ? .number : .text)
  }
}

/// Names of events with a meaning of their own; the project may set others.
public struct EventNames: Sendable, Hashable {
  public var view: String
  public var click: String
  public var ping: String
  public init(view: String = "page_view", click: String = "link_click", ping: String = "page_ping") {
    self.view = view
    self.click = click
    self.ping = ping
  }
}

/// Decimal numbers of events and rules: whole millionths, so that sums and comparisons are exact.
public struct Decimal6: Sendable, Hashable, Comparable {
  /// The number times 1,000,000.
  public let millionths: Int64
  public init(millionths: Int64) { self.millionths = millionths }

  /// The largest magnitude an event's number may have. Doubles below 2^32 are at most 2^-21 (half a millionth) apart,
  /// so that each millionth comes back; from 2^33 on they are nearly two millionths apart.
  public static let limit: Double = 4_000_000_000

  /// Rounds to the nearest millionth; nil for what is not a number or is beyond `limit`.
  @inline(__always) public init?(_ value: Double) {
    guard value.magnitude <= Self.limit else { return nil }
    millionths = Int64((value * 1_000_000).rounded())
  }

  public static func < (a: Self, b: Self) -> Bool { a.millionths < b.millionths }
}
