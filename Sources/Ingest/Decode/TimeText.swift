import Events

/// Reads instants out of text.
enum TimeText {
  /// `YYYY-MM-DD HH:MM:SS[.fraction]` with a blank or `T` between, then nothing, `Z`, or `±HH[:MM]`; a date alone is its
  /// midnight; 10 digits are epoch seconds and 13 epoch milliseconds (only where `epochs`).
  /// - Parameter zone: of times that name none.
  /// - Returns: milliseconds; nil for anything else.
  static func milliseconds(_ text: UnsafeRawBufferPointer, zone: CalendarZone?, epochs: Bool = false)
    -> Int64?
  {
    var dates = DateMemo()
    return unsafe milliseconds(text, zone: zone, epochs: epochs, &dates)
  }

  /// - Parameter dates: knows the last text's date.
  static func milliseconds(
    _ text: UnsafeRawBufferPointer, zone: CalendarZone?, epochs: Bool = false, _ dates: inout DateMemo
  ) -> Int64? {
    let count = text.count
    guard count >= 10 else { return nil }
    if epochs, let epoch = unsafe epoch(text) { return epoch }
    guard let midnight = unsafe dates.midnight(text) else { return nil }
    var at = 10
    var millis = midnight
    if count > 10 {
      guard count >= 19, unsafe text[10] == 0x20 || text[10] == 0x54, unsafe text[13] == 0x3a,
        unsafe text[16] == 0x3a, let hour = unsafe digits(text, 11, 2),
        let minute = unsafe digits(text, 14, 2),
        let second = unsafe digits(text, 17, 2), hour < 24, minute < 60, second < 61
      else { return nil }
      millis += Int64(hour * 3_600_000 + minute * 60_000 + min(second, 59) * 1000)
      at = 19
      guard let fraction = unsafe fraction(text, &at) else { return nil }
      millis += fraction
    }
    guard let offset = unsafe offset(text, at) else { return nil }
    if let seconds = offset.seconds { return millis - Int64(seconds) * 1000 }
    guard let zone else { return millis }
    return local(millis, zone)
  }

  /// Wall-clock milliseconds to an instant; of two in an autumn hour the first, in a gap the end of it.
  static func local(_ millis: Int64, _ zone: CalendarZone) -> Int64 {
    let before = zone.offset(at: Milliseconds(millis - 86_400_000))
    let guess = millis - Int64(before) * 1000
    let after = zone.offset(at: Milliseconds(guess))
    if after == before { return guess }
    let time = millis - Int64(after) * 1000
    return zone.offset(at: Milliseconds(time)) == after ? time : gapEnd(time, guess, zone)
  }

  /// The first instant of the offset that holds at `high`; another holds at `low`.
  private static func gapEnd(_ low: Int64, _ high: Int64, _ zone: CalendarZone) -> Int64 {
    let after = zone.offset(at: Milliseconds(high))
    var (low, high) = (low, high)
    while high - low > 1 {
      let middle = (low + high) / 2
      if zone.offset(at: Milliseconds(middle)) == after { high = middle } else { low = middle }
    }
    return high
  }

  private static func epoch(_ text: UnsafeRawBufferPointer) -> Int64? {
    guard text.count == 10 || text.count == 13, let value = unsafe digits(text, 0, text.count) else {
      return nil
    }
    return text.count == 10 ? Int64(value) * 1000 : Int64(value)
  }

  @inline(__always)
  fileprivate static func digits(_ text: UnsafeRawBufferPointer, _ from: Int, _ count: Int) -> Int? {
    var value = 0
    for index in from..<from + count {
      let digit = unsafe text[index] &- 0x30
      guard digit < 10 else { return nil }
      value = value &* 10 &+ Int(digit)
    }
    return value
  }

  /// `.123456789` as milliseconds, cut; 0 where there is none.
  private static func fraction(_ text: UnsafeRawBufferPointer, _ at: inout Int) -> Int64? {
    guard at < text.count, unsafe text[at] == 0x2e else { return 0 }
    at += 1
    let start = at
    var value: Int64 = 0
    while at < text.count, unsafe text[at] &- 0x30 < 10 {
      if at - start < 3 { value = unsafe value * 10 + Int64(text[at] - 0x30) }
      at += 1
    }
    guard at > start, at - start <= 9 else { return nil }
    return value * [100, 10, 1][min(at - start, 3) - 1]
  }

  private static func offset(_ text: UnsafeRawBufferPointer, _ at: Int) -> (seconds: Int?, Void)? {
    let rest = text.count - at
    if rest == 0 { return (nil, ()) }
    let sign = unsafe text[at]
    if rest == 1, sign == 0x5a { return (0, ()) }
    guard sign == 0x2b || sign == 0x2d, rest >= 3, let hours = unsafe digits(text, at + 1, 2), hours < 24
    else { return nil }
    var seconds = hours * 3600
    if rest > 3 {
      let minutesAt = unsafe text[at + 3] == 0x3a ? at + 4 : at + 3
      guard text.count == minutesAt + 2, let minutes = unsafe digits(text, minutesAt, 2), minutes < 60 else {
        return nil
      }
      seconds += minutes * 60
    }
    return (sign == 0x2d ? -seconds : seconds, ())
  }
}

/// The date that was read last: nearly all rows of a file have the same one.
struct DateMemo {
  private var text: (UInt64, UInt16) = (0, 0)
  private var midnight: Int64 = 0

  /// - Parameter text: begins with a date, or with something else of at least ten bytes.
  /// - Returns: its midnight in UTC, milliseconds; nil for what is no date.
  @inline(__always)
  mutating func midnight(_ text: UnsafeRawBufferPointer) -> Int64? {
    let bytes = unsafe (
      text.loadUnaligned(as: UInt64.self), text.loadUnaligned(fromByteOffset: 8, as: UInt16.self)
    )
    if bytes == self.text { return midnight }
    guard unsafe text[4] == 0x2d, unsafe text[7] == 0x2d, let year = unsafe TimeText.digits(text, 0, 4),
      let month = unsafe TimeText.digits(text, 5, 2), let date = unsafe TimeText.digits(text, 8, 2),
      let day = Day(year: year, month: month, day: date)
    else { return nil }
    self.text = bytes
    midnight = Int64(day.number) * 86_400_000
    return midnight
  }
}

/// Reads decimal numbers out of text.
enum NumberText {
  /// `-12.5`, `1e3`; nil for anything else, infinity and NaN.
  static func double(_ text: UnsafeRawBufferPointer) -> Double? {
    var value: Int64 = 0
    var scale = 1.0
    var (digits, at, point) = (0, 0, false)
    let negative = unsafe text.count > 0 && text[0] == 0x2d
    if negative { at = 1 }
    while at < text.count {
      let byte = unsafe text[at]
      if byte &- 0x30 < 10 {
        value = value &* 10 &+ Int64(byte - 0x30)
        digits += 1
        if point { scale *= 10 }
      } else if byte == 0x2e, !point {
        point = true
      } else {
        break
      }
      at += 1
    }
    // Up to 15 digits both numbers are exact, and so is their rounded quotient; the rest is the library's.
    if at == text.count, digits > 0, digits <= 15 { return (negative ? -1 : 1) * Double(value) / scale }
    guard text.count > 0, text.count < 64, let number = unsafe Double(String(decoding: text, as: UTF8.self)),
      number.isFinite
    else { return nil }
    return number
  }
}
