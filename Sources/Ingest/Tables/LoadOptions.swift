import Events
import Project
import Store

/// What is loaded.
public enum LoadTarget: Sendable, Equatable {
  case users
  case articles
  /// - Parameter column: which column of the file has the ids; nil: `user_id`, else the first.
  case list(String, column: String?)

  var kind: TableEntry.Kind {
    switch self {
    case .users: .users
    case .articles: .articles
    case .list: .list
    }
  }

  var name: String {
    if case .list(let name, _) = self { name } else { "" }
  }

  /// As people call it: `users`, `list vips`.
  public var words: String { name.isEmpty ? kind.rawValue : "the list \(name)" }
}

/// How a load is done.
public struct LoadOptions: Sendable {
  /// The day from which it holds.
  public var from: Day
  /// CSV: what stands between values; nil: as the project says.
  public var delimiter: UInt8?
  /// Of rows that are rejected or have a value that cannot be read.
  public var maximumRejected: IngestOptions.RejectLimit?
  /// An empty file empties the table.
  public var allowsEmpty = false

  public init(from: Day) { self.from = from }
}

/// What a load did. `read = rows + repeated + rejected`.
public struct LoadSummary: Sendable {
  /// The version that it made; nil where the same holds from that day already.
  public var version: Int?
  /// Rows of the file.
  public var read = 0
  /// Ids that hold now.
  public var rows = 0
  /// Rows whose id came again further down.
  public var repeated = 0
  public var rejected = 0
  /// Values that are unknown because they cannot be read.
  public var unreadable = 0
  public var problems: [LoadProblem] = []
  /// Of the ids, how many are users with events, or articles of the newest `articleDays` days.
  public var known = 0
  /// How many ids held from that day on before; nil: there was no table.
  public var before: Int?
  /// The day from which on another table holds already; nil: none.
  public var until: String?
  /// The column that the ids were read from; nil: the file has no header.
  public var column: String?

  public static let articleDays = 90
}

/// Rows or values that could not be taken, for one reason.
public struct LoadProblem: Sendable, Equatable {
  /// From the list in `Reject.Reason`: `no_id`.
  public var reason: String
  /// The field whose value is unknown; "" where the whole row is rejected.
  public var field: String
  public var count = 0
  /// The first few, as lines of the file or as rows of one that has no lines.
  public var places: [UInt64] = []
  public var hasLines = true

  /// `no_id: 2 rows (lines 3, 9)`, `tier: 1 value unknown, value_too_long (line 7)`
  public var words: String {
    let place = (hasLines ? "line" : "row") + (count == 1 ? "" : "s")
    let more = count > places.count ? ", …" : ""
    let list = "(\(place) \(places.map { String($0) }.joined(separator: ", "))\(more))"
    return field.isEmpty
      ? "\(reason): \(count) row\(count == 1 ? "" : "s") rejected \(list)"
      : "\(field): \(count) value\(count == 1 ? "" : "s") unknown, \(reason) \(list)"
  }
}
