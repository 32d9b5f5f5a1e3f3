import Diagnostics

/// `grandstand completion`: scripts for shells.
enum CompletionCommand: Command {
  static let specification = CommandSpecification(
    name: "completion",
    summary: "Print the script by which a shell completes commands, options and segments.",
    arguments: "bash|zsh|fish", argumentCount: 1...1,
    examples: [
      ("source <(grandstand completion bash)", "in ~/.bashrc; zsh likewise in ~/.zshrc, behind compinit"),
      ("grandstand completion fish > ~/.config/fish/completions/grandstand.fish", "once, for fish"),
    ])

  static func run(_ arguments: Arguments, _ printer: Printer) throws(Diagnostic) -> ExitStatus {
    let name = arguments.positional[0]
    guard let shell = CompletionScript.Shell(rawValue: name) else {
      let known = CompletionScript.Shell.allCases.map(\.rawValue)
      throw Diagnostic(
        .c3, "there is no completion for '\(name)'",
        hint: Nearest.word(to: name, among: known).map { "did you mean '\($0)'?" } ?? "bash, zsh or fish")
    }
    printer.out(CompletionScript.text(shell))
    return .done
  }
}
