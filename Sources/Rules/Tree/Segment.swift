import Diagnostics
import Events

/// A segment that passed every check: what the engine evaluates. A parsed but unchecked file is another type.
public struct Segment: Sendable {
  /// The file name without `.yaml`: a–z, 0–9, -.
  public var id: String
  public var name: String
  public var description: String
  public var owner: String
  public var purpose: String
  public var tags: [String]
  public var destinations: [String]
  /// The last day on which it is delivered.
  public var expires: Day?
  /// Never delivered.
  public var draft: Bool
  /// `who`.
  public var root: RuleNode
  /// What is done to those for whom `who` holds.
  public var after: AfterWho
  public var tests: [SegmentTest]
  /// The file's path and the hash of its bytes, as the run record keeps them.
  public var file: String
  public var contentHash: UInt64
  /// Paths of all files that it is made of: its own, its template's, the project's definitions where it uses them.
  public var madeOf: [String] = []

  public init(
    id: String, name: String, description: String = "", owner: String = "", purpose: String,
    tags: [String] = [],
    destinations: [String] = [], expires: Day? = nil, draft: Bool = false, root: RuleNode,
    after: AfterWho = AfterWho(),
    tests: [SegmentTest] = [], file: String = "", contentHash: UInt64 = 0
  ) {
    self.id = id
    self.name = name
    self.description = description
    self.owner = owner
    self.purpose = purpose
    self.tags = tags
    self.destinations = destinations
    self.expires = expires
    self.draft = draft
    self.root = root
    self.after = after
    self.tests = tests
    self.file = file
    self.contentHash = contentHash
  }
}

extension Segment {
  /// The id that a file gives its segment: its name without folders and `.yaml` or `.yml`.
  public static func id(ofFile file: String) -> String {
    let name = file.split(separator: "/").last.map(String.init) ?? file
    return name.hasSuffix(".yaml")
      ? String(name.dropLast(5)) : name.hasSuffix(".yml") ? String(name.dropLast(4)) : name
  }
}

/// What follows `who`, in this order.
public struct AfterWho: Sendable, Hashable {
  /// In on day d if `who` held on a day e of the `days` ending at d, and `condition` on every day after e.
  public struct Keep: Sendable, Hashable {
    public var days: Int
    public var condition: RuleNode?
    public init(days: Int, while condition: RuleNode? = nil) {
      self.days = days
      self.condition = condition
    }
  }

  /// A share of users by hash: the first 32 bits of MD5(seed `:` user), divided by 2³², below it.
  public struct Share: Sendable, Hashable {
    /// Millionths: 10 % is 100,000.
    public var millionths: Int64
    public var seed: String
    public init(millionths: Int64, seed: String) {
      self.millionths = millionths
      self.seed = seed
    }
  }

  /// The users with the lowest hashes.
  public struct Limit: Sendable, Hashable {
    public var users: Int
    public var seed: String
    public init(users: Int, seed: String) {
      self.users = users
      self.seed = seed
    }
  }

  /// Arms in this order along the hash.
  public struct Split: Sendable, Hashable {
    public struct Arm: Sendable, Hashable {
      public var name: String
      public var millionths: Int64
      public init(name: String, millionths: Int64) {
        self.name = name
        self.millionths = millionths
      }
    }
    public var arms: [Arm]
    public var seed: String
    public init(arms: [Arm], seed: String) {
      self.arms = arms
      self.seed = seed
    }
  }

  public var keep: Keep?
  public var sample: Share?
  public var limit: Limit?
  public var holdout: Share?
  public var split: Split?

  public init(
    keep: Keep? = nil, sample: Share? = nil, limit: Limit? = nil, holdout: Share? = nil, split: Split? = nil
  ) {
    self.keep = keep
    self.sample = sample
    self.limit = limit
    self.holdout = holdout
    self.split = split
  }
}

/// One entry of a segment's `tests`.
public struct SegmentTest: Sendable {
  /// Events as rows; already with `times` unrolled and defaults filled in.
  public var given: [GivenEvent]
  /// Other segments that the test's user is taken to be a member of.
  public var segments: [String]
  /// The user's attributes, as written; texts by field, times in milliseconds as numbers.
  public var texts: [Field: String] = [:]
  public var numbers: [Field: Double] = [:]
  public var times: [Field: Int64] = [:]
  /// Uploaded lists that have the user.
  public var lists: [String] = []
  /// Uploaded lists by name, and the texts that they have.
  public var listed: [String: [String]] = [:]
  /// Which day is day 1; nil: it does not matter.
  public var asOf: Day?
  public var expectsMember: Bool
  public var place: Place

  public init(given: [GivenEvent], segments: [String] = [], expectsMember: Bool, place: Place) {
    self.given = given
    self.segments = segments
    self.expectsMember = expectsMember
    self.place = place
  }
}

/// One event of a test: day 1 is the as-of day; at noon unless `at` says otherwise.
public struct GivenEvent: Sendable {
  public var day: Int
  /// Milliseconds after the day's start; nil: noon.
  public var at: Int64?
  /// Texts by field (one for `.text`, any number for `.textList`), as written.
  public var texts: [Field: [String]]
  public var numbers: [Field: Double]
  /// Milliseconds.
  public var dwell: UInt32?
  /// The session's id as written; nil is unknown.
  public var session: String?

  public init(
    day: Int = 1, at: Int64? = nil, texts: [Field: [String]] = [:], numbers: [Field: Double] = [:],
    dwell: UInt32? = nil, session: String? = nil
  ) {
    self.day = day
    self.at = at
    self.texts = texts
    self.numbers = numbers
    self.dwell = dwell
    self.session = session
  }
}
