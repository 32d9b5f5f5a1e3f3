import Diagnostics
import Testing

@testable import Rules

/// Which changes of files are changes of rules.
struct RuleChangesTests {
  private static let files = [
    "fans": "purpose: ads\nwho: [{views: any, where: $motor, when: last 7d}, {reads: any, when: last 7d}]\n",
    "others": "purpose: ads\nwho: {none: [{segment: fans}]}\n",
    "far": "purpose: ads\nwho: {segment: others}\nkeep: 3d\n",
    "alone": "purpose: ads\nwho: {clicks: any, when: last 7d}\n",
    "pattern": "purpose: ads\nparameters: {n: required}\nwho: {views: at least $n, when: last 9d}\n",
    "made": "template: pattern\nmake: {two: {n: 2}, three: {n: 3}}\n",
  ]
  private static let definitions = "motor: {section: [rally, formula-1]}\n"

  private static func segments(_ changes: [String: String?], _ definitions: String = definitions) -> [Segment]
  {
    var context = RuleContext()
    context.definitions = SourceText(file: "definitions.yaml", text: definitions)
    let texts = files.merging(changes.compactMapValues { $0 }) { $1 }.filter { name, _ in
      changes[name].map { $0 != nil } ?? true
    }
    let sources = texts.sorted { $0.key < $1.key }.map { SourceText(file: "\($0).yaml", text: $1) }
    let compilation = RuleCompiler.compile(sources, context: context)
    #expect(compilation.diagnostics.filter(\.isError) == [])
    return compilation.segments
  }

  private static func changed(_ changes: [String: String?], _ definitions: String = definitions) -> [String] {
    RuleChanges(from: segments([:]), to: segments(changes, definitions)).changed.sorted()
  }

  @Test func `what a rule refers to is part of it, how it is written is not`() {
    #expect(Self.changed([:]) == [])
    #expect(
      Self.changed(["alone": "purpose: ads\n# new\nwho: [{when: last 7d, clicks: more than 0}]\n"]) == [
        "alone"
      ])
    #expect(
      Self.changed(["alone": "purpose: ads\nname: x\n# new\nwho: [{when: last 7d, clicks: any}]\n"]) == [])
    let turned =
      "purpose: ads\nwho: [{reads: any, when: last 7d}, {views: any, where: {section: [formula-1, rally]}, when: last 1w}]\n"
    #expect(Self.changed(["fans": turned]) == [])
    #expect(Self.changed([:], "motor: {section: rally}\n") == ["fans", "far", "others"])
    #expect(Self.changed(["far": "purpose: ads\nwho: {segment: others}\nkeep: 4d\n"]) == ["far"])
    #expect(Self.changed(["made": "template: pattern\nmake: {two: {n: 2}, three: {n: 4}}\n"]) == ["three"])
    #expect(
      Self.changed(["pattern": "purpose: ads\nparameters: {n: 1}\nwho: {views: at least $n, when: last 8d}\n"]
      ) == [
        "three", "two",
      ])
    // What is new or gone is no change of a rule, but it is of those that refer to it.
    #expect(Self.changed(["fans": nil, "others": "purpose: ads\nwho: everyone\n"]) == ["far", "others"])
  }

  @Test func `a segment knows all files that it is made of`() {
    let files = Dictionary(uniqueKeysWithValues: Self.segments([:]).map { ($0.id, $0.madeOf) })
    #expect(files["fans"] == ["fans.yaml", "definitions.yaml"])
    #expect(files["two"] == ["made.yaml", "pattern.yaml"])
    #expect(files["alone"] == ["alone.yaml"])
  }
}
