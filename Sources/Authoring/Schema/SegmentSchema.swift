import Diagnostics
import Events
import Rules

/// The rule language as JSON Schema (2020-12), so that editors complete, explain and check segment files while they are
/// written. What the language has is in docs/rules.md; what a schema cannot say (dates, sums, references) `grandstand check`
/// does.
public struct SegmentSchema {
  let names: SchemaNames

  /// - Parameters:
  ///   - context: the project's own fields and attributes; nil: any may be named.
  ///   - segments: ids to suggest where a segment is referred to.
  public init(_ context: RuleContext?, segments: [String] = []) {
    names = SchemaNames(context, segments: segments)
  }

  public var json: JSONValue {
    .object([
      ("$schema", .text("https://json-schema.org/draft/2020-12/schema")),
      ("title", .text("Grandstand segment")),
      (
        "description",
        .text(
          "One audience: who is in it, on which events, on which days. Or a template, or what is made of one."
        )
      ),
      ("type", .text("object")), ("properties", .object(properties)), ("additionalProperties", .bool(false)),
      (
        "if", .object([("anyOf", .list([Schema.requires("template"), Schema.requires("make")]))])
      ),
      ("then", Schema.requires("template", "make").adding([("not", Schema.requires("who"))])),
      ("else", Schema.requires("purpose", "who")),
      ("$defs", .object(definitions)),
    ])
  }

  private var definitions: [(String, JSONValue)] {
    [
      ("dollar", Schema.string(pattern: "\\$[A-Za-z]", "A name of 'let', or a parameter of a template")),
      (
        "text",
        Schema.of(
          "A text, number, true or false", ("type", .list(["string", "number", "boolean"].map { .text($0) })))
      ),
      ("texts", Schema.any("One of these", [Schema.ref("text"), Schema.list(Schema.ref("text"))])),
      ("duration", Schema.words(.duration, "A time: 90s, 10m, 1h30m, 3d, 2w", examples: ["30m", "7d"])),
      ("percent", Schema.words(.percent, "A share in percent", examples: ["10%", "50%"])),
      ("window", Schema.window(blocks: false)), ("conditionWindow", Schema.window(blocks: true)),
      ("segmentName", names.segment),
    ] + SchemaThresholds.definitions + filterDefinitions + nodeDefinitions + testDefinitions
  }

  private var properties: [(String, JSONValue)] {
    [
      ("name", Schema.text("What people call the audience")),
      ("description", Schema.text("What it is, in a sentence")),
      (
        "owner",
        Schema.text("The team that answers for it; 'grandstand list --select owner:…' finds its segments")
      ),
      (
        "purpose",
        Schema.of(
          "Which consent a member must have given", ("enum", .list([.text("ads"), .text("analytics")])))
      ),
      ("tags", Schema.any("Words to find it by", [Schema.ref("texts")])),
      ("destinations", Schema.any("Where its members are sent", [Schema.ref("texts")])),
      (
        "expires",
        Schema.string(pattern: "^[0-9]{4}-[0-9]{2}-[0-9]{2}$", "The last day on which it is delivered")
      ),
      ("draft", Schema.of("true: never delivered", ("type", .text("boolean")))),
      ("when", Schema.ref("conditionWindow", "The window of conditions that name none")),
      ("where", Schema.ref("filter", "A filter that is added to every condition's")),
      ("let", named),
      ("who", Schema.ref("node", "The rule: 'everyone', a condition, or a list of which all must hold")),
      ("keep", keep), ("sample", share("Keeps a share of the users, by hash")), ("limit", limit),
      ("holdout", share("Takes a share out; ID.holdout are they")), ("split", split),
      (
        "parameters",
        Schema.of(
          "Makes the file a template; each is 'required' or has a default. $NAME is its value, alone or inside any text",
          ("type", .text("object")), ("minProperties", .count(1)))
      ),
      ("template", Schema.text("The template of which segments are made: its file's name")), ("make", make),
      (
        "tests",
        Schema.ref("tests", "Events of one user, and whether they make a member: 'grandstand test' runs them")
      ),
    ]
  }

  private var named: JSONValue {
    Schema.of(
      "Names for filters, conditions and values, used as $name", ("type", .text("object")),
      (
        "additionalProperties",
        .object([("anyOf", .list([Schema.ref("node"), Schema.ref("filter"), Schema.ref("texts")]))])
      ))
  }

  private var keep: JSONValue {
    Schema.any(
      "How long a user stays in after the rule held last: 30d, or {for: 90d, while: a rule that must hold on every day since}",
      [
        Schema.ref("duration"),
        Schema.object(
          [
            ("for", Schema.ref("duration", "How long")),
            ("while", Schema.ref("node", "What must hold on every day since")),
          ],
          required: ["for"]),
      ])
  }

  private func share(_ words: String) -> JSONValue {
    Schema.any(
      words,
      [
        Schema.ref("percent"),
        Schema.object(
          [("share", Schema.ref("percent")), ("seed", Schema.text("Equal seeds choose the same users"))],
          required: ["share"]),
      ])
  }

  private var limit: JSONValue {
    let users = Schema.any(
      nil, [Schema.of(nil, ("type", .text("integer")), ("minimum", .count(1))), Schema.ref("dollar")])
    return Schema.any(
      "At most so many users, those with the lowest hashes",
      [
        users,
        Schema.object(
          [("users", users), ("seed", Schema.text("Equal seeds choose the same users"))], required: ["users"]),
      ])
  }

  private var split: JSONValue {
    let arms = Schema.of(
      nil, ("type", .text("object")), ("minProperties", .count(1)),
      ("additionalProperties", Schema.ref("percent")),
      ("propertyNames", .object([("pattern", .text("^(?!holdout$)[a-z0-9-]+$"))])))
    return Schema.any(
      "Arms with their shares, at most 100% together; ID.a is one",
      [
        arms,
        Schema.object(
          [("arms", arms), ("seed", Schema.text("Equal seeds choose the same users"))], required: ["arms"]),
      ])
  }

  private var make: JSONValue {
    Schema.of(
      "A segment for each id, with the values of the template's parameters", ("type", .text("object")),
      ("minProperties", .count(1)), ("propertyNames", .object([("pattern", .text("^[a-z0-9-]+$"))])),
      ("additionalProperties", .object([("type", .list([.text("object"), .text("null")]))])))
  }
}
