import CSimdjson
import Events
import Project
import Store

/// Turns a row's columns and values into an event record. One a worker and file.
struct RowMapper {
  let plan: MappingPlan
  /// Names of columns where the format has them.
  private let columns: [String]
  private let source: Source
  private let project: Project
  private var caches: [InternerCache]
  private let textCount: Int
  private let eventField: Int
  private var agents: [UInt64: Bool] = [:]
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
    textCount = layout.texts.count
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
      if let time = unsafe typedTime(row, place) {
        if time == CellTime.none { continue }
        found = time == CellTime.unreadable ? nil : time
      } else {
        let text = unsafe value(row, place)
        guard text.count > 0 else { continue }
        found = unsafe TimeText.milliseconds(text, zone: snowplow ? nil : source.timeZone, epochs: !snowplow)
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
  private func mapSnowplowTimes(_ row: RowView, _ record: inout EventRecord) throws(Reject) {
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

  private func time(_ row: RowView, _ column: Int) throws(Reject) -> Int64? {
    let text = unsafe row.column(column)
    guard text.count > 0 else { return nil }
    guard let time = unsafe TimeText.milliseconds(text, zone: nil) else {
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

  private func mapEvent(_ row: RowView, _ record: inout EventRecord) throws(Reject) {
    var text = unsafe first(row, plan.event)
    if text.count == 0, source.defaultEvent == nil { throw Reject(reason: .noEvent) }
    var standard = source.defaultEvent ?? ""
    record.kind =
      standard.withUTF8 { standard in
        if text.count == 0 { unsafe text = UnsafeRawBufferPointer(standard) }
        return unsafe kind(text)
      }
  }

  private func kind(_ text: UnsafeRawBufferPointer) -> EventRecord.Kind {
    func equals(_ name: String) -> Bool { unsafe name.utf8.elementsEqual(text) }
    if equals(project.eventNames.view) { return .view }
    return equals(project.eventNames.ping) ? .ping : .other
  }

  private mutating func mapTexts(_ row: RowView, _ record: inout EventRecord, _ print: inout UInt64)
    throws(Reject)
  {
    for field in 0..<textCount {
      var text = unsafe first(row, plan.texts[field])
      if field == eventField, text.count == 0, var standard = source.defaultEvent {
        record.codes[field] = standard.withUTF8 { unsafe intern(field, UnsafeRawBufferPointer($0), &print) }
        continue
      }
      if text.count > Self.longestText { unsafe text = UnsafeRawBufferPointer(start: nil, count: 0) }
      record.codes[field] = text.count == 0 ? .max : unsafe intern(field, text, &print)
      print = Self.mix(print, UInt64(field))
    }
    record.lists.removeAll(keepingCapacity: true)
    for (index, places) in plan.lists.enumerated() {
      unsafe mapList(row, places, textCount + index, &record, &print)
      record.listEnds[index] = UInt32(record.lists.count)
      print = Self.mix(print, UInt64(record.lists.count))
    }
  }

  /// All values of the first candidate that has any.
  private mutating func mapList(
    _ row: RowView, _ places: [MappingPlan.Place], _ field: Int, _ record: inout EventRecord,
    _ print: inout UInt64
  ) {
    let start = record.lists.count
    for place in places {
      if case .slot(let slot) = place {
        for index in 0..<(unsafe row.valueCount) {
          guard let found = unsafe row.values?[index], unsafe found.slot == slot, unsafe found.length > 0,
            unsafe found.length <= Self.longestText
          else { continue }
          let text = unsafe UnsafeRawBufferPointer(start: found.text, count: Int(found.length))
          record.lists.append(unsafe intern(field, text, &print))
        }
      } else if let cells = unsafe row.cells, case .column(let index) = place,
        unsafe cells[index].starts != nil
      {
        unsafe mapElements(cells[index], row.row, field, &record, &print)
      } else {
        let text = unsafe value(row, place)
        if text.count > 0, text.count <= Self.longestText {
          record.lists.append(unsafe intern(field, text, &print))
        }
      }
      if record.lists.count > start { return }
    }
  }

  private mutating func mapElements(
    _ column: CellColumn, _ row: Int, _ field: Int, _ record: inout EventRecord, _ print: inout UInt64
  ) {
    guard let starts = unsafe column.starts, let ends = unsafe column.ends else { return }
    for index in unsafe Int(starts[row])..<Int(ends[row]) {
      let text = unsafe column.element(index)
      guard text.count > 0, text.count <= Self.longestText else { continue }
      record.lists.append(unsafe intern(field, text, &print))
    }
  }

  @inline(__always)
  private mutating func intern(_ field: Int, _ text: UnsafeRawBufferPointer, _ print: inout UInt64) -> UInt32
  {
    let hash = unsafe Hash.xxh3(text)
    print = Self.mix(print, hash)
    return unsafe caches[field].code(text, hash: hash)
  }

  private func mapNumbers(_ row: RowView, _ record: inout EventRecord) throws(Reject) {
    for (index, places) in plan.numbers.enumerated() {
      record.numbers[index] = try unsafe number(row, places) ?? .nan
    }
    record.dwell = .max
    guard !plan.dwell.isEmpty, let dwell = try unsafe number(row, plan.dwell) else { return }
    let millis = (dwell * Double(source.dwellUnit)).rounded()
    guard millis >= 0, millis < Double(UInt32.max) else { throw Reject(reason: .badNumber, column: "dwell") }
    record.dwell = UInt32(millis)
  }

  private func number(_ row: RowView, _ places: [MappingPlan.Place]) throws(Reject) -> Double? {
    for place in places {
      let number: Double?
      if let typed = unsafe typedNumber(row, place) {
        if typed.isNaN { continue }
        number = typed
      } else {
        let text = unsafe value(row, place)
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
  private func mapIdentity(_ row: RowView, _ line: UInt64, _ record: inout EventRecord) {
    let id = unsafe first(row, plan.eventID)
    if id.count > 0 {
      record.eventID = max(1, unsafe Hash.xxh128(id))
    } else {
      record.eventID = max(1, UInt128(Self.mix(fileSeed, line)) << 64 | UInt128(Self.mix(line, fileSeed)))
    }
    record.session = unsafe hash(first(row, plan.session))
    record.view = unsafe hash(first(row, plan.view))
  }

  private func hash(_ text: UnsafeRawBufferPointer) -> UInt64 {
    text.count == 0 ? 0 : max(1, unsafe Hash.xxh3(text))
  }

  private func mapUser(_ row: RowView, _ record: inout EventRecord) throws(Reject) {
    record.user.removeAll(keepingCapacity: true)
    for place in plan.user {
      let text = unsafe value(row, place)
      guard text.count > 0 else { continue }
      // Placeholders are short.
      if text.count <= 40,
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
    let rule = project.bots
    guard rule.excluded else { return false }
    if let spider = plan.spider, unsafe value(row, spider).elementsEqual("true".utf8) { return true }
    if let agentClass = plan.agentClass {
      let text = unsafe value(row, agentClass)
      if Self.robotClasses.contains(where: { unsafe text.elementsEqual($0.utf8) }) { return true }
    }
    let agent = unsafe row.column(77)
    if agent.count == 0 { return rule.missingUserAgent && kind != .other }
    let hash = unsafe Hash.xxh3(agent)
    if let known = agents[hash] { return known }
    let verdict = unsafe matches(String(decoding: agent, as: UTF8.self), rule.userAgents)
    if agents.count < 1 << 20 { agents[hash] = verdict }
    return verdict
  }

  /// YAUAA's classes of agents that are no people.
  private static let robotClasses = [
    "Robot", "Robot Mobile", "Robot Imitator", "Spider", "Hacker", "Testclient",
  ]

  private func matches(_ agent: String, _ pieces: [String]) -> Bool {
    let agent = Array(agent.utf8)
    return pieces.contains { piece in
      let piece = Array(piece.utf8)
      guard !piece.isEmpty, piece.count <= agent.count else { return false }
      return (0...agent.count - piece.count).contains { agent[$0..<$0 + piece.count].elementsEqual(piece) }
    }
  }

  // MARK: Values

  /// nil where the column holds no times but text.
  @inline(__always)
  private func typedTime(_ row: RowView, _ place: MappingPlan.Place) -> Int64? {
    guard let cells = unsafe row.cells, case .column(let index) = place else { return nil }
    return unsafe cells[index].times.map { unsafe $0[row.row] }
  }

  @inline(__always)
  private func typedNumber(_ row: RowView, _ place: MappingPlan.Place) -> Double? {
    guard let cells = unsafe row.cells, case .column(let index) = place else { return nil }
    return unsafe cells[index].numbers.map { unsafe $0[row.row] }
  }

  @inline(__always)
  private func value(_ row: RowView, _ place: MappingPlan.Place) -> UnsafeRawBufferPointer {
    switch place {
    case .column(let index): unsafe row.column(index)
    case .slot(let slot): unsafe row.value(slot)
    case .host(let index): unsafe Self.host(row.column(index))
    }
  }

  @inline(__always)
  private func first(_ row: RowView, _ places: [MappingPlan.Place]) -> UnsafeRawBufferPointer {
    for place in places {
      let text = unsafe value(row, place)
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
