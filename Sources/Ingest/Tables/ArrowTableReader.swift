import ArrowIPC
import Diagnostics
import Events
import Project

/// Reads a table from the record batches of an Arrow or Parquet file.
struct ArrowTableReader {
  let layout: TableLayout

  /// - Returns: the name of the column of ids.
  /// - Throws: `F3` where the file is damaged, a column is missing, or its type is not what the project says.
  func read(_ batches: consuming ArrowBatches, into builder: inout TableBuilder) throws(Diagnostic) -> String
  {
    let path = batches.path
    let fields = batches.schema.fields
    guard !fields.isEmpty else { throw Diagnostic(.f3, "the file has no columns", at: Place(file: path)) }
    let found = try layout.find(in: fields.map(\.name), of: path, line: 0)
    guard ArrowCells.areIDs(fields[found.key].type) else {
      throw wrongKind(
        path, fields[found.key], "ids", hint: "ids are texts or whole numbers: convert the column")
    }
    for (column, index) in zip(layout.columns, found.columns) {
      guard ArrowCells.canBe(column.kind, fields[index].type) else {
        throw wrongKind(
          path, fields[index], "a \(column.kind.rawValue)",
          hint: "give '\(column.name)' another kind in the project file, or convert the column")
      }
    }
    let wanted = Set(found.columns + [found.key]).sorted()
    var row: UInt64 = 0
    while let batch = try batches.next(wanted) {
      let arrays = Dictionary(uniqueKeysWithValues: zip(wanted, batch.columns))
      let cells = ([found.key] + found.columns).compactMap { index in
        arrays[index].map { ArrowCells(fields[index].type, $0) }
      }
      take(batch.rows, cells, &row, &builder)
    }
    return fields[found.key].name
  }

  /// - Parameters:
  ///   - cells: of the ids, then of the layout's columns.
  ///   - row: counts on over the batches.
  private func take(_ rows: Int, _ cells: [ArrowCells], _ row: inout UInt64, _ builder: inout TableBuilder) {
    for index in 0..<rows {
      row += 1
      guard cells[0].begin(index, at: row, &builder) else { continue }
      for column in 1..<cells.count { cells[column].set(index, column - 1, &builder) }
    }
  }

  private func wrongKind(_ path: String, _ field: ArrowField, _ wanted: String, hint: String) -> Diagnostic {
    Diagnostic(
      .f3,
      "the column '\(field.name)' holds \(ArrowCells.words(field.type)), which cannot be read as \(wanted)",
      at: Place(file: path), hint: hint)
  }
}
