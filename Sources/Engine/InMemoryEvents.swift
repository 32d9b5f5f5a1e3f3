import Diagnostics
import Events

/// A few events in memory as a source: a segment's own tests, and the oracles of ours. One bucket.
public struct InMemoryEvents: EventSource {
  public struct Event: Sendable {
    public var user: UInt32
    /// Milliseconds.
    public var time: Int64
    public var texts: [Field: String]
    public var lists: [Field: [String]]
    public var numbers: [Field: Double]
    /// Milliseconds; nil is unknown.
    public var dwell: UInt32?
    /// nil is unknown.
    public var session: String?
    /// It was replaced by a later part.
    public var deleted: Bool
    /// Which part of its day it is in.
    public var part: Int

    public init(
      user: UInt32, time: Int64, texts: [Field: String] = [:], lists: [Field: [String]] = [:],
      numbers: [Field: Double] = [:], dwell: UInt32? = nil, session: String? = nil, deleted: Bool = false,
      part: Int = 0
    ) {
      self.user = user
      self.time = time
      self.texts = texts
      self.lists = lists
      self.numbers = numbers
      self.dwell = dwell
      self.session = session
      self.deleted = deleted
      self.part = part
    }
  }

  public let zone: CalendarZone
  public let days: [Day]
  private let users: UserIDs
  private let tables: @Sendable (Day) -> any Dimensions
  private let batches: [Day: [EventBatch]]

  public var bucketCount: Int { 1 }
  public let countsUsersWithoutEvents: Bool

  /// - Parameters:
  ///   - users: ids in the order of the ordinals that events name.
  ///   - dimensions: attributes and lists as of a day.
  public init(
    _ events: [Event], users: [String], zone: CalendarZone, countsUsersWithoutEvents: Bool = false,
    dimensions: @escaping @Sendable (Day) -> any Dimensions = { _ in NoDimensions() }
  ) {
    var ids = UserIDs()
    for user in users { ids.append(Array(user.utf8)) }
    self.users = ids
    tables = dimensions
    self.countsUsersWithoutEvents = countsUsersWithoutEvents
    self.zone = zone
    let byDay = Dictionary(grouping: events) { zone.day(of: Milliseconds($0.time)) }
    batches = byDay.mapValues { events in
      Dictionary(grouping: events, by: \.part).sorted { $0.key < $1.key }.map { Self.batch($0.value, zone) }
    }
    days = batches.keys.sorted()
  }

  public func userCount(in bucket: BucketIndex) throws(Diagnostic) -> Int { users.count }
  public func users(in bucket: BucketIndex) throws(Diagnostic) -> UserIDs { users }
  public func dimensions(asOf day: Day) throws(Diagnostic) -> any Dimensions { tables(day) }

  public func readers(of day: Day, columns: ([String?]) -> [Field]?) throws(Diagnostic)
    -> [any EventReader]
  {
    (batches[day] ?? []).compactMap { BatchReader($0, columns) }
  }

  private static func batch(_ events: [Event], _ zone: CalendarZone) -> EventBatch {
    let sorted = events.enumerated().sorted {
      ($0.element.user, $0.element.time, $0.offset) < ($1.element.user, $1.element.time, $1.offset)
    }
    .map(\.element)
    var batch = EventBatch(
      day: zone.day(of: Milliseconds(sorted.first?.time ?? 0)), users: sorted.map(\.user),
      times: sorted.map(\.time),
      deletedRows: sorted.indices.filter { sorted[$0].deleted }.map { UInt32($0) })
    let texts = Set(sorted.flatMap(\.texts.keys))
    for field in texts { batch.columns[field] = column(sorted.map { $0.texts[field] }) }
    for field in Set(sorted.flatMap(\.lists.keys)) {
      batch.columns[field] = column(sorted.map { $0.lists[field] ?? [] })
    }
    for field in Set(sorted.flatMap(\.numbers.keys)) {
      batch.columns[field] =
        field.kind == .time || field.kind == .age
        ? .times(sorted.map { $0.numbers[field].flatMap { Int64(exactly: $0) } ?? .min })
        : .numbers(sorted.map { $0.numbers[field] ?? .nan })
    }
    batch.columns[.dwell] = .durations(sorted.map { $0.dwell ?? .max })
    batch.columns[.session] = .ids(sorted.map { $0.session.map { max(1, Hash.xxh3(Array($0.utf8))) } ?? 0 })
    return batch
  }

  private static func dictionary(_ values: [String]) -> (TextDictionary, [String: UInt32]) {
    // By bytes: Swift's equality would make one of two spellings of an accent.
    var seen: Set<[UInt8]> = []
    let distinct = values.filter { seen.insert(Array($0.utf8)).inserted }.sorted {
      $0.utf8.lexicographicallyPrecedes($1.utf8)
    }
    let keys = distinct.map { Array($0.utf8).map { String($0, radix: 16) }.joined(separator: ".") }
    return (TextDictionary(distinct), Dictionary(uniqueKeysWithValues: zip(keys, 0..<UInt32(distinct.count))))
  }

  private static func code(_ text: String, _ codes: [String: UInt32]) -> UInt32 {
    codes[Array(text.utf8).map { String($0, radix: 16) }.joined(separator: ".")] ?? .max
  }

  private static func column(_ values: [String?]) -> EventColumn {
    let (dictionary, codes) = dictionary(values.compactMap { $0 })
    let unknown = UInt32(dictionary.values.count)
    return .codes(.u32(values.map { $0.map { code($0, codes) } ?? unknown }), dictionary: dictionary)
  }

  private static func column(_ values: [[String]]) -> EventColumn {
    let (dictionary, codes) = dictionary(values.flatMap { $0 })
    var offsets: [UInt32] = [0]
    for list in values { offsets.append(offsets[offsets.count - 1] + UInt32(list.count)) }
    return .lists(
      offsets: offsets, codes: .u32(values.flatMap { $0.map { code($0, codes) } }), dictionary: dictionary)
  }
}

/// Gives a batch that is there already.
struct BatchReader: EventReader {
  private let made: EventBatch

  /// nil where nobody asks for its rows.
  init?(_ batch: EventBatch, _ columns: ([String?]) -> [Field]?) {
    var names: [String?] = [nil]
    if case .codes(_, let dictionary)? = batch.columns[.event] { names += dictionary.values }
    guard let fields = columns(names) else { return nil }
    var batch = batch
    batch.columns = batch.columns.filter { fields.contains($0.key) || $0.key.isOfArticle }
    made = batch
  }

  func batch(in bucket: BucketIndex) -> EventBatch? { made }

  var articles: TextDictionary? {
    if case .codes(_, let dictionary)? = made.columns[.article] { dictionary } else { nil }
  }
  func bytes(in bucket: BucketIndex) -> Int { 0 }
}
