#if canImport(Glibc)
  import Glibc
#endif
import Synchronization

/// A progress line on a terminal's standard error; nothing in a pipe.
final class Progress: Sendable {
  private let on: Bool
  private let label: String
  /// Nanoseconds of the last drawing; many threads may report, few draw.
  private let drawn = Atomic<UInt64>(0)
  private let started: UInt64

  init(_ label: String, _ printer: Printer) {
    self.label = label
    on = printer.showsProgress
    started = Clock.nanoseconds
  }

  /// - Parameters:
  ///   - done: out of `total`, in any unit; a total of 0 is unknown.
  ///   - detail: shown behind the bar.
  func update(done: Int, total: Int, detail: String) {
    guard on else { return }
    let now = Clock.nanoseconds
    let last = drawn.load(ordering: .relaxed)
    guard now &- last > 100_000_000,
      drawn.compareExchange(expected: last, desired: now, ordering: .relaxed).exchanged
    else { return }
    let bar = total > 0 ? Self.bar(Double(done) / Double(total)) + " " : ""
    draw("\(label)  \(bar)\(detail)")
  }

  /// Takes the line away.
  func finish() {
    if on, drawn.load(ordering: .relaxed) > 0 { draw("") }
  }

  var seconds: Double { Double(Clock.nanoseconds &- started) / 1e9 }

  static func bar(_ share: Double) -> String {
    let clamped = min(1, max(0, share))
    let full = Int(clamped * 24)
    return String(repeating: "█", count: full) + String(repeating: "░", count: 24 - full)
      + " \(Int(clamped * 100))%".leftPadded(to: 5)
  }

  private func draw(_ text: String) {
    let bytes = Array("\r\u{1b}[2K\(text)".utf8)
    _ = unsafe bytes.withUnsafeBytes { unsafe write(2, $0.baseAddress, $0.count) }
  }
}

/// The monotonic clock, for speeds and nothing that is kept.
enum Clock {
  static var nanoseconds: UInt64 {
    var time = timespec()
    unsafe clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(time.tv_sec) &* 1_000_000_000 &+ UInt64(time.tv_nsec)
  }
}
