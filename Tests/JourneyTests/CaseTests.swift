import Diagnostics
import Engine
import Events
import Rules
import Support
import Testing

/// `Tests/Cases/*.md`: rules with their diagnostics or members.
struct CaseTests {
  private static let context = RuleContext(
    properties: [Field.property("subscription", number: false), Field.property("score", number: true)],
    retentionDays: 90,
    asOf: Day("2026-11-23"))

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
    test.blocks.filter { $0.kind == "yaml" }.map { block in
      // Places in diagnostics are of the text as it stands, so what is put in goes behind.
      var text = block.text
      if !text.contains("purpose:"), !test.name.contains("purpose") { text += "purpose: ads\n" }
      return SourceText(file: block.file ?? "case.yaml", text: text)
    }
  }

  private static func diagnostics(_ test: CaseFile.Case) -> String {
    let sources = sources(test)
    let compilation = RuleCompiler.compile(sources, context: context)
    return compilation.diagnostics.map { diagnostic in
      diagnostic.rendered(source: sources.first { $0.file == diagnostic.place?.file })
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

  /// Every code of the rule language that is ever reported stands in the reference and in a case.
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
    for piece in text.components(separatedBy: "```yaml\n").dropFirst() {
      let body = piece.components(separatedBy: "```").first ?? ""
      examples += 1
      let source =
        body.contains("who:") ? body : "who:\n" + body.split(separator: "\n").map { "  \($0)\n" }.joined()
      let full = source.contains("purpose:") ? source : source + "purpose: ads\n"
      let others = ["formula-1-fans", "motogp-fans", "rally-fans"].map {
        SourceText(file: $0 + ".yaml", text: "purpose: ads\nwho: everyone\n")
      }
      let context = RuleContext(properties: [Field.property("subscription", number: false)])
      let compilation = RuleCompiler.compile(
        others + [SourceText(file: "example.yaml", text: full)], context: context)
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
