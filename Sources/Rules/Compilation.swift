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
  /// Attributes of users by their names (`tier`), `first_seen` among them; and of articles (`article.premium`).
  public var userFields: [Field] = [.firstSeen]
  public var articleFields: [Field] = []
  /// Names of uploaded lists; nil: not looked at.
  public var lists: Set<String>?
  /// The first day that the store has; nil: not known.
  public var firstDay: Day?
  /// Events older than `firstDay` were pruned.
  public var isPruned = false
  /// `definitions.yaml`: the project's names for `$name`.
  public var definitions: SourceText?

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
  /// What the files with parameters are called; they make no segment of their own.
  public var templates: [String]

  public init(
    segments: [Segment], diagnostics: [Diagnostic], withheld: [String], templates: [String] = []
  ) {
    self.segments = segments
    self.diagnostics = diagnostics
    self.withheld = withheld
    self.templates = templates
  }
}

extension [Segment] {
  /// Some of them, each behind all that it refers to. They stand in that order themselves.
  public func closure(of ids: Set<String>) -> [Segment] {
    var needed = ids
    for segment in reversed() where needed.contains(segment.id) { needed.formUnion(segment.references) }
    return filter { needed.contains($0.id) }
  }
}
