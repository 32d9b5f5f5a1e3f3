import Diagnostics

/// Decides of each segment, behind those that it refers to, whether it is good.
struct Settlement {
  private let order: ReferenceOrder
  private let context: RuleContext
  private(set) var segments: [Segment] = []
  private(set) var withheld: [String] = []
  private(set) var diagnostics: [Diagnostic] = []
  private var good: Set<String> = []
  /// The farthest day of each good one.
  private var reaches: [String: Int] = [:]
  private var said: [Saying: String] = [:]

  /// What has the same members.
  private struct Saying: Hashable {
    var rule: CanonicalRule
    var after: AfterWho
    var purpose: String
  }

  init(_ order: ReferenceOrder, _ context: RuleContext) {
    self.order = order
    self.context = context
  }

  mutating func settle(_ id: String) {
    guard let file = order.files[id] else { return }
    guard let segment = file.segment, !order.faulty.contains(id), refersToGood(file), fits(segment, file)
    else {
      withheld.append(id)
      return
    }
    good.insert(id)
    segments.append(segment)
    checkSame(segment, file)
  }

  /// X3
  private mutating func refersToGood(_ file: SegmentFile) -> Bool {
    guard let reference = file.references.first(where: { !good.contains($0.name.id) }) else { return true }
    diagnostics.append(
      Diagnostic(
        .x3, "'\(file.id)' is withheld because '\(reference.name.id)' is wrong", at: reference.place,
        hint: "mend '\(reference.name.id)'"))
    return false
  }

  /// W2: earlier days of whole definitions.
  private mutating func fits(_ segment: Segment, _ file: SegmentFile) -> Bool {
    let reach = segment.reach(reaches)
    reaches[segment.id] = reach
    guard let kept = context.retentionDays else { return true }
    let before = diagnostics.count
    for reference in file.references where reference.daysAgo > 0 {
      let far = (reaches[reference.name.id] ?? 0) + reference.daysAgo
      guard far > kept else { continue }
      diagnostics.append(
        Diagnostic(
          .w2,
          "'\(reference.name.id)' of \(reference.daysAgo) days ago looks back \(far) days; the store keeps \(kept)",
          at: reference.place, hint: "a shorter 'ago', or a longer 'retention'"))
    }
    if let keep = segment.after.keep, let place = file.keepPlace, reach > kept {
      diagnostics.append(
        Diagnostic(
          .w2, "to keep members \(keep.days) days the rule looks back \(reach) days; the store keeps \(kept)",
          at: place, hint: "a shorter window or 'keep', or a longer 'retention'"))
    }
    return diagnostics.count == before
  }

  /// L7
  private mutating func checkSame(_ segment: Segment, _ file: SegmentFile) {
    guard !segment.draft else { return }
    let saying = Saying(
      rule: CanonicalRule(segment.root), after: segment.after, purpose: segment.purpose)
    guard let other = said[saying], let first = order.files[other] else {
      said[saying] = segment.id
      return
    }
    diagnostics.append(
      Diagnostic(
        .l7, "'\(segment.id)' has the same rule as '\(other)', and so the same members", at: file.place,
        notes: [.init("the other one", at: first.place)],
        hint: "drop one, or let one refer to the other: 'segment: \(other)'"))
  }
}
