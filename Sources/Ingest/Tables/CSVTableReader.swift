import Diagnostics

/// Reads a table from CSV, or a list from lines of ids; plain or gzip.
struct CSVTableReader {
  let path: String
  let layout: TableLayout

  /// - Returns: the name of the column of ids; nil where the file has no header.
  /// - Throws: `F3` where the first row cannot be read or a column is missing.
  func read(into builder: inout TableBuilder) throws(Diagnostic) -> String? {
    var rows = try CSVRowReader(path: path, delimiter: layout.delimiter)
    let first: Int
    switch try rows.next() {
    case .end: return nil
    case .row(let count) where count <= CSVRows.mostColumns: first = count
    case .row: throw unusable("it has more than \(CSVRows.mostColumns) columns")
    case .rejected(let reason, _): throw unusable(reason.rawValue)
    }
    let names = rows.texts(first)
    guard hasHeader(names) else {
      let found = TableLayout.Found(key: 0, columns: [])
      take(&rows, first, found, columns: 1, &builder)
      try takeAll(&rows, found, columns: 1, &builder)
      return nil
    }
    let found = try layout.find(in: names, of: path, line: 1)
    try takeAll(&rows, found, columns: first, &builder)
    return names[found.key]
  }

  /// A list of one column whose first line is no known name has none: an id too many harms nobody, one that is lost might.
  private func hasHeader(_ names: [String]) -> Bool {
    !layout.mayLackHeader || layout.key != nil || names.count > 1
      || layout.listHeaders.contains(names[0].lowercased())
  }

  private func unusable(_ reason: String) -> Diagnostic {
    Diagnostic(
      .f3, "the first line cannot be read (\(reason))", at: Place(file: path, line: 1),
      hint: "CSV with a header, or for lists one id a line, in UTF-8")
  }

  private func takeAll(
    _ rows: inout CSVRowReader, _ found: TableLayout.Found, columns: Int, _ builder: inout TableBuilder
  ) throws(Diagnostic) {
    while true {
      switch try rows.next() {
      case .end: return
      case .rejected(let reason, let line): builder.reject(reason, at: line)
      case .row(let count): take(&rows, count, found, columns: columns, &builder)
      }
    }
  }

  private func take(
    _ rows: inout CSVRowReader, _ count: Int, _ found: TableLayout.Found, columns: Int,
    _ builder: inout TableBuilder
  ) {
    guard count == columns else { return builder.reject(.columnCount, at: rows.line) }
    let line = rows.line
    unsafe rows.withRow { row in
      guard unsafe builder.begin(row.column(found.key), at: line) else { return }
      for (column, place) in found.columns.enumerated() {
        unsafe builder.set(column, text: row.column(place))
      }
    }
  }
}

/// Gives the rows of a CSV file one after the other, those that cannot be split among them.
struct CSVRowReader {
  enum Step {
    /// How many values the row has.
    case row(Int)
    case rejected(Reject.Reason, line: UInt64)
    case end
  }

  private let lines: LineReader
  private var rows: CSVRows

  /// - Throws: `F1` where the file cannot be opened.
  init(path: String, delimiter: UInt8) throws(Diagnostic) {
    lines = LineReader(try ByteReader(path: path))
    rows = CSVRows(delimiter: delimiter)
  }

  /// The first line of the last row.
  var line: UInt64 { rows.number }
  func texts(_ count: Int) -> [String] { rows.texts(count) }

  /// - Throws: `F1` and `I3` where the file cannot be read further.
  mutating func next() throws(Diagnostic) -> Step {
    while true {
      if let (line, number) = rows.heldBack() {
        if let step = take(line, number) { return step }
        continue
      }
      switch try unsafe lines.next() {
      case .end:
        guard let (_, number) = rows.abandon() else { return .end }
        return .rejected(.badQuoting, line: number)
      case .tooLong: return .rejected(.tooLong, line: lines.number)
      case .line(let bytes):
        let line = unsafe Array(bytes)
        if let step = take(lines.number == 1 ? CSVRows.withoutMark(line) : line, lines.number) { return step }
      }
    }
  }

  private mutating func take(_ line: [UInt8], _ number: UInt64) -> Step? {
    var step: Step?
    unsafe line.withUnsafeBytes { bytes in
      do throws(Reject) { step = try unsafe rows.take(bytes, number: number).map { .row($0) } } catch {
        step = .rejected(error.reason, line: rows.number)
      }
    }
    return step
  }

  /// Lends the values of the last row.
  func withRow(_ body: (RowView) -> Void) {
    unsafe rows.values.withUnsafeBytes { bytes in
      let ranges = rows.ranges
      unsafe body(
        RowView(
          base: bytes.baseAddress ?? UnsafeRawPointer(ranges.starts), starts: UnsafePointer(ranges.starts),
          ends: UnsafePointer(ranges.ends), columns: CSVRows.mostColumns, values: nil, valueCount: 0))
    }
  }
}
