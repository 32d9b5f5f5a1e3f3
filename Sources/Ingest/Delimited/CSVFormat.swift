import Diagnostics
import Events

/// CSV with a header (RFC 4180). A quoted value may hold line ends, so a row may take several lines; a quote that is
/// not closed within `longestRow` lines costs its own line only, and the next ones are read anew.
struct CSVFormat: LineFormat {
  private var mapper: RowMapper
  private let columns: Int
  private let delimiter: UInt8
  private let buffers: ColumnRanges
  /// The lines of a row whose quote is still open.
  private var open: [[UInt8]] = []
  private var openNumber: UInt64 = 0
  /// Lines behind a broken row, to be read anew.
  private var again: [(line: [UInt8], number: UInt64)] = []
  private var scratch: [UInt8] = []

  static let longestRow = 64
  static let mostColumns = 4096

  init(_ mapper: RowMapper, columns: Int, delimiter: UInt8) {
    self.mapper = mapper
    self.columns = columns
    self.delimiter = delimiter
    buffers = ColumnRanges(capacity: Self.mostColumns)
  }

  /// The names of the columns.
  static func header(_ lines: LineReader, path: String, delimiter: UInt8) throws(Diagnostic) -> [String] {
    let line: [UInt8]
    switch try unsafe lines.next() {
    case .line(let bytes): line = unsafe Array(bytes)
    default:
      throw Diagnostic(
        .f3, "the file has no header line", at: Place(file: path), hint: "its first line names the columns")
    }
    let bytes = line.starts(with: [0xef, 0xbb, 0xbf]) ? Array(line.dropFirst(3)) : line
    let ranges = ColumnRanges(capacity: mostColumns)
    var scratch: [UInt8] = []
    guard let count = split(bytes, delimiter, ranges, &scratch), count <= mostColumns else {
      throw Diagnostic(
        .f3, "the header line has an open quote or too many columns", at: Place(file: path, line: 1))
    }
    return (0..<count).map {
      unsafe String(decoding: scratch[Int(ranges.starts[$0])..<Int(ranges.ends[$0])], as: UTF8.self)
    }
  }

  mutating func decode(_ line: UnsafeRawBufferPointer, number: UInt64, into record: inout EventRecord)
    throws(Reject)
    -> RowMapper.Outcome?
  {
    if open.isEmpty {
      if unsafe line.count == 0 || (line.count == 1 && line[0] == 0x0d) { return nil }
      openNumber = number
    }
    let text = unsafe Array(line)
    let whole = open.isEmpty ? text : Array(open.joined(separator: [0x0a])) + [0x0a] + text
    guard let count = Self.split(whole, delimiter, buffers, &scratch) else {
      open.append(text)
      if open.count >= Self.longestRow || whole.count > LineReader.standardLimit { throw giveUp() }
      return nil
    }
    open = []
    guard count == columns else {
      throw Reject(reason: .columnCount, detail: "found \(count) columns, expected \(columns)")
    }
    let row = scratch
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
    try unsafe LineCheck.utf8(bytes)
    guard unsafe !bytes.contains(0) else { throw Reject(reason: .nulByte) }
    let view = unsafe RowView(
      base: bytes.baseAddress ?? UnsafeRawPointer(buffers.starts), starts: UnsafePointer(buffers.starts),
      ends: UnsafePointer(buffers.ends), columns: count, values: nil, valueCount: 0)
    return try unsafe mapper.map(view, line: openNumber, into: &record)
  }

  mutating func abandon() -> (line: [UInt8], number: UInt64)? {
    guard let first = open.first else { return nil }
    _ = giveUp()
    return (first, openNumber)
  }

  mutating func heldBack() -> (line: [UInt8], number: UInt64)? { again.isEmpty ? nil : again.removeFirst() }

  /// The first line is rejected, the others are read anew.
  private mutating func giveUp() -> Reject {
    again = open.dropFirst().enumerated().map { ($1, openNumber + UInt64($0) + 1) }
    open = []
    return Reject(reason: .badQuoting)
  }

  /// Splits a row; values are put unquoted, end to end, into `scratch`.
  /// - Returns: how many; nil where a quote is still open.
  private static func split(
    _ row: [UInt8], _ delimiter: UInt8, _ ranges: ColumnRanges, _ scratch: inout [UInt8]
  ) -> Int? {
    scratch.removeAll(keepingCapacity: true)
    let end = row.last == 0x0d ? row.count - 1 : row.count
    var (at, column, start) = (0, 0, 0)
    while true {
      if at < end, row[at] == 0x22 {
        at += 1
        while true {
          guard at < row.count else { return nil }
          if row[at] != 0x22 {
            scratch.append(row[at])
          } else if at + 1 < row.count, row[at + 1] == 0x22 {
            scratch.append(0x22)
            at += 1
          } else {
            break
          }
          at += 1
        }
        at += 1
      }
      // Unquoted text, or what stands behind a closing quote.
      while at < end, row[at] != delimiter {
        scratch.append(row[at])
        at += 1
      }
      if !ranges.set(column, start, scratch.count) { return column + 1 }
      column += 1
      start = scratch.count
      guard at < end else { return column }
      at += 1
    }
  }
}
