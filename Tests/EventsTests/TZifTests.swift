import Support
import Testing

@testable import Events

@Suite struct `A time zone file` {
  private static let path = "/usr/share/zoneinfo/Europe/Brussels"

  @Test(.enabled(if: Support.exists(path), "needs tzdata"))
  func `cut anywhere is an error or a calendar, never a trap`() {
    let bytes = Support.read(Self.path)
    for count in bytes.indices { _ = try? CalendarZone.parse(Array(bytes[..<count]), name: "cut") }
    #expect(throws: ZoneError.self) { try CalendarZone.parse([], name: "empty") }
  }

  @Test(.enabled(if: Support.exists(path), "needs tzdata"))
  func `with bytes changed at random is an error or a calendar, never a trap`() {
    let bytes = Support.read(Self.path)
    var random = SeededRandom(3)
    for _ in 0..<Support.cases(3000) {
      var broken = bytes
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        // Half of the changes hit the two headers and the rule at the end, where the numbers are.
        let range = [0..<broken.count, 0..<44, broken.count - 30..<broken.count].randomElement(using: &random)
        guard let index = (range ?? 0..<1).randomElement(using: &random) else { continue }
        broken[index] = UInt8.random(in: 0...255, using: &random)
      }
      guard let zone = try? CalendarZone.parse(broken, name: "broken") else { continue }
      for value in [Int64.min, 0, 1_800_000_000_000, .max] { _ = zone.hour(of: Milliseconds(value)) }
      _ = zone.range(of: Day(number: 20_000))
    }
  }

  @Test(arguments: [
    "", "CET", "CET-1CEST", "CET-1CEST,M3.5.0", "CET-1CEST,M13.5.0,M10.5.0", "CET-1CEST,M3.0.0,M10.5.0",
    "<+03-3",
    "CET-1CEST,M3.5.0/999999999999999999,M10.5.0", "CET-1CEST,J0,J1", "CET-1CEST,J366,J1", "-1", ",,,",
    "CET-1CEST,366,1",
  ])
  func `a rule that says nothing useful is passed over`(text: String) { #expect(PosixZoneRule(text) == nil) }
}
