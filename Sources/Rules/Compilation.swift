import Diagnostics
import Events

/// What the checker knows about the project and its store.
public struct RuleContext: Sendable {
  /// The project's own fields, `props.x`.
  public var properties: [Field]
  public var eventNames: EventNames
  /// How many days the store keeps; nil: no limit, nothing was pruned.
  public var retentionDays: Int?
  /// The as-of day, for dates that lie after it; nil: not known.
  public var asOf: Day?
  public var zone: CalendarZone
  /// Folded values seen in the store by field, for N3 and its nearest word; nil: not looked at.
  public var knownValues: [Field: Set<String>]?

  public init(
    properties: [Field] = [], eventNames: EventNames = .init(), retentionDays: Int? = nil,

    asOf: Day? = nil, zone: CalendarZone = .utc, knownValues: [Field: Set<String>]? = nil
  ) {
    self.properties = properties
    self.eventNames = eventNames
    self.retentionDays = retentionDays
    self.asOf = asOf
    self.zone = zone
    self.knownValues = knownValues
  }
}

/// The outcome of checking a set of segment files together.
public struct Compilation: Sendable {
  /// The good ones, each after those that it refers to.
  public var segments: [Segment]
  /// In order of file and place.
  public var diagnostics: [Diagnostic]
  /// Ids that are not produced: their own file is wrong, or one that they refer to.
  public var withheld: [String]

  public init(segments: [Segment], diagnostics: [Diagnostic], withheld: [String]) {
    self.segments = segments
    self.diagnostics = diagnostics
    self.withheld = withheld
  }
}
