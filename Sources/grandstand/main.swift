#if canImport(Glibc)
  import Glibc
#endif
import Diagnostics

/// Finds the command, runs it, prints what it throws, exits with its status.
enum GrandstandMain {
  static let version = "0.1.0"
  static let program = "grandstand \(version)"

  static func run(_ words: [String]) -> ExitStatus {
    let printer = Printer(words)
    do throws(Diagnostic) { return try dispatch(words, printer) } catch {
      printer.failure(error)
      return .failed
    }
  }

  private static func dispatch(_ words: [String], _ printer: Printer) throws(Diagnostic) -> ExitStatus {
    guard let name = words.first, !["help", "--help", "-h"].contains(name) else {
      return try help(Array(words.dropFirst()), printer)
    }
    if name == "--version" || name == "version" {
      printer.out("\(program)\n")
      return .done
    }
    let command = try find(name)
    let arguments = try Arguments(Array(words.dropFirst()), command.specification)
    guard !arguments.has("--help") else {
      printer.out(command.specification.help)
      return .done
    }
    return try command.run(arguments, printer)
  }

  private static func help(_ words: [String], _ printer: Printer) throws(Diagnostic) -> ExitStatus {
    if let name = words.first {
      printer.out(try find(name).specification.help)
    } else {
      printer.out(Commands.help)
    }
    return .done
  }

  private static func find(_ name: String) throws(Diagnostic) -> any Command.Type {
    let names = Commands.all.map { $0.specification.name }
    guard let index = names.firstIndex(of: name) else {
      throw Diagnostic(
        .c3, "there is no command '\(name)'",
        hint: Nearest.word(to: name, among: names).map { "did you mean '\($0)'?" }
          ?? "'grandstand help' lists them")
    }
    return Commands.all[index]
  }
}

// Every part of a store keeps two files open during a run.
var limit = rlimit()
if unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 {
  limit.rlim_cur = limit.rlim_max
  _ = unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
}
// A closed pipe (`grandstand … | head`) ends the process quietly.
signal(SIGPIPE, SIG_DFL)
exit(GrandstandMain.run(Array(CommandLine.arguments.dropFirst())).rawValue)
