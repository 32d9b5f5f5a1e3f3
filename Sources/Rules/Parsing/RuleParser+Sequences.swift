import Diagnostics
import Events
import YAML

extension RuleParser {
  private static let mostSteps = 50
  private static let mostTimes = 1000
  private static let stepKeys: Set<String> = ["times", "within", "directly", "without", "absent"]

  /// `sequence: [STEP…]` with `within`, `same`, `where` and `when`.
  mutating func sequence(_ entries: [YAMLNode.Entry], _ node: YAMLNode) -> RuleNode? {
    countCondition(node)
    guard let entry = entries.first(where: { $0.name == "sequence" }) else { return nil }
    let before = errors
    let filter = joined([everyEvent, ownFilter(entries)], node.place)
    let window = sequenceWindow(entries, entry.key.place)
    let within = entries.first { $0.name == "within" }.flatMap { length($0.value, "'within'") }
    let same = sameFields(entries)
    guard let steps = steps(entry.value, filter), let window, errors == before,
      haveRoom(steps, window, entry.key.place)
    else { return nil }
    return .sequence(
      Sequence(steps, within: within, same: same, filter: filter, window: window, place: node.place))
  }

  private mutating func sequenceWindow(_ entries: [YAMLNode.Entry], _ place: Place) -> Window? {
    if let when = entries.first(where: { $0.name == "when" }) {
      return window(when.value, of: .events("sequence"))
    }
    guard !hasBrokenDefaultWindow else { return nil }
    if let defaultWindow {
      if case .blocks = defaultWindow {} else { return defaultWindow }
    }
    report(
      .w1, "'sequence' does not say on which days", at: place,
      hint: defaultWindow == nil
        ? "add 'when: last 14d'"
        : "it cannot count days or weeks, as the file's 'when' does: add 'when: last 14d'")
    return nil
  }

  private mutating func sameFields(_ entries: [YAMLNode.Entry]) -> [Field] {
    guard let entry = entries.first(where: { $0.name == "same" }) else { return [] }
    var fields: [Field] = []
    for item in names(entry.value, "field") ?? [] {
      guard let field = groupingField(item), !fields.contains(field) else { continue }
      fields.append(field)
    }
    return fields
  }

  /// A time above 0, in milliseconds.
  private mutating func length(_ raw: YAMLNode, _ what: String) -> Int64? {
    guard let node = resolve(raw), let text = text(node, what) else { return nil }
    guard let length = duration(text, node) else { return nil }
    guard length > 0 else {
      report(.t6, "\(what) leaves no time", at: node.place, hint: "such as 30m")
      return nil
    }
    return length
  }

  /// T9: times without an event must pass inside the window.
  private mutating func haveRoom(_ steps: [Sequence.Step], _ window: Window, _ place: Place) -> Bool {
    guard let length = window.longest else { return true }
    let absent: Int64 = steps.reduce(0) { if case .absent(_, let within) = $1 { $0 + within } else { $0 } }
    guard absent > length else { return true }
    report(
      .t9,
      "nobody can have that \(window.words): the absence lasts \(DurationText.text(milliseconds: absent))",
      at: place, hint: "a shorter 'within', or a longer window")
    return false
  }

  // MARK: Steps

  private mutating func steps(_ raw: YAMLNode, _ filter: Filter) -> [Sequence.Step]? {
    guard let node = resolve(raw) else { return nil }
    guard let items = node.items else {
      report(
        .n1, "'sequence' must be a list of steps, not \(node.kind)", at: node.place,
        hint: "each step begins with '- ', such as '- {event: paywall_view}'")
      return nil
    }
    guard (1...Self.mostSteps).contains(items.count) else {
      report(
        items.isEmpty ? .y13 : .y14,
        items.isEmpty ? "a sequence without steps" : "more than \(Self.mostSteps) steps", at: node.place)
      return nil
    }
    var steps: [Sequence.Step?] = []
    for (index, item) in items.enumerated() {
      steps.append(step(item, isFirst: index == 0, filter))
    }
    guard !steps.contains(where: { $0 == nil }) else { return nil }
    let good = steps.compactMap { $0 }
    if good.count == 1, case .events(let only) = good[0], only.times == 1 {
      report(
        .l5, "a sequence of one step: nothing follows", at: node.place,
        hint: "add a step, or write a condition: 'events: any' with 'where' and 'when'")
      return nil
    }
    return good
  }

  private mutating func step(_ raw: YAMLNode, isFirst: Bool, _ filter: Filter) -> Sequence.Step? {
    guard let node = resolve(raw) else { return nil }
    guard let entries = node.entries, !entries.isEmpty else {
      report(
        node.entries == nil ? .n1 : .y13,
        "a step must be a map of fields, not \(node.entries == nil ? node.kind : "nothing")",
        at: node.place, hint: "such as {event: paywall_view}")
      return nil
    }
    if let absent = entries.first(where: { $0.name == "absent" }) {
      return self.absent(absent, entries, isFirst: isFirst)
    }
    let before = errors
    var step = Sequence.EventStep(.always)
    for entry in entries where Self.stepKeys.contains(entry.name) { set(entry, &step) }
    if isFirst { checkFirst(step, entries) }
    let fields = entries.filter { !Self.stepKeys.contains($0.name) }
    guard let own = self.filter(fields, node.place, depth: 1), errors == before else { return nil }
    if let event = own.onlyEvent, filter.excludes(event: event) {
      report(
        .t10, "this step wants '\(event)' events, and 'where' takes others only", at: node.place,
        hint: "'where' of a sequence is for all of its steps")
      return nil
    }
    step.filter = own
    return .events(step)
  }

  private mutating func set(_ entry: YAMLNode.Entry, _ step: inout Sequence.EventStep) {
    switch entry.name {
    case "times": times(entry.value).map { step.times = $0 }
    case "within": step.within = length(entry.value, "'within'")
    case "without": step.without = filter(entry.value, depth: 1)
    case "directly":
      guard let node = resolve(entry.value) else { return }
      guard let directly = ["true": true, "yes": true, "false": false, "no": false][node.text ?? ""] else {
        return report(.t5, "'directly' is true or false", at: node.place)
      }
      step.directly = directly
    default: break
    }
  }

  private mutating func times(_ raw: YAMLNode) -> Int? {
    guard let node = resolve(raw), let text = text(node, "'times'") else { return nil }
    guard let number = decimal(text, decimals: 0, node, "times") else { return nil }
    guard (1...Int64(Self.mostTimes)).contains(number) else {
      report(
        number < 1 ? .t6 : .y14, "'times' must be from 1 to \(Self.mostTimes)", at: node.place,
        hint: "'times: 3': three such events")
      return nil
    }
    return Int(number)
  }

  /// L5: what the first step cannot say of a step before.
  private mutating func checkFirst(_ step: Sequence.EventStep, _ entries: [YAMLNode.Entry]) {
    for entry in entries {
      switch entry.name {
      case "directly", "without":
        report(
          .l5, "the first step follows nothing, so '\(entry.name)' says nothing", at: entry.key.place,
          hint: "write it in the step behind")
      case "within" where step.times == 1:
        report(
          .l5, "the first step follows nothing, so 'within' says nothing", at: entry.key.place,
          hint: "write it in the step behind, or beside 'sequence' for all steps together")
      default: break
      }
    }
  }

  /// `{absent: FILTER, within: 1d}`
  private mutating func absent(
    _ absent: YAMLNode.Entry, _ entries: [YAMLNode.Entry], isFirst: Bool
  ) -> Sequence.Step? {
    let before = errors
    if isFirst {
      report(
        .l5, "'absent' follows nothing: it counts from the step before", at: absent.key.place,
        hint: "for users without an event write a condition: 'events: none'")
    }
    for entry in entries where entry.name != "absent" && entry.name != "within" {
      report(
        .n1, "'\(entry.name)' cannot stand beside 'absent'", at: entry.key.place,
        hint: "'absent' has its fields inside: {absent: {event: purchase}, within: 1d}")
    }
    let filter = self.filter(absent.value, depth: 1)
    guard let entry = entries.first(where: { $0.name == "within" }) else {
      report(
        .w1, "'absent' does not say for how long", at: absent.key.place, hint: "add 'within: 1d'")
      return nil
    }
    guard let within = length(entry.value, "'within'"), let filter, errors == before else { return nil }
    return .absent(filter, within: within)
  }
}

extension Window {
  /// How long it can be at most, in milliseconds; nil for open windows. Clocks are put back by an hour, once in a window
  /// of less than half a year.
  fileprivate var longest: Int64? {
    if case .lastTime(let length) = self { return length }
    return dayCount.map { Int64($0) * 86_400_000 + (Int64($0) / 180 + 1) * 3_600_000 }
  }
}

extension Filter {
  /// The one event that it takes by name.
  fileprivate var onlyEvent: String? {
    switch self {
    case .field(.event, .text(.value(let name))), .field(.event, .text(.exactly(let name))): name
    case .all(let filters): filters.lazy.compactMap(\.onlyEvent).first
    default: nil
    }
  }
}
