import Diagnostics
import Engine
import Events
import Rules
import Support
import Testing

/// Random rules by way of their text: written as YAML, with names, definitions and templates, compiled and evaluated;
/// the members are those of the naive evaluator on the trees that were written.
struct WrittenRuleTests {
  /// What may be said of a random rule: that nobody or everybody meets it, or that its window is too short.
  private static let allowed: Set<String> = [
    "L1", "L3", "L5", "L6", "L7", "T6", "T7", "T8", "T9", "T10", "W5", "W6", "X2", "X3", "Y2",
  ]

  @Test(arguments: 0..<2)
  func `random rules written as files mean what was written`(share: Int) throws {
    var counts = (written: 0, compiled: 0)
    for world in stride(from: share, to: Support.cases(40), by: 2) { try check(UInt64(world + 1), &counts) }
    #expect(counts.compiled * 2 > counts.written, "\(counts)")
  }

  private func check(_ seed: UInt64, _ counts: inout (written: Int, compiled: Int)) throws {
    let asOf = try #require(Day(NaiveOracleTests.days[Int(seed) % NaiveOracleTests.days.count]))
    let zone = NaiveOracleTests.zones[Int(seed) % NaiveOracleTests.zones.count]
    let world = try SampleWorld(seed: seed &+ 5000, zone: zone, asOf: asOf)
    var generator = RandomRules(seed: seed &* 6007, asOf: asOf)
    let segments = generator.segments(25).map { $0.sayable }
    let (sources, definitions) = files(segments, seed)
    var context = RuleContext(
      properties: SampleWorld.plainTexts + [SampleWorld.score], asOf: asOf, zone: world.zone)
    context.userFields += SampleWorld.userFields
    context.articleFields = SampleWorld.articleFields
    context.definitions = SourceText(file: "definitions.yaml", text: definitions)
    let compilation = RuleCompiler.compile(sources, context: context)
    for diagnostic in compilation.diagnostics where !Self.allowed.contains(diagnostic.code.rawValue) {
      let source = (sources + [context.definitions].compactMap { $0 }).first {
        $0.file == diagnostic.place?.file
      }
      Issue.record("seed \(seed): \(diagnostic.rendered(source: source))")
    }
    counts.written += sources.count
    counts.compiled += compilation.segments.count
    let naive = NaiveEvaluator(world, segments)
    let (members, _) = try NaiveOracleTests().evaluate(compilation.segments, world, asOf)
    for (segment, outcome) in zip(compilation.segments, members)
    where outcome != naive.outcome(segment.id, asOf) {
      let source = sources.first { $0.file == segment.file }
      Issue.record(
        "seed \(seed), \(segment.id):\n\(source.map { String(decoding: $0.bytes, as: UTF8.self) } ?? "")\n\(definitions)\nengine \(outcome)\nnaive \(naive.outcome(segment.id, asOf))"
      )
    }
  }

  /// A file or two for each segment that can be said; what has a name is in its `let`, in the project's definitions, or a
  /// parameter of a template.
  private func files(_ segments: [Segment], _ seed: UInt64) -> ([SourceText], definitions: String) {
    var sources: [SourceText] = []
    var definitions = ""
    var sayable: Set<String> = []
    for (index, segment) in segments.enumerated() {
      var writer = RuleText(
        names: "\(segment.id)-n", nests: index % 3 < 2, segments: sayable, seed: seed &* 100 &+ UInt64(index))
      let body = "purpose: ads\n" + writer.body(segment)
      guard writer.isSayable else { continue }
      sayable.insert(segment.id)
      func add(_ name: String, _ text: String) {
        sources.append(SourceText(file: name + ".yaml", text: text))
      }
      let names = writer.named.map { "\($0.name): \($0.text)" }
      switch index % 3 {
      case _ where names.isEmpty: add(segment.id, body)
      case 0: add(segment.id, "let: {\(names.joined(separator: ", "))}\n" + body)
      case 1:
        definitions += names.map { $0 + "\n" }.joined()
        add(segment.id, body)
      default:
        let required = writer.named.map { "\($0.name): required" }
        add("\(segment.id)-template", "parameters: {\(required.joined(separator: ", "))}\n" + body)
        add(
          "\(segment.id)-make",
          "template: \(segment.id)-template\nmake: {\(segment.id): {\(names.joined(separator: ", "))}}\n")
      }
    }
    return (sources, definitions.isEmpty ? "unused: last 1d\n" : definitions)
  }
}

extension Segment {
  /// As the language has it: `among` of a share narrows its condition, and elements are those that the filter names.
  fileprivate var sayable: Segment {
    var made = self
    made.root = root.sayable
    made.after.keep?.condition = after.keep?.condition?.sayable
    return made
  }
}

extension RuleNode {
  fileprivate var sayable: RuleNode {
    switch self {
    case .all(let nodes): .all(nodes.map(\.sayable))
    case .any(let nodes): .any(nodes.map(\.sayable))
    case .none(let nodes): .none(nodes.map(\.sayable))
    case .count(let test, let nodes): .count(test, of: nodes.map(\.sayable))
    case .condition(let condition): .condition(condition.sayable)
    default: self
    }
  }
}

extension Condition {
  fileprivate var sayable: Condition {
    var made = self
    // One measure with an `among`, or none.
    let share = tests.first { if case .share(_, let among) = $0.measure { among != .always } else { false } }
    let rank = tests.first { if case .rank(_, _?) = $0.measure { true } else { false } }
    let trend = tests.first { if case .trend = $0.measure { true } else { false } }
    if let single = share ?? rank ?? trend { made.tests = [single] }
    if let share, case .share(_, let among) = share.measure { made.filter = .all([among, filter]) }
    made.tests = made.tests.map { test in
      MeasureTest(test.measure.with(made.filter), test.threshold)
    }
    return made
  }
}

extension Measure {
  /// With the elements that a filter names.
  fileprivate func with(_ filter: Filter) -> Measure {
    switch self {
    case .distinct(let field, _): .distinct(field, elements: RandomRules.elements(of: field, filter))
    case .share(let base, let among): .share(of: base.with(filter), among: among)
    case .per(let base, let unit): .per(base.with(filter), unit)
    case .trend(let base, let against): .trend(of: base.with(filter), against: against)
    case .rank(let base, let among): .rank(of: base.with(filter), among: among?.sayable)
    default: self
    }
  }
}
