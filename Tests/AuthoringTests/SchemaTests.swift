import Authoring
import Diagnostics
import Events
import Rules
import Support
import Testing

/// The schema against another's reading of JSON Schema (Python's jsonschema, draft 2020-12) and of YAML (PyYAML with the
/// types of YAML 1.2, as editors have them).
@Suite(.enabled(if: Support.python != nil, "needs Python with jsonschema and PyYAML"))
struct SchemaTests {
  private static let loader = """
    import sys, re, yaml, json, jsonschema
    class Core(yaml.SafeLoader): pass
    Core.yaml_implicit_resolvers = {}
    def resolve(tag, pattern, first): Core.add_implicit_resolver('tag:yaml.org,2002:' + tag, re.compile(pattern), first)
    resolve('bool', '^(true|false|True|False|TRUE|FALSE)$', list('tTfF'))
    resolve('null', '^(null|Null|NULL|~|)$', ['n', 'N', '~', ''])
    resolve('int', '^[-+]?[0-9]+$', list('-+0123456789'))
    resolve('float', '^[-+]?([0-9]+\\\\.[0-9]*|\\\\.[0-9]+)$', list('-+.0123456789'))
    def keyed(node):
        if isinstance(node, dict): return {str(key): keyed(value) for key, value in node.items()}
        return [keyed(item) for item in node] if isinstance(node, list) else node
    schema, texts = sys.stdin.read().split('\\x01', 1)
    schema = json.loads(schema)
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)

    """

  /// Which of some files are refused, with the first reason.
  private func refused(_ files: [String], _ schema: SegmentSchema = SegmentSchema(nil)) throws -> [Int:
    String]
  {
    let outcome = try Support.runPython(
      Self.loader + """
        for index, text in enumerate(texts.split('\\x02')):
            error = jsonschema.exceptions.best_match(validator.iter_errors(keyed(yaml.load(text, Core))))
            if error: print(index, error.json_path, error.message.replace('\\n', ' ')[:150])
        """, input: Array((schema.json.pretty + "\u{1}" + files.joined(separator: "\u{2}")).utf8))
    var found: [Int: String] = [:]
    for line in outcome.split(separator: "\n") {
      let parts = line.split(separator: " ", maxSplits: 1)
      if let index = Int(parts[0]) { found[index] = String(parts[1]) }
    }
    return found
  }

  private func expectAccepted(_ files: [String], _ schema: SegmentSchema = SegmentSchema(nil)) throws {
    for (index, reason) in try refused(files, schema).sorted(by: { $0.key < $1.key }) {
      Issue.record("\(reason)\n\(files[index])")
    }
  }

  @Test func `every file of segments is accepted, with the project's own fields too`() throws {
    let files = FormatterTests.segmentFiles.map { String(decoding: Support.read($0), as: UTF8.self) }
    #expect(files.count > 70)
    try expectAccepted(files)
    let ids = FormatterTests.segmentFiles.map { Segment.id(ofFile: $0) }
    try expectAccepted(files, SegmentSchema(FormatterTests.context, segments: ids))
  }

  @Test func `every example of the reference is accepted`() throws {
    let docs = String(
      decoding: Support.read(
        Support.environment("GRANDSTAND_RULES_MD") ?? Support.packageRoot + "docs/rules.md"), as: UTF8.self)
    let examples = docs.matches(of: #/```yaml\n((?:.|\n)*?)```/#).map { Self.whole(String($0.1)) }
    #expect(examples.count >= 12)
    try expectAccepted(examples)
  }

  /// A fragment as a file.
  static func whole(_ example: String) -> String {
    let keys = ["name:", "who:", "when:", "template:", "parameters:", "let:"]
    let isFile =
      keys.contains { example.hasPrefix($0) || example.contains("\n\($0) ") }
      && !example.hasPrefix("sequence:")
    if isFile {
      return example.contains("purpose:") || example.hasPrefix("template:")
        ? example : "purpose: ads\n" + example
    }
    return "purpose: ads\nwho:\n" + example.split(separator: "\n").map { "  \($0)\n" }.joined()
  }

  @Test func `all wishes that the language was made for are accepted`() throws {
    try expectAccepted(Self.wishes.map { "purpose: ads\nwho:\n  - \($0)" } + Self.files)
  }

  @Test func `typical mistakes are refused`() throws {
    let files = Self.mistakes.map { "purpose: ads\nwho:\n  - \($0)" } + Self.badFiles
    #expect(files.count >= 60)
    let found = try refused(files)
    for (index, file) in files.enumerated() where found[index] == nil { Issue.record("accepted:\n\(file)") }
  }

  @Test func `with a project its own names are known and no others`() throws {
    var context = RuleContext(properties: [
      .property("plan", number: false), .property("price", number: true),
    ])
    context.userFields = [Field(name: "tier", kind: .text), Field(name: "since", kind: .time)]
    context.articleFields = [.ofArticle("premium", .text), .published]
    let schema = SegmentSchema(context, segments: ["a", "b"])
    let good = [
      "{views: any, where: {props.plan: [x, y], article.premium: true, article.age: at most 2h}, when: ever}",
      "{sum props.price: at least 1.5, when: ever}", "{user: {tier: gold, since: next 30d}}",
      "{segment: [a, c.b]}",
      "{events: any, same: article.premium, when: ever}",
    ]
    try expectAccepted(good.map { "purpose: ads\nwho: \($0)" }, schema)
    let bad = [
      "{views: any, where: {props.plam: x}, when: ever}",
      "{views: any, where: {article.premum: true}, when: ever}",
      "{sum props.plan: any, when: ever}", "{user: {teir: gold}}", "{user: {since: gold}}",
      "{views: any, where: {props.price: cheap}, when: ever}",
    ]
    #expect(try refused(bad.map { "purpose: ads\nwho: \($0)" }, schema).count == bad.count)
  }

  @Test func `every key has a description for hovering`() throws {
    let outcome = try Support.runPython(
      Self.loader + """
        bare = [k for k, v in schema['properties'].items() if 'description' not in v]
        for name in ('item', 'filter', 'step', 'test', 'given'):
            part = schema['$defs'][name]
            part = part if 'properties' in part else part['anyOf'][0]
            bare += [name + '.' + k for k, v in {**part['properties'], **part.get('patternProperties', {})}.items() if 'description' not in v]
        def refs(node):
            if isinstance(node, dict):
                if '$ref' in node: yield node['$ref'].split('/')[-1]
                for v in node.values(): yield from refs(v)
            elif isinstance(node, list):
                for v in node: yield from refs(v)
        print(bare, set(refs(schema)) - set(schema['$defs']), set(schema['$defs']) - set(refs(schema)))
        """, input: Array((SegmentSchema(nil).json.pretty + "\u{1}").utf8))
    #expect(outcome == "[] set() set()\n")
  }
}

extension SchemaTests {
  fileprivate static let wishes = [
    "{reads: at least 5, where: {device: mobile, region: Flanders, weekday: [sat, sun]}, when: last 30d}",
    "{latest: before last 30d, where: {event: page_view}}", "{reads: at least 10, when: days 31-60}",
    "{first: last 7d, where: {section: sport/cycling}}", "{views: any, when: before last 37d}",
    "{days: at least 3, when: at least 3 of last 4w}",
    "{share of reads: at least 40%, where: {section: sport}, when: last 90d}",
    "{share of dwell: more than 50%, where: {section: sport}, among: {device: mobile}, when: last 30 days}",
    "{rank of dwell: top 5%, among: {user: {tier: {known: true}}}, where: {section: news}, when: last 30d}",
    "{rank of reads per day: bottom 1000, when: last 30d}",
    "{trend of reads: at least 2x, when: last 7d, against: days 8-35}",
    "{at least 2 of: [{reads: any, when: last 30d}, {clicks: none, when: ever}, $x]}",
    "{sequence: [{event: paywall_view}, {element: subscribe, within: 30m}, {absent: {event: purchase}, within: 1d}], when: last 14d}",
    "{sequence: [{event: a, times: 3, within: 1h}, {section: b, directly: true}, {tag: c, without: {event: d}}], within: 2h, same: [session, article], where: {device: mobile}, when: last 7d}",
    "{first: {referrer: social}}", "{latest: {country: be}, when: last 90d}",
    "{reads: at least 5, same: author, when: last 60d}",
    "{views: at least 3, same: article, when: last 14d}",
    "{dwell per view: at least 45s, views: at least 20, when: last 30d}",
    "{user: {tier: gold, subscribed_since: before last 365d, ends: next 30d, points: at least 100}}",
    "{none: [{list: do-not-target}]}", "{none: {segment: formula-1-fans}}",
    "{segment: [motogp-fans, rally-fans.b, x.holdout], ago: 7d}",
    "{distinct experiment: exactly 1, where: {experiment: homepage}, when: ever}",
    "{reads: at least 2, where: {article.premium: true, article.age: at most 2h}, when: last 14d}",
    "{views: any, where: {hour: between 6 and 8}, when: at least 4 of last 10d}", "everyone", "$name",
    "{max value: at least 10, min dwell: at least 30s, streak: at least 5, sum value: between 1.5 and 20, when: this month}",
    "{views: any, where: {any: [{country: [be, no]}, {tag: {all: [a, b]}}], none: {country: nl}, campaign: \"*-sale\"}, when: since 2026-01-01}",
    "{events: any, where: {section: {only: sport}, brand: {not: [x, 5]}, author: {list: vip}, scroll: at least 50%}, when: last 36h}",
    "{views: any, where: {value: 3, position: [1, 2], hour: 7, session: abc, dwell: at least 1h30m}, when: 2026-01-01 to 2026-06-30}",
    "{views: any, where: $f, when: $w}", "{views: at least $n, when: last $n days}",
    "{user: {any: [{first_seen: last 30d}, {tier: {not: [free]}}]}}",
    "[{views: any, when: ever}, {all: [everyone]}]",
  ]

  fileprivate static let files = [
    "purpose: ads\nwho: {reads: at least 5, when: last 14d}\nkeep: {for: 90d, while: {reads: any, when: last 28d}}",
    "purpose: ads\nwho: everyone\nkeep: 30d\nsample: 10%\nlimit: 50000\nholdout: {share: 10%, seed: xmas}\nsplit: {a: 50%, b: 50%}",
    "purpose: ads\nwho: everyone\nlimit: {users: 5, seed: a}\nsplit: {arms: {a: 12.5%}, seed: x}\nexpires: 2026-12-31\ndraft: true\ntags: x",
    "template: section-fans\nowner: sport-ads\nmake:\n  tennis-fans: {section: sport/tennis}\n  rowing-fans: {section: sport/rowing, n: 2}",
    "name: Fans of $section\npurpose: ads\nparameters: {section: required, n: 3}\nwho: {reads: at least $n, where: {section: $section}, when: last 30d}",
    "purpose: ads\nwhen: ever\nwhere: {event: page_view}\nlet: {f: {section: sport}, n: {reads: any}, v: [a, b], w: last 7d}\nwho: {reads: any, where: $f}",
    """
    purpose: ads
    who: {user: {tier: gold}}
    tests:
      - {given: [{day: 3, at: 14h05m, times: 2, dwell: 4m, value: 9.95, tag: [a, b]}, {}], user: {tier: gold, since: 2020-05-01}, lists: [a], segments: b, consent: false, expect: out}
      - {expect: in}
    """,
  ]

  fileprivate static let mistakes = [
    "{reads: 3, when: last 7d}", "{reads: \">= 3\", when: last 7d}", "{reads: at least 012, when: last 7d}",
    "{reads: at least 1,000, when: last 7d}", "{reads: at least three, when: last 7d}",
    "{reads: any, wehn: last 7d}",
    "{pageviews: any, when: last 7d}", "{veiws: any, when: last 7d}", "{dwell: at least 10, when: last 7d}",
    "{dwell: at least 10 parsecs, when: last 7d}", "{reads: at least 10m, when: last 7d}",
    "{reads: any, when: last 3mo}",
    "{reads: any, when: 30d}", "{reads: any, when: last 30}", "{reads: any, when: since 01-11-2026}",
    "{reads: any, when: days 31}",
    "{reads: any, when: last fortnight}", "{reads: any, where: {sectoin: sport}, when: ever}",
    "{reads: any, where: {country: null}, when: ever}", "{reads: any, where: {country: }, when: ever}",
    "{reads: any, where: {country: {no: nl}}, when: ever}",
    "{reads: any, where: {not: {country: nl}}, when: ever}",
    "{reads: any, where: {}, when: ever}", "{reads: any, where: {country: []}, when: ever}",
    "{reads: any, where: sport, when: ever}",
    "{reads: any, where: {value: cheap}, when: ever}",
    "{reads: any, where: {dwell: at least 30}, when: ever}",
    "{reads: any, where: {dwell: 30}, when: ever}", "{reads: any, where: {weekday: caturday}, when: ever}",
    "{reads: any, where: {country: {all: [a]}}, when: ever}",
    "{reads: any, where: {value: {contains: x}}, when: ever}",
    "{reads: any, where: {country: {known: maybe}}, when: ever}",
    "{share of reads: at least 0.4, when: ever}",
    "{share of reads: at least 4, when: ever}", "{share of: any, when: ever}",
    "{trend of reads: at least 2x, when: last 7d}",
    "{trend of reads: at least 2, when: last 7d, against: days 8-35}",
    "{rank of reads: at least 5%, when: ever}",
    "{rank of reads: top, when: ever}", "{reads: top 5%, when: ever}", "{reads per hour: any, when: ever}",
    "{sum: any, when: ever}", "{sum section: any, when: ever}", "{max section: any, when: ever}",
    "{distinct hours: any, when: ever}",
    "{reads: any, among: {device: mobile}, when: ever}", "{reads: any, against: last 7d, when: ever}",
    "{reads: any, ago: 7d, when: ever}", "{segment: a, when: last 7d}",
    "{segment: a, reads: any, when: ever}",
    "{list: a, reads: any, when: ever}", "{user: {tier: gold}, when: ever}", "{segment: Formula 1}",
    "{not: {segment: a}}",
    "{any: []}", "{at least of: [everyone]}", "{at least two of: [everyone]}",
    "{any: [everyone], where: {country: be}}",
    "{where: {country: be}, when: ever}", "{first: last 7d, reads: any}", "{first: 7}",
    "{sequence: [{event: a}], when: ever}",
    "{sequence: [{absent: {event: a}, within: 1d}, {event: b}], when: ever}",
    "{sequence: [{event: a}, {absent: {event: b}}], when: ever}",
    "{sequence: [{event: a}, {event: b, witin: 1d}], when: ever}",
    "{sequence: [{event: a}, {event: b, directly: soon}], when: ever}",
    "{sequence: [{event: a}, {event: b, times: 0}], when: ever}",
    "{sequence: [{event: a}, {within: 1d}], when: ever}",
    "{reads: any, within: 1h, when: ever}", "{reads: any, same: dwell, when: ever}",
    "{first: at least 3 of last 4w}", "{}", "all", "{country: be}", "{none: }",
  ]

  fileprivate static let badFiles = [
    "name: x", "purpose: ads", "who: everyone", "purpose: adds\nwho: everyone", "purpose: ads\nwho:",
    "purpose: ads\nwho: []",
    "purpose: ads\nwho: everybody", "purpose: ads\nwho: everyone\nexpires: soon",
    "purpose: ads\nwho: everyone\ndraft: maybe",
    "purpose: ads\nwho: everyone\nowners: x", "purpose: ads\nwho: everyone\nkeep: 30",
    "purpose: ads\nwho: everyone\nkeep: {while: everyone}",
    "purpose: ads\nwho: everyone\nsample: 0.1", "purpose: ads\nwho: everyone\nlimit: 10%",
    "purpose: ads\nwho: everyone\nlimit: 0",
    "purpose: ads\nwho: everyone\nsplit: [a, b]", "purpose: ads\nwho: everyone\nsplit: {A: 50%}",
    "purpose: ads\nwho: everyone\nsplit: {holdout: 50%}",
    "purpose: ads\nwho: everyone\nholdout: {share: 10%, sed: x}", "template: a", "make: {b: {n: 1}}",
    "template: a\nmake: {B 1: {n: 1}}",
    "template: a\nmake: {b: {}}\nwho: everyone", "purpose: ads\nwho: everyone\ntests: {expect: in}",
    "purpose: ads\nwho: everyone\ntests: [{given: [{}]}]",
    "purpose: ads\nwho: everyone\ntests: [{given: [{}], expect: yes}]",
    "purpose: ads\nwho: everyone\ntests: [{given: [{sectoin: x}], expect: in}]",
    "purpose: ads\nwho: everyone\ntests: [{given: [{at: '14:05'}], expect: in}]",
    "purpose: ads\nwho: everyone\ntests: [{given: [{day: 0}], expect: in}]",
    "purpose: ads\nwho: everyone\ntests: [{given: [{dwell: 30}], expect: in}]",
    "purpose: ads\nwho: everyone\ntests: [{given: [{hour: 3}], expect: in}]", "[]", "just text",
  ]
}
