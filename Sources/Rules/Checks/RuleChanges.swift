/// Which segments say something else than they did: themselves, or through what they refer to.
public struct RuleChanges: Sendable {
  /// Ids of those that both have and that have not the same rule.
  public private(set) var changed: Set<String> = []

  private struct Saying: Hashable {
    var rule: CanonicalRule
    var after: AfterWho

    init(_ segment: Segment) {
      rule = CanonicalRule(segment.root)
      after = segment.after
    }
  }

  /// - Parameters:
  ///   - before: all segments, each after those that it refers to; likewise `after`.
  public init(from before: [Segment], to after: [Segment]) {
    let known = Dictionary(before.map { ($0.id, $0) }) { first, _ in first }
    // What is withheld or not there on one side changes those that refer to it, too.
    var same: Set<String> = []
    for segment in after {
      guard let other = known[segment.id] else { continue }
      if Saying(segment) == Saying(other), segment.references.isSubset(of: same) {
        same.insert(segment.id)
      } else {
        changed.insert(segment.id)
      }
    }
  }
}
