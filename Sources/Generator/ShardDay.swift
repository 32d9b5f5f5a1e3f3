import Diagnostics
import Events

/// One file: the readers of one shard, the rows that arrive on one day.
struct ShardDay {
  let world: World
  let day: Int
  let shard: Int
  private(set) var summary = GeneratedSummary()
  /// User ids of good rows, see `WorkerShare`; repeats allowed.
  private(set) var identities: [UInt32] = []
  private var rows: [PlannedEvent] = []

  private static let bufferSize = 1 << 20

  init(_ world: World, day: Int, shard: Int) {
    self.world = world
    self.day = day
    self.shard = shard
    summary.viewsByDay = Array(repeating: 0, count: world.options.days + 1)
  }

  mutating func write(to path: String, _ progress: ProgressMeter) throws(Diagnostic) {
    var file = try PartFile(path: path, compression: world.options.compression)
    collect()
    try write(into: &file, progress)
    try file.finish()
    rows = []
    summary.files = 1
  }

  /// Plans the visits of yesterday and today, and keeps what arrives today.
  private mutating func collect() {
    var itinerary = Itinerary(world)
    var copies: [PlannedEvent] = []
    for number in stride(from: shard, to: world.options.users, by: world.options.filesPerDay) {
      let reader = Reader(number, world)
      if day > 0 { take(&itinerary, reader, from: day - 1, &copies) }
      take(&itinerary, reader, from: day, &copies)
    }
  }

  private mutating func take(
    _ itinerary: inout Itinerary, _ reader: Reader, from planned: Int, _ copies: inout [PlannedEvent]
  ) {
    itinerary.plan(reader, day: planned)
    let dirt = Dirt(world: world, day: planned)
    var truth = VisitTruth(world: world)
    for event in itinerary.events {
      var event = event
      copies.removeAll(keepingCapacity: true)
      dirt.spoil(&event, &copies)
      let arrival = world.day(of: event.collector, near: planned)
      if planned == day, arrival < world.options.days { truth.add(event) }
      if arrival == day { rows.append(event) }
      for copy in copies where world.day(of: copy.collector, near: planned) == day { rows.append(copy) }
    }
    truth.close(into: &summary)
  }

  private mutating func write(into file: inout PartFile, _ progress: ProgressMeter) throws(Diagnostic) {
    var writer = EnrichedRow(world)
    var buffer = RowBuffer(capacity: Self.bufferSize)
    var counted = 0
    let order = orderByCollector()
    let templates = world.templates.bytes
    for index in order {
      let event = rows[Int(index)]
      count(event)
      unsafe templates.withUnsafeBufferPointer { text in
        guard let base = text.baseAddress else { return }
        unsafe writer.write(event, base, into: &buffer)
      }
      if !buffer.hasRoom { try flush(&buffer, &counted, &file, progress) }
    }
    try flush(&buffer, &counted, &file, progress)
  }

  private mutating func flush(
    _ buffer: inout RowBuffer, _ counted: inout Int, _ file: inout PartFile, _ progress: ProgressMeter
  ) throws(Diagnostic) {
    unsafe try file.write(buffer.bytes)
    summary.bytes += buffer.count
    progress.wrote(rows: summary.rows - counted, bytes: buffer.count)
    counted = summary.rows
    buffer.clear()
  }

  /// Positions in `rows` by collector time; equal times keep their order.
  private func orderByCollector() -> [UInt32] {
    let start = world.dayStarts[day]
    // 28 bits of milliseconds (a day has at most 25 h) above 32 bits of position: plain numbers sort fastest.
    var keys = rows.indices.map { UInt64(clamping: rows[$0].collector - start) << 32 | UInt64($0) }
    keys.sort()
    return keys.map { UInt32(truncatingIfNeeded: $0) }
  }

  private mutating func count(_ event: PlannedEvent) {
    summary.rows += 1
    switch event.role {
    case .good: countGood(event)
    case .duplicate: summary.duplicates += 1
    case .conflict: summary.conflicts += 1
    case .botByUserAgent: summary.botsByUserAgent += 1
    case .botByEnrichment: summary.botsByEnrichment += 1
    case .anonymous:
      summary.anonymous += 1
      if event.kind == .ping { summary.anonymousPings += 1 }
    case .brokenColumns: summary.brokenColumns += 1
    case .brokenTimes: summary.brokenTimes += 1
    case .brokenJSON: summary.brokenJSON += 1
    }
  }

  private mutating func countGood(_ event: PlannedEvent) {
    let happened = world.day(of: event.time, near: day)
    if happened < day { summary.late += 1 }
    if event.strayQuote { summary.strayQuotes += 1 }
    switch event.kind {
    case .view:
      summary.views += 1
      summary.viewsByDay[min(max(0, happened), world.options.days)] += 1
    case .ping: summary.pings += 1
    case .click: summary.clicks += 1
    case .subscribe, .donate: summary.purchases += 1
    }
    let identity = event.user * 2 + (event.identity == .account ? 1 : 0)
    if identities.last != identity { identities.append(identity) }
  }
}

/// Adds up what the good rows of one reader's visits come to, in the order in which they were planned: a view
/// before its pings, a session after the other.
struct VisitTruth {
  let world: World
  private var session: UInt64 = 0
  private var view: UInt64 = 0
  private var viewIsWritten = false
  private var slots: [Int64] = []
  private var found = GeneratedSummary()

  init(world: World) { self.world = world }

  mutating func add(_ event: PlannedEvent) {
    guard event.role == .good else { return }
    if event.session != session {
      session = event.session
      found.sessions += 1
    }
    if event.view != view {
      closeView()
      view = event.view
      viewIsWritten = false
    }
    if event.kind == .view { viewIsWritten = true }
    guard event.kind == .ping else { return }
    let slot = (event.time + Int64(event.clockError)) / 10_000
    if !slots.contains(slot) { slots.append(slot) }
    if !viewIsWritten { found.orphanPings += 1 }
  }

  mutating func close(into summary: inout GeneratedSummary) {
    closeView()
    summary.add(found)
  }

  private mutating func closeView() {
    if viewIsWritten, !slots.isEmpty {
      found.engagedViews += 1
      found.engagedSeconds += 10 * (slots.count - 1) + 5
    }
    slots.removeAll(keepingCapacity: true)
  }
}
