import Diagnostics
import Project

/// Which columns of a file make a table.
struct TableLayout {
  /// The column of the ids; nil: `user_id`, else the first.
  var key: String?
  var columns: [TableMapping.Column]
  /// CSV: what stands between values.
  var delimiter: UInt8
  /// A list without a header has one id a line.
  var mayLackHeader: Bool
  /// Columns that may be the only one of a list with a header, lower case.
  var listHeaders: Set<String> = ["user_id"]

  struct Found {
    var key: Int
    /// In the order of the layout's columns.
    var columns: [Int]
  }

  /// Where the columns are in a file; of equal names the first.
  /// - Throws: `F3` for one that is not there.
  func find(in names: [String], of path: String, line: Int) throws(Diagnostic) -> Found {
    func place(_ name: String) throws(Diagnostic) -> Int {
      if let index = names.firstIndex(where: { $0.utf8.elementsEqual(name.utf8) }) { return index }
      throw Diagnostic(
        .f3, "the file has no column '\(name)'", at: Place(file: path, line: line),
        hint: Nearest.word(to: name, among: names).map { "did you mean '\($0)'?" }
          ?? "its columns: \(names.prefix(20).joined(separator: ", "))")
    }
    let key =
      if let key { try place(key) } else { names.firstIndex { Self.standardKey == $0.lowercased() } ?? 0 }
    var places: [Int] = []
    for column in columns { places.append(try place(column.column)) }
    return Found(key: key, columns: places)
  }

  static let standardKey = "user_id"
}
