/// A JSON value to be written, with its keys in the order given.
public indirect enum JSONValue: Sendable {
  case text(String)
  case integer(Int64)
  case number(Double)
  case bool(Bool)
  case null
  case list([JSONValue])
  case object([(String, JSONValue)])
  /// JSON text that is already made.
  case raw(String)

  public static func count(_ n: some BinaryInteger) -> JSONValue { .integer(Int64(clamping: n)) }

  /// On one line.
  public var rendered: String {
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

  /// On many lines for people, with what fits 100 columns on one.
  public var pretty: String { pretty(indent: 0) }

  private func pretty(indent: Int) -> String {
    let flat = rendered
    guard flat.utf8.count + indent > 100 else { return flat }
    let (inner, outer) = (String(repeating: " ", count: indent + 2), String(repeating: " ", count: indent))
    switch self {
    case .list(let items):
      return "[\n" + items.map { inner + $0.pretty(indent: indent + 2) }.joined(separator: ",\n")
        + "\n\(outer)]"
    case .object(let members):
      let lines = members.map { "\(inner)\(JSONText.quoted($0.0)): \($0.1.pretty(indent: indent + 2))" }
      return "{\n" + lines.joined(separator: ",\n") + "\n\(outer)}"
    default: return flat
    }
  }
}
