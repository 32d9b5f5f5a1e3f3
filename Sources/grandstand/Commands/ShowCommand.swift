import Authoring
import Diagnostics

/// `grandstand show`: everything of one segment.
enum ShowCommand: Command {
  static let specification = CommandSpecification(
    name: "show", summary: "Show all of one segment: what it says, its sizes, what it refers to, its file.",
    arguments: "SEGMENT", argumentCount: 1...1,
    examples: [
      ("grandstand show formula-1-fans", "for people"),
      ("grandstand show formula-1-fans --json", "for machines"),
    ])

  static func run(_ arguments: Arguments, _ printer: Printer) throws(Diagnostic) -> ExitStatus {
    let id = arguments.positional[0]
    let catalog = try Catalog(try Workspace.load(arguments, printer), days: RunHistory.mostDays, printer)
    guard let segment = catalog.segments.first(where: { $0.id == id }) else {
      throw Diagnostic(
        .n5, "there is no segment '\(id)'",
        hint: Nearest.word(to: id, among: catalog.segments.map(\.id)).map { "did you mean '\($0)'?" }
          ?? "'grandstand list' shows them")
    }
    printer.out(printer.json ? json(segment, catalog) : text(segment, catalog))
    return .done
  }

  private static func source(_ segment: SegmentOutline, _ catalog: Catalog) -> String {
    catalog.sources.first { $0.file == segment.file }.map { String(decoding: $0.bytes, as: UTF8.self) } ?? ""
  }

  private static func json(_ segment: SegmentOutline, _ catalog: Catalog) -> String {
    JSONValue.object(
      catalog.json(segment) + [
        ("description", .text(segment.description)),
        ("destinations", .list(segment.destinations.map { .text($0) })), ("tests", .count(segment.testCount)),
        ("refers_to", .list(segment.references.sorted().map { .text($0) })),
        ("referred_to_by", .list(catalog.referrers(of: segment.id).map { .text($0) })),
        ("source", .text(source(segment, catalog))),
      ]
    ).rendered + "\n"
  }

  private static func text(_ segment: SegmentOutline, _ catalog: Catalog) -> String {
    var text = "\(segment.name) (\(segment.id))\n"
    if !segment.description.isEmpty { text += "\(segment.description)\n" }
    let facts = [
      ("file", segment.file + (catalog.changed(segment).map { ", changed \($0)" } ?? "")),
      ("owner", segment.owner),
      ("purpose", segment.purpose), ("tags", segment.tags.joined(separator: ", ")),
      ("destinations", segment.destinations.joined(separator: ", ")), ("status", catalog.status(segment)),
      ("tests", segment.testCount == 0 ? "none" : "\(segment.testCount)"),
      ("refers to", segment.references.sorted().joined(separator: ", ")),
      ("referred to by", catalog.referrers(of: segment.id).joined(separator: ", ")),
      ("latest run", latest(segment, catalog)),
      ("a night", catalog.reads(segment).map { "reads \(HumanText.bytes($0)) for it alone" } ?? ""),
    ]
    text += "\n" + facts.filter { !$0.1.isEmpty }.map { "  \($0.0.padded(to: 14))  \($0.1)\n" }.joined()
    text += sizes(segment, catalog)
    let lines = source(segment, catalog).split(separator: "\n", omittingEmptySubsequences: false)
    return text + "\n"
      + lines.dropLast(lines.last == "" ? 1 : 0).map { $0.isEmpty ? "  │\n" : "  │ \($0)\n" }.joined()
  }

  private static func latest(_ segment: SegmentOutline, _ catalog: Catalog) -> String {
    guard let run = catalog.history.latest else { return "none yet" }
    guard let entry = catalog.history.latestEntry(segment.id) else {
      return "as of \(run.asOf): not evaluated"
    }
    let compared = entry.entered.map { entered in
      ", \(HumanText.count(entered)) entered, \(HumanText.count(entry.left ?? 0)) left"
    }
    return "as of \(run.asOf): \(HumanText.count(entry.size, "member"))" + (compared ?? ", new")
  }

  private static func sizes(_ segment: SegmentOutline, _ catalog: Catalog) -> String {
    let sizes = catalog.history.sizes(of: segment.id)
    guard sizes.contains(where: { $0 != nil }) else { return "" }
    var table = TextTable([("day", .left), ("members", .right), ("change", .right)])
    var before: Int?
    for (day, size) in zip(catalog.history.days, sizes) {
      guard let size else { continue }
      table.rows.append([day, HumanText.count(size), before.map { HumanText.change(size - $0) } ?? ""])
      before = size
    }
    let lines = table.text.split(separator: "\n").map { "  \($0)\n" }.joined()
    return "\n\(lines)  \(HumanText.spark(sizes))\n"
  }
}
