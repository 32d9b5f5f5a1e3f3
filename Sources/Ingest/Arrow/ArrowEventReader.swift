import ArrowIPC
import Diagnostics
import Project

/// Reads the events of an Arrow or Parquet file: its columns are laid out batch by batch, and the mapper reads them row by
/// row as it does those of other formats.
struct ArrowEventReader {
  let reader: SourceReader
  let path: String
  let file: UInt32

  private var source: Source { reader.source }

  /// - Parameter progress: told the bytes and rows since its last call, batch by batch.
  /// - Returns: rows read.
  func read<S: RecordSink>(
    contentHash: UInt64, into sink: inout S, _ progress: (_ bytes: Int, _ rows: Int) -> Void
  ) throws(Diagnostic) -> Int {
    let names = source.columnNames
    var mapper = reader.mapper(names, contentHash)
    var batches = try open(names, mapper.plan)
    let loaders = try loaders(names, batches, mapper.plan)
    let wanted = Set(loaders.map(\.path.column)).sorted()
    let size = try InputFile.find([path])[0].bytes
    var record = reader.emptyRecord(file)
    var (rows, reported) = (0, 0)
    while let batch = try batches.next(wanted) {
      let arrays = Dictionary(uniqueKeysWithValues: zip(wanted, batch.columns))
      let cells = unsafe loaders.compactMap { loader in
        unsafe arrays[loader.path.column].map { unsafe loader.load($0, rows: batch.rows) }
      }
      let flaws = Self.flaws(loaders)
      unsafe cells.withUnsafeBufferPointer { cells in
        unsafe take(batch.rows, cells, flaws, after: rows, &mapper, &record, &sink)
      }
      rows += batch.rows
      let bytes = Int(min(1, batches.progress) * Double(size))
      progress(bytes - reported, batch.rows)
      reported = bytes
    }
    return rows
  }

  // MARK: Columns

  private func open(_ names: [String], _ plan: MappingPlan) throws(Diagnostic) -> ArrowBatches {
    guard source.format == .parquet else {
      if try beginning() == Array("PAR1".utf8) { throw otherFormat("a Parquet file", .parquet) }
      return try ArrowBatches(arrow: path)
    }
    guard try beginning() == Array("PAR1".utf8) else {
      throw Diagnostic(
        .f3, "the file is no Parquet file, which the source '\(source.name)' wants", at: Place(file: path),
        hint: "Parquet files begin with PAR1; a format for other files: \(Source.Format.words)")
    }
    let coded = names.indices.filter { index in
      (plan.texts + plan.lists).contains { $0.contains(.column(index)) }
    }
    return try ArrowBatches(parquet: path, columns: names, coded: coded.map { names[$0] })
  }

  private func otherFormat(_ what: String, _ format: Source.Format) -> Diagnostic {
    Diagnostic(
      .f3, "the file is \(what), but the source '\(source.name)' has the format \(source.format.rawValue)",
      at: Place(file: path), hint: "format: \(format.rawValue)")
  }

  private func beginning() throws(Diagnostic) -> [UInt8] {
    let bytes = ByteReader.beginning(path: path, count: 4)
    guard let bytes else { throw Diagnostic(.f1, "cannot be opened", at: Place(file: path)) }
    return bytes
  }

  private func loaders(_ names: [String], _ batches: ArrowBatches, _ plan: MappingPlan) throws(Diagnostic)
    -> [CellLoader]
  {
    var loaders: [CellLoader] = []
    for (index, name) in names.enumerated() {
      guard let path = CellPath(name, in: batches.schema.fields) else {
        throw reader.missingColumn(name, among: batches.columns, Place(file: path))
      }
      let loader = CellLoader(name, path, plan.use(ofColumn: index), zone: source.timeZone)
      if let kind = loader.mismatch {
        throw Diagnostic(
          .f3,
          "the column '\(name)' holds \(ArrowCells.words(path.leaf.type)), which cannot be read as a \(kind.rawValue)",
          at: Place(file: self.path), hint: "convert the column, or map another one")
      }
      loaders.append(loader)
    }
    return loaders
  }

  // MARK: Rows

  /// Of each row the first.
  private static func flaws(_ loaders: [CellLoader]) -> [Int: Reject] {
    var flaws: [Int: Reject] = [:]
    for loader in loaders where !loader.flaws.isEmpty {
      for (row, reason) in loader.flaws where flaws[row] == nil {
        flaws[row] = Reject(reason: reason, column: loader.name)
      }
    }
    return flaws
  }

  private func take<S: RecordSink>(
    _ rows: Int, _ cells: UnsafeBufferPointer<CellColumn>, _ flaws: [Int: Reject], after before: Int,
    _ mapper: inout RowMapper, _ record: inout EventRecord, _ sink: inout S
  ) {
    guard let first = cells.baseAddress else { return }
    let ranges = ColumnRanges(capacity: 1)
    var view = unsafe RowView(
      base: UnsafeRawPointer(ranges.starts), starts: UnsafePointer(ranges.starts),
      ends: UnsafePointer(ranges.ends), columns: cells.count, values: nil, valueCount: 0, cells: first)
    for row in 0..<rows {
      let number = UInt64(before + row + 1)
      do throws(Reject) {
        if !flaws.isEmpty, let flaw = flaws[row] { throw flaw }
        unsafe view.row = row
        _ = try unsafe mapper.map(view, line: number, into: &record)
        sink.append(record)
      } catch {
        unsafe sink.reject(error, file: file, line: number, bytes: nil)
      }
    }
  }
}

extension Source {
  /// The columns that the mapping names, each once, sorted.
  fileprivate var columnNames: [String] {
    let paths = user + time + eventID + session + view + fields.values.joined()
    let names = paths.compactMap { path -> String? in
      switch path {
      case .column(let name), .host(let name): name
      case .keys, .entity: nil
      }
    }
    return Set(names).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }
}
