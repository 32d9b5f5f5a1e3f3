import Events

/// How much traffic, of when, and how it is written.
public struct TrafficOptions: Sendable {
  /// People with a cookie, at most 100 million.
  public var users: Int
  /// At most 3,660.
  public var days: Int
  public var firstDay: Day
  /// Rows, pings and all, that an average user makes on an average day.
  public var eventsPerUserPerDay: Double
  /// Equal options and seed make equal files.
  public var seed: UInt64
  /// At most 1,000. A user's rows of one day are in one of them.
  public var filesPerDay: Int
  public var compression: Compression
  /// Which day (from 0) has a race and twice the traffic; nil: none.
  public var bigDay: Int?
  /// Whose calendar days the folders are.
  public var zone: CalendarZone

  public enum Compression: Sendable { case none, gzip }

  public init(
    users: Int = 50_000, days: Int = 7, firstDay: Day, eventsPerUserPerDay: Double = 10, seed: UInt64 = 1,
    filesPerDay: Int = 4, compression: Compression = .gzip, bigDay: Int? = nil,
    zone: CalendarZone = .utc
  ) {
    self.users = users
    self.days = days
    self.firstDay = firstDay
    self.eventsPerUserPerDay = eventsPerUserPerDay
    self.seed = seed
    self.filesPerDay = filesPerDay
    self.compression = compression
    self.bigDay = bigDay
    self.zone = zone
  }

  /// Sets `eventsPerUserPerDay` so that about `total` rows come out.
  public mutating func aim(forRows total: Int) {
    let userDays = Double(max(1, users)) * (Double(max(1, days)) + (bigDay == nil ? 0 : 1))
    eventsPerUserPerDay = Double(total) / userDays
  }

  func fileName(of shard: Int) -> String {
    let suffix = compression == .gzip ? ".tsv.gz" : ".tsv"
    return "part-" + (shard < 10 ? "0" : "") + "\(shard)" + suffix
  }

  /// What is wrong with the options, in words; nil: nothing.
  var problem: String? {
    if !(1...100_000_000).contains(users) { return "the number of users must be from 1 to 100,000,000" }
    if !(1...3660).contains(days) { return "the number of days must be from 1 to 3,660" }
    if !(0...2_500_000).contains(Int(firstDay.number)) { return "the first day must be from 1970 on" }
    if !(0.001...10_000).contains(eventsPerUserPerDay) {
      return "events per user and day must be from 0.001 to 10,000"
    }
    if !(1...1000).contains(filesPerDay) { return "the number of files a day must be from 1 to 1,000" }
    if let bigDay, !(0..<days).contains(bigDay) { return "the big day is not one of the \(days) days" }
    return nil
  }
}

/// What was written so far.
public struct TrafficProgress: Sendable {
  public var filesDone: Int
  public var files: Int
  public var rows: Int
  /// Before compression.
  public var bytes: Int
}
