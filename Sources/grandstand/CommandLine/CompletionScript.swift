/// Completion for shells, made from what the commands say of themselves. Ids of segments are asked of the program when the
/// key is pressed.
enum CompletionScript {
  enum Shell: String, CaseIterable { case bash, zsh, fish }

  /// What can stand in a place.
  enum Candidates: Equatable {
    case files, segments, nothing
    case words([String])
  }

  static func text(_ shell: Shell) -> String {
    let commands = Commands.all.map { $0.specification }
    switch shell {
    case .bash: return bash(commands)
    case .zsh: return zsh(commands)
    case .fish: return fish(commands)
    }
  }

  // MARK: What can stand where

  static func candidates(_ option: CommandSpecification.Option) -> Candidates {
    option.choices.isEmpty ? named(option.value ?? "") : .words(option.choices)
  }

  static func positional(_ command: CommandSpecification) -> Candidates { named(command.arguments) }

  /// By the word that the help uses.
  private static func named(_ label: String) -> Candidates {
    if label == "WORDS" || label.contains("SEGMENT") { return .segments }
    if ["FILE", "FOLDER", "DIR", "PATH"].contains(where: { label.contains($0) }) { return .files }
    let words = label.split(separator: "|").map(String.init)
    return words.count > 1 && words.allSatisfy { $0 == $0.lowercased() } ? .words(words) : .nothing
  }

  // MARK: bash

  private static func bash(_ commands: [CommandSpecification]) -> String {
    let names = commands.map(\.name).joined(separator: " ")
    return """
      # bash completion of grandstand: source <(grandstand completion bash)
      _grandstand_words() { mapfile -t COMPREPLY < <(compgen -W "$1" -- "$current"); }
      _grandstand_files() { mapfile -t COMPREPLY < <(compgen -f -- "$current"); compopt -o filenames 2>/dev/null; }
      _grandstand_segments() { _grandstand_words "$("${COMP_WORDS[0]}" list --ids 2>/dev/null)"; }

      _grandstand() {
        local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]}
        COMPREPLY=()
        if [ "$COMP_CWORD" -eq 1 ]; then
          _grandstand_words "\(names) help"
          return
        fi
        case ${COMP_WORDS[1]} in
        help) _grandstand_words "\(names)" ;;
      \(commands.map { bash($0) }.joined())  esac
      }
      complete -F _grandstand grandstand

      """
  }

  private static func bash(_ command: CommandSpecification) -> String {
    let values = command.allOptions.filter { $0.value != nil }.map { option in
      "    \(option.name)) \(bash(candidates(option))); return ;;\n"
    }
    return """
        \(command.name))
          case $previous in
      \(values.joined())    esac
          if [[ $current == -* ]]; then
            _grandstand_words "\(command.allOptions.map(\.name).joined(separator: " "))"
          else
            \(bash(positional(command)))
          fi ;;

      """
  }

  private static func bash(_ candidates: Candidates) -> String {
    switch candidates {
    case .files: "_grandstand_files"
    case .segments: "_grandstand_segments"
    case .words(let words): "_grandstand_words \"\(words.joined(separator: " "))\""
    case .nothing: ":"
    }
  }

  // MARK: zsh

  private static func zsh(_ commands: [CommandSpecification]) -> String {
    let list = commands.map { "    \(quoted("\($0.name):\($0.summary.replacing(":", with: "\\:"))"))\n" }
      .joined()
    return """
      #compdef grandstand
      # zsh completion of grandstand: a file _grandstand in a folder of $fpath, or source <(grandstand completion zsh)
      _grandstand_segments() {
        local -a ids
        ids=(${(f)"$($grandstand_program list --ids 2>/dev/null)"})
        compadd -a ids
      }

      _grandstand() {
        local grandstand_program=$words[1]
        local -a commands
        commands=(
      \(list)  )
        if (( CURRENT == 2 )); then
          _describe command commands
          return
        fi
        shift words
        (( CURRENT-- ))
        case $words[1] in
      \(commands.map { zsh($0) }.joined())  esac
      }
      (( $+functions[compdef] )) && compdef _grandstand grandstand

      """
  }

  private static func zsh(_ command: CommandSpecification) -> String {
    let options = command.allOptions.map { option in
      let help = option.help.replacing("[", with: "\\[").replacing("]", with: "\\]").replacing(
        ":", with: "\\:")
      let value = option.value.map { ":\($0):\(zsh(candidates(option)))" } ?? ""
      return "      \(quoted("\(option.repeats ? "*" : "")\(option.name)[\(help)]\(value)")) \\\n"
    }
    let last = quoted("*:argument:\(zsh(positional(command)))")
    return "  \(command.name))\n    _arguments \\\n\(options.joined())      \(last) ;;\n"
  }

  private static func zsh(_ candidates: Candidates) -> String {
    switch candidates {
    case .files: "_files"
    case .segments: "_grandstand_segments"
    case .words(let words): "(\(words.joined(separator: " ")))"
    case .nothing: " "
    }
  }

  /// For zsh and fish, between single quotes.
  private static func quoted(_ text: String) -> String { "'" + text.replacing("'", with: "'\\''") + "'" }

  // MARK: fish

  private static func fish(_ commands: [CommandSpecification]) -> String {
    """
    # fish completion of grandstand: grandstand completion fish > ~/.config/fish/completions/grandstand.fish
    complete -c grandstand -f
    \(commands.map { "complete -c grandstand -n __fish_use_subcommand -a \($0.name) -d \(quoted($0.summary))\n" }.joined())\
    \(commands.map { fish($0) }.joined())
    """
  }

  private static func fish(_ command: CommandSpecification) -> String {
    let here = "complete -c grandstand -n '__fish_seen_subcommand_from \(command.name)'"
    let options = command.allOptions.map { option in
      let value = option.value == nil ? "" : " \(fish(candidates(option), isValue: true))"
      return "\(here) -l \(option.name.dropFirst(2))\(value) -d \(quoted(option.help))\n"
    }
    let arguments = positional(command)
    return options.joined() + (arguments == .nothing ? "" : "\(here) \(fish(arguments, isValue: false))\n")
  }

  private static func fish(_ candidates: Candidates, isValue: Bool) -> String {
    let only = isValue ? "-x " : ""
    return switch candidates {
    case .files: isValue ? "-r -F" : "-F"
    case .segments: only + "-a '(grandstand list --ids 2>/dev/null)'"
    case .words(let words): only + "-a '\(words.joined(separator: " "))'"
    case .nothing: isValue ? "-x" : ""
    }
  }
}
