#if canImport(Glibc)
  import Glibc
#endif
import Events
import Project

/// Tells bots among Snowplow rows by their user agents and the verdicts of enrichments.
struct BotDetector {
  private let rule: BotRule
  private let pieces: [[UInt8]]
  /// Verdicts by the agent's hash, which is kept beside them; as good as all rows are of a few thousand agents.
  private var verdicts: [UInt64]

  private static let slots = 1 << 15
  /// YAUAA's classes of agents that are no people.
  private static let robotClasses = [
    "Robot", "Robot Mobile", "Robot Imitator", "Spider", "Hacker", "Testclient",
  ].map { Array($0.utf8) }
  private static let yes = Array("true".utf8)

  init(_ rule: BotRule) {
    self.rule = rule
    pieces = rule.userAgents.map { Array($0.utf8) }.filter { !$0.isEmpty }
    verdicts = rule.excluded ? Array(repeating: 0, count: Self.slots) : []
  }

  /// - Parameters:
  ///   - spider: IAB's verdict.
  ///   - agentClass: YAUAA's.
  mutating func isBot(
    agent: UnsafeRawBufferPointer, spider: UnsafeRawBufferPointer, agentClass: UnsafeRawBufferPointer,
    _ kind: EventRecord.Kind
  ) -> Bool {
    guard rule.excluded else { return false }
    if spider.count > 0, unsafe Self.equal(spider, Self.yes) { return true }
    if agentClass.count > 0, unsafe Self.robotClasses.contains(where: { unsafe Self.equal(agentClass, $0) }) {
      return true
    }
    if agent.count == 0 { return rule.missingUserAgent && kind != .other }
    let hash = unsafe Hash.xxh3(agent) | 2
    let slot = Int(truncatingIfNeeded: hash >> 2) & (Self.slots - 1)
    if verdicts[slot] | 1 == hash | 1 { return verdicts[slot] & 1 == 1 }
    let verdict = unsafe matches(agent)
    verdicts[slot] = hash & ~1 | (verdict ? 1 : 0)
    return verdict
  }

  private func matches(_ agent: UnsafeRawBufferPointer) -> Bool {
    pieces.contains { piece in
      guard piece.count <= agent.count else { return false }
      return (0...agent.count - piece.count).contains { start in
        unsafe Self.equal(UnsafeRawBufferPointer(rebasing: agent[start..<start + piece.count]), piece)
      }
    }
  }

  static func equal(_ text: UnsafeRawBufferPointer, _ other: [UInt8]) -> Bool {
    guard text.count == other.count, let start = text.baseAddress else { return text.count == other.count }
    return unsafe memcmp(start, other, other.count) == 0
  }
}
