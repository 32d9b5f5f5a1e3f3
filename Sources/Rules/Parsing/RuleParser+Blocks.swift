import Diagnostics
import YAML

/// Counts: `at least 3 of last 4w`, `at least 2 of`.
extension RuleParser {
  private static let mostBlocks = 366

  /// `at least 2`, `at most 2`, `exactly 2`
  static func countTest(_ words: some Collection<String>) -> CountTest? {
    let kinds: [[String]: (Int) -> CountTest] = [
      ["at", "least"]: { .atLeast($0) }, ["at", "most"]: { .atMost($0) }, ["exactly"]: { .exactly($0) },
    ]
    let words = Array(words)
    guard let make = kinds[words.dropLast()] else { return nil }
    return words.last.flatMap { wholeNumber($0) }.map(make)
  }

  /// `at least 3 of last 4w`: in at least 3 of the 4 blocks of 7 days before the end of the as-of day.
  mutating func blocks(
    _ count: ArraySlice<String>, _ rest: ArraySlice<String>, _ text: String, _ node: YAMLNode
  ) -> Window? {
    guard let test = Self.countTest(count) else {
      report(
        .t5, "'\(count.joined(separator: " "))' is no count of days or weeks", at: node.place,
        hint: "at least 3 of last 4w, at most 1 of last 10d, exactly 2 of last 2w")
      return nil
    }
    guard let (blocks, days) = blockLengths(rest, text, node) else { return nil }
    guard blocks <= Self.mostBlocks else {
      report(
        .y14, "more than \(Self.mostBlocks) days or weeks", at: node.place, hint: "count weeks, not days")
      return nil
    }
    if !(0...blocks).contains(where: { test.holds($0) }) {
      report(
        .w4, "'\(text)' can never hold: there are \(blocks)", at: node.place,
        hint: "'at least \(blocks) of \(rest.joined(separator: " "))'")
      return nil
    }
    if (0...blocks).allSatisfy({ test.holds($0) }) {
      report(
        .t7, "'\(text)' always holds", at: node.place,
        hint: "write 'at least 1 of \(rest.joined(separator: " "))', or drop the condition")
    }
    return .blocks(test, of: blocks, days: days)
  }

  /// `last 4w`: 4 blocks of 7 days.
  private mutating func blockLengths(_ words: ArraySlice<String>, _ text: String, _ node: YAMLNode)
    -> (blocks: Int, days: Int)?
  {
    let length = words.dropFirst().joined()
    let digits = length.prefix { $0.isASCII && $0.isNumber }
    let units = ["d": 1, "day": 1, "days": 1, "w": 7, "week": 7, "weeks": 7]
    guard words.first == "last", let days = units[String(length.dropFirst(digits.count))],
      digits.utf8.count <= 9, let blocks = Int(digits), blocks > 0
    else {
      report(
        .w5, "'\(text)' does not say of how many days or weeks", at: node.place,
        hint: "at least 3 of last 4w, or at least 4 of last 10d")
      return nil
    }
    guard !digits.hasPrefix("0") else {
      report(.y7, "'\(length)' begins with a zero", at: node.place, hint: "'\(length.drop { $0 == "0" })'")
      return nil
    }
    return (blocks, days)
  }
}
