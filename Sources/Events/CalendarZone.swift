/// A time zone's calendar: which day and hour an instant falls on, and when a day begins.
///
/// Reads the system's TZif files (RFC 8536) itself: the machine's own zone never enters, and all of Foundation
/// stays out.
public struct CalendarZone: Sendable, Equatable {
  public let name: String
  /// `transitions[i]` (seconds, ascending) begins the offset `offsets[i + 1]`; `offsets[0]` holds before.
  private let transitions: [Int64]
  private let offsets: [Int32]

  public static let utc = CalendarZone(name: "UTC", transitions: [], offsets: [0])

  /// - Parameters:
  ///   - offsets: seconds east of UTC, one more than `transitions`.
  init(name: String, transitions: [Int64], offsets: [Int32]) {
    self.name = name
    self.transitions = transitions
    self.offsets = offsets
  }

  /// Seconds east of UTC at an instant.
  public func offset(at instant: Milliseconds) -> Int32 {
    let seconds = Self.floorDivide(instant.value, 1000)
    var low = 0
    var high = transitions.count
    while low < high {
      let middle = (low + high) / 2
      if transitions[middle] <= seconds { low = middle + 1 } else { high = middle }
    }
    return offsets[low]
  }

  /// The calendar day of an instant.
  public func day(of instant: Milliseconds) -> Day {
    let local = Self.localMilliseconds(instant, offset(at: instant))
    return Day(number: Int32(clamping: Self.floorDivide(local, 86_400_000)))
  }

  /// The hour on the wall clock, 0...23.
  public func hour(of instant: Milliseconds) -> Int {
    let local = Self.localMilliseconds(instant, offset(at: instant))
    // The remainder, not local − days: at the ends of time that would overflow.
    let rest = local % 86_400_000
    return Int((rest < 0 ? rest + 86_400_000 : rest) / 3_600_000)
  }

  /// The first instant of a day: midnight, or the end of the gap where the clock jumps over midnight.
  public func start(of day: Day) -> Milliseconds {
    let midnight = Int64(day.number) * 86_400
    // The smallest instant whose day is `day`: every offset in force around it gives a candidate, and where a
    // gap swallows midnight the transition itself is the first instant.
    var best: Int64?
    for offset in Set(nearbyOffsets(midnight)) {
      consider(midnight - Int64(offset), day, &best)
    }
    for transition in transitions where abs(transition - midnight) < 172_800 {
      consider(transition, day, &best)
    }
    return Milliseconds((best ?? midnight) * 1000)
  }

  /// The instants of a day.
  public func range(of day: Day) -> Range<Milliseconds> { start(of: day)..<start(of: day.advanced(by: 1)) }

  private func consider(_ seconds: Int64, _ day: Day, _ best: inout Int64?) {
    guard self.day(of: Milliseconds(seconds * 1000)) >= day,
      self.day(of: Milliseconds(seconds * 1000 - 1)) < day
    else { return }
    if best.map({ seconds < $0 }) ?? true { best = seconds }
  }

  private func nearbyOffsets(_ midnight: Int64) -> [Int32] {
    [-172_800, -86_400, 0, 86_400, 172_800].map { offset(at: Milliseconds((midnight + $0) * 1000)) }
  }

  private static func localMilliseconds(_ instant: Milliseconds, _ offset: Int32) -> Int64 {
    let (sum, overflow) = instant.value.addingReportingOverflow(Int64(offset) * 1000)
    return overflow ? (offset < 0 ? .min : .max) : sum
  }

  private static func floorDivide(_ a: Int64, _ b: Int64) -> Int64 {
    let quotient = a / b
    return a % b < 0 ? quotient - 1 : quotient
  }
}
