#if canImport(Glibc)
  import Glibc
#endif
import Diagnostics
import Events
import Support
import Testing

@testable import Rules

/// Files that are broken by accident or on purpose.
struct HostileFileTests {
  /// A file that uses every construct, as seed of mutations beside the project's own segments.
  private static let everything = """
    name: Fans
    owner: x
    purpose: ads
    when: last 30d
    let: {f: {section: sport/*}, g: $f}
    who:
      - {reads: at least 3, dwell: between 1m and 2h, where: $f, same: session}
      - {share of reads: at least 40%, rank of sum value per day: top 5%, where: {section: sport}}
      - {trend of views: at least 1.5x, when: last 7d, against: days 8-35, where: $g}
      - {rank of dwell: bottom 1000, among: {user: {tier: {known: true}}}, when: at least 2 of last 4w}
      - at least 2 of:
          - {max value: any, where: {hour: between 22 and 1, weekday: [sat, sun]}, when: days 3-9}
          - {streak: more than 2, where: {any: [{country: [nl, be]}, {article.age: at most 2h}]}, when: since 2026-01-01}
          - latest: {country: be}
          - {segment: [a.b, c.holdout], ago: 7d}
          - {list: [vip]}
      - sequence:
          - {event: paywall_view, times: 2, within: 1h}
          - {element: subscribe, within: 30m, directly: true, without: {event: x}}
          - {absent: {event: purchase}, within: 1d}
        same: [article]
        within: 2d
      - user: {tier: gold, subscribed_since: [before last 365d, next 3d], points: {not: 3}}
    keep: {for: 9d, while: {reads: any}}
    sample: {share: 10%, seed: s}
    limit: 50000
    split: {a: 50%, b: 25%}
    tests:
      - {given: [{section: sport/x, times: 3, dwell: 4m, at: 14h05m}], user: {tier: gold}, lists: [vip], expect: in}

    """
  private static let template = """
    name: Fans of $section
    purpose: ads
    parameters: {section: required, n: 3}
    who: {reads: at least $n, where: {section: $section}, when: last 30d}
    tests: [{given: [{section: $section}], expect: out}]

    """
  private static let make =
    "template: t\nmake: {tennis: {section: sport/tennis}, rowing: {section: x, n: 2}}\n"

  private func mutated(_ seed: [UInt8], _ random: inout SystemRandomNumberGenerator) -> [UInt8] {
    var bytes = seed
    for _ in 0..<Int.random(in: 1...5, using: &random) where !bytes.isEmpty {
      let at = Int.random(in: 0..<bytes.count, using: &random)
      switch Int.random(in: 0...3, using: &random) {
      case 0: bytes[at] = UInt8.random(in: 0...255, using: &random)
      case 1: bytes.remove(at: at)
      case 2:
        let end = min(bytes.count, at + Int.random(in: 1...40, using: &random))
        bytes.insert(contentsOf: bytes[at..<end], at: Int.random(in: 0...bytes.count, using: &random))
      default: bytes.insert(seed.randomElement(using: &random) ?? 0x20, at: at)
      }
    }
    return bytes
  }

  private func check(_ sources: [SourceText], _ context: RuleContext = RuleSamples.context) {
    let compilation = RuleCompiler.compile(sources, context: context)
    #expect(
      compilation.withheld.isEmpty || compilation.diagnostics.contains { $0.isError },
      "\(sources.map { String(decoding: $0.bytes, as: UTF8.self) })")
    for diagnostic in compilation.diagnostics {
      #expect(!diagnostic.message.isEmpty && diagnostic.place != nil)
    }
  }

  @Test func `random mutations of every file never trap and never hang`() {
    var random = SystemRandomNumberGenerator()
    let folder = Support.packageRoot + "segments/"
    var seeds = Support.names(in: folder).filter { $0.hasSuffix(".yaml") }.map { Support.read(folder + $0) }
    #expect(seeds.count > 10)
    seeds.append(Array(Self.everything.utf8))
    for seed in seeds {
      for _ in 0..<Support.cases(60) {
        check([SourceText(file: "a.yaml", bytes: mutated(seed, &random))])
      }
    }
  }

  @Test func `random mutations of templates and definitions never trap and never hang`() {
    var random = SystemRandomNumberGenerator()
    let template = Array(Self.template.utf8)
    let make = Array(Self.make.utf8)
    for _ in 0..<Support.cases(200) {
      var context = RuleSamples.context
      context.definitions = SourceText(file: "definitions.yaml", bytes: mutated(template, &random))
      let changesTemplate = Bool.random(using: &random)
      check(
        [
          SourceText(file: "t.yaml", bytes: changesTemplate ? mutated(template, &random) : template),
          SourceText(file: "m.yaml", bytes: mutated(make, &random)),
        ], context)
    }
  }

  /// Compiles within a few seconds, and says something.
  private func expectRefused(_ text: String, _ code: String, files: [String: String] = [:]) {
    var codes: Set<String> = []
    let time = Support.processorTime {
      let compilation = RuleSamples.compile(files.merging(["a": "purpose: ads\n" + text]) { $1 })
      codes = Set(compilation.diagnostics.map(\.code.rawValue))
    }
    #expect(codes.contains(code), "\(codes.sorted()) \(text.prefix(80))")
    #expect(time < .seconds(20), "\(time) \(text.prefix(80))")
  }

  @Test func `names that double, numbers without end and deep nests are refused`() {
    let doubling = (1...20).map { "  d\($0): [$d\($0 - 1), $d\($0 - 1)]\n" }.joined()
    expectRefused("let:\n  d0: {views: any, when: last 7d}\n\(doubling)who: $d20\n", "Y14")
    let filters = (1...20).map { "  d\($0): {any: [$d\($0 - 1), $d\($0 - 1)]}\n" }.joined()
    expectRefused("let:\n  d0: {tag: x}\n\(filters)who: {views: any, where: $d20, when: last 7d}\n", "Y14")
    let ranks = "let: {r: {rank of views: top 5%, among: [$r, $r], when: ever}}\nwho: $r\n"
    expectRefused(ranks, "Y14")
    let nested = String(repeating: "{any: [", count: 20) + "everyone" + String(repeating: "]}", count: 20)
    expectRefused("who: \(nested)\n", "Y14")
    let digits = String(repeating: "9", count: 30_000)
    expectRefused("who: {views: at least \(digits), when: last 7d}\n", "T6")
    expectRefused("who: {views: any, when: last \(digits)d}\n", "T5")
    expectRefused("who: {views: any, when: last \(String(repeating: "999999999w", count: 100))}\n", "T6")
    expectRefused("who: {views: any, when: at least \(digits) of last 4w}\n", "T5")
    expectRefused("who: {views: any, when: at least 1 of last \(digits)w}\n", "W5")
    expectRefused("who: everyone\nsample: \(digits)%\n", "T6")
    expectRefused("who: everyone\nlimit: \(digits)\n", "T6")
    expectRefused("who: everyone\nkeep: 3000000w\n", "T6")
    expectRefused("who: {sequence: [{event: x, times: \(digits)}], when: last 7d}\n", "T6")
  }

  @Test func `templates that grow are refused`() {
    let ids = (0..<5000).map { "i\($0): " }.joined(separator: ", ")
    let body = (0..<400).map { "    - {views: any, where: {tag: t\($0)}, when: last 7d}\n" }.joined()
    expectRefused(
      "who: everyone\n", "Y14",
      files: [
        "t": "parameters: {n: 3}\npurpose: ads\nwho:\n  any:\n\(body)", "m": "template: t\nmake: {\(ids)}\n",
      ])
    let long = String(repeating: "x", count: 30_000)
    let uses = (0..<500).map { "{tag: a$n\($0)$n}" }.joined(separator: ", ")
    expectRefused(
      "who: everyone\n", "Y14",
      files: [
        "t":
          "parameters: {n: required}\npurpose: ads\nwho: {views: any, where: {any: [\(uses)]}, when: last 7d}\n",
        "m": "template: t\nmake: {q: {n: \(long)}}\n",
      ])
    let rows = "[" + (0..<3000).map { _ in "{day: 2, times: 9}" }.joined(separator: ", ") + "]"
    let tests = (0..<900).map { _ in "{given: $n, expect: in}" }.joined(separator: ", ")
    expectRefused(
      "who: everyone\n", "Y14",
      files: [
        "t": "parameters: {n: required}\npurpose: ads\nwho: everyone\ntests: [\(tests)]\n",
        "m": "template: t\nmake: {q: {n: \(rows)}}\n",
      ])
  }

  @Test func `thousands of segments of one template are made`() {
    let ids = (0..<2500).map { "i\($0): {n: t\($0)}" }.joined(separator: ", ")
    let compilation = RuleSamples.compile([
      "t": "parameters: {n: required}\npurpose: ads\nwho: {views: any, where: {tag: $n}, when: last 7d}\n",
      "m": "template: t\nmake: {\(ids)}\n",
    ])
    #expect(compilation.diagnostics == [])
    #expect(compilation.segments.count == 2500)
  }
}
