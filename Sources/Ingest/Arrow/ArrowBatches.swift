#if canImport(Glibc)
  import Glibc
#endif
import ArrowIPC
import Diagnostics

/// The record batches of a file, one after the other: of an Arrow file, an Arrow stream (told apart by their first
/// bytes) or a Parquet file.
struct ArrowBatches {
  private enum Content {
    case file(ArrowFileReader, next: Int)
    case stream(ArrowStreamReader)
  }

  let path: String
  let schema: ArrowSchema
  /// All columns of the file, also those that are not among the schema's because they were not wanted.
  let columns: [String]
  private var content: Content
  private let parquet: ParquetProcess?
  private let fileSize: Int
  private var rows = 0

  /// - Throws: `F1` and `F3` where it cannot be read.
  init(arrow path: String) throws(Diagnostic) {
    self.path = path
    parquet = nil
    let input = try Self.reading(path, nil) { () throws(FormatError) in try FileInput(path: path) }
    fileSize = input.size
    content = try Self.reading(path, nil) { () throws(FormatError) in
      let beginning = try input.read(0, min(6, input.size))
      return beginning == Array("ARROW1".utf8)
        ? .file(try ArrowFileReader(input), next: 0) : .stream(try ArrowStreamReader(input))
    }
    switch content {
    case .file(let reader, _): schema = reader.schema
    case .stream(let reader): schema = reader.schema
    }
    columns = schema.fields.map(\.name)
  }

  /// - Parameters: as `ParquetProcess` takes them.
  init(parquet path: String, columns: [String]?, coded: [String]) throws(Diagnostic) {
    self.path = path
    let process = try ParquetProcess(path: path, columns: columns, coded: coded)
    parquet = process
    fileSize = 0
    let reader = try Self.reading(path, process) { () throws(FormatError) in try ArrowStreamReader(process) }
    schema = reader.schema
    self.columns =
      schema.metadata["columns"].map { $0.split(separator: "\n", omittingEmptySubsequences: false) }?
      .map(String.init) ?? schema.fields.map(\.name)
    content = .stream(reader)
  }

  /// - Parameter wanted: indexes of the schema's columns, ascending.
  mutating func next(_ wanted: [Int]) throws(Diagnostic) -> ArrowBatch? {
    let batch: ArrowBatch?
    switch content {
    case .file(let reader, let index):
      guard index < reader.batchCount else { return nil }
      batch = try Self.reading(path, nil) { () throws(FormatError) in try reader.batch(index, columns: wanted)
      }
      content = .file(reader, next: index + 1)
    case .stream(var reader):
      batch = try Self.reading(path, parquet) { () throws(FormatError) in try reader.next(columns: wanted) }
      content = .stream(reader)
    }
    // A process that fails may have closed its stream in good order.
    if batch == nil, let failure = parquet?.failure() { throw failure }
    rows += batch?.rows ?? 0
    return batch
  }

  /// How much of the file has been read, 0...1.
  var progress: Double {
    switch content {
    case .file(let reader, let next): Double(next) / Double(max(1, reader.batchCount))
    case .stream(let reader) where parquet == nil: Double(reader.consumed) / Double(max(1, fileSize))
    case .stream: Double(rows) / Double(max(1, Int(schema.metadata["rows"] ?? "") ?? 1))
    }
  }

  private static func reading<Value>(
    _ path: String, _ process: ParquetProcess?, _ body: () throws(FormatError) -> Value
  ) throws(Diagnostic) -> Value {
    do throws(FormatError) { return try body() } catch {
      if let failure = process?.failure() { throw failure }
      throw Diagnostic(
        .f3, "the \(process == nil ? "Arrow" : "Parquet") file cannot be read: \(error.reason)",
        at: Place(file: path, detail: error.offset >= 0 && process == nil ? "byte \(error.offset)" : nil),
        hint: error.reason.contains("column type")
          ? "write plain types (Polars: compat_level=CompatLevel.oldest())"
          : "write or copy it again; nothing was taken")
    }
  }
}
