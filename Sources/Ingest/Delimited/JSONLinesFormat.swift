import CSimdjson
import Events

/// One JSON object a line.
struct JSONLinesFormat: LineFormat {
  private var mapper: RowMapper
  private let extractor: JSONExtractor
  private let buffers = ColumnRanges(capacity: 1)

  init(_ mapper: RowMapper) {
    self.mapper = mapper
    extractor = JSONExtractor(mapper.plan.wants)
  }

  mutating func decode(_ line: UnsafeRawBufferPointer, number: UInt64, into record: inout EventRecord)
    throws(Reject)
    -> RowMapper.Outcome?
  {
    if unsafe line.allSatisfy({ $0 == 0x20 || $0 == 0x0d || $0 == 0x09 }) { return nil }
    try unsafe LineCheck.utf8(line)
    extractor.begin()
    if let words = unsafe extractor.read(3, line) { throw Reject(reason: .badJSON, detail: words) }
    let row = unsafe RowView(
      base: UnsafeRawPointer(buffers.starts), starts: UnsafePointer(buffers.starts),
      ends: UnsafePointer(buffers.ends),
      columns: 0, values: extractor.values, valueCount: extractor.count, firsts: extractor.firsts)
    return try unsafe mapper.map(row, line: number, into: &record)
  }
}
