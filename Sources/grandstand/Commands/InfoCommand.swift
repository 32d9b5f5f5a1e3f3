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
