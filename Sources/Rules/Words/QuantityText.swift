import Events

/// `1,234`
public enum CountText {
  public static func text(_ count: some BinaryInteger) -> String {
    var groups: [Substring] = []
    var rest = String(count.magnitude)[...]
    while rest.count > 3 {
      groups.insert(rest.suffix(3), at: 0)
      rest = rest.dropLast(3)
    }
    return (count < 0 ? "-" : "") + ([rest] + groups).joined(separator: ",")
  }

  /// `1 day`, `2 days`
  static func text(_ count: some BinaryInteger, _ noun: String) -> String {
    "\(text(count)) \(count == 1 ? noun : noun + "s")"
  }
}

/// `1 hour 30 minutes`
enum DurationText {
  static func text(milliseconds: Int64) -> String {
    if milliseconds < 0 { return "-" + text(milliseconds: -max(milliseconds, -Int64.max)) }
    let (minutes, rest) = (milliseconds / 60_000, milliseconds % 60_000)
    var parts = [(minutes / 1440, "day"), (minutes % 1440 / 60, "hour"), (minutes % 60, "minute")]
      .filter { $0.0 > 0 }.map { CountText.text($0.0, $0.1) }
    if rest > 0 || parts.isEmpty {
      parts.append("\(DecimalText.text(millionths: rest * 1000)) \(rest == 1000 ? "second" : "seconds")")
    }
    return parts.joined(separator: " ")
  }
}

/// `1,012.5`
enum DecimalText {
  static func text(millionths: Int64) -> String {
    var fraction = String(millionths.magnitude % 1_000_000)
    fraction = String(repeating: "0", count: 6 - fraction.count) + fraction
    while fraction.hasSuffix("0") { fraction.removeLast() }
    return (millionths < 0 ? "-" : "") + CountText.text(millionths.magnitude / 1_000_000)
      + (fraction.isEmpty ? "" : ".\(fraction)")
  }
}

/// `1 November 2026`
enum DayText {
  private static let months = [
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
    "November",
    "December",
  ]

  static func text(_ day: Day) -> String {
    let (year, month, number) = day.civil
    return "\(number) \(months[month - 1]) \(year)"
  }
}
