import Authoring
import Diagnostics

/// `grandstand fmt`: segment files in their canonical layout.
enum FormatCommand: Command {
  static let specification = CommandSpecification(
    name: "fmt", summary: "Lay out segment files in the one canonical way; comments stay.",
    arguments: "[FILE|FOLDER…]", argumentCount: 0...100_000,
    options: [
      .flag("--check", "change nothing; exit code 1 and names where a file is not in the canonical layout")
    ],
    examples: [
      ("grandstand fmt", "all segment files of the project"),
      ("grandstand fmt segments/fans.yaml", "one file; it needs no project"),
      ("grandstand fmt --check", "for a merge request"),
    ],
    details: """
      Keys come in the order of docs/rules.md, indented by two spaces; braces that fit 100 columns stay on a line; texts have
      quotes only where another YAML tool would read them as something else; durations are short ('30 days' is 30d).
      What a file means never changes. One that cannot be read is left alone.
      """)

  static func run(_ arguments: Arguments, _ printer: Printer) throws(Diagnostic) -> ExitStatus {
    let isCheck = arguments.has("--check")
    var (changed, unreadable): ([String], [String]) = ([], [])
    let files = try sources(arguments, printer)
    for source in files {
      do throws(Diagnostic) {
        let bytes = Array(try SegmentFormatter.format(source).utf8)
        guard bytes != source.bytes else { continue }
        changed.append(source.file)
        if !isCheck { try Files.write(bytes, to: Files.followed(source.file)) }
      } catch {
        unreadable.append(source.file)
        printer.diagnostic(error, source: source)
      }
    }
    report(files.count, changed, unreadable, isCheck, printer)
    return !unreadable.isEmpty || isCheck && !changed.isEmpty ? .findings : .done
  }

  private static func sources(_ arguments: Arguments, _ printer: Printer) throws(Diagnostic) -> [SourceText] {
    guard !arguments.positional.isEmpty else {
      // Names of the whole project stand beside its segments.
      return try Workspace.yamlFiles(in: try Workspace.load(arguments, printer).project.segments)
    }
    var sources: [SourceText] = []
    for path in arguments.positional {
      if Files.isFolder(path) {
        sources += try Workspace.yamlFiles(in: path.hasSuffix("/") ? String(path.dropLast()) : path)
      } else {
        sources.append(SourceText(file: path, bytes: try Files.read(path, limit: 1 << 22)))
      }
    }
    return sources
  }

  private static func report(
    _ count: Int, _ changed: [String], _ unreadable: [String], _ isCheck: Bool, _ printer: Printer
  ) {
    guard !printer.json else {
      return printer.out(
        JSONValue.object([
          ("files", .count(count)), ("changed", .list(changed.map { .text($0) })),
          ("unreadable", .list(unreadable.map { .text($0) })),
        ]).rendered + "\n")
    }
    for file in changed { printer.say(isCheck ? "\(file) is not laid out canonically" : "laid out \(file)") }
    let well = count - changed.count - unreadable.count
    var parts: [String] = []
    if well > 0 { parts.append("\(HumanText.count(well)) as \(well == 1 ? "it" : "they") should be") }
    if !changed.isEmpty {
      parts.append("\(HumanText.count(changed.count)) \(isCheck ? "to lay out" : "laid out")")
    }
    if !unreadable.isEmpty {
      parts.append("\(HumanText.count(unreadable.count)) left alone because of mistakes")
    }
    printer.say(
      "\(HumanText.count(count, "segment file")): \(parts.isEmpty ? "none" : parts.joined(separator: ", "))")
  }
}
