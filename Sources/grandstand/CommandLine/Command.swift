import Diagnostics

/// How a command ended; the process's exit code.
enum ExitStatus: Int32, Sendable {
  case done = 0
  /// Bad rules, segments withheld, tests failed, a damaged store found.
  case findings = 1
  /// It could not be done.
  case failed = 2
}

/// A command turns options into an outcome; `main` prints what it throws and exits.
protocol Command: SendableMetatype {
  static var specification: CommandSpecification { get }
  static func run(_ arguments: Arguments, _ printer: Printer) throws(Diagnostic) -> ExitStatus
}

/// All commands, in the order of a first day with Grandstand.
enum Commands {
  static let all: [any Command.Type] = [
    InitCommand.self, GenerateCommand.self, IngestCommand.self, LoadCommand.self, InfoCommand.self,
    NewCommand.self, CheckCommand.self, FormatCommand.self, TestCommand.self, ListCommand.self,
    ShowCommand.self, DescribeCommand.self,
    SchemaCommand.self, CompletionCommand.self,
    PreviewCommand.self, PlanCommand.self, RunCommand.self, DiffCommand.self, ExplainCommand.self,
    ExportCommand.self,
    VerifyCommand.self, CompactCommand.self, VacuumCommand.self,
  ]

  static var help: String {
    let width = all.map { $0.specification.name.count }.max() ?? 0
    let list = all.map { "  \($0.specification.name.padded(to: width))  \($0.specification.summary)\n" }
      .joined()
    return """
      Grandstand turns a publisher's behavioural events into audiences.

      Usage: grandstand COMMAND [options]

      Examples:
        grandstand ingest events/        take new event files into the store
        grandstand check                 find mistakes in the segment files
        grandstand run                   evaluate all segments as of the newest complete day
        grandstand explain SEGMENT USER  say why a user is in or out

      Commands:
      \(list)
      'grandstand COMMAND --help' explains one. Exit codes: 0 done, 1 findings, 2 failed.

      """
  }
}
