import Events
import Rules

/// The reference, word by word: user by user, event by event, without any cleverness.
final class NaiveEvaluator {
  let world: SampleWorld
  let zone: CalendarZone
  let names = EventNames()
  private let segments: [String: Segment]
  private var known: [String: Outcome] = [:]
  // What does not change is worked out once: events by user, days of instants, folded texts, universes.
  private let byUser: [String: [Int]]
  private var passing: [PassingKey: [Bool]] = [:]
  private var insides: [InsideKey: [Bool]] = [:]
  private var starts: [PeriodKey: Day] = [:]
  private var days: [Int64: Day] = [:]
  private var folded: [[UInt8]: [UInt8]] = [:]
  var lengths: [String: Int128] = [:]
  private var universes: [Day: Set<String>] = [:]

  struct Outcome: Equatable {
    var members: Set<String>
    var holdout: Set<String> = []
    var arms: [String: Set<String>] = [:]

    func part(_ part: SegmentReference.Part) -> Set<String> {
      switch part {
      case .members: members
      case .holdout: holdout
      case .arm(let name): arms[name] ?? []
      }
    }
  }

  init(_ world: SampleWorld, _ segments: [Segment]) {
    self.world = world
    zone = world.zone
    byUser = Dictionary(grouping: world.events.indices) { world.events[$0].user }
    self.segments = Dictionary(uniqueKeysWithValues: segments.map { ($0.id, $0) })
  }

  func universe(_ asOf: Day) -> Set<String> {
    if let known = universes[asOf] { return known }
    let made = Set(world.events.filter { day($0) <= asOf }.map(\.user))
    universes[asOf] = made
    return made
  }

  func day(_ event: SampleEvent) -> Day {
    if let known = days[event.time] { return known }
    let day = zone.day(of: Milliseconds(event.time))
    days[event.time] = day
    return day
  }

  /// The bytes of a folded text. Keyed by bytes: what Swift thinks of equality is kept out.
  func bytes(_ text: String) -> [UInt8] {
    let key = Array(text.utf8)
    if let known = folded[key] { return known }
    let made = Array(TextFold.fold(text).utf8)
    folded[key] = made
    return made
  }

  /// Members of any node as of a day.
  func members(_ node: RuleNode, _ asOf: Day) -> Set<String> {
    universe(asOf).filter { holds(node, $0, asOf) }
  }

  // MARK: Segments

  func outcome(_ id: String, _ asOf: Day) -> Outcome {
    let key = "\(id) \(asOf)"
    if let outcome = known[key] { return outcome }
    guard let segment = segments[id] else { return Outcome(members: []) }
    let made = after(segment.after, kept(segment, asOf))
    known[key] = made
    return made
  }

  /// In on day d if `who` held on a day e of the N ending at d, and `while` on every day after e.
  private func kept(_ segment: Segment, _ asOf: Day) -> Set<String> {
    guard let keep = segment.after.keep else { return members(segment.root, asOf) }
    let days = (0..<keep.days).map { asOf.advanced(by: -$0) }
    let who = days.map { members(segment.root, $0) }
    let stays = keep.condition.map { node in days.map { members(node, $0) } }
    return universe(asOf).filter { user in
      days.indices.contains { back in
        who[back].contains(user)
          && (stays.map { stays in (0..<back).allSatisfy { stays[$0].contains(user) } } ?? true)
      }
    }
  }

  private func after(_ after: AfterWho, _ who: Set<String>) -> Outcome {
    func share(_ user: String, _ seed: String) -> Double {
      Double(MD5.digest("\(seed):\(user)").prefix(4).reduce(0) { $0 * 256 + UInt64($1) }) / 4_294_967_296
    }
    var outcome = Outcome(members: who)
    if let sample = after.sample {
      outcome.members = outcome.members.filter {
        share($0, sample.seed) < Double(sample.millionths) / 1_000_000
      }
    }
    if let limit = after.limit {
      let sorted = outcome.members.sorted {
        MD5.digest("\(limit.seed):\($0)").lexicographicallyPrecedes(MD5.digest("\(limit.seed):\($1)"))
      }
      outcome.members = Set(sorted.prefix(limit.users))
    }
    if let holdout = after.holdout {
      outcome.holdout = outcome.members.filter {
        share($0, holdout.seed) < Double(holdout.millionths) / 1_000_000
      }
      outcome.members.subtract(outcome.holdout)
    }
    if let split = after.split {
      var from: Int64 = 0
      for arm in split.arms {
        let (low, high) = (Double(from) / 1_000_000, Double(from + arm.millionths) / 1_000_000)
        outcome.arms[arm.name] = outcome.members.filter { (low..<high).contains(share($0, split.seed)) }
        from += arm.millionths
      }
    }
    return outcome
  }

  // MARK: Nodes

  func holds(_ node: RuleNode, _ user: String, _ asOf: Day) -> Bool {
    switch node {
    case .everyone: true
    case .segment(let reference):
      reference.names.contains {
        outcome($0.id, asOf.advanced(by: -reference.daysAgo)).part($0.part).contains(user)
      }
    case .all(let nodes): nodes.allSatisfy { holds($0, user, asOf) }
    case .any(let nodes): nodes.contains { holds($0, user, asOf) }
    case .none(let nodes): !nodes.contains { holds($0, user, asOf) }
    case .count(let test, let nodes): test.holds(nodes.count { holds($0, user, asOf) })
    case .condition(let condition): holds(condition, user, asOf)
    case .extreme(let extreme): holds(extreme, user, asOf)
    case .sequence(let sequence): NaiveSequence(self, sequence, asOf).holds(user)
    case .list(let names): names.contains { world.list($0, asOf).contains(user) }
    case .user(let filter):
      holds(filter, asOf) { field in
        if field == .firstSeen {
          return .number(
            self.world.events.filter { $0.user == user && self.day($0) <= asOf }.map(\.time).min())
        }
        return self.world.attributes(asOf)[user]?[field] ?? (field.kind == .text ? .texts([]) : .number(nil))
      }
    }
  }

  func matching(_ filter: Filter, _ window: Window, _ user: String, _ asOf: Day) -> [SampleEvent] {
    let passes = passing(filter, asOf)
    let insides = inside(window, asOf)
    return (byUser[user] ?? []).filter { passes[$0] && insides[$0] }.map { world.events[$0] }
  }

  private struct PassingKey: Hashable {
    var filter: Filter
    var asOf: Day
  }

  /// Which of the world's events pass a filter.
  private func passing(_ filter: Filter, _ asOf: Day) -> [Bool] {
    let key = PassingKey(filter: filter, asOf: asOf)
    if let known = passing[key] { return known }
    let made = world.events.map { holds(filter, $0, asOf) }
    passing[key] = made
    return made
  }

  private struct InsideKey: Hashable {
    var window: Window
    var asOf: Day
  }

  private struct PeriodKey: Hashable {
    var period: Window.Period
    var day: Day
  }

  /// Which of the world's events are inside a window.
  private func inside(_ window: Window, _ asOf: Day) -> [Bool] {
    let key = InsideKey(window: window, asOf: asOf)
    if let known = insides[key] { return known }
    let made = world.events.map { inside(window, $0, asOf) }
    insides[key] = made
    return made
  }

  func inside(_ window: Window, _ event: SampleEvent, _ asOf: Day) -> Bool {
    let day = day(event)
    return day <= asOf && inside(window, day, event.time, asOf)
  }

  func inside(_ window: Window, _ day: Day, _ time: Int64, _ asOf: Day) -> Bool {
    switch window {
    case .ever: return day <= asOf
    case .days(let near, let far): return (near...far).contains(day.distance(to: asOf) + 1)
    case .beforeLast(let days): return day.distance(to: asOf) + 1 > days
    case .lastTime(let length):
      let end = zone.start(of: asOf.advanced(by: 1)).value
      return time >= end - length && time < end
    case .dates(let from, let through):
      return (from.map { day >= $0 } ?? true) && (through.map { day <= $0 } ?? true)
    case .current(let period): return day <= asOf && start(period, day) == start(period, asOf)
    case .previous(let period):
      return start(period, day) == start(period, start(period, asOf).advanced(by: -1))
    case .blocks: preconditionFailure("blocks are looked at one by one")
    }
  }

  /// The first day of the period of a day, counted back day by day.
  private func start(_ period: Window.Period, _ day: Day) -> Day {
    let key = PeriodKey(period: period, day: day)
    if let known = starts[key] { return known }
    let made = counted(period, day)
    starts[key] = made
    return made
  }

  private func counted(_ period: Window.Period, _ day: Day) -> Day {
    var day = day
    while true {
      let (_, month, date) = day.civil
      switch period {
      case .week: if day.weekday == 1 { return day }
      case .month: if date == 1 { return day }
      case .quarter: if date == 1, [1, 4, 7, 10].contains(month) { return day }
      case .year: if date == 1, month == 1 { return day }
      }
      day = day.advanced(by: -1)
    }
  }

  private func holds(_ extreme: Extreme, _ user: String, _ asOf: Day) -> Bool {
    let events = matching(extreme.filter, extreme.window, user, asOf)
    guard let time = extreme.which == .first ? events.map(\.time).min() : events.map(\.time).max() else {
      return false
    }
    let those = events.filter { $0.time == time }
    switch extreme.test {
    case .inWindow(let window): return those.contains { inside(window, $0, asOf) }
    case .matches(let filter): return those.contains { holds(filter, $0, asOf) }
    }
  }
}
