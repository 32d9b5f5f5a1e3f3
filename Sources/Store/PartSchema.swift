import ArrowIPC
import Events

/// Which columns a part has, in order: `user`, `time`, texts, lists, numbers, `dwell`, `session`.
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
      ArrowField("user", .utf8, nullable: false),
      ArrowField("time", .timestamp(.millisecond, zone: "UTC"), nullable: false),
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
    fields.append(ArrowField("session", .int(bits: 64, signed: false)))
    return ArrowSchema(fields)
  }

  private static func dictionary(_ id: Int, _ count: Int) -> ArrowField.Dictionary {
    .init(id: Int64(id), index: .int(bits: indexBits(count), signed: false))
  }

  /// The narrowest index in which `count` itself is free to stand for "unknown".
  static func indexBits(_ count: Int) -> Int { count <= 0xff ? 8 : count <= 0xffff ? 16 : 32 }

  /// The file beside a part, row for row: who, which event, which page view.
  static let index = ArrowSchema([
    ArrowField("user", .int(bits: 32, signed: false), nullable: false),
    ArrowField("event_id_high", .int(bits: 64, signed: false), nullable: false),
    ArrowField("event_id_low", .int(bits: 64, signed: false), nullable: false),
    ArrowField("view", .int(bits: 64, signed: false), nullable: false),
  ])
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
}
