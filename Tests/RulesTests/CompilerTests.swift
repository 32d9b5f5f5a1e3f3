import Diagnostics
import Events
import Testing

@testable import Rules

struct CompilerTests {
  private func compile(_ texts: [String: String], _ context: RuleContext = .init()) -> Compilation {
    RuleCompiler.compile(
      texts.sorted { $0.key < $1.key }.map { SourceText(file: $0.key + ".yaml", text: $0.value) },
      context: context)
  }

  private func root(_ who: String) throws -> RuleNode {
    let compilation = compile(["a": "name: A\npurpose: ads\nwho:\n" + who])
    #expect(compilation.diagnostics.filter(\.isError) == [])
    return try #require(compilation.segments.first).root
  }

  @Test func `the reference's first example is read as it means`() throws {
    let root = try root(
      """
        - reads: at least 3
          dwell: at least 10m
          where: {section: sport/formula-1}
          when: last 30d
        - clicks: none
          where: {element: unsubscribe}
          when: ever
      """)
    let first = Condition(
      tests: [MeasureTest(.reads, .atLeast(3)), MeasureTest(.dwell, .atLeast(600_000))],
      filter: .field(.section, .text(.value("sport/formula-1"))), window: .days(near: 1, far: 30))
    let second = Condition(
      tests: [MeasureTest(.clicks, .none)], filter: .field(.element, .text(.value("unsubscribe"))),
      window: .ever)
    #expect(root == .all([.condition(first), .condition(second)]))
  }

  @Test func `references are ordered, and a broken one withholds those that refer to it`() {
    let good = "name: x\npurpose: ads\nwho: {views: any, when: last 7d}\n"
    let compilation = compile([
      "a": "name: a\npurpose: ads\nwho: {segment: b}", "b": "name: b\npurpose: ads\nwho: {segment: [c]}",
      "c": good,
      "d": "name: d\npurpose: ads\nwho: {segment: e}",
      "e": "name: e\npurpose: ads\nwho: {viws: any, when: last 7d}",
      "f": "name: f\npurpose: ads\nwho: {segment: g}", "g": "name: g\npurpose: ads\nwho: {segment: f}",
    ])
    #expect(compilation.segments.map(\.id) == ["c", "b", "a"])
    #expect(compilation.withheld == ["d", "e", "f", "g"])
    #expect(Set(compilation.diagnostics.map(\.code.rawValue)) == ["N4", "N6", "X3"])
  }
}
