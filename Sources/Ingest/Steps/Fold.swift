import ArrowIPC
import Diagnostics
import Events
import Project

/// Step 3, one partition of sessions: session limits, then page pings into the dwell of their view.
///
/// Dwell of a view = heartbeat × (distinct floor(ping time / heartbeat) − 1) + minimum visit; a view without pings has 0.
/// Only pings of the view's own session count. (Snowplow's web data model; see docs/operations.md.)
struct Fold {
  let rule: DwellRule

  /// What happens to a record.
  enum Fate: Sendable {
    /// It is stored, with this dwell.
    case kept(dwell: UInt32)
    case folded
    case rejected(Reject.Reason)
  }

  struct Outcome: Sendable {
    /// In the order of the partition's records.
    var fates: [Fate] = []
    /// Index "sessions": session, start.
    var sessions: [[UInt64]] = [[], []]
    /// Index "pings": session, view, slot.
    var pings: [[UInt64]] = [[], [], []]
    /// Index "views": session, view, day, bucket (`UInt64.max`: of nobody).
    var views: [[UInt64]] = [[], [], [], []]
    var rewrites: [Rewrite] = []
  }

  /// A stored view whose dwell changed.
  struct Rewrite: Sendable, Hashable {
    var day: Int32
    var bucket: UInt32
    var session: UInt64
    var view: UInt64
    var dwell: UInt32
  }

  private struct Item {
    var session: UInt64
    var view: UInt64
    var index: Int
  }

  /// - Parameter bucket: the bucket of a record's user; nil: nobody's.
  func run(
    _ records: [RecordView], history: FoldHistory, bucket: (RecordView) -> UInt32?
  ) -> Outcome {
    var outcome = Outcome()
    outcome.fates = unsafe Array(repeating: .folded, count: records.count)
    var items: [Item] = []
    for index in unsafe records.indices {
      let record = unsafe records[index]
      if unsafe record.foldsPings && record.session != 0 {
        items.append(unsafe Item(session: record.session, view: record.view, index: index))
      } else if unsafe !(record.foldsPings && record.kind == .ping) {
        outcome.fates[index] = .kept(dwell: unsafe record.dwell)
      }
      // What is left is a ping without a session: it belongs to no view, and is no row either.
    }
    items.sort { a, b in
      if a.session != b.session { return a.session < b.session }
      return a.view != b.view ? a.view < b.view : a.index < b.index
    }
    var start = 0
    while start < items.count {
      var end = start
      while end < items.count, items[end].session == items[start].session { end += 1 }
      unsafe session(items[start..<end], records, history, bucket, &outcome)
      start = end
    }
    return outcome
  }

  /// All records of one session.
  private func session(
    _ items: ArraySlice<Item>, _ records: [RecordView], _ history: FoldHistory,
    _ bucket: (RecordView) -> UInt32?, _ outcome: inout Outcome
  ) {
    guard let id = items.first?.session else { return }
    let known = history.start(of: id)
    var start = known ?? .max
    for item in items { start = unsafe min(start, records[item.index].collector) }
    if known.map({ start < $0 }) ?? true {
      outcome.sessions[0].append(id)
      outcome.sessions[1].append(UInt64(bitPattern: start))
    }
    let limit = start.addingReportingOverflow(rule.sessionLimit).partialValue
    var inTime: [Item] = []
    for item in items {
      if unsafe records[item.index].collector > limit {
        outcome.fates[item.index] = .rejected(.sessionTooLong)
      } else {
        inTime.append(item)
      }
    }
    var from = 0
    while from < inTime.count {
      var to = from
      while to < inTime.count, inTime[to].view == inTime[from].view { to += 1 }
      unsafe view(inTime[from..<to], records, history, bucket, &outcome)
      from = to
    }
  }

  /// All records of one page view in one session.
  private func view(
    _ items: ArraySlice<Item>, _ records: [RecordView], _ history: FoldHistory,
    _ bucket: (RecordView) -> UInt32?, _ outcome: inout Outcome
  ) {
    guard let first = items.first else { return }
    let key = FoldHistory.Key(session: first.session, view: first.view)
    var best: Item?
    var slots: Set<Int64> = []
    for item in items {
      let record = unsafe records[item.index]
      switch unsafe record.kind {
      case .other: outcome.fates[item.index] = .kept(dwell: unsafe record.dwell)
      case .ping where first.view == 0, .view where first.view == 0:
        // Only where the project does not require page view ids: nothing to fold by, so the dwell is unknown.
        outcome.fates[item.index] = unsafe record.kind == .ping ? .folded : .kept(dwell: record.dwell)
      case .ping: slots.insert(unsafe slot(record.deviceTime))
      case .view:
        if let known = best {
          let earlier = unsafe Self.precedes(record, records[known.index])
          outcome.fates[earlier ? known.index : item.index] = .rejected(.duplicateView)
          if earlier { best = item }
        } else {
          best = item
        }
      }
    }
    guard first.view != 0, best != nil || !slots.isEmpty else { return }
    let before = history.slots(of: key)
    let new = slots.subtracting(before).sorted()
    for slot in new {
      outcome.pings[0].append(key.session)
      outcome.pings[1].append(key.view)
      outcome.pings[2].append(UInt64(bitPattern: slot))
    }
    let dwell = dwell(slots: before.count + new.count)
    unsafe place(best, dwell, grown: !new.isEmpty, key, records, history, bucket, &outcome)
  }

  /// The view gets its dwell: the one that came now, or the one that is stored.
  private func place(
    _ best: Item?, _ dwell: UInt32, grown: Bool, _ key: FoldHistory.Key, _ records: [RecordView],
    _ history: FoldHistory, _ bucket: (RecordView) -> UInt32?, _ outcome: inout Outcome
  ) {
    if let stored = history.view(key) {
      if let best { outcome.fates[best.index] = .rejected(.duplicateView) }
      guard grown, let bucket = stored.bucket else { return }
      outcome.rewrites.append(
        Rewrite(day: stored.day, bucket: bucket, session: key.session, view: key.view, dwell: dwell))
    } else if let best {
      let record = unsafe records[best.index]
      outcome.fates[best.index] = .kept(dwell: dwell)
      outcome.views[0].append(key.session)
      outcome.views[1].append(key.view)
      outcome.views[2].append(UInt64(bitPattern: Int64(unsafe record.day)))
      outcome.views[3].append(unsafe bucket(record).map { UInt64($0) } ?? .max)
    }
  }

  private func slot(_ milliseconds: Int64) -> Int64 {
    let heartbeat = rule.heartbeat / 1000
    var seconds = milliseconds / 1000
    if milliseconds % 1000 < 0 { seconds -= 1 }
    let quotient = seconds / heartbeat
    return seconds % heartbeat < 0 ? quotient - 1 : quotient
  }

  /// Milliseconds of engagement for a number of distinct slots.
  func dwell(slots: Int) -> UInt32 {
    guard slots > 0 else { return 0 }
    return UInt32(clamping: min(Int64(slots - 1) * rule.heartbeat + rule.minimumVisit, Int64(UInt32.max) - 1))
  }

  private static func precedes(_ a: RecordView, _ b: RecordView) -> Bool {
    if unsafe a.time != b.time { return unsafe a.time < b.time }
    if unsafe a.deviceTime != b.deviceTime { return unsafe a.deviceTime < b.deviceTime }
    return unsafe (a.idHigh, a.idLow) < (b.idHigh, b.idLow)
  }
}

/// What earlier ingests left of a partition's sessions.
struct FoldHistory: Sendable {
  struct Key: Hashable, Sendable {
    var session: UInt64
    var view: UInt64
  }

  private var starts: [UInt64: Int64] = [:]
  private var slots: [Key: Set<Int64>] = [:]
  private var views: [Key: (day: Int32, bucket: UInt32?)] = [:]

  init() {}

  /// - Parameters: batches of the indexes "sessions", "pings" and "views".
  init(sessions: [ArrowBatch], pings: [ArrowBatch], views: [ArrowBatch]) {
    for batch in sessions {
      guard let ids = batch.numbers(0), let times = batch.numbers(1) else { continue }
      for (id, time) in zip(ids, times) { starts[id] = min(starts[id] ?? .max, Int64(bitPattern: time)) }
    }
    for batch in pings {
      guard let ids = batch.numbers(0), let pages = batch.numbers(1), let times = batch.numbers(2) else {
        continue
      }
      for row in 0..<batch.rows {
        slots[Key(session: ids[row], view: pages[row]), default: []].insert(Int64(bitPattern: times[row]))
      }
    }
    for batch in views {
      guard let ids = batch.numbers(0), let pages = batch.numbers(1), let days = batch.numbers(2),
        let buckets = batch.numbers(3)
      else { continue }
      for row in 0..<batch.rows {
        let bucket = UInt32(exactly: buckets[row])
        self.views[Key(session: ids[row], view: pages[row])] = (Int32(truncatingIfNeeded: days[row]), bucket)
      }
    }
  }

  func start(of session: UInt64) -> Int64? { starts[session] }
  func slots(of key: Key) -> Set<Int64> { slots[key] ?? [] }
  func view(_ key: Key) -> (day: Int32, bucket: UInt32?)? { views[key] }
}
