import Diagnostics
import Engine
import Events
import Rules
import Support
import Testing

/// `Tests/Cases/*.md`: rules with their diagnostics or members.
struct CaseTests {
  /// A project with attributes and lists; its store keeps 90 days.
  private static let context = {
    var context = RuleContext(
      properties: [Field.property("subscription", number: false), Field.property("score", number: true)],
      retentionDays: 90, asOf: Day("2026-11-23"))
    context.userFields += [
      Field(name: "tier", kind: .text), Field(name: "points", kind: .number),
      Field(name: "subscribed_since", kind: .time),
    ]
    context.articleFields = [.ofArticle("premium", .text), .published]
    context.lists = ["do-not-target", "vip"]
    return context
  }()

  /// The context of a case: a `store` block says on which day its store begins (`first day 2026-11-12`) and whether
  /// older events are gone (`pruned`); a file `definitions.yaml` has the project's names.
  private static func context(_ test: CaseFile.Case) -> RuleContext {
    var context = context
    for line in (test.text("store") ?? "").split(separator: "\n") {
      if line == "pruned" { context.isPruned = true }
      if line.hasPrefix("first day ") { context.firstDay = Day(line.dropFirst(10)) }
    }
    let definitions = test.blocks.first { $0.file == "definitions.yaml" }
    context.definitions = definitions.map { SourceText(file: "definitions.yaml", text: $0.text) }
    return context
  }

  @Test func `every case prints its diagnostics and has its members`() throws {
    let files = Dictionary(grouping: CaseFile.all(with: "yaml"), by: \.file.path)
    #expect(!files.isEmpty)
    for (_, cases) in files {
      var changes: [(CaseFile.Block, String)] = []
      for (file, index) in cases {
        let test = file.cases[index]
        for block in test.blocks where block.kind == "diagnostics" || block.kind == "members" {
          let found = block.kind == "diagnostics" ? Self.diagnostics(test) : try Self.members(test)
          if CaseFile.updates {
            changes.append((block, found))
          } else {
            #expect(found == block.text, "\(file.path): \(test.name)")
          }
        }
      }
      if CaseFile.updates { cases[0].file.rewrite(changes) }
    }
  }

  private static func sources(_ test: CaseFile.Case) -> [SourceText] {
    test.blocks.filter { $0.kind == "yaml" && $0.file != "definitions.yaml" }.map { block in
      // Places in diagnostics are of the text as it stands, so what is put in goes behind.
      var text = block.text
      if !text.contains("purpose:"), !test.name.contains("purpose") { text += "purpose: ads\n" }
      return SourceText(file: block.file ?? "case.yaml", text: text)
    }
  }

  private static func diagnostics(_ test: CaseFile.Case) -> String {
    let sources = sources(test)
    let context = context(test)
    let compilation = RuleCompiler.compile(sources, context: context)
    let texts = sources + (context.definitions.map { [$0] } ?? [])
    return compilation.diagnostics.map { diagnostic in
      diagnostic.rendered(source: texts.first { $0.file == diagnostic.place?.file })
    }.joined()
  }

  private static func members(_ test: CaseFile.Case) throws -> String {
    var sources = sources(test)
    let users = (test.text("events") ?? "").split(separator: "\n").map { line in
      let parts = line.split(separator: ":", maxSplits: 1).map(String.init)
      return (name: parts[0], events: parts.count > 1 ? parts[1] : "")
    }
    let tests = users.map { "  - {given: [\($0.events)], expect: in}\n" }.joined()
    guard let index = sources.firstIndex(where: { $0.file == "case.yaml" }) else { return "no case.yaml\n" }
    sources[index] = SourceText(
      file: "case.yaml", text: String(decoding: sources[index].bytes, as: UTF8.self) + "tests:\n" + tests)
    let context = context(test)
    let compilation = RuleCompiler.compile(sources, context: context)
    guard let segment = compilation.segments.first(where: { $0.id == "case" }), let day = context.asOf else {
      return compilation.diagnostics.map { $0.rendered() }.joined()
    }
    let zone = try CalendarZone(named: "Europe/Amsterdam")
    let failures = try SegmentTestRunner(eventNames: .init(), zone: zone, asOf: day).run(
      segment, among: compilation.segments)
    let out = Set(failures.compactMap(\.place))
    let members = zip(users, segment.tests).filter { !out.contains($0.1.place) }.map(\.0.name)
    return members.isEmpty ? "nobody\n" : members.joined(separator: " ") + "\n"
  }

  /// Every code stands in a reference.
  @Test func `every diagnostic code has an entry in the docs`() {
    let docs = ["rules", "operations"].map {
      String(decoding: Support.read(Support.packageRoot + "docs/\($0).md"), as: UTF8.self)
    }.joined()
    for code in Diagnostic.Code.allCases {
      #expect(docs.contains("| \(code.rawValue) "), "\(code.rawValue) is not in the docs")
    }
  }

  @Test func `every example in the rule reference compiles`() {
    let text = String(decoding: Support.read(Support.packageRoot + "docs/rules.md"), as: UTF8.self)
    var examples = 0
    var templates: [SourceText] = []
    for piece in text.components(separatedBy: "```yaml\n").dropFirst() {
      let body = piece.components(separatedBy: "```").first ?? ""
      examples += 1
      let isFile = body.contains("who:") || body.contains("make:")
      let source = isFile ? body : "who:\n" + body.split(separator: "\n").map { "  \($0)\n" }.joined()
      let full = source.contains("purpose:") || body.contains("make:") ? source : source + "purpose: ads\n"
      if body.contains("parameters:") {
        templates.append(SourceText(file: "section-fans.yaml", text: full))
        continue
      }
      let others = ["formula-1-fans", "motogp-fans", "rally-fans", "two-creatives"].map {
        SourceText(
          file: $0 + ".yaml",
          text: "purpose: ads\nholdout: 10%\nsplit: {a: 50%, b: 50%}\nwho: {views: any, when: last 7d}\n")
      }
      var context = Self.context
      (context.retentionDays, context.asOf) = (nil, nil)
      let compilation = RuleCompiler.compile(
        others + templates + [SourceText(file: "example.yaml", text: full)], context: context)
      #expect(compilation.diagnostics.filter(\.isError) == [], "\(body)")
    }
    #expect(examples > 10)
  }
}

extension String {
  /// Like Foundation's, for literal separators.
  fileprivate func components(separatedBy separator: String) -> [String] {
    var parts: [String] = []
    var rest = self[...]
    while let range = rest.firstRange(of: separator) {
      parts.append(String(rest[..<range.lowerBound]))
      rest = rest[range.upperBound...]
    }
    return parts + [String(rest)]
  }
}
