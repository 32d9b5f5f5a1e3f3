import Authoring
import Diagnostics
import Events
import Rules
import Support
import Testing
import YAML

struct FormatterTests {
  private func format(_ text: String) throws -> String {
    try SegmentFormatter.format(SourceText(file: "a.yaml", text: text))
  }

  static let segmentFiles = exampleFiles + files(in: "segments/wishes/")
  /// Few enough to be damaged many times.
  static let exampleFiles = files(in: "segments/")

  private static func files(in folder: String) -> [String] {
    Support.names(in: Support.packageRoot + folder).filter { $0.hasSuffix(".yaml") }.map {
      Support.packageRoot + folder + $0
    }
  }

  /// Fields of the example project.
  static let context: RuleContext = {
    var context = RuleContext(properties: ["subscription", "language"].map { .property($0, number: false) })
    context.userFields += [
      Field(name: "tier", kind: .text), Field(name: "points", kind: .number),
      Field(name: "subscribed_since", kind: .time), Field(name: "subscription_ends", kind: .time),
    ]
    context.articleFields = [.published, .ofArticle("premium", .text)]
    return context
  }()

  @Test func `keys come in the reference's order, and comments and groups stay with their keys`() throws {
    let formatted = try format(
      """
      # Owned by the sports desk.

      purpose:   ads   # consent
      # asked for by sales
      name: "Formula 1 fans"


      tests:
      - {expect: in,given: [{section: sport/formula-1,times: 3}]}
      # - {expect: out, given: []}
      who:
          # both
          - reads: at least   3    # articles
            where: { section : sport/formula-1,
                     country: no }   # Norway
            when: last 30 days
          # end of the list
      """)
    #expect(
      formatted == """
        # Owned by the sports desk.

        # asked for by sales
        name: Formula 1 fans
        purpose: ads  # consent
        # - {expect: out, given: []}
        who:
          # both
          - reads: at least 3  # articles
            where: {section: sport/formula-1, country: "no"}  # Norway
            when: last 30d
          # end of the list

        tests:
          - {expect: in, given: [{section: sport/formula-1, times: 3}]}

        """)
  }

  @Test func `braces that do not fit become a block, and so do those with comments inside`() throws {
    let formatted = try format(
      """
      name: a
      tests:
        - {given: [{device: mobile, times: 2, day: 1}, {device: mobile, times: 2, day: 2}, {device: mobile, times: 2, region: Flanders}], expect: in}
        - {given: [{}], # nobody
           expect: out}
      """)
    #expect(
      formatted == """
        name: a
        tests:
          - given:
              - {device: mobile, times: 2, day: 1}
              - {device: mobile, times: 2, day: 2}
              - {device: mobile, times: 2, region: Flanders}
            expect: in
          - given: [{}]  # nobody
            expect: out

        """)
  }

  @Test(arguments: [
    ("'at least 3'", "at least 3"), ("'no'", "\"no\""), ("On", "\"On\""), ("null", "null"),
    ("\"null\"", "\"null\""),
    ("2026-11-25", "\"2026-11-25\""), ("007", "\"007\""), ("1.10", "\"1.10\""), ("9.95", "9.95"),
    ("12", "12"),
    ("'12:30'", "\"12:30\""), ("\"*-sale\"", "\"*-sale\""), ("'F1: fans'", "\"F1: fans\""),
    ("'sale #5'", "\"sale #5\""),
    ("'a, b'", "a, b"), ("'say \"hi\"'", "say \"hi\""), ("'\"hi\"'", "'\"hi\"'"),
    ("\"homepage:b\"", "homepage:b"), ("-sale", "-sale"),
    ("true", "true"), ("~", "~"), ("\"\"", "\"\""), ("'1_000'", "\"1_000\""), ("\"tab\\t\"", "\"tab\\t\""),
    ("'$fans'", "$fans"), ("\"\\u2028\"", "\"\\u2028\""),
  ])
  func `a text has quotes where it needs them`(written: String, canonical: String) throws {
    #expect(try format("name: \(written)") == "name: \(canonical)\n")
  }

  @Test func `durations become short where they are durations`() throws {
    let formatted = try format(
      """
      when: before last 2 weeks
      who:
        - {dwell: at least 1 hour 30 minutes, where: {campaign: 30 days, dwell: more than 45 seconds}, when: days 31-60}
        - {sequence: [{event: a}, {absent: {event: b}, within: 2 days}], when: at least 3 of last 4 weeks}
      keep: {for: 90 days}
      tests:
        - {given: [{dwell: 4 min, campaign: 4 min, at: 14h 5m}], expect: in}
      """)
    #expect(
      formatted == """
        when: before last 2w
        who:
          - {dwell: at least 1h30m, where: {campaign: 30 days, dwell: more than 45s}, when: days 31-60}
          - {sequence: [{event: a}, {absent: {event: b}, within: 2d}], when: at least 3 of last 4w}
        keep: {for: 90d}
        tests:
          - {given: [{dwell: 4m, campaign: 4 min, at: 14h5m}], expect: in}

        """)
  }

  @Test func `blocks of text keep their lines`() throws {
    let formatted = try format(
      """
      name: x
      description: >  # for people
            Read three articles
              and more

            in a month.

      owner: |+
        me

      who: everyone
      """)
    #expect(
      formatted == """
        name: x
        description: >  # for people
          Read three articles
            and more

          in a month.

        owner: "me\\n\\n"
        who: everyone

        """)
  }

  @Test(arguments: [
    "name: [a", "a: 1\na: 2", "- a", "# only a comment", "x", "a: &b c", "who:\n\t- a", "name: *x",
  ])
  func `what is no segment is not laid out`(text: String) {
    #expect(throws: Diagnostic.self) { try format(text) }
  }

  @Test func `all segment files are stable and mean what they meant`() throws {
    #expect(Self.segmentFiles.count > 70)
    for path in Self.segmentFiles {
      let source = SourceText(file: path, bytes: Support.read(path))
      let text = try SegmentFormatter.format(source)
      #expect(Array(text.utf8) == source.bytes, "\(path) is not in its canonical layout: grandstand fmt")
      let again = SourceText(file: path, text: text)
      #expect(try SegmentFormatter.format(again) == text, "\(path)")
      try Same.check(source.bytes, text)
      let (before, after) = (compiled(source), compiled(again))
      #expect(before != nil && before == after, "\(path)")
    }
  }

  /// What a rule compiles to, without places.
  private func compiled(_ source: SourceText) -> String? {
    let compilation = RuleCompiler.compile([source], context: Self.context)
    guard let segment = compilation.segments.first ?? nil else {
      // A reference to another file, or its template, is no mistake of this one.
      return compilation.diagnostics.allSatisfy { [.n5, .n7].contains($0.code) }
        ? "\(source.file) refers" : nil
    }
    let tests = segment.tests.map {
      "\($0.given.map { "\($0.day) \($0.at ?? -1) \($0.texts.sorted { $0.key < $1.key }) \($0.numbers.sorted { $0.key < $1.key }) \($0.dwell ?? 0)" }) \($0.expectsMember)"
    }
    return
      "\(segment.name)|\(segment.description)|\(segment.owner)|\(segment.purpose)|\(segment.tags)|\(segment.after)|\(tests)"
      + " \(Self.withoutPlaces("\(segment.root)"))"
  }

  /// A dump of a rule, in which the places of conditions differ and nothing else may.
  private static func withoutPlaces(_ dump: String) -> String {
    dump.replacing(#/Optional\(Diagnostics\.Place\([^()]*(\([^()]*\)[^()]*)*\)\)/#, with: "PLACE")
  }
}
