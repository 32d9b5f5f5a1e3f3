import ArrowIPC
import Bitmaps
import Diagnostics
import Events
import Project
import Rules
import YAML

/// What can be fuzzed. To add one: a case here, a line in `run`, seeds for it in `tools/fuzz`.
///
/// A target fails by trapping, by a memory error that AddressSanitizer sees, by `-timeout`, by `-rss_limit_mb`, or by
/// one of its own preconditions about what it read.
enum FuzzTarget: String, CaseIterable {
  case yaml, project, rules, tsv, contexts, csv, jsonl, gzip, arrow, arrowstream, roaring

  nonisolated(unsafe) static var current = FuzzTarget.yaml

  func run(_ bytes: [UInt8]) {
    switch self {
    case .yaml: Self.yaml(bytes)
    case .project: Self.project(bytes)
    case .rules: Self.rules(bytes)
    case .tsv, .contexts, .csv, .jsonl, .gzip: IngestTarget.run(self, bytes)
    case .arrow: Self.arrow(bytes)
    case .arrowstream: Self.arrowStream(bytes)
    case .roaring: Self.roaring(bytes)
    }
  }

  private static func yaml(_ bytes: [UInt8]) {
    let source = SourceText(file: "fuzz.yaml", bytes: bytes)
    do throws(Diagnostic) {
      if let root = try YAMLNode.parse(source) { check(root, depth: 1) }
    } catch {
      precondition(!error.rendered(source: source, color: true).isEmpty && error.json.hasPrefix("{"))
    }
  }

  private static func check(_ node: YAMLNode, depth: Int) {
    precondition(depth <= 64 && node.place.line > 0 && node.place.column > 0)
    for item in node.items ?? [] { check(item, depth: depth + 1) }
    for entry in node.entries ?? [] {
      check(entry.key, depth: depth + 1)
      check(entry.value, depth: depth + 1)
    }
  }

  private static func project(_ bytes: [UInt8]) {
    let source = SourceText(file: "grandstand.yaml", bytes: bytes)
    let reading = Project.parse(source, folder: "/fuzz")
    precondition(reading.project != nil || reading.diagnostics.contains { $0.isError })
    render(reading.diagnostics, source)
  }

  private static func rules(_ bytes: [UInt8]) {
    let source = SourceText(file: "segments/fuzz.yaml", bytes: bytes)
    var context = RuleContext(asOf: Day("2026-11-23"))
    context.userFields.append(Field(name: "tier", kind: .text))
    context.articleFields = [.published]
    // The same bytes as the project's names: a segment may use its own keys.
    context.definitions = SourceText(file: "segments/definitions.yaml", bytes: bytes)
    let compilation = RuleCompiler.compile([source], context: context)
    precondition(
      !compilation.segments.isEmpty || !compilation.templates.isEmpty
        || compilation.diagnostics.contains { $0.isError })
    for segment in compilation.segments { precondition(!segment.rulesInWords.isEmpty) }
    render(compilation.diagnostics, source)
  }

  private static func render(_ diagnostics: [Diagnostic], _ source: SourceText) {
    for diagnostic in diagnostics {
      precondition(!diagnostic.rendered(source: source).isEmpty && diagnostic.json.hasPrefix("{"))
    }
  }

  private static func arrow(_ bytes: [UInt8]) {
    do throws(FormatError) {
      let reader = try ArrowFileReader(BytesInput(bytes))
      for index in 0..<min(8, reader.batchCount) { _ = try reader.batch(index) }
    } catch {}
  }

  private static func arrowStream(_ bytes: [UInt8]) {
    do throws(FormatError) {
      var reader = try ArrowStreamReader(BytesInput(bytes))
      var left = 8
      while left > 0, try reader.next() != nil { left -= 1 }
    } catch {}
  }

  private static func roaring(_ bytes: [UInt8]) {
    do throws(RoaringError) {
      let numbers = try RoaringFormat.decode(bytes).numbers
      precondition(zip(numbers, numbers.dropFirst()).allSatisfy { $0 < $1 }, "numbers ascend")
      let again = try RoaringFormat.decode(RoaringFormat.encode(numbers)).numbers
      precondition(again == numbers, "comes back")
    } catch {}
    _ = try? Membership(bytes: bytes, bucketCount: 64)
  }
}
