import Diagnostics
import Events

/// One node of a checked rule. Its sense is a set of users inside the universe.
public indirect enum RuleNode: Sendable, Hashable {
  case everyone
  case condition(Condition)
  case extreme(Extreme)
  case sequence(Sequence)
  /// A test of the user's attributes, as loaded by the as-of day; `first_seen` is the time of the first event.
  case user(Filter)
  /// The user's id is in any of these uploaded lists.
  case list([String])
  case segment(SegmentReference)
  case all([RuleNode])
  case any([RuleNode])
  /// Users for whom no child holds.
  case none([RuleNode])
  case count(CountTest, of: [RuleNode])
}

/// `at least 2 of`
public enum CountTest: Sendable, Hashable {
  case atLeast(Int), atMost(Int), exactly(Int)

  public func holds(_ n: Int) -> Bool {
    switch self {
    case .atLeast(let k): n >= k
    case .atMost(let k): n <= k
    case .exactly(let k): n == k
    }
  }
}

/// Members of any of these segments, as of the day or some days earlier.
public struct SegmentReference: Sendable, Hashable {
  public enum Part: Sendable, Hashable {
    case members
    /// `id.b`: an arm of its split.
    case arm(String)
    /// `id.holdout`: those held out.
    case holdout
  }
  public struct Name: Sendable, Hashable {
    public var id: String
    public var part: Part
    public init(_ id: String, _ part: Part = .members) {
      self.id = id
      self.part = part
    }

    /// Reads `id`, `id.arm` or `id.holdout`.
    public init(written text: String) {
      guard let dot = text.firstIndex(of: ".") else {
        self.init(text)
        return
      }
      let part = String(text[text.index(after: dot)...])
      self.init(String(text[..<dot]), part == "holdout" ? .holdout : .arm(part))
    }
  }
  public var names: [Name]
  /// `ago: 7d`: the whole definition as of that many days earlier.
  public var daysAgo: Int

  public init(_ names: [Name], daysAgo: Int = 0) {
    self.names = names
    self.daysAgo = daysAgo
  }
}

/// Measures over the same filtered events in one window; all tests must hold.
public struct Condition: Sendable, Hashable {
  public var tests: [MeasureTest]
  /// The condition's `where` together with the file's.
  public var filter: Filter
  public var window: Window
  /// `same: session`: one value of this field on whose events all tests hold (of a list field, one element). Events
  /// without a value form no group.
  public var same: Field?
  /// Where it stands, for `explain` and diagnostics; no part of equality.
  public var place: Place?

  public init(
    tests: [MeasureTest], filter: Filter, window: Window, same: Field? = nil, place: Place? = nil
  ) {
    self.tests = tests
    self.filter = filter
    self.window = window
    self.same = same
    self.place = place
  }

  public static func == (a: Self, b: Self) -> Bool {
    a.tests == b.tests && a.filter == b.filter && a.window == b.window && a.same == b.same
  }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(tests)
    hasher.combine(filter)
    hasher.combine(window)
    hasher.combine(same)
  }
}

public struct MeasureTest: Sendable, Hashable {
  public var measure: Measure
  public var threshold: Threshold
  public init(_ measure: Measure, _ threshold: Threshold) {
    self.measure = measure
    self.threshold = threshold
  }
}

/// `first: last 7d`, `latest: {country: be}`: of the user's events that pass `filter` in `window`, the first or
/// the latest.
public struct Extreme: Sendable, Hashable {
  public enum Which: Sendable, Hashable { case first, latest }
  public enum Test: Sendable, Hashable {
    /// That event's day (or instant) lies in this window.
    case inWindow(Window)
    /// Its fields match; of equal times any event may.
    case matches(Filter)
  }
  public var which: Which
  public var test: Test
  public var filter: Filter
  public var window: Window
  public var place: Place?

  public init(which: Which, test: Test, filter: Filter, window: Window, place: Place? = nil) {
    self.which = which
    self.test = test
    self.filter = filter
    self.window = window
    self.place = place
  }

  public static func == (a: Self, b: Self) -> Bool {
    a.which == b.which && a.test == b.test && a.filter == b.filter && a.window == b.window
  }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(which)
    hasher.combine(test)
    hasher.combine(filter)
    hasher.combine(window)
  }
}

extension RuleNode {
  /// The nodes below it.
  public var children: [RuleNode] {
    switch self {
    case .all(let nodes), .any(let nodes), .none(let nodes), .count(_, let nodes): nodes
    case .condition(let condition):
      condition.tests.compactMap { if case .rank(_, let among?) = $0.measure { among } else { nil } }
    case .everyone, .extreme, .sequence, .user, .list, .segment: []
    }
  }

  /// Ids of the segments that it refers to.
  public var references: Set<String> {
    if case .segment(let reference) = self { return Set(reference.names.map(\.id)) }
    return children.reduce(into: []) { $0.formUnion($1.references) }
  }
}

extension Segment {
  /// Ids of the segments that it refers to.
  public var references: Set<String> { root.references.union(after.keep?.condition?.references ?? []) }
}
