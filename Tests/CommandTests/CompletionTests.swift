import Support
import Testing

struct CompletionTests {
  /// A project with three segments, and the program on the path.
  private static let setup = """
    mkdir -p segments bin && ln -s '\(Program.path)' bin/grandstand && PATH=$PWD/bin:$PATH && unset -f grandstand
    echo 'sources: {web: {format: csv, files: ["*.csv"], user: u, time: t}}' > grandstand.yaml
    for id in sport sport-fans news; do echo '{name: x, purpose: ads, who: everyone}' > segments/$id.yaml; done
    touch events.csv

    """

  private func bash(_ words: String...) throws -> [String] {
    let script =
      Self.setup
        + """
        source <(grandstand completion bash)
        COMP_WORDS=(\(words.map { "'\($0)'" }.joined(separator: " "))); COMP_CWORD=\(words.count - 1)
        _grandstand; printf '%s\\n' "${COMPREPLY[@]}"
        """
    let outcome = try Program.bash(script, in: Support.temporaryFolder())
    #expect(outcome.code == 0 && outcome.errors.isEmpty, "\(outcome.errors)")
    return outcome.output.split(separator: "\n").map(String.init)
  }

  @Test func `bash completes commands, options, their values, segments and files`() throws {
    #expect(try bash("grandstand", "ex") == ["explain", "export"])
    #expect(try bash("grandstand", "help", "ini") == ["init"])
    #expect(try bash("grandstand", "check", "--w") == ["--watch"])
    #expect(try bash("grandstand", "check", "--format", "s") == ["sarif"])
    #expect(try bash("grandstand", "run", "--select", "sp") == ["sport", "sport-fans"])
    #expect(try bash("grandstand", "explain", "n") == ["news"])
    #expect(try bash("grandstand", "show", "") == ["news", "sport", "sport-fans"])
    #expect(try bash("grandstand", "ingest", "ev") == ["events.csv"])
    #expect(try bash("grandstand", "completion", "") == ["bash", "zsh", "fish"])
    #expect(try bash("grandstand", "info", "") == [])
    #expect(try bash("grandstand", "nothing", "") == [])
  }

  @Test(.enabled(if: Support.exists("/usr/bin/fish"), "needs fish"))
  func `fish completes the same`() throws {
    func complete(_ line: String) throws -> [String] {
      let script =
        Self.setup
        + "grandstand completion fish > c.fish; fish --no-config -c 'source c.fish; complete -C \"\(line)\"'"
      let outcome = try Program.bash(script, in: Support.temporaryFolder())
      #expect(outcome.code == 0 && outcome.errors.isEmpty, "\(outcome.errors)")
      return outcome.output.split(separator: "\n").map { String($0.prefix { $0 != "\t" }) }.sorted()
    }
    #expect(try complete("grandstand ex") == ["explain", "export"])
    #expect(try complete("grandstand check --w") == ["--watch"])
    #expect(try complete("grandstand check --format s") == ["sarif"])
    #expect(try complete("grandstand run --select sp") == ["sport", "sport-fans"])
    #expect(try complete("grandstand show ") == ["news", "sport", "sport-fans"])
    #expect(try complete("grandstand ingest ev") == ["events.csv"])
  }

  @Test(.enabled(if: Support.exists("/usr/bin/zsh"), "needs zsh"))
  func `zsh completes the same`() throws {
    // A shell on a pseudo terminal of zsh's own, in which tab is pressed.
    func complete(_ line: String) throws -> String {
      let script =
        Self.setup
          + """
          grandstand completion zsh > _grandstand && zsh -n _grandstand
          zsh -fc 'zmodload zsh/zpty; zpty z zsh -f
            zpty -w z "PS1=; unsetopt zle_bracketed_paste; autoload -U compinit; compinit -u -D; source _grandstand; zstyle \\":completion:*\\" list-separator =; setopt no_auto_menu; LISTMAX=0; echo REA\\"\\"DY"
            zpty -r -m z out "*READY*"
            zpty -w -n z "\(line)"$'"'"'\\t'"'"'; sleep 1
            while zpty -r -t z out; do print -rn -- "$out"; done; zpty -d z'
          """
      return try Program.bash(script, in: Support.temporaryFolder(), environment: ["TERM": "xterm"]).output
    }
    #expect(try complete("grandstand show new").contains("grandstand show news"))
    #expect(try complete("grandstand check --format sa").contains("--format sarif"))
    #expect(try complete("grandstand compl").contains("grandstand completion"))
    let segments = try complete("grandstand run --select sport")
    #expect(segments.contains("sport-fans"), "\(segments)")
  }
}
