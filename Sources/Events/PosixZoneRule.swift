/// The rule at the end of a TZif file for all later years, such as `CET-1CEST,M3.5.0,M10.5.0/3`
/// (POSIX.1, "TZ"; RFC 8536 allows hours from -167 to 167).
struct PosixZoneRule {
  private var standard: Int32
  private var summer: Int32
  private var toSummer: Change
  private var toStandard: Change

  private enum Change {
    /// Month 1...12, week 1...5 (5 is the last), weekday 0 (Sunday)...6, seconds after midnight.
    case week(month: Int, week: Int, weekday: Int, time: Int64)
    /// Day of the year from 1, 29 February never counted.
    case julian(Int, time: Int64)
    /// Day of the year from 0, 29 February counted.
    case zeroBased(Int, time: Int64)
  }

  /// nil for a rule without summer time, or text that is no rule.
  init?(_ text: String) {
    var scanner = Scanner(Array(text.utf8))
    guard scanner.name(), let standardWest = scanner.time(), scanner.name() else { return nil }
    standard = Int32(clamping: -standardWest)
    let summerWest = scanner.time() ?? standardWest - 3600
    summer = Int32(clamping: -summerWest)
    guard let start = scanner.change(), let end = scanner.change() else { return nil }
    toSummer = start
    toStandard = end
  }

  /// The changes of these years in order of time: instant in seconds, offset from then on.
  func transitions(years: ClosedRange<Int>) -> [(Int64, Int32)] {
    years.flatMap { year in
      [
        (instant(toSummer, in: year) - Int64(standard), summer),
        (instant(toStandard, in: year) - Int64(summer), standard),
      ]
    }.sorted { $0.0 < $1.0 }
  }

  /// Local seconds since 1970 of a change.
  private func instant(_ change: Change, in year: Int) -> Int64 {
    let newYear = Int64(Day(year: year, month: 1, day: 1)?.number ?? 0)
    switch change {
    case .julian(let day, let time):
      let leap = Day.length(of: 2, in: year) == 29 && day >= 60
      return (newYear + Int64(day - 1 + (leap ? 1 : 0))) * 86_400 + time
    case .zeroBased(let day, let time): return (newYear + Int64(day)) * 86_400 + time
    case .week(let month, let week, let weekday, let time):
      guard let first = Day(year: year, month: month, day: 1) else { return 0 }
      var day = 1 + (weekday - first.weekday % 7 + 7) % 7 + (week - 1) * 7
      while day > Day.length(of: month, in: year) { day -= 7 }
      return (Int64(first.number) + Int64(day - 1)) * 86_400 + time
    }
  }

  private struct Scanner {
    let bytes: [UInt8]
    var at = 0
    init(_ bytes: [UInt8]) { self.bytes = bytes }

    private var next: UInt8? { at < bytes.count ? bytes[at] : nil }

    mutating func take(_ byte: Unicode.Scalar) -> Bool {
      guard next == UInt8(ascii: byte) else { return false }
      at += 1
      return true
    }

    /// `CET` or `<-03>`.
    mutating func name() -> Bool {
      let start = at
      if take("<") {
        while let byte = next, byte != UInt8(ascii: ">") { at += 1 }
        return take(">")
      }
      while let byte = next, (0x41...0x5a).contains(byte & 0xdf) { at += 1 }
      return at > start
    }

    mutating func number() -> Int64? {
      var value: Int64 = 0
      let start = at
      while let byte = next, (0x30...0x39).contains(byte), at - start < 6 {
        value = value * 10 + Int64(byte - 0x30)
        at += 1
      }
      return at > start ? value : nil
    }

    /// `[+-]hh[:mm[:ss]]` in seconds.
    mutating func time() -> Int64? {
      let negative = take("-")
      if !negative { _ = take("+") }
      guard var seconds = number().map({ $0 * 3600 }) else { return nil }
      if take(":"), let minutes = number() { seconds += minutes * 60 }
      if take(":"), let more = number() { seconds += more }
      return negative ? -seconds : seconds
    }

    mutating func change() -> Change? {
      guard take(",") else { return nil }
      if take("M") {
        guard let month = number(), take("."), let week = number(), take("."), let weekday = number(),
          (1...12).contains(month), (1...5).contains(week), (0...6).contains(weekday)
        else { return nil }
        return clock().map { .week(month: Int(month), week: Int(week), weekday: Int(weekday), time: $0) }
      }
      if take("J") {
        guard let day = number(), (1...365).contains(day) else { return nil }
        return clock().map { .julian(Int(day), time: $0) }
      }
      guard let day = number(), (0...365).contains(day) else { return nil }
      return clock().map { .zeroBased(Int(day), time: $0) }
    }

    /// The time behind a slash; 02:00 without one.
    private mutating func clock() -> Int64? { take("/") ? time() : 7200 }
  }
}
