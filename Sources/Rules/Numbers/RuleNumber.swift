import Diagnostics
import Events

/// A number in a rule that somebody may want to turn: the 3 of `at least 3`, the 30 of `last 30d`.
public struct RuleNumber: Sendable {
  public enum Scale: Sendable, Hashable {
    /// Whole numbers, from 0 or 1.
    case count(from: Int64)
    /// `at least 2 of` so many.
    case choice(of: Int64)
    case days
    case milliseconds
    /// Millionths of anything, and of a whole.
    case millionths, share
  }

  /// What it says, with `…` in its place: `articles read at least …`.
  public var label: String
  public var value: Int64
  public var scale: Scale
  /// Of the condition that it stands in.
  public var place: Place?

  /// A value as it is written: `3`, `10m`, `40%`, `30d`.
  public func text(_ value: Int64) -> String {
    switch scale {
    case .count, .choice: String(value)
    case .days: "\(value)d"
    case .milliseconds: Self.duration(value)
    case .millionths: DecimalText.text(millionths: value)
    case .share: DecimalText.text(millionths: value * 100) + "%"
    }
  }
}

extension RuleNumber {
  /// As files have it, in the largest unit that leaves a whole number: `90s`, `10m`.
  private static func duration(_ milliseconds: Int64) -> String {
    for (unit, length) in [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000)]
      as [(String, Int64)]
    where milliseconds % length == 0 && milliseconds != 0 {
      return "\(milliseconds / length)\(unit)"
    }
    return milliseconds == 0 ? "0s" : "\(milliseconds)ms"
  }
}

extension RuleNode {
  /// Its numbers in order of place.
  public var numbers: [RuleNumber] {
    var numbers: [RuleNumber] = []
    var turner = NumberTurner { number in
      numbers.append(number)
      return number.value
    }
    _ = turner.node(self)
    return numbers
  }

  /// The rule with one of its `numbers` replaced.
  public func setting(_ index: Int, to value: Int64) -> RuleNode {
    var seen = 0
    var turner = NumberTurner { number in
      defer { seen += 1 }
      return seen == index ? value : number.value
    }
    return turner.node(self)
  }
}

/// Walks a rule and puts in place of each number what it is told.
private struct NumberTurner {
  typealias Turn = (RuleNumber) -> Int64
  private let turn: Turn
  private var place: Place?

  init(_ turn: @escaping Turn) { self.turn = turn }

  private func turned(_ value: Int64, _ scale: RuleNumber.Scale, _ label: String) -> Int64 {
    turn(RuleNumber(label: label, value: value, scale: scale, place: place))
  }

  mutating func node(_ node: RuleNode) -> RuleNode {
    switch node {
    case .everyone, .list, .segment: return node
    case .user(let filter): return .user(self.filter(filter))
    case .all(let nodes): return .all(nodes.map { self.node($0) })
    case .any(let nodes): return .any(nodes.map { self.node($0) })
    case .none(let nodes): return .none(nodes.map { self.node($0) })
    case .count(let test, let nodes):
      return .count(count(test, of: nodes.count, "… of \(nodes.count)"), of: nodes.map { self.node($0) })
    case .condition(var condition):
      place = condition.place
      condition.tests = condition.tests.map {
        MeasureTest($0.measure, threshold($0.threshold, Self.scale($0.measure), $0.measure.words))
      }
      condition.filter = filter(condition.filter)
      condition.window = window(condition.window)
      return .condition(condition)
    case .extreme(var extreme):
      place = extreme.place
      if case .inWindow(let window) = extreme.test { extreme.test = .inWindow(self.window(window)) }
      extreme.filter = filter(extreme.filter)
      extreme.window = window(extreme.window)
      return .extreme(extreme)
    case .sequence(var sequence):
      place = sequence.place
      sequence.steps = sequence.steps.enumerated().map { step($1, "step \($0 + 1)") }
      sequence.within = sequence.within.map { turned($0, .milliseconds, "all within …") }
      sequence.filter = filter(sequence.filter)
      sequence.window = window(sequence.window)
      return .sequence(sequence)
    }
  }

  private func step(_ step: Sequence.Step, _ name: String) -> Sequence.Step {
    switch step {
    case .absent(let filter, let within):
      return .absent(self.filter(filter), within: turned(within, .milliseconds, "\(name): none for …"))
    case .events(var step):
      step.filter = filter(step.filter)
      if step.times > 1 {
        let times = turned(Int64(step.times), .count(from: 1), "\(name): … times")
        step.times = Int(clamping: times)
      }
      step.within = step.within.map { turned($0, .milliseconds, "\(name): within …") }
      return .events(step)
    }
  }

  private static func scale(_ measure: Measure) -> RuleNumber.Scale {
    switch (measure, measure.unit) {
    case (.share, _): .share
    case (_, .count): .count(from: 1)
    case (_, .milliseconds): .milliseconds
    case (_, .millionths): .millionths
    }
  }

  private func threshold(_ threshold: Threshold, _ scale: RuleNumber.Scale, _ what: String) -> Threshold {
    switch threshold {
    case .any, .none: threshold
    case .atLeast(let q): .atLeast(turned(q, scale, "\(what) at least …"))
    case .atMost(let q): .atMost(turned(q, scale, "\(what) at most …"))
    case .moreThan(let q): .moreThan(turned(q, scale, "\(what) more than …"))
    case .lessThan(let q): .lessThan(turned(q, scale, "\(what) less than …"))
    case .exactly(let q): .exactly(turned(q, scale, "\(what) exactly …"))
    case .between(let a, let b):
      .between(turned(a, scale, "\(what) from …"), turned(b, scale, "\(what) up to …"))
    case .top(let cut): .top(self.cut(cut, "\(what) in the top …"))
    case .bottom(let cut): .bottom(self.cut(cut, "\(what) in the bottom …"))
    }
  }

  private func cut(_ cut: RankCut, _ label: String) -> RankCut {
    switch cut {
    case .share(let millionths): .share(turned(millionths, .share, label))
    case .users(let users): .users(turned(users, .count(from: 1), label))
    }
  }

  private func window(_ window: Window) -> Window {
    switch window {
    case .days(1, let far) where far > 1: .days(near: 1, far: days(far, "last …"))
    case .beforeLast(let far): .beforeLast(days: days(far, "before the last …"))
    case .lastTime(let length): .lastTime(turned(length, .milliseconds, "last …"))
    case .blocks(let test, let count, let length):
      .blocks(
        self.count(test, of: count, "… of the last \(count) blocks of \(length)d"), of: count, days: length)
    case .ever, .days, .dates, .current, .previous: window
    }
  }

  private func days(_ days: Int, _ label: String) -> Int {
    Int(clamping: turned(Int64(days), .days, label))
  }

  private func count(_ test: CountTest, of all: Int, _ label: String) -> CountTest {
    func number(_ n: Int, _ word: String) -> Int {
      Int(clamping: turned(Int64(n), .choice(of: Int64(all)), "\(word) \(label)"))
    }
    return switch test {
    case .atLeast(let n): .atLeast(number(n, "at least"))
    case .atMost(let n): .atMost(number(n, "at most"))
    case .exactly(let n): .exactly(number(n, "exactly"))
    }
  }

  private func filter(_ filter: Filter) -> Filter {
    switch filter {
    case .always: filter
    case .all(let filters): .all(filters.map { self.filter($0) })
    case .any(let filters): .any(filters.map { self.filter($0) })
    case .none(let filters): .none(filters.map { self.filter($0) })
    case .field(let field, let match): .field(field, self.match(match, field))
    }
  }

  private func match(_ match: Match, _ field: Field) -> Match {
    switch match {
    case .anyOf(let matches): return .anyOf(matches.map { self.match($0, field) })
    case .not(let inner): return .not(self.match(inner, field))
    case .number(let threshold):
      switch field.kind {
      case .duration, .age:
        return .number(self.threshold(threshold, .milliseconds, "an event's \(field.name)"))
      case .number: return .number(self.threshold(threshold, .millionths, "an event's \(field.name)"))
      default: return match
      }
    case .next(let length): return .next(turned(length, .milliseconds, "\(field.name) in the next …"))
    case .text, .allOf, .hours, .inWindow, .list, .id, .known: return match
    }
  }
}
