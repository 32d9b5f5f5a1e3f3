import Diagnostics

/// A JSON value for `--json`, written with its keys in the order given.
indirect enum JSONValue {
  case text(String)
  case integer(Int64)
  case number(Double)
  case bool(Bool)
  case null
  case list([JSONValue])
  case object([(String, JSONValue)])
  /// JSON text that is already made.
  case raw(String)

  static func count(_ n: some BinaryInteger) -> JSONValue { .integer(Int64(clamping: n)) }

  var rendered: String {
    switch self {
    case .text(let text): JSONText.quoted(text)
    case .integer(let value): String(value)
    case .number(let value): value.isFinite ? String(value) : "null"
    case .bool(let value): value ? "true" : "false"
    case .null: "null"
    case .list(let items): "[" + items.map(\.rendered).joined(separator: ",") + "]"
    case .object(let members):
      "{" + members.map { "\(JSONText.quoted($0.0)):\($0.1.rendered)" }.joined(separator: ",") + "}"
    case .raw(let text): text
    }
  }
}
