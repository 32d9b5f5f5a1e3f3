import Events
import Rules

/// Times, sizes and counts as people read them.
enum HumanText {
  /// `1,234,567`
  static func count(_ n: some BinaryInteger) -> String { CountText.text(n) }

  /// `1 user`, `2 users`
  static func count(_ n: some BinaryInteger, _ noun: String, _ plural: String? = nil) -> String {
    "\(count(n)) \(n == 1 ? noun : plural ?? noun + "s")"
  }

  /// `1.4 MiB`
  static func bytes(_ n: some BinaryInteger) -> String {
    var value = Double(n)
    for unit in ["B", "KiB", "MiB", "GiB"] {
      if value < 1024 { return unit == "B" ? "\(Int(value)) B" : "\(decimal(value, 1)) \(unit)" }
      value /= 1024
    }
    return "\(decimal(value, 1)) TiB"
  }

  /// `1.25 s`, `3 min 20 s`
  static func duration(seconds: Double) -> String {
    if seconds < 1 { return "\(Int((seconds * 1000).rounded())) ms" }
    if seconds < 60 { return "\(decimal(seconds, 2)) s" }
    let whole = Int(seconds.rounded())
    return whole < 3600 ? "\(whole / 60) min \(whole % 60) s" : "\(whole / 3600) h \(whole % 3600 / 60) min"
  }

  /// `12.5%` of a whole; `–` where there is none.
  static func share(_ part: some BinaryInteger, of whole: some BinaryInteger) -> String {
    whole == 0 ? "–" : "\(decimal(Double(part) / Double(whole) * 100, 1))%"
  }

  /// `Friday 27 November`; with its year where that is not the one people think of.
  static func day(_ day: Day, near other: Day) -> String {
    let days = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
    let months = [
      "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
      "November", "December",
    ]
    let (year, month, date) = day.civil
    let text = "\(days[day.weekday - 1]) \(date) \(months[month - 1])"
    return year == other.civil.year ? text : "\(text) \(year)"
  }

  /// `+12`, `−3`, `±0`
  static func change(_ n: Int) -> String {
    n == 0 ? "±0" : (n > 0 ? "+" : "−") + count(n.magnitude)
  }

  /// `▁▃█`: a line of sizes from their smallest to their largest; a blank where there is none.
  static func spark(_ sizes: [Int?]) -> String {
    let known = sizes.compactMap { $0 }
    guard let low = known.min(), let high = known.max() else { return "" }
    let levels = Array("▁▂▃▄▅▆▇█")
    return sizes.map { size in
      guard let size else { return " " }
      guard high > low else { return "▄" }
      return String(levels[Int((Double(size - low) / Double(high - low) * 7).rounded())])
    }.joined()
  }

  /// With a fixed number of decimals, at most 6.
  static func decimal(_ value: Double, _ places: Int) -> String {
    guard value.isFinite, abs(value) < 1e12 else { return "\(value)" }
    var scale = 1
    for _ in 0..<places { scale *= 10 }
    let scaled = Int((abs(value) * Double(scale)).rounded())
    let fraction = String(scaled % scale)
    let sign = value < 0 && scaled > 0 ? "-" : ""
    if places == 0 { return "\(sign)\(scaled)" }
    return "\(sign)\(scaled / scale)." + String(repeating: "0", count: places - fraction.count) + fraction
  }
}

extension String {
  /// With spaces behind, up to a width in characters.
  func padded(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }
  /// With spaces before.
  func leftPadded(to width: Int) -> String { String(repeating: " ", count: max(0, width - count)) + self }
}
