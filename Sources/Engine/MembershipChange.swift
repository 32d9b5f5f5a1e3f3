import Bitmaps

/// Who entered a segment and who left it, each under one cause.
///
/// The old rule on the new day decides: a user who entered did so by behaviour if the old rule would have let them in as
/// well, else by the rule; who left did so by behaviour if the old rule would have lost them as well, else by the rule.
public struct MembershipChange: Sendable {
  public enum Move: String, Sendable { case entered, left }
  public enum Cause: String, Sendable { case rule, behaviour }

  public struct User: Sendable, Equatable {
    public var ordinal: UInt32
    public var move: Move
    /// nil where the old rule on the new day is not known.
    public var cause: Cause?
  }

  /// Users who moved one way.
  public struct Count: Sendable, Equatable {
    public var users = 0
    public var byRule = 0
    public var byBehaviour: Int { users - byRule }
  }

  public let before: Membership
  public let after: Membership
  /// Members of the old rule on the new day; nil: not known.
  public let oldRule: Membership?
  public private(set) var stayed = 0
  public private(set) var entered = Count()
  public private(set) var left = Count()

  public var causesAreKnown: Bool { oldRule != nil }

  /// All of one number of buckets.
  public init(from before: Membership, to after: Membership, oldRule: Membership?) {
    self.before = before
    self.after = after
    self.oldRule = oldRule
    for bucket in 0..<after.bucketCount {
      for user in users(in: bucket) {
        let byRule = user.cause == .rule ? 1 : 0
        switch user.move {
        case .entered: entered = Count(users: entered.users + 1, byRule: entered.byRule + byRule)
        case .left: left = Count(users: left.users + 1, byRule: left.byRule + byRule)
        }
      }
    }
    stayed = after.count - entered.users
  }

  /// Those of a bucket who entered or left, by ordinal.
  public func users(in bucket: Int) -> [User] {
    let (old, new) = (before.ordinals(in: bucket), after.ordinals(in: bucket))
    guard old != new else { return [] }
    let (was, isNow) = (Set(old), Set(new))
    let would = oldRule.map { Set($0.ordinals(in: bucket)) }
    return was.symmetricDifference(isNow).sorted().map { ordinal in
      let move = isNow.contains(ordinal) ? Move.entered : .left
      return User(
        ordinal: ordinal, move: move,
        cause: would.map { $0.contains(ordinal) == (move == .entered) ? .behaviour : .rule })
    }
  }
}
