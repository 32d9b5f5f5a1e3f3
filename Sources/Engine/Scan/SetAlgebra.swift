import Bitmaps
import Events
import Rules

/// What a definition has in one bucket.
struct DefinitionOutcome {
  /// After all that follows `who`.
  var members: Bitset
  /// Those for whom `who` and `keep` hold; of them those in the sample; of them those inside the limit.
  var who: Bitset
  var sampled: Bitset
  var limited: Bitset
  /// Those held out, and the arms of the split in their order.
  var holdout: Bitset?
  var arms: [(name: String, members: Bitset)] = []
  /// Of a definition with a limit: who stood in line for it, with their digests.
  var candidates: [UInt128] = []

  init(_ who: Bitset) {
    members = who
    self.who = who
    sampled = who
    limited = who
  }

  func part(_ part: SegmentReference.Part) -> Bitset {
    switch part {
    case .members: members
    case .holdout: holdout ?? Bitset(size: members.size)
    case .arm(let name): arms.first { $0.name == name }?.members ?? Bitset(size: members.size)
    }
  }
}

/// Set algebra on one bucket's bitmaps.
struct SetAlgebra {
  let plan: EvaluationPlan
  let scope: ScanScope
  let settled: Settled
  let tables: PlanTables
  let tests: [Bitset]
  let groups: [Bitset]
  /// By user filter.
  let users: [Bitset]
  let presence: Presence
  /// Empty where nothing needs them.
  let ids: UserIDs
  let gauges: [GaugeState]

  /// By definition of the plan; those out of scope have nobody.
  func run() -> [DefinitionOutcome] {
    var universes: [Day: Bitset] = [:]
    var outcomes: [DefinitionOutcome] = []
    for (index, definition) in plan.definitions.enumerated() {
      guard scope.definitions.contains(index) else {
        outcomes.append(DefinitionOutcome(Bitset(size: 0)))
        continue
      }
      let universe = universes[definition.asOf] ?? presence.universe(asOf: definition.asOf)
      universes[definition.asOf] = universe
      let who = members(definition.program, asOf: definition.asOf, universe, outcomes)
      outcomes.append(finished(who, definition.after, index))
    }
    return outcomes
  }

  /// - Parameter outcomes: of the definitions that the program needs.
  func members(
    _ program: EvaluationPlan.Program, asOf day: Day, _ universe: Bitset, _ outcomes: [DefinitionOutcome]
  ) -> Bitset {
    Level(algebra: self, universe: universe, outcomes: outcomes, tables: tables[day]).run(program)
  }

  /// What follows `who`: sample, limit, holdout, split.
  private func finished(_ who: Bitset, _ after: AfterWho?, _ index: Int) -> DefinitionOutcome {
    var outcome = DefinitionOutcome(who)
    guard let after else { return outcome }
    if let sample = after.sample {
      outcome.members = chosen(outcome.members, sample.seed) { sample.millionths.includes($0) }
    }
    outcome.sampled = outcome.members
    if let limit = after.limit {
      let digest = UserDigest(seed: limit.seed)
      let cut = settled.limits[index]
      var kept = Bitset(size: who.size)
      for user in outcome.members.elements {
        let hash = digest.digest(ids[Int(user)])
        outcome.candidates.append(hash)
        if cut.map({ hash <= $0 }) ?? true { kept.insert(Int(user)) }
      }
      outcome.members = kept
    }
    outcome.limited = outcome.members
    if let holdout = after.holdout {
      let held = chosen(outcome.members, holdout.seed) { holdout.millionths.includes($0) }
      outcome.members.subtract(held)
      outcome.holdout = held
    }
    if let split = after.split { outcome.arms = arms(split, outcome.members) }
    return outcome
  }

  private func arms(_ split: AfterWho.Split, _ members: Bitset) -> [(name: String, members: Bitset)] {
    var from: Int64 = 0
    return split.arms.map { arm in
      let (low, high) = (from, from + arm.millionths)
      from = high
      return (arm.name, chosen(members, split.seed) { high.includes($0) && !low.includes($0) })
    }
  }

  private func chosen(_ members: Bitset, _ seed: String, _ holds: (UInt64) -> Bool) -> Bitset {
    let digest = UserDigest(seed: seed)
    var set = Bitset(size: members.size)
    for user in members.elements where holds(digest.number(ids[Int(user)])) { set.insert(Int(user)) }
    return set
  }

  /// One definition, inside its universe.
  private struct Level {
    let algebra: SetAlgebra
    let universe: Bitset
    /// Of the definitions before.
    let outcomes: [DefinitionOutcome]
    let tables: LoadedTables?

    /// Always inside the universe.
    func run(_ program: EvaluationPlan.Program) -> Bitset {
      switch program {
      case .everyone: return universe
      case .test(let index): return inside(test(index))
      case .group(let index): return inside(algebra.groups[index])
      case .user(let index): return inside(algebra.users[index])
      case .list(let names): return inside(listed(names))
      case .reference(let references):
        return inside(union(references.map { outcomes[$0.definition].part($0.part) }))
      case .all(let parts):
        var set = universe
        for part in parts { set.formIntersection(known(part)) }
        return set
      case .any(let parts): return inside(union(parts.map(known)))
      case .none(let parts):
        var set = universe
        for part in parts { set.subtract(known(part)) }
        return set
      case .count(let count, let parts): return counted(count, parts.map(run))
      case .keep(let days): return inside(kept(days))
      }
    }

    /// The same for parts of a set that is inside: what was measured is taken as it is, without a copy.
    private func known(_ program: EvaluationPlan.Program) -> Bitset {
      switch program {
      case .test(let index): test(index)
      case .group(let index): algebra.groups[index]
      case .user(let index): algebra.users[index]
      default: run(program)
      }
    }

    private func inside(_ set: Bitset) -> Bitset {
      var set = set
      set.formIntersection(universe)
      return set
    }

    private func test(_ index: Int) -> Bitset {
      guard case .rank(let ranking) = algebra.plan.tests[index].kind else { return algebra.tests[index] }
      var set = algebra.tests[index]
      set.formIntersection(outcomes[algebra.plan.rankings[ranking].among].members)
      return set
    }

    /// Day by day: who was in and may stay, and who comes in.
    private func kept(_ days: [(enters: Int, stays: Int?)]) -> Bitset {
      var set = Bitset(size: universe.size)
      for (enters, stays) in days {
        if let stays { set.formIntersection(outcomes[stays].members) }
        set.formUnion(outcomes[enters].members)
      }
      return set
    }

    private func listed(_ names: [String]) -> Bitset {
      var set = Bitset(size: universe.size)
      let lists = names.compactMap { tables?.lists[$0] }.filter { !$0.isEmpty }
      guard !lists.isEmpty else { return set }
      for user in universe.elements {
        let id = Array(algebra.ids[Int(user)])
        if lists.contains(where: { $0.contains(id) }) { set.insert(Int(user)) }
      }
      return set
    }

    private func union(_ sets: [Bitset]) -> Bitset {
      var union = Bitset(size: universe.size)
      for set in sets { union.formUnion(set) }
      return union
    }

    private func counted(_ count: CountTest, _ sets: [Bitset]) -> Bitset {
      var result = Bitset(size: universe.size)
      for user in universe.elements {
        let held = sets.count { $0.contains(Int(user)) }
        if count.holds(held) { result.insert(Int(user)) }
      }
      return result
    }
  }
}

extension AfterWho {
  /// Whether it asks for the users' ids.
  var needsIDs: Bool { sample != nil || limit != nil || holdout != nil || split != nil }
}
