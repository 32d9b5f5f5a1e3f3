import Events

/// A user's project: `grandstand.yaml`, checked. Everything in it that can change a member is versioned input.
public struct Project: Sendable {
  /// The folder of `grandstand.yaml`, with a slash at the end; other paths are relative to it.
  public var folder: String
  /// The store's folder.
  public var store: String
  /// The folder of segment files.
  public var segments: String
  public var zone: CalendarZone
  /// A power of two; fixed when the store is made.
  public var buckets: Int
  /// nil: everything is kept.
  public var retentionDays: Int?
  /// How many days the ids of events, sessions and page views are remembered after they came; nil: for ever.
  public var deduplicationDays: Int?
  /// How long after its end a day may still get rows; then it is complete.
  public var latenessHours: Int
  public var eventNames: EventNames
  /// The project's own fields, `props.x`, sorted by name.
  public var properties: [Field]
  /// In the order of the file; at least one.
  public var sources: [Source]
  public var bots: BotRule
  public var dwell: DwellRule
  /// Event times outside are set apart.
  public var validTimes: ValidTimes
  /// User ids that are nobody, folded: `undefined`, `null`, …
  public var placeholderIDs: Set<String>
  /// What files of users and of articles hold; nil: none are loaded.
  public var users: TableMapping?
  public var articles: TableMapping?

  public init(
    folder: String, store: String, segments: String, zone: CalendarZone, buckets: Int = 64,
    retentionDays: Int? = nil, latenessHours: Int = 6, eventNames: EventNames = .init(),
    properties: [Field] = [],
    sources: [Source], bots: BotRule = .init(), dwell: DwellRule = .init(), validTimes: ValidTimes = .init(),
    placeholderIDs: Set<String> = Project.standardPlaceholderIDs
  ) {
    self.folder = folder
    self.store = store
    self.segments = segments
    self.zone = zone
    self.buckets = buckets
    self.retentionDays = retentionDays
    self.latenessHours = latenessHours
    self.eventNames = eventNames
    self.properties = properties
    self.sources = sources
    self.bots = bots
    self.dwell = dwell
    self.validTimes = validTimes
    self.placeholderIDs = placeholderIDs
  }

  /// What broken trackers send in place of a user's id (folded text).
  public static let standardPlaceholderIDs: Set<String> = [
    "undefined", "null", "none", "nil", "nan", "unknown", "anonymous", "guest", "[object object]", "true",
    "false", "0",
    "-1", "00000000-0000-0000-0000-000000000000", "(not set)", "not_set", "n/a", "na", "-", "{{user_id}}",
  ]

  /// The columns of a part that hold texts, lists and numbers, in their order in the store.
  public var storedFields: [Field] { Field.stored + properties }
}

/// One kind of input and how its columns become fields.
public struct Source: Sendable {
  public enum Format: String, Sendable, CaseIterable {
    case snowplow, csv, jsonl
    /// An Arrow IPC file or stream.
    case arrow
    case parquet

    /// "snowplow, csv, … or parquet".
    public static let words =
      allCases.dropLast().map(\.rawValue).joined(separator: ", ") + " or \(parquet.rawValue)"
  }

  public var name: String
  public var format: Format
  /// File name patterns that belong to this source (`*.tsv.gz`); empty: chosen with `--source`, or the only one.
  public var files: [String]
  /// Candidates in order; the first that is present and no placeholder is the user.
  public var user: [FieldPath]
  /// Candidates in order. Snowplow: `derived_tstamp`, then `collector_tstamp`.
  public var time: [FieldPath]
  /// All but Snowplow: the zone of times that name none.
  public var timeZone: CalendarZone
  public var eventID: [FieldPath]
  public var session: [FieldPath]
  public var view: [FieldPath]
  /// Candidates in order, by field. `event` may be absent: then `defaultEvent`.
  public var fields: [Field: [FieldPath]]
  /// All but Snowplow, without an event column: every row is one of these.
  public var defaultEvent: String?
  /// A dwell column's unit in milliseconds: 1000 for seconds.
  public var dwellUnit: Int64
  /// How many columns a Snowplow line must have.
  public var columns: ClosedRange<Int>
  /// CSV: the delimiter.
  public var delimiter: UInt8

  public init(
    name: String, format: Format, files: [String] = [], user: [FieldPath], time: [FieldPath],
    timeZone: CalendarZone = .utc, eventID: [FieldPath] = [], session: [FieldPath] = [],
    view: [FieldPath] = [],
    fields: [Field: [FieldPath]] = [:], defaultEvent: String? = nil, dwellUnit: Int64 = 1000,
    columns: ClosedRange<Int> = 131...131, delimiter: UInt8 = UInt8(ascii: ",")
  ) {
    self.name = name
    self.format = format
    self.files = files
    self.user = user
    self.time = time
    self.timeZone = timeZone
    self.eventID = eventID
    self.session = session
    self.view = view
    self.fields = fields
    self.defaultEvent = defaultEvent
    self.dwellUnit = dwellUnit
    self.columns = columns
    self.delimiter = delimiter
  }
}

/// Where a value is in a row of a source.
public indirect enum FieldPath: Sendable, Hashable {
  /// A column of TSV or CSV, a key of a JSON line, or a column of Arrow and Parquet (or keys with dots into its structures).
  case column(String)
  case keys([String])
  /// Inside self-describing JSON: `contexts.com.acme/article/1.section`.
  case entity(EntityPath)
  /// The host of a URL column: `host(page_referrer)`.
  case host(String)
}

/// A value in the self-describing JSON of a Snowplow event.
public struct EntityPath: Sendable, Hashable {
  /// `contexts` also covers `derived_contexts`.
  public enum Column: String, Sendable, Hashable { case contexts, unstruct, derived = "derived_contexts" }
  public var column: Column
  public var vendor: String
  public var name: String
  /// A schema version such as `1`, `1-0`, `1-0-2`, or nil (`*`) for any; matches by its parts.
  public var version: [Int]
  /// Keys inside the entity's `data`; a list on the way stands for each of its elements.
  public var keys: [String]
  /// `[0]`: only the n-th entity of that schema; nil: the first for one value, all for list fields.
  public var index: Int?

  public init(column: Column, vendor: String, name: String, version: [Int], keys: [String], index: Int? = nil)
  {
    self.column = column
    self.vendor = vendor
    self.name = name
    self.version = version
    self.keys = keys
    self.index = index
  }
}

/// Who is no reader.
public struct BotRule: Sendable, Hashable {
  public var excluded: Bool
  /// Case-sensitive pieces of a user agent.
  public var userAgents: [String]
  /// Views and pings of a Snowplow source without any user agent are bots too (as Snowplow's packages have it).
  public var missingUserAgent: Bool
  /// The verdict of the IAB spiders-and-robots and YAUAA enrichments counts.
  public var enrichments: Bool

  public init(
    excluded: Bool = true, userAgents: [String] = BotRule.snowplowUserAgents, missingUserAgent: Bool = true,
    enrichments: Bool = true
  ) {
    self.excluded = excluded
    self.userAgents = userAgents
    self.missingUserAgent = missingUserAgent
    self.enrichments = enrichments
  }

  /// The list of Snowplow's web data model (dbt-snowplow-web, `filter_bots`).
  public static let snowplowUserAgents = [
    "bot", "crawl", "slurp", "spider", "archiv", "spinn", "sniff", "seo", "audit", "survey", "pingdom",
    "worm",
    "capture", "browsershots", "screenshots", "analyz", "index", "thumb", "check", "facebook", "PingdomBot",
    "PhantomJS", "YandexBot", "Twitterbot", "a_archiver", "facebookexternalhit", "Bingbot", "BingPreview",
    "Googlebot",
    "Baiduspider", "360Spider", "360User-agent", "semalt",
  ]
}

/// How page pings become dwell, and which events of Snowplow count at all (defaults of its web data model).
public struct DwellRule: Sendable, Hashable {
  /// Milliseconds.
  public var heartbeat: Int64
  public var minimumVisit: Int64
  /// Events sent later than this after they were created are set apart.
  public var lateLimit: Int64
  /// Events later than this after their session's start are set apart.
  public var sessionLimit: Int64
  /// Snowplow views and pings must name a page view, and Snowplow events a session, else they are set apart.
  public var requiresIDs: Bool

  public init(
    heartbeat: Int64 = 10_000, minimumVisit: Int64 = 5_000, lateLimit: Int64 = 259_200_000,
    sessionLimit: Int64 = 259_200_000, requiresIDs: Bool = true
  ) {
    self.heartbeat = heartbeat
    self.minimumVisit = minimumVisit
    self.lateLimit = lateLimit
    self.sessionLimit = sessionLimit
    self.requiresIDs = requiresIDs
  }
}

/// The days on which an event may have happened.
public struct ValidTimes: Sendable, Hashable {
  public var first: Day
  public var last: Day
  /// An event may be this much later than its collector's time, in milliseconds. Generous by default (60 days): a
  /// wrong device clock is common, and days ahead of the as-of day are in no window.
  public var ahead: Int64

  public init(
    first: Day = Day(number: 10_957), last: Day = Day(number: 47_481), ahead: Int64 = 5_184_000_000
  ) {
    self.first = first
    self.last = last
    self.ahead = ahead
  }
}
