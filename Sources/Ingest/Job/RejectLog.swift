import Diagnostics
import Synchronization

/// Rejected rows of one ingest: JSON lines with file, line, column, reason and the row itself, in the order of files
/// and lines; and the rows alone, to be mended and ingested again.
final class RejectLog: Sendable {
  /// The row's text is kept up to this many bytes; a longer one is not worth mending by hand.
  private static let longestRow = 1 << 16
  private static let limit = 64 << 20

  struct Entry: Sendable {
    var file: UInt32
    var line: UInt64
    var reject: Reject
    var row: [UInt8]?
  }

  private let entries = Mutex<(list: [Entry], bytes: Int)>(([], 0))

  func add(_ entry: Entry) {
    entries.withLock { state in
      var entry = entry
      // Beyond the limit places and reasons are still kept.
      if state.bytes > Self.limit { entry.row = nil }
      state.bytes += entry.row?.count ?? 0
      state.list.append(entry)
    }
  }

  static func kept(_ bytes: UnsafeRawBufferPointer) -> [UInt8]? {
    bytes.count <= longestRow ? unsafe Array(bytes) : nil
  }

  var isEmpty: Bool { entries.withLock { $0.list.isEmpty } }

  private var sorted: [Entry] {
    entries.withLock {
      $0.list.sorted {
        ($0.file, $0.line, $0.reject.reason.rawValue) < ($1.file, $1.line, $1.reject.reason.rawValue)
      }
    }
  }

  /// - Parameter names: of the files.
  func jsonLines(_ names: [String]) -> [UInt8] {
    var text = ""
    for entry in sorted {
      text += "{\"file\":\(JSONText.quoted(names[Int(entry.file)])),\"line\":\(entry.line)"
      text += ",\"reason\":\"\(entry.reject.reason.rawValue)\""
      if !entry.reject.column.isEmpty { text += ",\"column\":\(JSONText.quoted(entry.reject.column))" }
      if !entry.reject.detail.isEmpty { text += ",\"detail\":\(JSONText.quoted(entry.reject.detail))" }
      if let row = entry.row { text += ",\"row\":\(JSONText.quoted(String(decoding: row, as: UTF8.self)))" }
      text += "}\n"
    }
    return Array(text.utf8)
  }

  /// The rows of one file, as they were.
  func rows(file: Int) -> [UInt8] {
    Array(sorted.filter { $0.file == UInt32(file) }.compactMap(\.row).map { $0 + [0x0a] }.joined())
  }
}
