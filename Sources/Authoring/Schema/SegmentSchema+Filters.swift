import Diagnostics
import Events

/// `where` and `user`: fields and how their values are matched.
extension SegmentSchema {
  var filterDefinitions: [(String, JSONValue)] {
    [
      ("filter", filter), ("userFilter", userFilter), ("textMatch", textMatch(lists: false)),
      ("listMatch", textMatch(lists: true)), ("idMatch", match([Schema.ref("text")], keys: [])),
      ("numberMatch", quantityMatch(.decimal, bare: true)),
      ("scrollMatch", quantityMatch(.percentOrDecimal, bare: true)),
      ("durationMatch", quantityMatch(.duration, bare: true)),
      ("hourMatch", quantityMatch(.count, bare: true)),
      ("weekdayMatch", match([weekday], keys: [])), ("timeMatch", match([time], keys: [])),
      (
        "openMatch",
        Schema.any(nil, ["textMatch", "listMatch", "numberMatch", "timeMatch"].map { Schema.ref($0) })
      ),
    ]
  }

  // MARK: Filters

  /// The keys of a filter, for steps of sequences too.
  var filterProperties: [(String, JSONValue)] {
    groups("filter") + names.fields.map { ($0.name, Schema.ref(matchName($0), SchemaNames.describe($0))) }
  }

  var filterPatterns: [(String, JSONValue)] {
    guard names.openFields else { return [] }
    return [
      ("^props\\.[^ ]+$", Schema.ref("openMatch", "The project's own field")),
      ("^article\\.[^ ]+$", Schema.ref("openMatch", "An attribute of the event's article")),
    ]
  }

  private func groups(_ name: String) -> [(String, JSONValue)] {
    let one = Schema.ref(name)
    let choices = [Schema.list(one), one]
    return [
      ("all", Schema.any("All of these", choices)), ("any", Schema.any("Any of these", choices)),
      ("none", Schema.any("None of these; unknown counts as not", choices)),
    ]
  }

  private var filter: JSONValue {
    Schema.any(
      "Fields of one event; all of it must hold on that event",
      [Schema.object(filterProperties, patterns: filterPatterns), Schema.ref("dollar")])
  }

  private var userFilter: JSONValue {
    let known = names.attributes.map { ($0.name, Schema.ref(matchName($0), SchemaNames.describe($0))) }
    let open = names.openAttributes ? [("^(?!(?:all|any|none|not)$)[^ ]+$", Schema.ref("openMatch"))] : []
    return Schema.any(
      "Attributes of the user, as they were loaded by the as-of day",
      [Schema.object(groups("userFilter") + known, patterns: open), Schema.ref("dollar")])
  }

  private func matchName(_ field: Field) -> String {
    switch field.kind {
    case .text: "textMatch"
    case .textList: "listMatch"
    case .number: field == .scroll ? "scrollMatch" : "numberMatch"
    case .duration, .age: "durationMatch"
    case .id: "idMatch"
    case .hour: "hourMatch"
    case .weekday: "weekdayMatch"
    case .time: "timeMatch"
    }
  }

  // MARK: Matches

  /// A value, a list of which any may match, or a map of tests.
  private func match(_ values: [JSONValue], keys: [(String, JSONValue)]) -> JSONValue {
    let value = values.count == 1 ? values[0] : Schema.any(nil, values)
    let many = Schema.any(nil, [value, Schema.list(value)])
    let known = Schema.any(
      "Whether there is a value at all",
      [Schema.of(nil, ("type", .text("boolean"))), Schema.string(pattern: "^(?:yes|no)$")])
    let tests: [(String, JSONValue)] = [
      ("not", many.adding([("description", .text("Known, and none of these"))])), ("known", known),
    ]
    return Schema.any(nil, [value, Schema.list(value), Schema.object(tests + keys), Schema.ref("dollar")])
  }

  private func textMatch(lists: Bool) -> JSONValue {
    var keys: [(String, JSONValue)] = [
      ("only", Schema.ref("texts", "That very text, without what is below or '*'")),
      ("contains", Schema.ref("texts", "A part of the text")),
      ("starts", Schema.ref("texts", "How the text begins")),
      ("ends", Schema.ref("texts", "How the text ends")),
      ("list", Schema.ref("texts", "The text is in an uploaded list")),
    ]
    if lists { keys.append(("all", Schema.ref("texts", "An element for each of these"))) }
    return match([Schema.ref("text")], keys: keys)
  }

  private func quantityMatch(_ quantity: Quantity, bare: Bool) -> JSONValue {
    let pattern = SchemaThresholds.pattern(quantity) + "|" + quantity.pattern
    let words = Schema.string(pattern: "^(?:\(pattern)|.*\\$.*)$", examples: quantity.examples)
    return match(
      quantity == .duration ? [words] : [words, Schema.of(nil, ("type", .text("number")))], keys: [])
  }

  private var weekday: JSONValue {
    let days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
    return Schema.any(
      nil,
      [
        Schema.of(nil, ("enum", .list(days.map { .text($0) }))),
        Schema.string(
          pattern:
            "^(?:[Mm]on(?:day)?|[Tt]ue(?:sday)?|[Ww]ed(?:nesday)?|[Tt]hu(?:rsday)?|[Ff]ri(?:day)?|[Ss]at(?:urday)?|[Ss]un(?:day)?)$"
        ),
      ])
  }

  private var time: JSONValue {
    Schema.any(
      nil,
      [
        Schema.ref("window"),
        Schema.string(pattern: "^next +\(Quantity.duration.pattern)$", examples: ["next 30d"]),
        Schema.string(pattern: "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"),
      ])
  }
}
