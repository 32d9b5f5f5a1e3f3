/// Joins lines to rows of CSV and splits them into values (RFC 4180). A quoted value may hold line ends, so a row may take
/// several lines; a quote that is not closed within `longestRow` lines costs its own line only, and the next ones are
/// to be read anew.
struct CSVRows {
  /// Where the values of the last row are in `values`.
  let ranges = ColumnRanges(capacity: mostColumns)
  /// The values of the last row, unquoted, end to end.
  private(set) var values: [UInt8] = []
  /// The first line of the last row.
  private(set) var number: UInt64 = 0
  private let delimiter: UInt8
  /// The lines of a row whose quote is still open.
  private var open: [[UInt8]] = []
  /// Lines behind a broken row.
  private var again: [(line: [UInt8], number: UInt64)] = []

  static let longestRow = 64
  static let mostColumns = 4096

  init(delimiter: UInt8) { self.delimiter = delimiter }

  /// A file's first line without the byte order mark that some programs put there.
  static func withoutMark(_ line: [UInt8]) -> [UInt8] {
    line.starts(with: [0xef, 0xbb, 0xbf]) ? Array(line.dropFirst(3)) : line
  }

  /// - Returns: how many values the row has; nil where the line is empty or only a part of it.
  /// - Throws: for a quote that is not closed, and text that is not UTF-8 or has a NUL.
  mutating func take(_ line: UnsafeRawBufferPointer, number: UInt64) throws(Reject) -> Int? {
    if open.isEmpty {
      if unsafe line.count == 0 || (line.count == 1 && line[0] == 0x0d) { return nil }
      self.number = number
    }
    let text = unsafe Array(line)
    let whole = open.isEmpty ? text : Array(open.joined(separator: [0x0a])) + [0x0a] + text
    guard let count = Self.split(whole, delimiter, ranges, &values) else {
      open.append(text)
      if open.count >= Self.longestRow || whole.count > LineReader.standardLimit { throw giveUp() }
      return nil
    }
    open = []
    try Self.check(whole)
    return count
  }

  /// The row as it stands is looked at: without what separates its values, two halves of a character could meet.
  private static func check(_ row: [UInt8]) throws(Reject) {
    let reason = unsafe row.withUnsafeBytes { bytes -> Reject.Reason? in
      guard unsafe LineCheck.isUTF8(bytes) else { return .notUTF8 }
      return unsafe bytes.contains(0) ? .nulByte : nil
    }
    if let reason { throw Reject(reason: reason) }
  }

  /// The first line of a row that is still open at the end of the input; its others are held back.
  mutating func abandon() -> (line: [UInt8], number: UInt64)? {
    guard let first = open.first else { return nil }
    _ = giveUp()
    return (first, number)
  }

  /// A line to be read anew after a broken row.
  mutating func heldBack() -> (line: [UInt8], number: UInt64)? { again.isEmpty ? nil : again.removeFirst() }

  /// The first line is rejected, the others are read anew.
  private mutating func giveUp() -> Reject {
    again = open.dropFirst().enumerated().map { ($1, number + UInt64($0) + 1) }
    open = []
    return Reject(reason: .badQuoting)
  }

  /// The last row's values as text.
  func texts(_ count: Int) -> [String] {
    (0..<min(count, Self.mostColumns)).map {
      unsafe String(decoding: values[Int(ranges.starts[$0])..<Int(ranges.ends[$0])], as: UTF8.self)
    }
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
