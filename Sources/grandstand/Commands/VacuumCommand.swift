import Diagnostics
import Store

/// `grandstand vacuum`: deletes files that no kept version needs.
enum VacuumCommand: Command {
  static let specification = CommandSpecification(
    name: "vacuum", summary: "Delete files that no version needs any more.",
    options: [
      .value("--older-than", "TIME", "keep versions that were current in this time (default: 24h)"),
      .value("--keep", "N", "keep the newest N versions in any case (default: 1)"),
      .value("--rejects-older-than", "TIME", "delete rejected rows, too, that are older"),
      .flag("--dry-run", "say what would be deleted"),
    ],
    examples: [
      ("grandstand vacuum --dry-run", "which files would go, and why"),
      ("grandstand vacuum", "after the night's 'compact'"),
      ("grandstand vacuum --older-than 2h --rejects-older-than 90d", "sooner, and old rejects as well"),
    ],
    details: """
      Whoever is reading has opened a version and needs its files until the end. So let --older-than be longer than
      anything that reads: a version stays that was the current one in that time. Earlier runs keep their members;
      'grandstand diff' tells their causes as long as the versions are there.
      """)

  static func run(_ arguments: Arguments, _ printer: Printer) throws(Diagnostic) -> ExitStatus {
    let workspace = try Workspace.load(arguments, printer)
    var options = VacuumOptions()
    options.seconds = try arguments.seconds("--older-than") ?? options.seconds
    options.versions = try arguments.integer("--keep", in: 1...1_000_000) ?? options.versions
    options.rejectSeconds = try arguments.seconds("--rejects-older-than")
    let isDryRun = arguments.has("--dry-run")
    let vacuum = try Vacuum(workspace.store, options)
    if !isDryRun {
      let progress = Progress("Deleting", printer)
      try vacuum.run { done, total in progress.update(done: done, total: total, detail: "files") }
      progress.finish()
    }
    printer.json
      ? printer.out(json(vacuum.plan, isDryRun) + "\n") : report(vacuum.plan, isDryRun, printer)
    return .done
  }

  private static func report(_ plan: VacuumPlan, _ isDryRun: Bool, _ printer: Printer) {
    if isDryRun, !plan.items.isEmpty {
      var table = TextTable([("file", .left), ("size", .right), ("why", .left)])
      for item in plan.items {
        table.rows.append([item.path, HumanText.bytes(item.bytes), words(item.reason)])
      }
      printer.say(table.text)
    }
    let kept =
      plan.kept.count == 1
      ? "version \(plan.kept[0]) stays" : "\(HumanText.count(plan.kept.count)) versions stay"
    let files = "\(HumanText.count(plan.items.count, "file")), \(HumanText.bytes(plan.bytes))"
    if plan.items.isEmpty { return printer.say("Nothing to delete; \(kept)") }
    printer.say("\(isDryRun ? "Would delete" : "Deleted") \(files); \(kept)")
  }

  private static func words(_ reason: VacuumPlan.Reason) -> String {
    switch reason {
    case .version: "a version that is not kept"
    case .replaced: "no version that is kept needs it"
    case .leftover: "left by a command that ended early"
    case .rejects: "rejected rows that are old"
    }
  }

  private static func json(_ plan: VacuumPlan, _ isDryRun: Bool) -> String {
    let files = plan.items.map { item in
      JSONValue.object([
        ("path", .text(item.path)), ("bytes", .count(item.bytes)), ("reason", .text(item.reason.rawValue)),
      ])
    }
    return JSONValue.object([
      ("deleted", .bool(!isDryRun)), ("bytes", .count(plan.bytes)),
      ("versions_kept", .list(plan.kept.map { .count($0) })), ("files", .list(files)),
    ]).rendered
  }
}
