import Authoring
import Diagnostics
import Rules

/// `grandstand describe`: rules in plain English.
enum DescribeCommand: Command {
  static let specification = CommandSpecification(
    name: "describe", summary: "Say in plain English whom a segment takes.",
    arguments: "[SEGMENT|FILE…]", argumentCount: 0...10_000, options: [Selector.option],
    examples: [
      ("grandstand describe formula-1-fans", "one segment"),
      ("grandstand describe segments/fans.yaml", "the segments of a file, in the project or not"),
      ("grandstand describe --select tag:sport", "the sport segments"),
      ("grandstand describe --json", "all of them, an object a line"),
    ],
    details: """
      Two rules that mean something else never read alike: a value has quotes where it could be taken for a word of ours, and
      what is nested stands in lines below.
      \(Selector.help)
      """)

  static func run(_ arguments: Arguments, _ printer: Printer) throws(Diagnostic) -> ExitStatus {
    let files = arguments.positional.filter(isFile)
    let words = arguments.positional.filter { !isFile($0) } + arguments.all("--select")
    var (segments, isWhole) = ([Segment](), true)
    if files.isEmpty || !words.isEmpty { (segments, isWhole) = try selected(words, arguments, printer) }
    for file in files {
      let (found, isRight) = try made(by: file, arguments, printer)
      segments += found
      isWhole = isWhole && isRight
    }
    printer.out(printer.json ? segments.map(json).joined() : segments.map(text).joined(separator: "\n"))
    return isWhole ? .done : .findings
  }

  private static func isFile(_ word: String) -> Bool { word.hasSuffix(".yaml") || word.hasSuffix(".yml") }

  private static func json(_ segment: Segment) -> String {
    JSONValue.object([
      ("id", .text(segment.id)), ("name", .text(segment.name)), ("text", .text(segment.rulesInWords)),
    ]).rendered + "\n"
  }

  private static func text(_ segment: Segment) -> String {
    let lines = segment.rulesInWords.split(separator: "\n").map { "  \($0)\n" }.joined()
    return (segment.name == segment.id ? segment.id : "\(segment.name) (\(segment.id))") + "\n" + lines
  }

  // MARK: What to describe

  /// Segments of the project, by id.
  /// - Returns: also whether none of those that were asked for is withheld.
  private static func selected(_ words: [String], _ arguments: Arguments, _ printer: Printer)
    throws(Diagnostic)
    -> ([Segment], Bool)
  {
    let workspace = try Workspace.load(arguments, printer)
    let (compilation, sources) = try workspace.compile(asOf: nil, in: try workspace.snapshotIfAny())
    let selection = try workspace.select(words, compilation, sources, printer)
    Workspace.report(compilation, sources, printer, warnings: false, of: selection)
    let segments = compilation.segments.filter { selection.contains($0.id) }.sorted { $0.id < $1.id }
    return (segments, selection.withheld.isEmpty)
  }

  /// The segments of one file; it needs no project, but may refer to the segments and names of one.
  /// - Returns: also whether it has no mistakes.
  private static func made(by file: String, _ arguments: Arguments, _ printer: Printer) throws(Diagnostic)
    -> ([Segment], Bool)
  {
    let source = SourceText(file: file, bytes: try Files.read(file, limit: 1 << 22))
    let (context, others) = try surroundings(file, arguments, printer)
    let compilation = RuleCompiler.compile(others + [source], context: context)
    let segments = compilation.segments.filter { $0.file == file }
    let errors = compilation.diagnostics.filter { $0.isError && $0.place?.file == file }
    for error in errors { printer.diagnostic(error, source: source) }
    if segments.isEmpty, errors.isEmpty {
      printer.note("\(file) is a template: it makes no segment itself, describe one that is made of it")
    }
    return (segments.sorted { $0.id < $1.id }, errors.isEmpty)
  }

  /// What a file may name, without the file itself.
  private static func surroundings(_ file: String, _ arguments: Arguments, _ printer: Printer)
    throws(Diagnostic) -> (context: RuleContext, others: [SourceText])
  {
    guard arguments["--project"] != nil || Workspace.isHere else { return (RuleContext(), []) }
    let workspace = try Workspace.load(arguments, printer)
    let sources = Files.isFolder(workspace.project.segments) ? try workspace.segmentFiles() : []
    let id = Segment.id(ofFile: file)
    var context = workspace.context(asOf: nil, in: try workspace.snapshotIfAny())
    context.definitions = try workspace.definitions()
    return (context, sources.filter { Segment.id(ofFile: $0.file) != id })
  }
}
