import Diagnostics
import Events
import Testing

@testable import Rules

/// Segments of tests: a rule with the keys that every file needs.
enum RuleSamples {
  /// A project with attributes, lists and own fields.
  static var context: RuleContext {
    var context = RuleContext(
      properties: [score], retentionDays: 400, asOf: Day("2026-11-23"))
    context.userFields += [tier, subscribedSince, points]
    context.articleFields = [premium, .published]
    context.lists = ["do-not-target", "vip"]
    return context
  }

  static let score = Field.property("score", number: true)
  static let tier = Field(name: "tier", kind: .text)
  static let subscribedSince = Field(name: "subscribed_since", kind: .time)
  static let points = Field(name: "points", kind: .number)
  static let premium = Field.ofArticle("premium", .text)

  static func compile(_ texts: [String: String], _ context: RuleContext = context) -> Compilation {
    RuleCompiler.compile(
      texts.sorted { $0.key < $1.key }.map { SourceText(file: $0.key + ".yaml", text: $0.value) },
      context: context)
  }

  /// Segments that rules of tests refer to.
  static let others: [String: String] = Dictionary(
    uniqueKeysWithValues: ["motogp-fans", "rally-fans", "formula-1-fans"].map {
      (
        $0,
        "purpose: ads\nholdout: 10%\nsplit: {a: 50%, b: 50%}\nwho: {views: any, where: {tag: \($0)}, when: last 7d}\n"
      )
    })

  /// The segment `a` of a file without mistakes.
  static func segment(_ text: String, _ context: RuleContext = context) throws -> Segment {
    let compilation = compile(others.merging(["a": "name: A\npurpose: ads\n" + text]) { $1 }, context)
    #expect(compilation.diagnostics == [], "\(text)")
    return try #require(compilation.segments.first { $0.id == "a" }, "\(text)")
  }

  /// What stands under `who`.
  static func root(_ who: String) throws -> RuleNode {
    let lines = who.split(separator: "\n", omittingEmptySubsequences: false).map { "  \($0)\n" }.joined()
    return try segment("who:\n" + lines).root
  }

  /// The codes of a file's mistakes, in the order of their places.
  static func codes(_ text: String, _ context: RuleContext = context) -> [String] {
    compile(others.merging(["a": "name: A\npurpose: ads\n" + text]) { $1 }, context).diagnostics.map(
      \.code.rawValue)
  }

  /// The codes of a rule's mistakes.
  static func codes(who: String, _ context: RuleContext = context) -> [String] {
    codes("who: " + who + "\n", context)
  }
}

extension Filter {
  /// `field: text`
  static func text(_ field: Field, _ text: String) -> Filter { .field(field, .text(.value(text))) }
}

extension Window {
  static func last(_ days: Int) -> Window { .days(near: 1, far: days) }
}

extension RuleNode {
  static func condition(
    _ tests: [MeasureTest], _ filter: Filter = .always, _ window: Window, same: Field? = nil
  ) -> RuleNode {
    .condition(Condition(tests: tests, filter: filter, window: window, same: same))
  }

  static func condition(
    _ measure: Measure, _ threshold: Threshold, _ filter: Filter = .always, _ window: Window
  )
    -> RuleNode
  {
    condition([MeasureTest(measure, threshold)], filter, window)
  }
}
