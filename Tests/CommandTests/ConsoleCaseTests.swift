import Support
import Testing

/// `console` blocks of `Tests/Cases/*.md`: commands and all that they print, exit code included.
struct ConsoleCaseTests {
  @Test func `every console case prints what stands there`() throws {
    let files = Dictionary(grouping: CaseFile.all(with: "console"), by: \.file.path)
    #expect(!files.isEmpty)
    for (_, cases) in files {
      var changes: [(CaseFile.Block, String)] = []
      for (file, index) in cases {
        let test = file.cases[index]
        let folder = Support.temporaryFolder()
        for block in test.blocks {
          if let name = block.file { try Self.write(block.text, folder + "/" + name) }
        }
        for block in test.blocks where block.kind == "console" {
          let found = try Self.run(block.text, in: folder)
          if CaseFile.updates {
            changes.append((block, found))
          } else {
            #expect(found == block.text, "\(file.path): \(test.name)")
          }
        }
      }
      if CaseFile.updates { cases[0].file.rewrite(changes) }
    }
  }

  private static func write(_ text: String, _ path: String) throws {
    let folder = path.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(
      separator: "/")
    _ = try Support.run("/bin/mkdir", ["-p", folder])
    Support.write(text.utf8, to: path)
  }

  /// Runs the lines behind `$ ` one by one; speeds and ids of runs are masked.
  private static func run(_ text: String, in folder: String) throws -> String {
    var out = ""
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) where line.hasPrefix("$ ") {
      let outcome = try Program.bash(String(line.dropFirst(2)) + " 2>&1", in: folder)
      out += line + "\n" + masked(outcome.output)
      if !outcome.output.isEmpty, !outcome.output.hasSuffix("\n") { out += "\n" }
      if outcome.code != 0 { out += "[exit \(outcome.code)]\n" }
    }
    return out
  }

  private static func masked(_ text: String) -> String {
    text.replacing(#/in [0-9.]+ m?s(, [0-9,]+ a second)?/#) { _ in "in TIME" }
      .replacing(#/[0-9]{4}-[0-9]{2}-[0-9]{2}-[0-9a-f]{16}/#) { _ in "RUN" }
  }
}

struct SameBytesTests {
  @Test func `a run gives the same bytes for any threads, time zone of the machine and hour`() throws {
    let folder = Support.temporaryFolder()
    let prepare = """
      grandstand init --format csv --time-zone Europe/Brussels >/dev/null
      printf 'user_id,read_at,article_id,read_time_s\\n' > a.csv
      for i in $(seq 1 400); do printf 'u%d,2026-11-%02d 0%d:10:00,a%d,%d\\n' $((i % 17)) $((i % 20 + 1)) $((i % 9)) $((i % 7)) $i; done >> a.csv
      grandstand ingest a.csv >/dev/null
      """
    #expect(try Program.bash(prepare, in: folder).code == 0)
    var seen: Set<String> = []
    for (zone, threads) in [("UTC", 1), ("Asia/Tokyo", 2), ("America/New_York", 3)] {
      let script =
        "grandstand run --as-of 2026-11-18 --threads \(threads) --quiet && cd .grandstand/store/runs && "
        + "find . -type f ! -name timings.json | sort | xargs sha256sum && rm -r ./*"
      let outcome = try Program.bash(script, in: folder, environment: ["TZ": zone])
      #expect(outcome.code == 0)
      seen.insert(outcome.output)
    }
    #expect(seen.count == 1)
  }

  @Test func `every command has help with examples and starts at once`() throws {
    for name in [
      "init", "generate", "ingest", "load", "info", "new", "check", "preview", "fmt", "test", "describe",
      "list", "show",
      "schema", "completion", "plan", "run", "diff",
      "explain", "export",
      "verify", "compact", "vacuum",
    ] {
      let outcome = try Support.run(Program.path, [name, "--help"])
      #expect(outcome.code == 0 && outcome.output.contains("Examples:") && outcome.errors.isEmpty)
    }
  }
}
