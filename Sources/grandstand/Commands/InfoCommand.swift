import Diagnostics
import Store

/// `grandstand info`: what is in the store.
enum InfoCommand: Command {
  static let specification = CommandSpecification(
    name: "info", summary: "Show what is in the store: days, rows, users, parts, sizes, rejects.",
    examples: [("grandstand info --json", "the same for machines")])

  static func run(_ arguments: Arguments, _ printer: Printer) throws(Diagnostic) -> ExitStatus {
    let workspace = try Workspace.load(arguments, printer)
    let snapshot = try workspace.store.snapshot()
    let info = StoreInfo(snapshot)
    let complete = snapshot.newestCompleteDay(lateness: workspace.project.latenessHours)
    let upkeep = try Upkeep(snapshot, workspace)
    if printer.json {
      printer.out(
        JSONValue.object([
          ("version", .count(info.version)), ("time_zone", .text(info.timeZone)),
          ("buckets", .count(info.buckets)),
          ("users", .count(info.users)), ("rows", .count(info.rows)), ("bytes", .count(info.bytes)),
          ("rejected", .count(info.rejected)),
          ("newest_complete_day", complete.map { .text($0.description) } ?? .null),
          (
            "days",
            .list(
              info.days.map {
                .object([
                  ("day", .text($0.day)), ("rows", .count($0.rows)), ("parts", .count($0.parts)),
                  ("views", .count($0.views)),
                  ("bytes", .count($0.bytes)),
                ])
              })
          ), ("tables", .list(info.tables.map(json))),
          ("compactable_parts", .count(upkeep.parts)), ("replaced_rows", .count(upkeep.replaced)),
          ("reclaimable_bytes", .count(upkeep.bytes)),
        ]).rendered + "\n")
      return .done
    }
    printer.out(
      "Store \(workspace.project.store), version \(info.version), \(info.timeZone), \(HumanText.count(info.buckets, "bucket"))\n"
    )
    var table = TextTable([
      ("day", .left), ("rows", .right), ("views", .right), ("parts", .right), ("size", .right),
    ])
    for day in info.days {
      table.rows.append([
        day.day, HumanText.count(day.rows), HumanText.count(day.views), "\(day.parts)",
        HumanText.bytes(day.bytes),
      ])
    }
    if !info.days.isEmpty { printer.out(table.text) }
    if !info.tables.isEmpty { printer.out(tables(info).text) }
    printer.out(
      "\(HumanText.count(info.rows, "row")) of \(HumanText.count(info.users, "user")), \(HumanText.bytes(info.bytes)) in all; "
        + "\(HumanText.count(info.rejected, "row")) rejected so far\n")
    printer.out("Newest complete day: \(complete?.description ?? "none yet")\n")
    for hint in upkeep.hints(storeBytes: info.bytes) { printer.out(hint + "\n") }
    return .done
  }

  private static func tables(_ info: StoreInfo) -> TextTable {
    var table = TextTable([("loaded", .left), ("from", .left), ("rows", .right), ("size", .right)])
    for entry in info.tables {
      let name = entry.kind == .list ? "list \(entry.name)" : entry.kind.rawValue
      table.rows.append([name, entry.from, HumanText.count(entry.rows), HumanText.bytes(entry.bytes)])
    }
    return table
  }

  private static func json(_ table: StoreInfo.TableInfo) -> JSONValue {
    .object([
      ("table", .text(table.kind.rawValue)), ("name", table.kind == .list ? .text(table.name) : .null),
      ("from", .text(table.from)), ("rows", .count(table.rows)), ("bytes", .count(table.bytes)),
    ])
  }
}

/// What `compact` and `vacuum` would gain.
private struct Upkeep {
  /// That would become fewer, of so many days.
  let parts: Int
  private let days: Int
  /// Rows that later ones replaced.
  let replaced: Int
  /// Of files that no version needs any more.
  let bytes: Int

  init(_ snapshot: Snapshot, _ workspace: Workspace) throws(Diagnostic) {
    var options = CompactionOptions()
    options.deduplicationDays = workspace.project.deduplicationDays
    let plan = try CompactionPlan(snapshot, options)
    parts = plan.days.reduce(0) { $0 + $1.parts.count }
    days = plan.days.count
    replaced = snapshot.manifest.deletions.reduce(0) { $0 + $1.rows }
    // What looks like a leftover may belong to an ingest under way.
    bytes = try VacuumPlan(workspace.store, VacuumOptions()).items.filter { $0.reason != .leftover }
      .reduce(0) { $0 + $1.bytes }
  }

  func hints(storeBytes: Int) -> [String] {
    var hints: [String] = []
    if days > 0 {
      let gone = replaced > 0 ? " and leave out replaced rows (\(HumanText.count(replaced)) in all)" : ""
      hints.append(
        "'grandstand compact' would make \(HumanText.count(days)) of \(HumanText.count(parts, "part"))\(gone)"
      )
    }
    if bytes * 10 > storeBytes {
      hints.append("'grandstand vacuum' would free \(HumanText.bytes(bytes))")
    }
    return hints
  }
}
