import Diagnostics
import Events

/// Steps in time order. It holds if any choice of different events fits; events at the same instant fit either way.
public struct Sequence: Sendable, Hashable {
  public enum Step: Sendable, Hashable {
    case events(EventStep)
    /// No event that passes in this time after the step before (both ends of the time: after, and including the end),
    /// and the time has passed inside the window. Its own time is that end. Milliseconds.
    case absent(Filter, within: Int64)
  }

  public struct EventStep: Sendable, Hashable {
    public var filter: Filter
    /// That many different events; the step's time is that of the last.
    public var times: Int
    /// At most this long after the step before; of the first step, after its own first event. Milliseconds, inclusive.
    public var within: Int64?
    /// No event of the sequence's `filter` strictly between this step's events and the event before.
    public var directly: Bool
    /// No such event strictly between the step before and this one.
    public var without: Filter?

    public init(
      _ filter: Filter, times: Int = 1, within: Int64? = nil, directly: Bool = false, without: Filter? = nil
    ) {
      self.filter = filter
      self.times = times
      self.within = within
      self.directly = directly
      self.without = without
    }
  }

  /// The first is no `absent`.
  public var steps: [Step]
  /// From the first event to the last, milliseconds, inclusive.
  public var within: Int64?
  /// All steps are looked for among the events of one value of each of these fields (of a list field, one element).
  public var same: [Field]
  /// The sequence's `where` together with the file's: only these events are looked at.
  public var filter: Filter
  public var window: Window
  public var place: Place?

  public init(
    _ steps: [Step], within: Int64? = nil, same: [Field] = [], filter: Filter, window: Window,
    place: Place? = nil
  ) {
    self.steps = steps
    self.within = within
    self.same = same
    self.filter = filter
    self.window = window
    self.place = place
  }

  public static func == (a: Self, b: Self) -> Bool {
    a.steps == b.steps && a.within == b.within && a.same == b.same && a.filter == b.filter
      && a.window == b.window
  }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(steps)
    hasher.combine(within)
    hasher.combine(same)
    hasher.combine(filter)
    hasher.combine(window)
  }
}
