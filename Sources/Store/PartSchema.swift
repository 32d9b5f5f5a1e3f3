import ArrowIPC
import Events

/// Which columns a part has, in order: those that every scan reads, texts, lists, numbers, `dwell`, and those that few
/// read or only other programs.
public struct PartSchema: Sendable, Equatable {
  public var texts: [Field]
  public var lists: [Field]
  public var numbers: [Field]

  /// - Parameter fields: the project's stored fields; `dwell` and `session` have places of their own.
  public init(fields: [Field]) {
    texts = fields.filter { $0.kind == .text }
    lists = fields.filter { $0.kind == .textList }
    numbers = fields.filter { $0.kind == .number }
  }

  /// - Parameter dictionaries: how many values each text and each list field has, which sets its index's width.
  func arrow(dictionaries: [Int]) -> ArrowSchema {
    var fields = [
      ArrowField("user_number", .int(bits: 16, signed: false), nullable: false),
      ArrowField("user_number_high", .int(bits: 16, signed: false)),
    ]
    for (index, field) in texts.enumerated() {
      fields.append(ArrowField(field.name, .utf8, dictionary: Self.dictionary(index, dictionaries[index])))
    }
    for (index, field) in lists.enumerated() {
      let id = texts.count + index
      let item = ArrowField("item", .utf8, dictionary: Self.dictionary(id, dictionaries[id]))
      fields.append(ArrowField(field.name, .list, children: [item]))
    }
    fields += numbers.map { ArrowField($0.name, .float(bits: 64)) }
    fields.append(ArrowField("dwell", .int(bits: 32, signed: false)))
    fields.append(ArrowField("time", .timestamp(.millisecond, zone: "UTC"), nullable: false))
    fields.append(ArrowField("session", .int(bits: 64, signed: false)))
    fields.append(ArrowField("user", .utf8, nullable: false))
    return ArrowSchema(fields)
  }

  private static func dictionary(_ id: Int, _ count: Int) -> ArrowField.Dictionary {
    .init(id: Int64(id), index: .int(bits: indexBits(count), signed: false))
  }

  /// The narrowest index in which `count` itself is free to stand for "unknown".
  static func indexBits(_ count: Int) -> Int { count <= 0xff ? 8 : count <= 0xffff ? 16 : 32 }

  /// The file beside a part, row for row: which event, which page view.
  static let index = ArrowSchema([
    ArrowField("event_id_high", .int(bits: 64, signed: false), nullable: false),
    ArrowField("event_id_low", .int(bits: 64, signed: false), nullable: false),
    ArrowField("view", .int(bits: 64, signed: false), nullable: false),
  ])
}

extension PartSchema {
  /// The file that says who has an event: a row a bucket, in it a bit a user, least significant first.
  static let presence = ArrowSchema([ArrowField("users", .binary, nullable: false)])
  /// Fields that an article may have one value of.
  var articleFields: [Field] { (texts + lists).filter { $0 != .event && $0 != .article } }

  /// The file that says what articles have: a batch a cluster that is by article, in it a row an article in the order of its code.
  var articles: ArrowSchema {
    let code = ArrowType.int(bits: 32, signed: false)
    return ArrowSchema(
      articleFields.map { field in
        field.kind == .textList
          ? ArrowField(field.name, .list, children: [ArrowField("item", code)]) : ArrowField(field.name, code)
      })
  }

  /// More articles a part are not looked at.
  static let mostArticles = 1 << 20
  /// Of the file of presence: buckets a batch.
  static let presenceBuckets = 256
}

/// The rows of one bucket on their way into a part: sorted by (event name, ordinal, time, event id).
public struct PartRows: Sendable {
  public var ordinals: [UInt32] = []
  public var times: [Int64] = []
  /// User ids, end to end; row r has `userOffsets[r]..<userOffsets[r + 1]`.
  public var userOffsets: [UInt32] = [0]
  public var users: [UInt8] = []
  /// By text field: a code of the part's dictionary; its count is unknown.
  public var texts: [[UInt32]]
  /// By list field.
  public var listOffsets: [[UInt32]]
  public var lists: [[UInt32]]
  /// By number field; NaN is unknown.
  public var numbers: [[Double]]
  /// Milliseconds; `UInt32.max` is unknown.
  public var dwell: [UInt32] = []
  /// 0 is unknown.
  public var sessions: [UInt64] = []
  public var eventIDs: [UInt128] = []
  public var views: [UInt64] = []

  public init(_ schema: PartSchema) {
    texts = Array(repeating: [], count: schema.texts.count)
    listOffsets = Array(repeating: [0], count: schema.lists.count)
    lists = Array(repeating: [], count: schema.lists.count)
    numbers = Array(repeating: [], count: schema.numbers.count)
  }

  public var count: Int { ordinals.count }

  /// Some ranges of rows, end to end.
  func joined(_ ranges: [Range<Int>]) -> PartRows {
    if ranges == [0..<count] { return self }
    var part = self
    part.ordinals = Self.joined(ordinals, ranges)
    part.times = Self.joined(times, ranges)
    (part.userOffsets, part.users) = Self.joined(userOffsets, users, ranges)
    part.texts = texts.map { Self.joined($0, ranges) }
    for list in lists.indices {
      (part.listOffsets[list], part.lists[list]) = Self.joined(listOffsets[list], lists[list], ranges)
    }
    part.numbers = numbers.map { Self.joined($0, ranges) }
    part.dwell = Self.joined(dwell, ranges)
    part.sessions = Self.joined(sessions, ranges)
    part.eventIDs = Self.joined(eventIDs, ranges)
    part.views = Self.joined(views, ranges)
    return part
  }

  private static func joined<T>(_ values: [T], _ ranges: [Range<Int>]) -> [T] {
    ranges.flatMap { values[$0] }
  }

  private static func joined<T>(_ offsets: [UInt32], _ values: [T], _ ranges: [Range<Int>]) -> (
    [UInt32], [T]
  ) {
    var (starts, elements): ([UInt32], [T]) = ([0], [])
    for range in ranges {
      let base = UInt32(elements.count) &- offsets[range.lowerBound]
      starts += offsets[(range.lowerBound + 1)..<(range.upperBound + 1)].map { $0 &+ base }
      elements += values[Int(offsets[range.lowerBound])..<Int(offsets[range.upperBound])]
    }
    return (starts, elements)
  }
}
