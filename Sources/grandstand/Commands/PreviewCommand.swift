import Diagnostics
import Engine
import Events
import Rules
import Store

/// `grandstand preview`: what a rule would reach, while it is being written.
enum PreviewCommand: Command {
  static let specification = CommandSpecification(
    name: "preview", summary: "Say what a rule would reach, before it is saved or run.",
    arguments: "FILE|SEGMENT", argumentCount: 1...1,
    options: [
      .value("--as-of", "DAY", "the day to evaluate (default: the newest complete day)"),
      .value("--target", "USERS", "propose numbers that reach about so many: 200000, 200k or 1.5m"),
      .flag("--exact", "look at all users instead of a sample"),
      .flag("--watch", "again whenever a segment file changes, until interrupted"),
    ],
    examples: [
      ("grandstand preview segments/formula-1-fans.yaml", "reach, funnel, and the reach for other numbers"),
      ("grandstand preview formula-1-fans --target 200k", "which number to change for about 200,000 people"),
      ("grandstand preview draft.yaml --watch", "while writing; the file may be anywhere"),
    ],
    details: """
      Reach is estimated from the users of some buckets, the same ones every time; the range beside it has the true
      number in 95 of 100 cases. A small store is looked at as a whole.
      """)

  /// A sample has about so many rows: a second's work.
  private static let sampledRows = 2_000_000

  static func run(_ arguments: Arguments, _ printer: Printer) throws(Diagnostic) -> ExitStatus {
    let target = try arguments["--target"].map { text throws(Diagnostic) in try users(text) }
    guard arguments.has("--watch") else { return try preview(arguments, target, printer) }
    let named = arguments.positional[0]
    try SegmentWatch.repeatedly(arguments, printer, also: Files.exists(named) ? [named] : []) {
      () throws(Diagnostic) in
      _ = try preview(arguments, target, printer)
    }
  }

  private static func preview(_ arguments: Arguments, _ target: Int?, _ printer: Printer) throws(Diagnostic)
    -> ExitStatus
  {
    let workspace = try Workspace.load(arguments, printer)
    let snapshot = try workspace.store.snapshot()
    let asOf = try workspace.asOf(arguments, snapshot)
    let draft = try Draft(arguments.positional[0], workspace)
    let (compilation, sources) = try workspace.compile(asOf: asOf, in: snapshot, beside: draft.source)
    let segments = compilation.segments.filter { draft.has($0) }
    for diagnostic in compilation.diagnostics where draft.concerns(diagnostic, without: segments) {
      printer.diagnostic(diagnostic, source: sources.first { $0.file == diagnostic.place?.file })
    }
    guard !segments.isEmpty else {
      guard let source = draft.source else { throw Workspace.unknown(arguments.positional[0], compilation) }
      guard compilation.diagnostics.contains(where: \.isError) else {
        throw Diagnostic(
          .n5, "the file makes no segment", at: Place(file: source.file),
          hint: "a template is previewed by what is made of it")
      }
      return .findings
    }
    let sample = try sample(snapshot, asOf, exact: arguments.has("--exact"))
    for segment in segments {
      let others = compilation.segments.filter { $0.id != segment.id && !$0.references.contains(segment.id) }
      let previewer = Previewer(
        segment, others: others, eventNames: workspace.project.eventNames, asOf: asOf, source: snapshot,
        sample: sample, workers: Workers())
      let report = try PreviewReport(
        previewer, segment, others, snapshot, workspace.project.eventNames, target)
      printer.out(printer.json ? report.json.rendered + "\n" : report.text)
    }
    return .done
  }

  /// As many buckets as have about the rows that a second is enough for.
  private static func sample(_ snapshot: Snapshot, _ asOf: Day, exact: Bool) throws(Diagnostic)
    -> BucketSample
  {
    let rows = snapshot.rows(upTo: asOf)
    let buckets = snapshot.bucketCount
    return try BucketSample(
      of: snapshot, count: exact || rows <= sampledRows ? buckets : max(1, buckets * sampledRows / rows))
  }

  /// `200000`, `200,000`, `200k`, `1.5m`
  private static func users(_ text: String) throws(Diagnostic) -> Int {
    var digits = text.lowercased().filter { $0 != "," && $0 != "_" }
    var scale = 1.0
    if digits.hasSuffix("k") { scale = 1000 }
    if digits.hasSuffix("m") { scale = 1_000_000 }
    if scale > 1 { digits.removeLast() }
    guard digits.allSatisfy({ $0.isASCII && ($0.isNumber || $0 == ".") }), let number = Double(digits),
      number * scale >= 1, number * scale < 1e10
    else {
      throw Diagnostic(
        .c3, "--target is a number of users, not '\(text)'", hint: "such as 200000, 200k or 1.5m")
    }
    return Int(number * scale)
  }
}

/// What is to be previewed: a segment by its id, or a file, which may lie outside of the folder of segments.
private struct Draft {
  /// To be compiled beside the others, and instead of one with its id.
  let source: SourceText?
  private let id: String

  init(_ named: String, _ workspace: Workspace) throws(Diagnostic) {
    let isFile = Files.exists(named) && !Files.isFolder(named)
    source = isFile ? SourceText(file: named, bytes: try Files.read(named, limit: 1 << 22)) : nil
    id = isFile ? Segment.id(ofFile: named) : named
  }

  /// A file may make several.
  func has(_ segment: Segment) -> Bool {
    if let source { segment.file == source.file } else { segment.id == id }
  }

  /// What stands in the draft; where it could not be read, also what may be the reason elsewhere.
  func concerns(_ diagnostic: Diagnostic, without segments: [Segment]) -> Bool {
    guard let source else { return segments.contains { $0.file == diagnostic.place?.file } }
    return diagnostic.place?.file == source.file || (segments.isEmpty && diagnostic.isError)
  }
}
