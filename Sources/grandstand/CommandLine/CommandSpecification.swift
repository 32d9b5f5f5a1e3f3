/// What a command is called, takes and means: one place for its parsing and its help.
struct CommandSpecification: Sendable {
  struct Option: Sendable {
    /// With dashes: `--as-of`.
    var name: String
    /// What its value is called in the help; nil for a switch.
    var value: String?
    var help: String
    /// May be given more than once.
    var repeats = false
    /// All values that it takes, for completion; empty: not a few words.
    var choices: [String] = []

    static func flag(_ name: String, _ help: String) -> Option { .init(name: name, value: nil, help: help) }
    static func value(
      _ name: String, _ value: String, _ help: String, repeats: Bool = false, choices: [String] = []
    ) -> Option {
      .init(name: name, value: value, help: help, repeats: repeats, choices: choices)
    }
  }

  var name: String
  /// One line for the list of commands.
  var summary: String
  /// Positional arguments as the usage line shows them: `PATH…`.
  var arguments: String = ""
  /// How many positional arguments there may be.
  var argumentCount: ClosedRange<Int> = 0...0
  var options: [Option] = []
  /// Command lines and what they do.
  var examples: [(line: String, meaning: String)] = []
  /// Further paragraphs.
  var details: String = ""

  /// Options of every command.
  static let common: [Option] = [
    .value("--project", "FILE", "the project file (default: grandstand.yaml here or in a folder above)"),
    .flag("--json", "print JSON for machines"),
    .flag("--quiet", "print errors only"),
    .flag("--no-color", "no colours (also: NO_COLOR)"),
    .flag("--no-progress", "no progress on a terminal"),
    .flag("--help", "show this help"),
  ]

  var allOptions: [Option] { options + Self.common }

  /// The help of one command, as clig.dev has it: what it does, examples first, then the options.
  var help: String {
    var text =
      "\(summary)\n\nUsage: grandstand \(name)\(arguments.isEmpty ? "" : " " + arguments) [options]\n"
    if !examples.isEmpty {
      text += "\nExamples:\n"
      for (line, meaning) in examples { text += "  \(line)\n      \(meaning)\n" }
    }
    if !options.isEmpty { text += "\nOptions:\n" + Self.table(options) }
    text += "\nCommon options:\n" + Self.table(Self.common)
    if !details.isEmpty { text += "\n" + details + "\n" }
    return text
  }

  private static func table(_ options: [Option]) -> String {
    let labels = options.map { $0.name + ($0.value.map { " " + $0 } ?? "") }
    let width = labels.map(\.count).max() ?? 0
    return zip(labels, options).map { label, option in
      "  \(label.padded(to: width))  \(option.help)\n"
    }.joined()
  }
}
