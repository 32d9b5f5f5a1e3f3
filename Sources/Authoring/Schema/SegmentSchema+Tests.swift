import Diagnostics
import Events

/// `tests`: what stands beside a rule.
extension SegmentSchema {
  var testDefinitions: [(String, JSONValue)] {
    [
      ("tests", Schema.list(Schema.ref("test"))),
      (
        "test",
        Schema.object(
          [
            (
              "given",
              Schema.any(
                "The user's events", [Schema.list(Schema.ref("given"), atLeast: 0), Schema.ref("given")])
            ),
            ("user", Schema.of("The user's attributes; times as dates", ("type", .text("object")))),
            ("as_of", Schema.string(pattern: Self.date, "Which day is day 1; for rules with dates")),
            (
              "lists",
              Schema.any(
                "Uploaded lists that have the user; or, by name, the texts that lists have",
                [Schema.ref("texts"), Schema.of(nil, ("type", .text("object")))])
            ),
            ("segments", Schema.ref("texts", "Segments that the user is a member of")),
            ("consent", Schema.of("Whether the user has given consent", ("type", .text("boolean")))),
            (
              "expect",
              Schema.of("Whether the user is a member", ("enum", .list([.text("in"), .text("out")])))
            ),
          ], required: ["expect"])
      ),
      ("given", given),
    ]
  }

  private static let date = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"

  private var given: JSONValue {
    let whole = { (words: String, low: Int, high: Int) in
      Schema.any(
        words,
        [
          Schema.of(nil, ("type", .text("integer")), ("minimum", .count(low)), ("maximum", .count(high))),
          Schema.ref("dollar"),
        ])
    }
    let own: [(String, JSONValue)] = [
      ("day", whole("Which day, counted back; 1 is the as-of day", 1, 36_500)),
      ("times", whole("So many copies, with articles of their own", 0, 10_000)),
      ("at", Schema.ref("duration", "The time of day: 14h05m")),
      ("dwell", Schema.ref("duration", "The view's engaged time")),
      ("session", Schema.text("The session's id")),
    ]
    let fields = names.fields.compactMap { field -> (String, JSONValue)? in
      switch field.kind {
      case .text: (field.name, Schema.ref("text", SchemaNames.describe(field)))
      case .textList: (field.name, Schema.ref("texts", SchemaNames.describe(field)))
      case .number: (field.name, number(field))
      case .age: (field.name, Schema.ref("duration", SchemaNames.describe(field)))
      case .time:
        (field.name, Schema.string(pattern: Self.date, SchemaNames.describe(field)))
      case .duration, .id, .hour, .weekday: nil
      }
    }
    let open =
      names.openFields
      ? [
        (
          "^(?:props|article)\\.[^ ]+$",
          Schema.ref("texts", "An own field, or an attribute of the event's article")
        )
      ] : []
    guard case .object(let members) = Schema.object(own + fields, patterns: open) else { return .null }
    // Nothing at all is one view at noon of the as-of day.
    return .object(members.filter { $0.0 != "minProperties" })
  }

  private func number(_ field: Field) -> JSONValue {
    Schema.any(
      SchemaNames.describe(field),
      [
        Schema.of(nil, ("type", .text("number"))),
        Schema.string(pattern: "^(?:-?[0-9]+(?:\\.[0-9]+)?|.*\\$.*)$"),
      ])
  }
}
