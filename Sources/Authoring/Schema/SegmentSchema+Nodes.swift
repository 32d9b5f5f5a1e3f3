import Diagnostics
import Events

/// `who`: conditions, groups, sequences, references.
extension SegmentSchema {
  var nodeDefinitions: [(String, JSONValue)] {
    [
      (
        "node",
        Schema.any(
          "'everyone', one item, or a list of items that must all hold",
          [
            Schema.of(nil, ("const", .text("everyone"))), Schema.ref("item"), Schema.list(Schema.ref("node")),
            Schema.ref("dollar"),
          ])
      ),
      ("item", item), ("step", step), ("same", same),
    ]
  }

  // MARK: Items

  private var item: JSONValue {
    Schema.object(measures + details + others, patterns: patternedMeasures + [count]).adding([
      ("allOf", .list(kinds))
    ])
  }

  /// What stands beside what: the keys of each kind of item.
  private var kinds: [JSONValue] {
    let group = "all|any|none|(?:at least|at most|exactly) [0-9]+ of"
    let detail = "where|when|same|among|against|within|ago"
    return [
      only("segment", "segment|ago"), only("user", "user"), only("list", "list"),
      only("sequence", "sequence|within|same|where|when"), only("first", "first|where|when"),
      only("latest", "latest|where|when"),
      // A group's keys stand alone.
      ifAny(group, then: .object([("propertyNames", named(group))])),
      ifAny("trend of .*", then: Schema.requires("against")),
      ifAny("against", then: has("trend of .*")), ifAny("among", then: has("(?:share|rank) of .*")),
      ifAny("ago", then: Schema.requires("segment")), ifAny("within", then: Schema.requires("sequence")),
      // Details alone measure nothing.
      .object([("not", .object([("propertyNames", named(detail))]))]),
    ]
  }

  private func named(_ pattern: String) -> JSONValue { .object([("pattern", .text("^(?:\(pattern))$"))]) }

  private func only(_ key: String, _ keys: String) -> JSONValue {
    .object([("if", Schema.requires(key)), ("then", .object([("propertyNames", named(keys))]))])
  }

  /// A key of this form is there: not all keys are of another.
  private func has(_ pattern: String) -> JSONValue {
    .object([("not", .object([("propertyNames", .object([("not", named(pattern))]))]))])
  }

  private func ifAny(_ pattern: String, then: JSONValue) -> JSONValue {
    .object([("if", has(pattern)), ("then", then)])
  }

  private var details: [(String, JSONValue)] {
    [
      ("where", Schema.ref("filter", "On which events")),
      ("when", Schema.ref("conditionWindow", "On which days")),
      ("same", Schema.ref("same", "One value of this field, on whose events all of it holds")),
      (
        "among",
        Schema.any(
          "Of which events a share is, or among which users one ranks",
          [Schema.ref("filter"), Schema.ref("node")])
      ),
      ("against", Schema.ref("window", "The days that a trend compares with: days 8-35")),
      ("within", Schema.ref("duration", "From the first event of the sequence to the last")),
      ("ago", Schema.ref("duration", "Membership as it was that many days earlier: 7d")),
    ]
  }

  private var others: [(String, JSONValue)] {
    let node = [Schema.list(Schema.ref("node")), Schema.ref("node")]
    let extreme = [Schema.ref("window"), Schema.ref("filter")]
    return [
      ("all", Schema.any("All of these hold", node)), ("any", Schema.any("Any of these holds", node)),
      ("none", Schema.any("Users for whom none of these holds", node)),
      ("first", Schema.any("The user's first event is in this window, or has these fields", extreme)),
      ("latest", Schema.any("The user's latest event is in this window, or has these fields", extreme)),
      ("sequence", sequence), ("user", Schema.ref("userFilter", "What is known of the user")),
      ("list", Schema.ref("texts", "The user's id is in an uploaded list; of several any")),
      (
        "segment",
        Schema.any(
          "Members of another segment; of several any",
          [Schema.ref("segmentName"), Schema.list(Schema.ref("segmentName")), Schema.ref("dollar")])
      ),
    ]
  }

  private var count: (String, JSONValue) {
    (
      "^(?:at least|at most|exactly) (?:0|[1-9][0-9]*) of$",
      Schema.any("So many of these hold", [Schema.list(Schema.ref("node")), Schema.ref("dollar")])
    )
  }

  // MARK: Measures

  private static let plain: [(String, Quantity, String)] = [
    ("views", .count, "Page views"), ("clicks", .count, "Clicks"), ("events", .count, "Events of any kind"),
    ("reads", .count, "Different articles viewed"), ("dwell", .duration, "Engaged time in all: at least 10m"),
    ("days", .count, "Different days"), ("sessions", .count, "Different sessions"),
    ("streak", .count, "The longest run of days in a row"),
  ]

  private var measures: [(String, JSONValue)] {
    Self.plain.map { name, quantity, words in (name, threshold(quantity, words)) }
  }

  private func threshold(_ quantity: Quantity, _ words: String) -> JSONValue {
    Schema.ref(SchemaThresholds.name(quantity), words)
  }

  private var patternedMeasures: [(String, JSONValue)] {
    let numbers = names.alternatives([.number])
    let countable = names.alternatives([.text, .textList, .number, .duration, .id, .hour, .weekday])
    let unit = "(?:view|read|click|event|day|session)"
    let other = "(?:views|clicks|events|reads|days|sessions|sum \(numbers)|distinct \(countable))"
    let base = "(?:dwell|\(other))"
    return [
      ("^sum \(numbers)$", threshold(.decimal, "The total of a number field")),
      ("^distinct \(countable)$", threshold(.count, "How many different known values")),
      ("^(?:max|min) dwell$", threshold(.duration, "The longest or shortest view")),
      ("^(?:max|min) \(numbers)$", threshold(.percentOrDecimal, "The largest or smallest known value")),
      ("^dwell per \(unit)$", threshold(.duration, "Engaged time divided by so many over the same events")),
      ("^\(other) per \(unit)$", threshold(.decimal, "The one divided by the other over the same events")),
      (
        "^share of \(base)$",
        threshold(.percent, "With 'where', divided by all of 'among', in percent: at least 40%")
      ),
      (
        "^trend of \(base)$",
        threshold(.multiple, "A day in 'when' divided by a day in 'against': at least 2x")
      ),
      ("^rank of \(base)(?: per \(unit))?$", Schema.ref("rankThreshold", "Among all users with any: top 5%")),
    ]
  }

  private var same: JSONValue {
    let kinds: Set<Field.Kind> = [.text, .textList, .id, .hour, .weekday]
    let known = Schema.of(
      nil, ("enum", .list(names.fields.filter { kinds.contains($0.kind) }.map { .text($0.name) })))
    let open = Schema.string(pattern: "^(?:props|article)\\.[^ ]+$")
    let one = Schema.any(nil, (names.openFields ? [known, open] : [known]) + [Schema.ref("dollar")])
    return Schema.any(nil, [one, Schema.list(one)])
  }

  // MARK: Sequences

  private var sequence: JSONValue {
    Schema.of(
      "Steps that follow each other in time; any choice of different events may fit",
      ("type", .text("array")),
      ("minItems", .count(2)), ("maxItems", .count(50)),
      ("prefixItems", .list([.object([("not", Schema.requires("absent"))])])), ("items", .object([])),
      ("allOf", .list([.object([("items", Schema.ref("step"))])])))
  }

  private var step: JSONValue {
    let own: [(String, JSONValue)] = [
      (
        "times",
        Schema.of(
          "So many such events; the step is at the last", ("type", .text("integer")), ("minimum", .count(1)),
          ("maximum", .count(1000)))
      ),
      ("within", Schema.ref("duration", "At most this long after the step before")),
      (
        "directly",
        Schema.of("No other event of the sequence's 'where' in between", ("type", .text("boolean")))
      ),
      ("without", Schema.ref("filter", "No such event in between")),
      ("absent", Schema.ref("filter", "No such event in the time 'within' after the step before")),
    ]
    let absent = JSONValue.object([
      ("if", Schema.requires("absent")),
      ("then", Schema.requires("within").adding([("propertyNames", named("absent|within"))])),
      // A step has a field.
      ("else", .object([("not", .object([("propertyNames", named("times|within|directly|without"))]))])),
    ])
    return Schema.any(
      nil,
      [
        Schema.object(filterProperties + own, patterns: filterPatterns).adding([("allOf", .list([absent]))]),
        Schema.ref("dollar"),
      ])
  }
}
