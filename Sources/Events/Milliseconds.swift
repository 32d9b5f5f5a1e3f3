/// An instant: milliseconds since 1970-01-01T00:00:00Z.
public struct Milliseconds: Sendable, Hashable, Comparable {
  public let value: Int64
  public init(_ value: Int64) { self.value = value }
  public static func < (a: Self, b: Self) -> Bool { a.value < b.value }

  /// `2026-11-23T09:05:28.590Z`
  public var text: String {
    let perDay: Int64 = 86_400_000
    var days = value / perDay
    var rest = value % perDay
    if rest < 0 { (days, rest) = (days - 1, rest + perDay) }
    func padded(_ n: Int64, _ width: Int) -> String {
      let text = String(n)
      return String(repeating: "0", count: max(0, width - text.count)) + text
    }
    let clock = [rest / 3_600_000, rest / 60_000 % 60, rest / 1000 % 60].map { padded($0, 2) }.joined(
      separator: ":")
    return "\(Day(number: Int32(clamping: days)))T\(clock).\(padded(rest % 1000, 3))Z"
  }
}
