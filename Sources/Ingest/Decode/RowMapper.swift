import CSimdjson
import Events
import Project
import Store

/// Turns a row's columns and values into an event record. One a worker and file.
///
/// Whatever is done for each row is `mutating` or static: for other methods Swift copies the whole mapper.
struct RowMapper {
  let plan: MappingPlan
  /// Names of columns where the format has them.
  private let columns: [String]
  let source: Source
  private let project: Project
  var caches: [InternerCache]
  let textCount: Int
  /// Of text fields, then of list fields.
  let places: PlaceTable
  let eventField: Int
  private var bots: BotDetector
  private let placeholders: PlaceholderFilter
  private let viewName: [UInt8]
  private let pingName: [UInt8]
  /// What an event without a name is; empty: nothing.
  let defaultEvent: [UInt8]
  var memos: [DictionaryMemo]
  private var dates = DateMemo()
  private var today: Range<Int64> = 0..<0
  private var todayNumber: Int32 = 0
  private let firstInstant: Int64
  private let endInstant: Int64
  private let fileSeed: UInt64

  static let longestUser = 255
  static let longestText = 1024

  enum Outcome { case event, bot }

  /// - Parameter contentHash: of the file; rows without an event id get one from it and their line, so that the file
  ///   read once more gives nothing new.
  init(
    _ plan: MappingPlan, _ source: Source, _ project: Project, _ layout: PartSchema,
    _ interners: [TextInterner], columns: [String], contentHash: UInt64
  ) {
    self.plan = plan
    self.columns = columns
    self.source = source
    self.project = project
    caches = interners.map { InternerCache($0) }
    memos = interners.map { _ in DictionaryMemo() }
    bots = BotDetector(project.bots)
    placeholders = PlaceholderFilter(project.placeholderIDs)
    viewName = Array(project.eventNames.view.utf8)
    pingName = Array(project.eventNames.ping.utf8)
    defaultEvent = Array((source.defaultEvent ?? "").utf8)
    textCount = layout.texts.count
    places = PlaceTable(plan.texts + plan.lists)
    eventField = layout.texts.firstIndex(of: .event) ?? 0
    firstInstant = project.zone.start(of: project.validTimes.first).value
    endInstant = project.zone.start(of: project.validTimes.last.advanced(by: 1)).value
    fileSeed = contentHash
  }

  /// - Throws: why the row is not taken.
  mutating func map(_ row: RowView, line: UInt64, into record: inout EventRecord) throws(Reject) -> Outcome {
    record.line = line
    try unsafe mapTimes(row, &record)
    try unsafe mapEvent(row, &record)
    var print: UInt64 = 0
    try unsafe mapTexts(row, &record, &print)
    try unsafe mapNumbers(row, &record)
    for number in record.numbers { print = Self.mix(print, number.bitPattern) }
    unsafe mapIdentity(row, line, &record)
    try unsafe mapUser(row, &record)
    print = Self.mix(print, Hash.xxh3(record.user))
    print = Self.mix(Self.mix(print, record.session), Self.mix(record.view, UInt64(bitPattern: record.time)))
    record.fingerprint = Self.mix(print, UInt64(record.dwell) ^ UInt64(bitPattern: record.deviceTime))
    return .event
  }

  // MARK: Parts of a row

  private mutating func mapTimes(_ row: RowView, _ record: inout EventRecord) throws(Reject) {
    let snowplow = source.format == .snowplow
    var found: Int64?
    var name = ""
    for place in plan.time {
      if let time = unsafe Self.typedTime(row, place) {
        if time == CellTime.none { continue }
        found = time == CellTime.unreadable ? nil : time
      } else {
        let text = unsafe Self.value(row, place)
        guard text.count > 0 else { continue }
        found = unsafe TimeText.milliseconds(
          text, zone: snowplow ? nil : source.timeZone, epochs: !snowplow, &dates)
      }
      name = columnName(place)
      guard found != nil else { throw Reject(reason: .badTime, column: name) }
      break
    }
    guard let found else { throw Reject(reason: .noTime) }
    record.time = found
    record.foldsPings = snowplow
    if !snowplow {
      record.collector = found
      record.deviceTime = found
    } else {
      try unsafe mapSnowplowTimes(row, &record)
    }
    guard record.time >= firstInstant, record.time < endInstant,
      record.time <= record.collector.addingReportingOverflow(project.validTimes.ahead).partialValue,
      record.collector >= firstInstant, record.collector < endInstant
    else { throw Reject(reason: .timeOutOfRange, column: name, detail: Milliseconds(record.time).text) }
    record.day = day(of: record.time)
  }

  /// `collector_tstamp`, `dvce_created_tstamp`, `dvce_sent_tstamp`.
  private mutating func mapSnowplowTimes(_ row: RowView, _ record: inout EventRecord) throws(Reject) {
    guard let collector = try unsafe time(row, 3) else {
      throw Reject(reason: .noTime, column: "collector_tstamp")
    }
    record.collector = collector
    let created = try unsafe time(row, 4)
    record.deviceTime = created ?? record.time
    if let created, let sent = try unsafe time(row, 119), sent > created + project.dwell.lateLimit {
      throw Reject(reason: .sentLate, column: "dvce_sent_tstamp")
    }
  }

  private mutating func time(_ row: RowView, _ column: Int) throws(Reject) -> Int64? {
    let text = unsafe row.column(column)
    guard text.count > 0 else { return nil }
    guard let time = unsafe TimeText.milliseconds(text, zone: nil, &dates) else {
      throw Reject(reason: .badTime, column: SnowplowColumns.names[column])
    }
    return time
  }

  private mutating func day(of time: Int64) -> Int32 {
    if !today.contains(time) {
      let day = project.zone.day(of: Milliseconds(time))
      let range = project.zone.range(of: day)
      today = range.lowerBound.value..<range.upperBound.value
      todayNumber = day.number
    }
    return todayNumber
  }

  private mutating func mapEvent(_ row: RowView, _ record: inout EventRecord) throws(Reject) {
    let text = unsafe Self.first(row, plan.event)
    if text.count > 0 {
      record.kind = unsafe kind(text)
    } else {
      guard source.defaultEvent != nil else { throw Reject(reason: .noEvent) }
      record.kind = unsafe defaultEvent.withUnsafeBytes { unsafe kind($0) }
    }
  }

  @inline(__always)
  private mutating func kind(_ text: UnsafeRawBufferPointer) -> EventRecord.Kind {
    if unsafe BotDetector.equal(text, viewName) { return .view }
    return unsafe BotDetector.equal(text, pingName) ? .ping : .other
  }

  private mutating func mapNumbers(_ row: RowView, _ record: inout EventRecord) throws(Reject) {
    for (index, places) in plan.numbers.enumerated() {
      record.numbers[index] = try unsafe number(row, places) ?? .nan
    }
    record.dwell = .max
    guard !plan.dwell.isEmpty, let dwell = try unsafe number(row, plan.dwell) else { return }
    let millis = (dwell * Double(source.dwellUnit)).rounded()
    guard millis >= 0, millis < Double(UInt32.max) else { throw Reject(reason: .badNumber, column: "dwell") }
    record.dwell = UInt32(millis)
  }

  private mutating func number(_ row: RowView, _ places: [MappingPlan.Place]) throws(Reject) -> Double? {
    for place in places {
      let number: Double?
      if let typed = unsafe Self.typedNumber(row, place) {
        if typed.isNaN { continue }
        number = typed
      } else {
        let text = unsafe Self.value(row, place)
        guard text.count > 0 else { continue }
        number = unsafe NumberText.double(text)
      }
      guard let number, number.magnitude <= Decimal6.limit else {
        throw Reject(reason: .badNumber, column: columnName(place))
      }
      return number
    }
    return nil
  }

  /// Event, session and page view ids as hashes.
  private mutating func mapIdentity(_ row: RowView, _ line: UInt64, _ record: inout EventRecord) {
    let id = unsafe Self.first(row, plan.eventID)
    if id.count > 0 {
      record.eventID = max(1, unsafe Hash.xxh128(id))
    } else {
      record.eventID = max(1, UInt128(Self.mix(fileSeed, line)) << 64 | UInt128(Self.mix(line, fileSeed)))
    }
    record.session = unsafe Self.hash(Self.first(row, plan.session))
    record.view = unsafe Self.hash(Self.first(row, plan.view))
  }

  private static func hash(_ text: UnsafeRawBufferPointer) -> UInt64 {
    text.count == 0 ? 0 : max(1, unsafe Hash.xxh3(text))
  }

  private mutating func mapUser(_ row: RowView, _ record: inout EventRecord) throws(Reject) {
    record.user.removeAll(keepingCapacity: true)
    for place in plan.user {
      let text = unsafe Self.value(row, place)
      guard text.count > 0 else { continue }
      if unsafe placeholders.mayHold(text),
        unsafe project.placeholderIDs.contains(TextFold.fold(String(decoding: text, as: UTF8.self)))
      {
        continue
      }
      guard text.count <= Self.longestUser else {
        throw Reject(reason: .userTooLong, column: columnName(place))
      }
      unsafe record.user.append(contentsOf: text)
      return
    }
  }

  // MARK: Bots

  /// Whether a Snowplow row is a bot's, by the enrichments and the user agent.
  mutating func isBot(_ row: RowView, _ kind: EventRecord.Kind) -> Bool {
    unsafe bots.isBot(
      agent: row.column(77), spider: plan.spider.map { unsafe Self.value(row, $0) } ?? Self.nothing,
      agentClass: plan.agentClass.map { unsafe Self.value(row, $0) } ?? Self.nothing, kind)
  }

  static var nothing: UnsafeRawBufferPointer { unsafe UnsafeRawBufferPointer(start: nil, count: 0) }

  // MARK: Values

  /// nil where the column holds no times but text.
  @inline(__always)
  private static func typedTime(_ row: RowView, _ place: MappingPlan.Place) -> Int64? {
    guard let cells = unsafe row.cells, case .column(let index) = place else { return nil }
    return unsafe cells[index].times.map { unsafe $0[row.row] }
  }

  @inline(__always)
  private static func typedNumber(_ row: RowView, _ place: MappingPlan.Place) -> Double? {
    guard let cells = unsafe row.cells, case .column(let index) = place else { return nil }
    return unsafe cells[index].numbers.map { unsafe $0[row.row] }
  }

  @inline(__always)
  static func value(_ row: RowView, _ place: MappingPlan.Place) -> UnsafeRawBufferPointer {
    switch place {
    case .column(let index): unsafe row.column(index)
    case .slot(let slot): unsafe row.value(slot)
    case .host(let index): unsafe Self.host(row.column(index))
    }
  }

  @inline(__always)
  private static func first(_ row: RowView, _ places: [MappingPlan.Place]) -> UnsafeRawBufferPointer {
    for place in places {
      let text = unsafe Self.value(row, place)
      if text.count > 0 { return unsafe text }
    }
    return unsafe UnsafeRawBufferPointer(start: nil, count: 0)
  }

  /// The host in a URL: between `//` and the next `/`, `?`, `#` or `:`, behind any `user@`.
  private static func host(_ url: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
    var start = 0
    while start + 1 < url.count, unsafe !(url[start] == 0x2f && url[start + 1] == 0x2f) { start += 1 }
    guard start + 1 < url.count else { return unsafe UnsafeRawBufferPointer(start: nil, count: 0) }
    start += 2
    var end = start
    while end < url.count, unsafe ![0x2f, 0x3f, 0x23].contains(url[end]) { end += 1 }
    for index in start..<end where unsafe url[index] == 0x40 { start = index + 1 }
    for index in start..<end where unsafe url[index] == 0x3a {
      end = index
      break
    }
    return unsafe UnsafeRawBufferPointer(rebasing: url[start..<end])
  }

  private func columnName(_ place: MappingPlan.Place) -> String {
    switch place {
    case .column(let index), .host(let index):
      source.format != .csv && index < columns.count ? columns[index] : "column \(index + 1)"
    case .slot(let slot): plan.wants.first { $0.slot == slot }.map { $0.keys.joined(separator: ".") } ?? ""
    }
  }

  /// One step of a hash over numbers (splitmix64's finish).
  @inline(__always) static func mix(_ a: UInt64, _ b: UInt64) -> UInt64 {
    var z = (a ^ b &* 0x9e37_79b9_7f4a_7c15) &+ 0x9e37_79b9_7f4a_7c15
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }
}
