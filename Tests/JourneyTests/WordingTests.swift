import Events
import Support
import Testing

@testable import Rules

/// Rules that mean something else never read alike.
struct WordingTests {
  private let asOf = Day(number: 20_000)

  @Test func `rules with one description are one rule`() {
    var seen = Seen()
    for seed in 0..<Support.cases(4000) {
      var rules = RandomRules(seed: UInt64(seed), asOf: asOf)
      seen.add(rules.root(Self.references))
    }
    #expect(seen.alike == [])
  }

  @Test func `whatever is changed in a rule changes its description`() {
    var seen = Seen()
    for seed in 0..<Support.cases(4000) / 50 {
      var rules = RandomRules(seed: UInt64(seed) &+ 1_000_000, asOf: asOf)
      let root = rules.root(Self.references)
      seen.add(root)
      for changed in RuleMutations.nodes(root) { seen.add(changed) }
    }
    #expect(seen.alike == [])
    #expect(seen.count > 10_000)
  }

  @Test func `changes of changes read differently, too`() {
    let leaf = Filter.field(.tag, .text(.value("a")))
    var seen = Seen()
    for once in [leaf, .any([leaf, .always]), .none([leaf])].flatMap(RuleMutations.filters) {
      for twice in RuleMutations.filters(once) {
        seen.add(.condition(Condition(tests: [MeasureTest(.views, .any)], filter: twice, window: .ever)))
      }
    }
    #expect(seen.alike == [])
    #expect(seen.count > 5000)
  }

  @Test func `what follows who reads differently where it is different`() {
    var texts: [String: AfterWho] = [:]
    for seed in 0..<Support.cases(4000) {
      var rules = RandomRules(seed: UInt64(seed), asOf: asOf)
      var after = rules.after("a", Self.references)
      if let condition = after.keep?.condition {
        after.keep?.condition = Shape(isExact: false).node(condition)
      }
      for after in [after] + Self.changes(after) {
        let text = after.wordings("a").map(\.line).joined(separator: "\n")
        #expect(texts[text] == nil || texts[text] == after, "\(text)")
        texts[text] = after
      }
    }
    #expect(texts.count > 100)
  }

  @Test func `values in files read differently where they are different`() throws {
    var texts: [String: RuleNode] = [:]
    let operators = ["%", "{only: %}", "{contains: %}", "{starts: %}", "{ends: %}", "{not: %}"]
    for field in ["tag", "section", "device"] {
      for test in operators {
        for value in RuleMutations.values + ["A", "sport/*", "*-sale"] where !value.contains("\u{0}") {
          for list in [[value], [value, "b"], ["b", value], [value, "b", "c"]] {
            let quoted = list.map { "\"\(Self.escaped($0))\"" }.joined(separator: ", ")
            let filter = test.replacing("%", with: list.count == 1 ? quoted : "[\(quoted)]")
            let text = "purpose: ads\nwho: {views: any, where: {\(field): \(filter)}, when: last 7d}\n"
            let compiled = RuleCompiler.compile([.init(file: "a.yaml", text: text)], context: RuleContext())
            guard let segment = compiled.segments.first else { continue }
            let root = Shape(isExact: false).node(segment.root)
            let other = texts.updateValue(root, forKey: segment.rulesInWords)
            #expect(other == nil || other == root, "\(text)\(segment.rulesInWords)")
          }
        }
      }
    }
    #expect(texts.count > 2000)
  }

  private static let references: [Segment] = ["x", "y"].map { id in
    Segment(
      id: id, name: id, purpose: "ads", root: .everyone,
      after: AfterWho(
        holdout: .init(millionths: 100_000, seed: "s"),
        split: .init(arms: [.init(name: "a", millionths: 500_000)], seed: "s")))
  }

  private static func escaped(_ text: String) -> String {
    text.unicodeScalars.map { scalar in
      scalar.value < 0x20 || scalar == "\"" || scalar == "\\"
        ? "\\x" + (scalar.value < 16 ? "0" : "") + String(scalar.value, radix: 16) : String(scalar)
    }.joined()
  }

  private static func changes(_ after: AfterWho) -> [AfterWho] {
    func with(_ change: (inout AfterWho) -> Void) -> AfterWho {
      var changed = after
      change(&changed)
      return changed
    }
    return [
      with { $0.keep = nil }, with { $0.sample = nil }, with { $0.limit = nil }, with { $0.holdout = nil },
      with { $0.split = nil }, with { $0.keep?.days += 1 }, with { $0.keep?.condition = .everyone },
      with { $0.sample?.millionths += 100 }, with { $0.sample?.seed = "a/limit" },
      with { $0.limit?.users += 1 },
      with { $0.limit?.seed = "x\", by the seed \"y" }, with { $0.holdout?.millionths -= 1 },
      with { $0.holdout?.seed = "" },
      with { $0.split?.arms.reverse() }, with { $0.split?.arms.removeLast() },
      with { $0.split?.seed = "A/split" },
      with { $0.split?.arms[0].name = "none" }, with { $0.split?.arms[0].millionths -= 1 },
    ]
  }
}

/// Descriptions and the rules that they were made of.
private struct Seen {
  private var nodes: [String: RuleNode] = [:]
  /// Texts of more than one rule.
  private(set) var alike: [String] = []
  var count: Int { nodes.count }

  mutating func add(_ node: RuleNode) {
    let text = Shape(isExact: true).node(node).wording.sentence
    let normal = Shape(isExact: false).node(node)
    guard let other = nodes.updateValue(normal, forKey: text), other != normal, alike.count < 5 else {
      return
    }
    alike.append("\(text)\n\(other)\n\(normal)")
  }
}

/// Rules as the parser makes them.
private struct Shape {
  /// Differences that mean nothing stay, too.
  let isExact: Bool

  func node(_ node: RuleNode) -> RuleNode {
    switch node {
    case .everyone, .list, .segment: node
    case .user(let filter): .user(self.filter(filter))
    case .condition(let condition): .condition(self.condition(condition))
    case .extreme(var extreme):
      {
        extreme.filter = filter(extreme.filter)
        if case .matches(let wanted) = extreme.test { extreme.test = .matches(filter(wanted)) }
        return .extreme(extreme)
      }()
    case .sequence(var sequence):
      {
        sequence.filter = filter(sequence.filter)
        sequence.steps = sequence.steps.map(step)
        return .sequence(sequence)
      }()
    case .all(let nodes), .any(let nodes): nodes.count == 1 ? self.node(nodes[0]) : group(node, nodes)
    case .none(let nodes), .count(_, let nodes): group(node, nodes)
    }
  }

  private func group(_ node: RuleNode, _ nodes: [RuleNode]) -> RuleNode {
    let parts = nodes.map { self.node($0) }
    return switch node {
    case .all: .all(parts)
    case .any: .any(parts)
    case .count(let test, _): .count(test, of: parts)
    default: .none(parts)
    }
  }

  /// A share's events are of those that it divides by; all ranks of a condition are of the same users.
  private func condition(_ condition: Condition) -> Condition {
    var condition = condition
    var divisor: Filter?
    var ranked: RuleNode??
    condition.tests = condition.tests.map { test in
      var measure = test.measure
      switch measure {
      case .share(let base, let among):
        divisor = divisor ?? filter(among)
        measure = .share(of: base, among: divisor ?? .always)
      case .rank(let base, let among):
        ranked = ranked ?? among.map { node($0) }
        measure = .rank(of: base, among: ranked ?? nil)
      default: break
      }
      return MeasureTest(measure, threshold(test.threshold))
    }
    condition.filter = filter(.all([divisor ?? .always, condition.filter]))
    return condition
  }

  private func step(_ step: Rules.Sequence.Step) -> Rules.Sequence.Step {
    switch step {
    case .absent(let filter, let within): return .absent(self.filter(filter), within: within)
    case .events(var step):
      step.filter = filter(step.filter)
      step.without = step.without.map { filter($0) }
      return .events(step)
    }
  }

  private func filter(_ filter: Filter) -> Filter {
    switch filter {
    case .always: return .always
    case .field(let field, let match): return .field(field, self.match(match, field))
    case .any(let parts): return .any(parts.map { self.filter($0) })
    case .none(let parts): return .none(parts.map { self.filter($0) })
    case .all:
      let parts = filter.conjuncts.map { self.filter($0) }
      // A name is said first, wherever it stands.
      return .joined(parts.filter(\.isOfName) + parts.filter { !$0.isOfName })
    }
  }

  private func match(_ match: Match, _ field: Field) -> Match {
    switch match {
    case .text(.exactly(let text)) where field.separator == nil && !isExact: .text(.value(text))
    case .number(let threshold): .number(self.threshold(threshold))
    case .not(let match): .not(self.match(match, field))
    case .anyOf(let matches): .anyOf(matches.map { self.match($0, field) })
    default: match
    }
  }

  private func threshold(_ threshold: Threshold) -> Threshold {
    switch threshold {
    case .any where !isExact: .moreThan(0)
    case .none where !isExact: .exactly(0)
    default: threshold
    }
  }
}
