/// What was made: the truth that an ingest's accounting can be compared with.
///
/// Every row is exactly one of `bots`, `anonymous`, `duplicates`, `conflicts`, `broken…`, or a good row; no bot or
/// anonymous row is ever late-copied or broken, so that the order of the checks does not matter.
public struct GeneratedSummary: Sendable, Equatable {
  /// Lines in all files.
  public var rows = 0
  /// Bytes before compression.
  public var bytes = 0
  public var files = 0
  /// Good rows of each kind: no bot, no anonymous one, no copy.
  public var views = 0
  public var pings = 0
  public var clicks = 0
  /// Custom events: `subscribe` and `donate`.
  public var purchases = 0
  /// Rows written again with the same id and content; in half of them the collector's time is later.
  public var duplicates = 0
  /// Rows with the id of an earlier row but another article, and a later collector's time.
  public var conflicts = 0
  /// Good rows that are in the files of the day after the one on which they happened.
  public var late = 0
  public var botsByUserAgent = 0
  public var botsByEnrichment = 0
  /// Rows without a user id, or with a placeholder such as `undefined`.
  public var anonymous = 0
  /// The pings among them.
  public var anonymousPings = 0
  /// Lines with too few or too many columns, unreadable times, broken JSON.
  public var brokenColumns = 0
  public var brokenTimes = 0
  public var brokenJSON = 0
  /// Good rows whose title has a lone quote, which harms nothing where quotes mean nothing.
  public var strayQuotes = 0
  /// Good pings whose view was never written, because it arrives after the last day.
  public var orphanPings = 0
  /// Engaged seconds of all good views: 10 × (distinct 10 s slots − 1) + 5 for each that has a good ping.
  public var engagedSeconds = 0
  /// Good views that have a ping.
  public var engagedViews = 0
  /// Sessions with good rows.
  public var sessions = 0
  /// Distinct user ids of good rows: cookies and accounts.
  public var userIDs = 0
  /// Good views by the day on which they happened, from the first day on; the last number is those after the end.
  public var viewsByDay: [Int] = []

  /// Rows that a reader of this format must refuse.
  public var broken: Int { brokenColumns + brokenTimes + brokenJSON }
  public var bots: Int { botsByUserAgent + botsByEnrichment }
  /// Rows that are neither bot, anonymous, copy nor broken.
  public var good: Int { views + pings + clicks + purchases }

  mutating func add(_ other: Self) {
    rows += other.rows
    bytes += other.bytes
    files += other.files
    views += other.views
    pings += other.pings
    clicks += other.clicks
    purchases += other.purchases
    duplicates += other.duplicates
    conflicts += other.conflicts
    late += other.late
    botsByUserAgent += other.botsByUserAgent
    botsByEnrichment += other.botsByEnrichment
    anonymous += other.anonymous
    anonymousPings += other.anonymousPings
    brokenColumns += other.brokenColumns
    brokenTimes += other.brokenTimes
    brokenJSON += other.brokenJSON
    strayQuotes += other.strayQuotes
    orphanPings += other.orphanPings
    engagedSeconds += other.engagedSeconds
    engagedViews += other.engagedViews
    sessions += other.sessions
    userIDs += other.userIDs
    if viewsByDay.count < other.viewsByDay.count {
      viewsByDay += Array(repeating: 0, count: other.viewsByDay.count - viewsByDay.count)
    }
    for (day, views) in other.viewsByDay.enumerated() { viewsByDay[day] += views }
  }
}
