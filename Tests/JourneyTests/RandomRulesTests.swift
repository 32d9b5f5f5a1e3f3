import Events
import Rules
import Support
import Testing

/// What the random rules of the oracles are made of.
struct RandomRulesTests {
  /// Kinds of parts of a tree, and how a dump of it says them.
  private static let kinds = [
    "RuleNode", "CountTest", "Measure", "Threshold", "RankCut", "Window", "Period", "Filter", "Match",
    "TextTest",
    "Step", "Part", "Which", "Test",
  ]

  /// `Measure.streak` for every case of the tree's enumerations, as the source declares them.
  private static func declared() -> Set<String> {
    var found: Set<String> = []
    for name in Support.names(in: Support.packageRoot + "Sources/Rules/Tree") {
      let text = String(
        decoding: Support.read(Support.packageRoot + "Sources/Rules/Tree/" + name), as: UTF8.self)
      var kind: Substring?
      for line in text.split(separator: "\n") {
        if let match = line.firstMatch(of: /enum (\w+)/) { kind = match.1 }
        guard let kind, Self.kinds.contains(String(kind)), let cases = line.firstMatch(of: /\bcase (\w.*)/)
        else {
          continue
        }
        // Names stand at the beginning and behind commas outside parentheses.
        var depth = 0
        let flat = cases.1.filter { character in
          depth += character == "(" ? 1 : 0
          defer { depth -= character == ")" ? 1 : 0 }
          return depth == 0
        }
        for part in flat.split(separator: ",") {
          if let name = part.firstMatch(of: /\w+/) { found.insert("\(kind).\(name.0)") }
        }
      }
    }
    return found
  }

  @Test func `random rules have every construct of the tree, in SQL as well`() throws {
    let asOf = try #require(Day("2026-03-31"))
    for events in [9, SQLSequence.limit] {
      var said: Set<String> = []
      for seed in 1...80 as ClosedRange<UInt64> {
        var generator = RandomRules(seed: seed, asOf: asOf, sequenceEvents: events)
        let dump = String(describing: generator.segments(25).map { ($0.root, $0.after) })
        for match in dump.matches(of: /(\w+)\.(\w+)(?=[(,\])])/) { said.insert("\(match.1).\(match.2)") }
      }
      let declared = Self.declared()
      #expect(declared.count > 80)
      #expect(declared.subtracting(said) == [])
    }
  }
}
