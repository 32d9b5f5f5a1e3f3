import Support
import Testing

/// The built program.
enum Program {
  static let path =
    Support.environment("GRANDSTAND_BINARY") ?? Support.packageRoot + ".build/debug/grandstand"

  /// Runs a script of bash in which `grandstand` is the program.
  static func bash(_ script: String, in folder: String, environment: [String: String] = [:]) throws
    -> ProcessOutcome
  {
    let whole = "grandstand() { \"\(path)\" \"$@\"; }\n" + script
    return try Support.run("/bin/bash", ["-c", whole], folder: folder, environment: environment)
  }
}

/// The README cannot rot: every command of its tutorial is run, in order, in an empty folder.
struct ReadmeTests {
  private static let readme = String(decoding: Support.read(Support.packageRoot + "README.md"), as: UTF8.self)

  /// The fenced blocks of a kind.
  private static func blocks(_ kind: String) -> [String] {
    var blocks: [String] = []
    var open: String?
    for line in readme.split(separator: "\n", omittingEmptySubsequences: false) {
      if let text = open {
        if line == "```" {
          blocks.append(text)
          open = nil
        } else {
          open = text + line + "\n"
        }
      } else if line == "```\(kind)" {
        open = ""
      }
    }
    return blocks
  }

  @Test func `the tutorial runs as it stands`() throws {
    let folder = Support.temporaryFolder()
    let script = Self.blocks("console").map { block in
      block.split(separator: "\n", omittingEmptySubsequences: false).map {
        $0.hasPrefix("$ ") ? String($0.dropFirst(2)) : String($0)
      }
      .joined(separator: "\n")
    }.joined()
    let outcome = try Program.bash("set -e\n" + script, in: folder)
    #expect(outcome.code == 0, "\(outcome.errors)")
    #expect(outcome.output.contains("anna is in 'Formula 1 fans'"))
    #expect(outcome.output.contains("ben is not in 'Formula 1 fans'"))
    #expect(Support.read(folder + "/out/formula-1-fans.csv") == Array("user_id\nanna\n".utf8))

    // The schedule, with the tutorial's folder in place of the server's.
    let cron = try #require(Self.blocks("cron").first)
    let command = try #require(cron.split(separator: " ", maxSplits: 5).last).drop { $0 == " " }
    let night = command.replacing("/srv/audiences", with: folder).replacing(
      "/data/events", with: folder + "/reads.csv")
    let second = try Program.bash(String(night), in: folder)
    #expect(second.code == 0, "\(second.errors)")
    #expect(second.output.contains("already taken"))
  }

  @Test func `the two commands of the README are there`() {
    for block in Self.blocks("sh") {
      #expect(Support.exists(Support.packageRoot + block.split(separator: "\n")[0]))
    }
  }
}
