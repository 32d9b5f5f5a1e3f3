import Diagnostics

/// Diagnostics as SARIF 2.1.0 (OASIS, "Static Analysis Results Interchange Format"), which code hosts show beside the lines
/// of a merge request.
public enum SarifReport {
  public static func json(_ diagnostics: [Diagnostic], toolVersion: String) -> JSONValue {
    let rules = CodeTexts.all
    let driver: [(String, JSONValue)] = [
      ("name", .text("grandstand")), ("version", .text(toolVersion)),
      ("rules", .list(rules.map { rule($0) })),
    ]
    return .object([
      ("$schema", .text("https://json.schemastore.org/sarif-2.1.0.json")), ("version", .text("2.1.0")),
      (
        "runs",
        .list([
          .object([
            ("tool", .object([("driver", .object(driver))])), ("columnKind", .text("unicodeCodePoints")),
            ("results", .list(diagnostics.map { result($0, rules) })),
          ])
        ])
      ),
    ])
  }

  private static func rule(_ text: CodeTexts.Entry) -> JSONValue {
    .object([
      ("id", .text(text.code.rawValue)), ("shortDescription", message(text.problem)),
      (
        "help",
        .object([
          ("text", .text("\(text.problem). To mend it: \(text.remedy).")),
          ("markdown", .text("**\(text.problem)**\n\nTo mend it: \(text.remedy).")),
        ])
      ),
      ("defaultConfiguration", .object([("level", .text(text.code.severity.rawValue))])),
    ])
  }

  private static func result(_ diagnostic: Diagnostic, _ rules: [CodeTexts.Entry]) -> JSONValue {
    let words = diagnostic.message + (diagnostic.hint.map { " (help: \($0))" } ?? "")
    var members: [(String, JSONValue)] = [("ruleId", .text(diagnostic.code.rawValue))]
    if let index = rules.firstIndex(where: { $0.code == diagnostic.code }) {
      members.append(("ruleIndex", .count(index)))
    }
    members += [("level", .text(diagnostic.severity.rawValue)), ("message", message(words))]
    members.append(("locations", .list(diagnostic.place.map { [location($0)] } ?? [])))
    let notes = diagnostic.notes.enumerated().compactMap { index, note in
      note.place.map { location($0, id: index + 1, note.message) }
    }
    if !notes.isEmpty { members.append(("relatedLocations", .list(notes))) }
    return .object(members)
  }

  private static func message(_ text: String) -> JSONValue { .object([("text", .text(text))]) }

  private static func location(_ place: Place, id: Int? = nil, _ words: String? = nil) -> JSONValue {
    var physical: [(String, JSONValue)] = [("artifactLocation", .object([("uri", .text(uri(place.file)))]))]
    if place.line > 0 {
      var region: [(String, JSONValue)] = [("startLine", .count(place.line))]
      if place.column > 0 {
        region += [
          ("startColumn", .count(place.column)),
          ("endColumn", .count(place.column.addingReportingOverflow(place.length).partialValue)),
        ]
      }
      physical.append(("region", .object(region)))
    }
    var members: [(String, JSONValue)] = [("physicalLocation", .object(physical))]
    if let id { members.insert(("id", .count(id)), at: 0) }
    if let words { members.append(("message", message(words))) }
    return .object(members)
  }

  /// A path as a relative reference (RFC 3986): what is no plain character in bytes of `%xx`.
  private static func uri(_ path: String) -> String {
    path.utf8.map { byte in
      let plain = byte < 0x80 && (UnicodeScalar(byte).properties.isAlphabetic || (0x30...0x39).contains(byte))
      if plain || [0x2d, 0x2e, 0x2f, 0x5f, 0x7e].contains(byte) { return String(UnicodeScalar(byte)) }
      return "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
    }.joined()
  }
}
