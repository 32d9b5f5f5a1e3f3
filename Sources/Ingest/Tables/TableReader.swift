#if canImport(Glibc)
  import Glibc
#endif
import Diagnostics

/// Reads a table's file into a builder, in whichever of the formats it is.
struct TableReader {
  let path: String
  let layout: TableLayout

  /// What reading gave beside the rows.
  struct Outcome {
    /// The column that the ids were read from; nil: the file has no header.
    var column: String?
    /// Places are lines of text; else rows.
    var hasLines: Bool
  }

  /// - Throws: `F1` and `I3` where the file cannot be read, `F3` where it is not what it should be.
  func read(into builder: inout TableBuilder) throws(Diagnostic) -> Outcome {
    let beginning = try beginning()
    if let batches = try batches(beginning) {
      let column = try ArrowTableReader(layout: layout).read(batches, into: &builder)
      return Outcome(column: column, hasLines: false)
    }
    if let (name, _) = Self.strangers.first(where: { beginning.starts(with: $0.1) }) {
      throw Diagnostic(
        .f3, "the file is \(name), which is not read here", at: Place(file: path),
        hint: "write it as CSV in UTF-8 (plain or gzip), Arrow IPC or Parquet")
    }
    let column = try CSVTableReader(path: path, layout: layout).read(into: &builder)
    return Outcome(column: column, hasLines: true)
  }

  /// nil where the file is neither Arrow nor Parquet.
  private func batches(_ beginning: [UInt8]) throws(Diagnostic) -> ArrowBatches? {
    if beginning.starts(with: "PAR1".utf8) {
      return try ArrowBatches(parquet: path, columns: nil, coded: layout.columns.map(\.column))
    }
    let isArrow = beginning.starts(with: "ARROW1".utf8) || beginning.starts(with: [0xff, 0xff, 0xff, 0xff])
    return isArrow ? try ArrowBatches(arrow: path) : nil
  }

  /// Files that are often at hand where a CSV file is wanted. As text they would give ids that are nobody's.
  private static let strangers: [(String, [UInt8])] = [
    ("a zip archive or an Excel file", [0x50, 0x4b, 0x03, 0x04]), ("UTF-16 text", [0xff, 0xfe]),
    ("UTF-16 text", [0xfe, 0xff]), ("compressed by zstd", [0x28, 0xb5, 0x2f, 0xfd]),
    ("compressed by bzip2", Array("BZh".utf8)), ("compressed by xz", [0xfd, 0x37, 0x7a, 0x58]),
    ("an Avro file", Array("Obj\u{1}".utf8)), ("an ORC file", Array("ORC".utf8)),
  ]

  private func beginning() throws(Diagnostic) -> [UInt8] {
    let file = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else {
      throw Diagnostic(
        .f1, "cannot be opened: \(unsafe String(cString: strerror(errno)))", at: Place(file: path),
        hint: "is the path right?")
    }
    defer { close(file) }
    var status = stat()
    guard unsafe fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      throw Diagnostic(.f1, "is no plain file", at: Place(file: path), hint: "name one file")
    }
    var bytes = [UInt8](repeating: 0, count: 8)
    let count = unsafe bytes.withUnsafeMutableBytes { unsafe pread(file, $0.baseAddress, $0.count, 0) }
    return Array(bytes.prefix(max(0, count)))
  }
}
