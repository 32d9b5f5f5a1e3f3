extension Diagnostic {
  /// The diagnostic as a good compiler prints it:
  /// ```
  /// segments/fans.yaml:4:5: error[N1]: no key is called 'wehn'
  ///   |     wehn: last 30d
  ///   |     ^~~~
  ///   = help: did you mean 'when'?
  /// ```
  /// - Parameters:
  ///   - source: the file's text where the place is in it; no source line is shown without.
  ///   - color: with ANSI colours.
  public func rendered(source: SourceText? = nil, color: Bool = false) -> String {
    let paint = Paint(on: color)
    var out = ""
    if let place { out += paint.bold(place.text + ": ") }
    let label = "\(severity.rawValue)[\(code.rawValue)]"
    out += (isError ? paint.red(label) : paint.yellow(label)) + paint.bold(": \(message)") + "\n"
    if let place { out += excerpt(place, source, paint) }
    for note in notes {
      out += "  = note: \(note.message)" + (note.place.map { " (\($0.text))" } ?? "") + "\n"
    }
    if let hint { out += "  = help: \(hint)\n" }
    return out
  }

  private func excerpt(_ place: Place, _ source: SourceText?, _ paint: Paint) -> String {
    guard place.line > 0, let source, source.file == place.file, let line = source.line(place.line) else {
      return ""
    }
    let shown = line.unicodeScalars.map { $0.properties.generalCategory == .control ? " " : String($0) }
    guard place.column > 0 else { return "  | \(shown.joined())\n" }
    // A very long line is cut around the caret.
    let from = max(0, place.column - 60)
    let cut = shown.dropFirst(from).prefix(110).joined()
    let caret =
      String(repeating: " ", count: max(0, place.column - 1 - from)) + "^"
      + String(repeating: "~", count: max(0, min(place.length, 80) - 1))
    return "  | \(cut)\n  | \(paint.green(caret))\n"
  }

  /// One JSON object on one line; keys sorted, stable: `code`, `severity`, `message`, `file`, `line`, `column`,
  /// `length`, `detail`, `hint`, `notes`.
  public var json: String {
    var members = [
      "\"code\":\(JSONText.quoted(code.rawValue))", "\"severity\":\(JSONText.quoted(severity.rawValue))",
      "\"message\":\(JSONText.quoted(message))",
    ]
    if let place {
      members.append("\"file\":\(JSONText.quoted(place.file))")
      if place.line > 0 {
        members.append("\"line\":\(place.line),\"column\":\(place.column),\"length\":\(place.length)")
      }
      if let detail = place.detail { members.append("\"detail\":\(JSONText.quoted(detail))") }
    }
    if let hint { members.append("\"hint\":\(JSONText.quoted(hint))") }
    if !notes.isEmpty {
      let texts = notes.map { JSONText.quoted($0.message + ($0.place.map { " (\($0.text))" } ?? "")) }
      members.append("\"notes\":[\(texts.joined(separator: ","))]")
    }
    return "{\(members.joined(separator: ","))}"
  }
}

/// Writing JSON text; the only escaping there is.
public enum JSONText {
  /// `text` as a JSON string with its quotes (RFC 8259, section 7).
  public static func quoted(_ text: some StringProtocol) -> String {
    var out = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": out += "\\\""
      case "\\": out += "\\\\"
      case "\n": out += "\\n"
      case "\r": out += "\\r"
      case "\t": out += "\\t"
      case let control where control.value < 0x20:
        let hex = String(control.value, radix: 16)
        out += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
      default: out.unicodeScalars.append(scalar)
      }
    }
    return out + "\""
  }
}

/// ANSI colours, or none.
struct Paint {
  let on: Bool
  func bold(_ text: String) -> String { wrap(text, "1") }
  func red(_ text: String) -> String { wrap(text, "1;31") }
  func yellow(_ text: String) -> String { wrap(text, "1;33") }
  func green(_ text: String) -> String { wrap(text, "32") }
  private func wrap(_ text: String, _ code: String) -> String {
    on ? "\u{1b}[\(code)m\(text)\u{1b}[0m" : text
  }
}
