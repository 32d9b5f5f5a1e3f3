import Events
import Rules

/// What becomes of a user's membership on later days, and what would bring them in.
public struct Outlook: Sendable {
  /// How many days ahead is looked.
  public static let days = 90

  /// Of a member: the first day on which they are out if nothing more happens; nil: none of the days looked at.
  public var leaves: Day?
  /// Of somebody who is out: the first day on which they are in if nothing more happens.
  public var enters: Day?
  /// Of somebody who is out: with all of these they would be in. Empty where that cannot be said.
  public var needs: [Need] = []
  /// On any one day up to it all that is needed together would bring the user in by its end, if nothing else happens;
  /// nil: on all of the days looked at. Different days are those that end there.
  public var by: Day?

  /// Events that a condition lacks.
  public struct Need: Sendable {
    public var condition: Condition
    /// On the day after the as-of day, the first on which more can come.
    public var missing: [Missing]
    /// The same of this condition alone: up to then it would hold with what is missing now.
    public var by: Day?
    /// What is missing on the day after; nil where it is no more than before, or the window is over.
    public var afterwards: [Missing]?
  }

  public struct Missing: Sendable, Equatable {
    public var test: MeasureTest
    /// In the measure's unit, above 0.
    public var amount: Int64

    /// `2 more articles read`
    public var words: String { "\(quantity) more \(noun)" }
    /// `2`, `4m`
    public var quantity: String { test.measure.text(Int128(amount)) }

    private var noun: String {
      guard amount == 1 else { return test.measure.words }
      return switch test.measure {
      case .views: "page view"
      case .clicks: "click"
      case .events: "event"
      case .reads: "article read"
      case .days: "active day"
      case .sessions: "session"
      default: test.measure.words
      }
    }
  }
}

extension Outlook.Need {
  /// `2 more articles read and 4 minutes more time spent in section sport`
  public var words: String {
    let filter = condition.filter == .always ? "" : ", on events \(condition.filter.wording.line)"
    return missing.map(\.words).joined(separator: " and ") + filter
  }
}
