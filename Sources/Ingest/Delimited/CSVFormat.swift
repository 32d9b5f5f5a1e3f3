import Diagnostics
import Events

/// CSV with a header, as events: rows of lines by `CSVRows`, values by the mapper.
struct CSVFormat: LineFormat {
  private var mapper: RowMapper
  private let columns: Int
  private var rows: CSVRows

  init(_ mapper: RowMapper, columns: Int, delimiter: UInt8) {
    self.mapper = mapper
    self.columns = columns
    rows = CSVRows(delimiter: delimiter)
  }

  /// The names of the columns.
  static func header(_ lines: LineReader, path: String, delimiter: UInt8) throws(Diagnostic) -> [String] {
    let none = Diagnostic(
      .f3, "the file has no header line", at: Place(file: path), hint: "its first line names the columns")
    guard case .line(let line) = try unsafe lines.next() else { throw none }
    let bytes = unsafe CSVRows.withoutMark(Array(line))
    guard !bytes.isEmpty, bytes != [0x0d] else { throw none }
    var rows = CSVRows(delimiter: delimiter)
    // Whatever is wrong with a header, the file is not read.
    let count = unsafe bytes.withUnsafeBytes { unsafe try? rows.take($0, number: 1) }
    guard let count, count <= CSVRows.mostColumns else {
      throw Diagnostic(
        .f3, "the header line is no text, has an open quote or too many columns",
        at: Place(file: path, line: 1))
    }
    return rows.texts(count)
  }

  mutating func decode(_ line: UnsafeRawBufferPointer, number: UInt64, into record: inout EventRecord)
    throws(Reject)
    -> RowMapper.Outcome?
  {
    guard let count = try unsafe rows.take(line, number: number) else { return nil }
    guard count == columns else {
      throw Reject(reason: .columnCount, detail: "found \(count) columns, expected \(columns)")
    }
    let row = rows.values
    return try mapCopy(row, count, &record)
  }

  private mutating func mapCopy(_ row: [UInt8], _ count: Int, _ record: inout EventRecord) throws(Reject)
    -> RowMapper.Outcome
  {
    var outcome: RowMapper.Outcome = .event
    var reject: Reject?
    unsafe row.withUnsafeBytes { bytes in
      do throws(Reject) { outcome = try unsafe map(bytes, count, &record) } catch { reject = error }
    }
    if let reject { throw reject }
    return outcome
  }

  private mutating func map(_ bytes: UnsafeRawBufferPointer, _ count: Int, _ record: inout EventRecord)
    throws(Reject)
    -> RowMapper.Outcome
  {
    let ranges = rows.ranges
    let view = unsafe RowView(
      base: bytes.baseAddress ?? UnsafeRawPointer(ranges.starts), starts: UnsafePointer(ranges.starts),
      ends: UnsafePointer(ranges.ends), columns: count, values: nil, valueCount: 0)
    return try unsafe mapper.map(view, line: rows.number, into: &record)
  }

  mutating func heldBack() -> (line: [UInt8], number: UInt64)? { rows.heldBack() }
  mutating func abandon() -> (line: [UInt8], number: UInt64)? { rows.abandon() }
}
