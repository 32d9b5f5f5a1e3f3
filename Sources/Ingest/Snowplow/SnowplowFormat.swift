import CSimdjson
import Events
import Project

/// Snowplow's enriched TSV: 131 columns between tabs, no quoting, JSON in three of them. The column buffers are made in
/// `init`, freed with the last copy, and never leave.
struct SnowplowFormat: LineFormat {
  private var mapper: RowMapper
  private let extractor: JSONExtractor
  private let columns: ClosedRange<Int>
  private let requiresIDs: Bool
  private let buffers = ColumnRanges(capacity: 1024)
  /// JSON columns to read: their place in the line, and what the extractor calls them.
  private let json: [(column: Int, number: Int)]

  init(_ mapper: RowMapper, _ source: Source, _ project: Project) {
    self.mapper = mapper
    extractor = JSONExtractor(mapper.plan.wants)
    columns = source.columns
    requiresIDs = project.dwell.requiresIDs
    json = [(52, 0), (58, 1), (122, 2)].filter { mapper.plan.wantsColumn($0.1) }
  }

  mutating func decode(_ line: UnsafeRawBufferPointer, number: UInt64, into record: inout EventRecord)
    throws(Reject)
    -> RowMapper.Outcome?
  {
    let count = try unsafe buffers.split(line)
    guard columns.contains(count) else { throw wrongCount(count) }
    try unsafe LineCheck.utf8(line)
    let base = unsafe line.baseAddress ?? UnsafeRawPointer(buffers.starts)
    var row = unsafe RowView(
      base: base, starts: UnsafePointer(buffers.starts), ends: UnsafePointer(buffers.ends), columns: count,
      values: nil,
      valueCount: 0)
    extractor.begin()
    for (column, number) in json {
      let text = unsafe row.column(column)
      guard text.count > 0 else { continue }
      if let words = unsafe extractor.read(number, text) {
        throw Reject(reason: .badJSON, column: SnowplowColumns.names[column], detail: words)
      }
    }
    unsafe row.values = extractor.values
    unsafe row.valueCount = extractor.count
    unsafe row.firsts = extractor.firsts
    let outcome = try unsafe mapper.map(row, line: number, into: &record)
    if unsafe mapper.isBot(row, record.kind) { return .bot }
    if requiresIDs { try checkIDs(record) }
    return outcome
  }

  /// As Snowplow's web model has it: no session, no event; no page view id, no view.
  private func checkIDs(_ record: borrowing EventRecord) throws(Reject) {
    if record.session == 0 { throw Reject(reason: .noSession, column: "domain_sessionid") }
    if record.kind != .other, record.view == 0 { throw Reject(reason: .noView, column: "contexts") }
  }

  private func wrongCount(_ count: Int) -> Reject {
    let wanted =
      columns.count == 1 ? "\(columns.lowerBound)" : "\(columns.lowerBound) to \(columns.upperBound)"
    return Reject(reason: .columnCount, detail: "found \(count) columns, expected \(wanted)")
  }
}

/// Where the columns of a line begin and end.
@safe final class ColumnRanges {
  let starts: UnsafeMutablePointer<UInt32>
  let ends: UnsafeMutablePointer<UInt32>
  private let capacity: Int

  init(capacity: Int) {
    self.capacity = capacity
    unsafe starts = .allocate(capacity: capacity + 1)
    unsafe ends = .allocate(capacity: capacity + 1)
    unsafe starts.initialize(repeating: 0, count: capacity + 1)
    unsafe ends.initialize(repeating: 0, count: capacity + 1)
  }

  deinit {
    unsafe starts.deallocate()
    unsafe ends.deallocate()
  }

  /// Splits a line at its tabs; a carriage return at its end is dropped.
  /// - Returns: how many columns; more than the capacity are counted and not kept.
  func split(_ line: UnsafeRawBufferPointer) throws(Reject) -> Int {
    var nul: Int32 = 0
    let tabs = unsafe gs_find_tabs(
      line.baseAddress?.assumingMemoryBound(to: CChar.self), line.count, ends, capacity, &nul)
    guard nul == 0 else { throw Reject(reason: .nulByte) }
    guard tabs < capacity else { return tabs + 1 }
    let carriage = unsafe line.count > 0 && line[line.count - 1] == 0x0d ? 1 : 0
    unsafe ends[tabs] = UInt32(line.count - carriage)
    unsafe starts[0] = 0
    var index = 0
    while index < tabs {
      unsafe starts[index + 1] = ends[index] &+ 1
      index &+= 1
    }
    return tabs + 1
  }

  func set(_ index: Int, _ start: Int, _ end: Int) -> Bool {
    guard index < capacity else { return false }
    unsafe starts[index] = UInt32(start)
    unsafe ends[index] = UInt32(end)
    return true
  }
}
