import Events

/// One decoded event on its way to the store. A reader fills the same record for row after row, so nothing is
/// allocated per row.
struct EventRecord: Sendable {
  enum Kind: UInt8, Sendable { case other = 0, view = 1, ping = 2 }

  /// XXH3-128 of the event id's bytes; 0 is none.
  var eventID: UInt128 = 0
  /// A hash of everything mapped but the collector's time: equal for a copy, different for an id used again.
  var fingerprint: UInt64 = 0
  /// Milliseconds; the event's own time where the source has no collector.
  var collector: Int64 = 0
  /// The event's time, milliseconds, and its day in the store's zone.
  var time: Int64 = 0
  var day: Int32 = 0
  var kind: Kind = .other
  /// The source folds pings into dwell (Snowplow): views without pings have 0, and sessions have limits.
  var foldsPings = false
  /// A stored row that is written again because a late ping changed its dwell; no row of the input.
  var rewritten = false
  /// Hashes of session and page view id; 0 is unknown (a hash of 0 becomes 1).
  var session: UInt64 = 0
  var view: UInt64 = 0
  /// The device's clock in milliseconds, else the event's time: which heartbeat slot a ping falls into, and which
  /// of two views of one id is the first.
  var deviceTime: Int64 = 0
  /// Milliseconds; `UInt32.max` is unknown.
  var dwell: UInt32 = .max
  /// Which file of this ingest, and the line in it, or the row, from 1.
  var file: UInt32 = 0
  var line: UInt64 = 0
  /// The user id's bytes; empty: anonymous.
  var user: [UInt8] = []
  /// A dictionary code a text field of the layout; `UInt32.max` is unknown.
  var codes: [UInt32] = []
  /// List fields: field f has `lists[listEnds[f-1]..<listEnds[f]]` (from 0 for the first).
  var lists: [UInt32] = []
  var listEnds: [UInt32] = []
  /// A number a number field; NaN is unknown.
  var numbers: [Double] = []
}

/// A row that is not taken, for the rejects file.
struct Reject: Error, Sendable, Equatable {
  /// What is wrong, in words, without values of people.
  var reason: Reason
  /// The column at fault, "" where it is the line as a whole.
  var column: String = ""
  /// A short detail: "found 129 columns, expected 131".
  var detail: String = ""

  /// The list of reasons; their raw values stand in reject files and counts.
  enum Reason: String, Sendable, CaseIterable {
    case columnCount = "column_count"
    case notUTF8 = "not_utf8"
    case tooLong = "line_too_long"
    case nulByte = "nul_byte"
    case badTime = "bad_time"
    case noTime = "no_time"
    case timeOutOfRange = "time_out_of_range"
    case badNumber = "bad_number"
    case badJSON = "bad_json"
    case badQuoting = "bad_quoting"
    case userTooLong = "user_id_too_long"
    case valueTooLong = "value_too_long"
    case noEvent = "no_event"
    case noSession = "no_session"
    case noView = "no_page_view_id"
    case sentLate = "sent_too_late"
    case sessionTooLong = "session_too_long"
    case duplicateView = "duplicate_page_view_id"
    // Of tables and lists only.
    case noKey = "no_id"
    case placeholder = "placeholder_id"
    case keyTooLong = "id_too_long"
    case badBoolean = "bad_boolean"
  }
}

/// Where decoded rows go. One a worker; nothing is shared per row.
protocol RecordSink {
  mutating func append(_ record: borrowing EventRecord)
  /// - Parameters:
  ///   - line: in a file without lines, the row's number from 1.
  ///   - bytes: the row's, without its line end; nil in a file without lines.
  mutating func reject(_ reject: Reject, file: UInt32, line: UInt64, bytes: UnsafeRawBufferPointer?)
  /// A row of a bot: counted, not kept.
  mutating func bot()
}
