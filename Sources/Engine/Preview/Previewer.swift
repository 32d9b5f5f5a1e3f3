import Bitmaps
import Diagnostics
import Events
import Rules

/// What a rule would reach, judged by a sample of users, before anybody saves or runs it.
public struct Preview: Sendable {
  public var segment: Segment
  public var asOf: Day
  public var sample: BucketSample
  public var universe: ReachEstimate
  public var reach: ReachEstimate
  /// The parts of `who` in order.
  public var conditions: [Part]
  /// A curve for every number of the rule.
  public var curves: [Curve]
  /// Other segments with members in common, most of them first.
  public var overlaps: [Overlap]
  /// Rows that were looked at for the rule alone.
  public var rows: Int

  /// A part of the rule: how many it has alone, and how many are left when the parts before it must hold as well.
  public struct Part: Sendable {
    public var words: String
    /// 0 for the items of `who`; deeper ones stand inside groups.
    public var depth: Int
    public var alone: ReachEstimate
    /// Of items of `who` only.
    public var together: ReachEstimate?
  }

  /// The reach of the rule for other values of one of its numbers.
  public struct Curve: Sendable {
    public var number: RuleNumber
    /// Ascending, the rule's own value among them.
    public var points: [Point]

    public struct Point: Sendable {
      public var value: Int64
      public var reach: ReachEstimate
    }
  }

  public struct Overlap: Sendable {
    public var id: String
    public var name: String
    /// Users in both.
    public var both: ReachEstimate
    public var other: ReachEstimate
  }
}

/// Asks every question of a preview as a segment of its own, planned together: they share their filters and measurements,
/// so that a curve costs a threshold a point and no scan.
public struct Previewer: Sendable {
  private let segment: Segment
  /// Good segments that the rule may refer to, in order; the rule itself is not among them.
  private let others: [Segment]
  private let eventNames: EventNames
  private let asOf: Day
  private let source: any EventSource
  private let sample: BucketSample
  private let workers: Workers

  /// - Parameter others: all good segments but this one, each after those that it refers to.
  public init(
    _ segment: Segment, others: [Segment], eventNames: EventNames, asOf: Day, source: any EventSource,
    sample: BucketSample, workers: Workers
  ) {
    self.segment = segment
    self.others = others
    self.eventNames = eventNames
    self.asOf = asOf
    self.source = source
    self.sample = sample
    self.workers = workers
  }

  /// Reach, conditions and funnel: the rule alone.
  public func reach() throws(Diagnostic) -> Preview {
    let parts = segment.root.topItems
    var questions = Questions(segment)
    let whole = questions.ask(segment.root, after: segment.after)
    let alone = parts.map { part in
      part.withDepths.map { (words: $0.words, depth: $0.depth, question: questions.ask($0.node)) }
    }
    let funnel = parts.indices.map { questions.ask(.all(Array(parts[...$0]))) }
    let (answers, evaluation) = try answer(questions, beside: [])
    var conditions: [Preview.Part] = []
    for (index, nodes) in alone.enumerated() {
      for node in nodes {
        conditions.append(
          Preview.Part(
            words: node.words, depth: node.depth, alone: answers[node.question],
            together: node.depth == 0 ? answers[funnel[index]] : nil))
      }
    }
    return Preview(
      segment: segment, asOf: asOf, sample: sample, universe: sample.estimate(evaluation.universe.count),
      reach: answers[whole], conditions: conditions, curves: [], overlaps: [], rows: evaluation.rows)
  }

  /// The reach for other values of each number.
  /// - Parameter around: how many on either side of the rule's own.
  public func curves(around: Int = 5) throws(Diagnostic) -> [Preview.Curve] {
    try curves(segment.root.numbers.map { ladder($0, around: around) })
  }

  /// Windows longer than what the source has are all one.
  private func ladder(_ number: RuleNumber, around: Int) -> [Int64] {
    let values = number.ladder(around: around)
    guard number.scale == .days, let first = source.days.first else { return values }
    let longest = values.first { asOf.number - first.number < $0 } ?? .max
    return values.filter { $0 <= longest || $0 == number.value }
  }

  /// For each number the value whose reach is nearest to a target: first of a wide ladder, then between the two of its
  /// values that have the target between them.
  public func closest(to target: Int) throws(Diagnostic) -> [Preview.Curve.Point?] {
    let coarse = try curves(around: 100)
    let finer = try curves(
      coarse.map { curve in
        for (a, b) in zip(curve.points, curve.points.dropFirst())
        where (min(a.reach.users, b.reach.users)...max(a.reach.users, b.reach.users)).contains(target) {
          return curve.number.steps(between: a.value, and: b.value, most: 24)
        }
        return []
      })
    return zip(coarse, finer).map { coarse, fine in
      (coarse.points + fine.points).min { abs($0.reach.users - target) < abs($1.reach.users - target) }
    }
  }

  /// - Parameter values: by number of the rule.
  private func curves(_ values: [[Int64]]) throws(Diagnostic) -> [Preview.Curve] {
    let numbers = segment.root.numbers
    var questions = Questions(segment)
    let asked = values.enumerated().map { index, values in
      values.map { questions.ask(segment.root.setting(index, to: $0), after: segment.after) }
    }
    let (answers, _) = try answer(questions, beside: [])
    return numbers.indices.map { index in
      Preview.Curve(
        number: numbers[index],
        points: zip(values[index], asked[index]).map { .init(value: $0, reach: answers[$1]) })
    }
  }

  /// The segments with most users in common.
  public func overlaps(most: Int = 5) throws(Diagnostic) -> [Preview.Overlap] {
    var questions = Questions(segment)
    let whole = questions.ask(segment.root, after: segment.after)
    let (_, evaluation) = try answer(questions, beside: others)
    // Those asked for stand behind the others.
    let members = evaluation.members[others.count + whole]
    var overlaps: [(found: Int, index: Int)] = []
    for index in others.indices {
      let both = sample.buckets.reduce(0) { count, bucket in
        count + Self.common(members.ordinals(in: bucket), evaluation.members[index].ordinals(in: bucket))
      }
      if both > 0 { overlaps.append((both, index)) }
    }
    overlaps.sort { ($1.found, $0.index) < ($0.found, $1.index) }
    return overlaps.prefix(most).map { both, index in
      Preview.Overlap(
        id: others[index].id, name: others[index].name, both: sample.estimate(both),
        other: sample.estimate(evaluation.members[index].count))
    }
  }

  private static func common(_ a: [UInt32], _ b: [UInt32]) -> Int {
    var (i, j, count) = (0, 0, 0)
    while i < a.count, j < b.count {
      if a[i] == b[j] { count += 1 }
      let step = a[i] <= b[j]
      if b[j] <= a[i] { j += 1 }
      if step { i += 1 }
    }
    return count
  }

  /// - Parameter segments: planned in front of the questions; without them only those that the rule refers to.
  private func answer(_ questions: Questions, beside segments: [Segment]) throws(Diagnostic) -> (
    [ReachEstimate], Evaluation
  ) {
    let before = segments.isEmpty ? others.closure(of: segment.references) : segments
    let plan = EvaluationPlan(
      before + questions.segments, eventNames: eventNames, asOf: asOf, zone: source.zone)
    let evaluation = try Evaluator(plan, source, sample: sample.isEverything ? nil : sample).run(workers)
    let answers = zip(evaluation.members.dropFirst(before.count), questions.limits).map { members, limit in
      sample.estimate(members.count).limited(to: limit)
    }
    return (answers, evaluation)
  }
}

/// Segments that are asked for their sizes only; equal ones once.
private struct Questions {
  private(set) var segments: [Segment] = []
  /// By question: its `limit`, which is a matter of arithmetic.
  private(set) var limits: [Int?] = []
  private let segment: Segment
  private struct Key: Hashable {
    var root: RuleNode
    var after: AfterWho
  }
  private var known: [Key: Int] = [:]

  init(_ segment: Segment) { self.segment = segment }

  mutating func ask(_ root: RuleNode, after: AfterWho = AfterWho()) -> Int {
    let key = Key(root: root, after: after)
    if let index = known[key] { return index }
    var unlimited = after
    unlimited.limit = nil
    // Those held out are of the limited ones.
    let delivered = 1_000_000 - (after.holdout?.millionths ?? 0)
    limits.append(after.limit.map { Int(Int128($0.users) * Int128(delivered) / 1_000_000) })
    // No id of a file has a question mark.
    segments.append(
      Segment(
        id: "?\(segments.count)", name: segment.name, purpose: segment.purpose, root: root, after: unlimited))
    known[key] = segments.count - 1
    return segments.count - 1
  }
}

extension RuleNode {
  /// What must all hold.
  fileprivate var topItems: [RuleNode] {
    if case .all(let nodes) = self { nodes } else { [self] }
  }

  /// It and the parts of its groups, for a table.
  fileprivate var withDepths: [(node: RuleNode, words: String, depth: Int)] {
    func parts(_ node: RuleNode, _ depth: Int) -> [(node: RuleNode, words: String, depth: Int)] {
      switch node {
      case .all(let nodes), .any(let nodes), .none(let nodes), .count(_, let nodes):
        [(node, node.wording.text, depth)] + nodes.flatMap { parts($0, depth + 1) }
      default: [(node, node.wording.line, depth)]
      }
    }
    return parts(self, 0)
  }
}
