import Bitmaps
import Diagnostics
import Events
import Rules

/// What a run was made from and what came out: the same bytes for the same inputs, whatever the machine, the threads
/// and the hour. Times are elsewhere (`timings.json`).
public struct RunRecord: Sendable {
  public var asOf: Day
  public var storeVersion: Int
  /// XXH3-64 over everything that can change a member, hexadecimal.
  public var fingerprint: String
  public var timeZone: String
  public var universe: Int
  /// Rows of events that were looked at.
  public var rows: Int
  /// What was read and decided.
  public var cost: NightCost
  public var segments: [Entry]
  /// Ids that were not produced.
  public var withheld: [String]
  /// The run that sizes are compared with.
  public var previous: String?
  /// All good segments were evaluated, not some.
  public var isWhole: Bool

  public struct Entry: Sendable {
    public var id: String
    public var size: Int
    /// Members of the previous run; nil where it had no such segment.
    public var previousSize: Int?
    public var entered: Int?
    public var left: Int?
    /// Sizes of its arms, and of those held out.
    public var parts: [(name: String, size: Int)] = []
    /// Of the segment's file.
    public var contentHash: String
    public var purpose: String

    public init(id: String, size: Int, contentHash: String, purpose: String) {
      self.id = id
      self.size = size
      self.contentHash = contentHash
      self.purpose = purpose
    }
  }

  public init(
    asOf: Day, storeVersion: Int, fingerprint: String, timeZone: String, universe: Int, rows: Int,
    cost: NightCost, segments: [Entry],
    withheld: [String], previous: String?, isWhole: Bool
  ) {
    self.asOf = asOf
    self.storeVersion = storeVersion
    self.fingerprint = fingerprint
    self.timeZone = timeZone
    self.universe = universe
    self.rows = rows
    self.cost = cost
    self.segments = segments
    self.withheld = withheld
    self.previous = previous
    self.isWhole = isWhole
  }

  /// The run's id: its day and its fingerprint.
  public var id: String { Self.id(asOf, fingerprint) }
  public static func id(_ asOf: Day, _ fingerprint: String) -> String { "\(asOf)-\(fingerprint)" }

  public var json: String {
    func number(_ value: Int?) -> String { value.map { String($0) } ?? "null" }
    let entries = zip(segments, cost.shares).map { entry, share in
      "    {\"id\": \(JSONText.quoted(entry.id)), \"purpose\": \(JSONText.quoted(entry.purpose)), \"size\": \(entry.size), "
        + "\"previous_size\": \(number(entry.previousSize)), \"entered\": \(number(entry.entered)), "
        + "\"left\": \(number(entry.left)), "
        + (entry.parts.isEmpty
          ? ""
          : "\"parts\": {"
            + entry.parts.map { "\(JSONText.quoted($0.name)): \($0.size)" }.joined(separator: ", ") + "}, ")
        + "\"bytes_alone\": \(share.alone.bytes), \"bytes_own\": \(share.own.bytes), "
        + "\"file_hash\": \"\(entry.contentHash)\"}"
    }
    return """
      {
        "format": 1,
        "run": \(JSONText.quoted(id)),
        "as_of": "\(asOf)",
        "time_zone": \(JSONText.quoted(timeZone)),
        "store_version": \(storeVersion),
        "fingerprint": "\(fingerprint)",
        "universe": {"users": \(universe), "meaning": "users with an event on a day up to as_of; consent is not evaluated"},
        "rows": \(rows),
        "read": {"days": \(cost.days), "pieces": \(cost.pieces), "bytes": \(cost.whole.bytes)},
        "distinct": {"filters": \(cost.whole.filters), "measurements": \(cost.whole.measurements), "thresholds": \(cost.whole.thresholds)},
        "whole": \(isWhole),
        "previous": \(previous.map { JSONText.quoted($0) } ?? "null"),
        "withheld": [\(withheld.map { JSONText.quoted($0) }.joined(separator: ", "))],
        "segments": [
      \(entries.joined(separator: ",\n"))
        ]
      }

      """
  }
}

extension Membership {
  /// How many of `self` are not in `other`.
  public func countMissing(from other: Membership) -> Int {
    var missing = 0
    for bucket in 0..<bucketCount {
      let others = other.ordinals(in: bucket)
      var at = 0
      for ordinal in ordinals(in: bucket) {
        while at < others.count, others[at] < ordinal { at += 1 }
        if at == others.count || others[at] != ordinal { missing += 1 }
      }
    }
    return missing
  }
}
