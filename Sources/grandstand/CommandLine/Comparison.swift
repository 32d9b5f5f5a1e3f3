import Bitmaps
import Diagnostics
import Engine
import Rules
import Store

/// Two sides compared segment by segment.
struct Comparison {
  /// What became of a segment's rule.
  enum Rule: String {
    case same, changed, added, removed
    /// It has mistakes on one side, so nobody can say who would have moved.
    case withheld
    /// A run kept no rules.
    case unknown
  }

  struct Entry {
    var id: String
    var rule: Rule
    /// nil where it is withheld.
    var change: MembershipChange?
  }

  /// A file that differs, and the segments whose rule that changes.
  struct ChangedFile {
    var name: String
    var lines: [LineChange]
    var segments: [String]
  }

  let before: DiffSide
  let after: DiffSide
  /// By id; of git revisions only those whose rule is not the same.
  private(set) var entries: [Entry] = []
  private(set) var files: [ChangedFile] = []
  /// How many selected segments have the same rule.
  var sameRules: Int { rules.values.count { $0 == .same } }
  private let rules: [String: Rule]

  /// - Parameter ids: the segments to compare.
  init(
    from before: DiffSide, to after: DiffSide, _ ids: Set<String>, _ store: Store, _ printer: Printer
  )
    throws(Diagnostic)
  {
    (self.before, self.after) = (before, after)
    rules = Self.rules(before, after, ids)
    entries =
      before.run == nil
      ? try Self.revisions(before, after, rules, printer)
      : try Self.runs(before, after, rules, store, printer)
    files = Self.files(before, after, rules)
  }

  private static func rules(_ before: DiffSide, _ after: DiffSide, _ ids: Set<String>) -> [String: Rule] {
    let changed = RuleChanges(from: before.compilation.segments, to: after.compilation.segments).changed
    let known = Set(before.compilation.segments.map(\.id)).intersection(after.compilation.segments.map(\.id))
    let (old, new, withheld) = (before.ids, after.ids, before.withheld.union(after.withheld))
    var rules: [String: Rule] = [:]
    for id in ids {
      switch (old.contains(id), new.contains(id)) {
      case _ where withheld.contains(id): rules[id] = .withheld
      case (true, false): rules[id] = .removed
      case (false, true): rules[id] = .added
      case (true, true) where !known.contains(id): rules[id] = .unknown
      case (true, true): rules[id] = changed.contains(id) || before.events != after.events ? .changed : .same
      case (false, false): break
      }
    }
    return rules
  }

  /// Runs have their members; only the old rules on the new day are evaluated, where they are not the same.
  private static func runs(
    _ before: DiffSide, _ after: DiffSide, _ rules: [String: Rule], _ store: Store, _ printer: Printer
  ) throws(Diagnostic) -> [Entry] {
    let changed = Set(rules.filter { $0.value == .changed }.keys)
    let oldRules = changed.isEmpty ? [:] : try before.members(of: changed, on: after, printer)
    let buckets = try store.snapshot().bucketCount
    let nobody = Membership(bucketCount: buckets)
    var entries: [Entry] = []
    for (id, rule) in rules.sorted(by: { $0.key < $1.key }) {
      guard rule != .withheld, let old = before.run?.run, let new = after.run?.run else {
        entries.append(Entry(id: id, rule: rule))
        continue
      }
      let was = rule == .added ? nobody : try store.membership(id, run: old, buckets: buckets)
      let now = rule == .removed ? nobody : try store.membership(id, run: new, buckets: buckets)
      entries.append(Entry(id: id, rule: rule, change: change(rule, was, now, oldRules[id])))
    }
    return entries
  }

  /// On one day everything is by the rule.
  private static func revisions(
    _ before: DiffSide, _ after: DiffSide, _ rules: [String: Rule], _ printer: Printer
  ) throws(Diagnostic) -> [Entry] {
    let moved = rules.filter { $0.value != .same }
    let ids = Set(moved.keys)
    let old = try before.members(of: ids, on: before, printer)
    let new = try after.members(of: ids, on: after, printer)
    let nobody = Membership(bucketCount: before.snapshot?.bucketCount ?? 0)
    return moved.sorted { $0.key < $1.key }.map { id, rule in
      guard rule != .withheld else { return Entry(id: id, rule: rule) }
      let was = old[id] ?? nobody
      return Entry(id: id, rule: rule, change: change(rule, was, new[id] ?? nobody, was))
    }
  }

  /// A segment that one side does not have moves all of its members by the rule.
  private static func change(
    _ rule: Rule, _ before: Membership, _ after: Membership, _ evaluated: Membership?
  ) -> MembershipChange {
    let oldRule: Membership? =
      switch rule {
      case .same: after
      case .added, .removed: before
      case .changed, .withheld, .unknown: evaluated
      }
    return MembershipChange(from: before, to: after, oldRule: oldRule)
  }

  private static func files(_ before: DiffSide, _ after: DiffSide, _ rules: [String: Rule]) -> [ChangedFile] {
    let (old, new) = (before.files, after.files)
    var changed: [String: ChangedFile] = [:]
    for (id, rule) in rules.sorted(by: { $0.key < $1.key }) where rule == .changed {
      let (was, now) = (old[id] ?? [:], new[id] ?? [:])
      for name in Set(was.keys).union(now.keys) where was[name]?.bytes != now[name]?.bytes {
        if changed[name] == nil {
          let lines = LineChange.all(from: was[name], to: now[name])
          changed[name] = ChangedFile(name: name, lines: lines, segments: [])
        }
        changed[name]?.segments.append(id)
      }
    }
    return changed.values.sorted { $0.name < $1.name }
  }
}
