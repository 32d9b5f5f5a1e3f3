import Diagnostics

/// The few forms of JSON Schema that ours is made of.
enum Schema {
  static func of(_ description: String?, _ members: (String, JSONValue)...) -> JSONValue {
    .object((description.map { [("description", .text($0))] } ?? []) + members)
  }

  static func text(_ description: String) -> JSONValue { ref("text", description) }

  static func ref(_ name: String, _ description: String? = nil) -> JSONValue {
    of(description, ("$ref", .text("#/$defs/" + name)))
  }

  static func any(_ description: String?, _ choices: [JSONValue]) -> JSONValue {
    of(description, ("anyOf", .list(choices)))
  }

  static func list(_ items: JSONValue, atLeast count: Int = 1) -> JSONValue {
    of(nil, ("type", .text("array")), ("items", items), ("minItems", .count(count)))
  }

  /// A map of these keys and no other.
  static func object(
    _ properties: [(String, JSONValue)], patterns: [(String, JSONValue)] = [], required: [String] = []
  ) -> JSONValue {
    var members: [(String, JSONValue)] = [("type", .text("object")), ("properties", .object(properties))]
    if !patterns.isEmpty { members.append(("patternProperties", .object(patterns))) }
    if !required.isEmpty { members.append(("required", .list(required.map { .text($0) }))) }
    return .object(members + [("additionalProperties", .bool(false)), ("minProperties", .count(1))])
  }

  static func requires(_ names: String...) -> JSONValue {
    .object([("required", .list(names.map { .text($0) }))])
  }

  /// A text of a form.
  static func string(pattern: String, _ description: String? = nil, examples: [String] = []) -> JSONValue {
    var members: [(String, JSONValue)] = [("type", .text("string")), ("pattern", .text(pattern))]
    if !examples.isEmpty { members.append(("examples", .list(examples.map { .text($0) }))) }
    return .object((description.map { [("description", .text($0))] } ?? []) + members)
  }

  /// A text that is a quantity, or a name for one.
  static func words(_ quantity: Quantity, _ description: String, examples: [String]) -> JSONValue {
    any(description, [string(pattern: "^\(quantity.pattern)$", examples: examples), ref("dollar")])
  }

  /// - Parameter blocks: with `at least 3 of last 4w`, which is for conditions.
  static func window(blocks: Bool) -> JSONValue {
    let date = "[0-9]{4}-[0-9]{2}-[0-9]{2}"
    let duration = Quantity.duration.pattern
    let forms =
      [
        "ever", "today", "yesterday", "last +\(duration)", "days +[1-9][0-9]*-[1-9][0-9]*",
        "before +last +\(duration)",
        "(?:since|before) +\(date)", "\(date) +to +\(date)", "(?:this|last) +(?:week|month|quarter|year)",
      ]
      + (blocks
        ? ["(?:at +least|at +most|exactly) +[0-9]+ +of +last +[1-9][0-9]* *(?:d|days?|w|weeks?)"] : [])
    let common = [
      "today", "last 7d", "last 30d", "last 90d", "this week", "last week", "this month", "last month",
      "ever",
    ]
    let words =
      "The days, counted back from the as-of day: last 30d, days 31-60, before last 30d, since 2026-11-01, this week, ever"
      + (blocks ? ", at least 3 of last 4w" : "")
    return any(
      words,
      [
        of(nil, ("enum", .list(common.map { .text($0) }))),
        string(pattern: "^(?:\(forms.joined(separator: "|")))$"),
        ref("dollar"),
      ])
  }
}

extension JSONValue {
  /// An object with further members.
  func adding(_ more: [(String, JSONValue)]) -> JSONValue {
    guard case .object(let members) = self else { return self }
    return .object(members + more)
  }
}

/// How a quantity is written.
enum Quantity: String, CaseIterable {
  case count, decimal, duration, percent, multiple
  /// `scroll`: with a percent sign or without.
  case percentOrDecimal

  private static let unit = "(?:s|sec|seconds?|m|min|minutes?|h|hours?|d|days?|w|weeks?)"

  var pattern: String {
    let count = "(?:0|[1-9][0-9]*)"
    let decimal = "-?\(count)(?:\\.[0-9]{1,6})?"
    return switch self {
    case .count: count
    case .decimal: decimal
    case .duration: "\(count) *\(Self.unit)(?: *[0-9]+ *\(Self.unit))*"
    case .percent: decimal + "%"
    case .multiple: decimal + "x"
    case .percentOrDecimal: decimal + "%?"
    }
  }

  var examples: [String] {
    let number =
      switch self {
      case .count: "3"
      case .decimal, .percentOrDecimal: "2.5"
      case .duration: "10m"
      case .percent: "40%"
      case .multiple: "2x"
      }
    return ["any", "none", "at least \(number)", "at most \(number)", "exactly \(number)"]
  }
}

/// Thresholds of measures, and tests of fields that are quantities.
enum SchemaThresholds {
  static func name(_ quantity: Quantity) -> String { "\(quantity.rawValue)Threshold" }

  static var definitions: [(String, JSONValue)] {
    Quantity.allCases.map { (name($0), threshold($0)) } + [
      (
        "rankThreshold",
        Schema.any(
          "top 5%, top 1000, bottom 5% or bottom 1000: of the users with a value above 0",
          [
            Schema.string(
              pattern: "^(?:top|bottom) +(?:\(Quantity.decimal.pattern)%|[1-9][0-9]*)$",
              examples: ["top 5%", "top 1000"]),
            Schema.ref("dollar"),
          ])
      )
    ]
  }

  private static func threshold(_ quantity: Quantity) -> JSONValue {
    let words =
      "any (more than 0), none (exactly 0), at least, at most, more than, less than, exactly, between … and …"
    return Schema.any(
      words,
      [
        Schema.string(pattern: "^(?:\(pattern(quantity)))$", examples: quantity.examples),
        Schema.ref("dollar"),
      ])
  }

  static func pattern(_ quantity: Quantity) -> String {
    let q = quantity.pattern
    return "any|none|(?:at +least|at +most|more +than|less +than|exactly) +\(q)|between +\(q) +and +\(q)"
  }
}
