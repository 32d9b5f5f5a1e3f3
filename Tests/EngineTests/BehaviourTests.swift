import Bitmaps
import Diagnostics
import Events
import Rules
import Support
import Testing

@testable import Engine

struct SegmentTestRunnerTests {
  private func failures(_ text: String) throws -> [Diagnostic] {
    let compilation = RuleCompiler.compile([SourceText(file: "a.yaml", text: text)], context: .init())
    #expect(compilation.diagnostics.filter(\.isError) == [])
    let segment = try #require(compilation.segments.first)
    let day = try #require(Day("2026-11-23"))
    return try SegmentTestRunner(eventNames: .init(), zone: .utc, asOf: day).run(
      segment, among: compilation.segments)
  }

  @Test
  func
    `the reference's example passes its own test, and a wrong expectation is told with the measured values`()
    throws
  {
    let rule = """
      name: Formula 1 fans
      purpose: ads
      who:
        - reads: at least 3
          dwell: at least 10m
          where: {section: sport/formula-1}
          when: last 30d
        - clicks: none
          where: {element: unsubscribe}
          when: ever
      tests:

      """
    #expect(
      try failures(rule + "  - {given: [{section: sport/formula-1, times: 3, dwell: 4m}], expect: in}") == [])
    #expect(
      try failures(
        rule
          + "  - {given: [{section: sport/formula-1/x, times: 3, dwell: 4m}, {event: link_click, element: Unsubscribe}], expect: out}"
      ) == [])
    let failure = try #require(
      try failures(rule + "  - {given: [{section: sport/formula-1, times: 2, dwell: 9m}], expect: in}").first)
    #expect(
      failure.code == .x1 && failure.notes.contains { $0.message.contains("read at least 3 articles: 2") })
  }
}
