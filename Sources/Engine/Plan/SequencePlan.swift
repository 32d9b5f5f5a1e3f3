import Events
import Rules

/// A sequence as units, one an event or an absence, over bits: bit b of an event's mask says whether filter b holds.
struct SequencePlan: Sendable, Hashable {
  /// One event that is needed, or an absence.
  struct Unit: Sendable, Hashable {
    enum Kind: Sendable, Hashable {
      case event
      /// No event with the bit in this time after.
      case absent(Int64)
    }
    var kind: Kind
    var bit: Int
    /// It is the last unit of its step.
    var closesStep: Bool
    /// Of the step; checked where it closes.
    var within: Int64?
    var directly: Bool
    /// Bit of the filter that no event strictly between the step before and this unit may pass.
    var without: Int?
  }

  var units: [Unit]
  var within: Int64?
  /// Filters of the bits, as indexes into the plan's.
  var filters: [Int]
  /// Absences must have passed before it: the end of the span, milliseconds.
  var end: Int64
  /// Whether events that match nothing matter.
  var needsAllEvents: Bool { units.contains { $0.directly } }
}
