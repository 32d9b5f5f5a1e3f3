import Support
import Testing

struct NewTests {
  private static let project = """
    mkdir -p segments
    echo 'sources: {web: {format: csv, files: ["*.csv"], user: u, time: t}}
    events: {view: "seen: it", click: "no"}' > grandstand.yaml

    """

  @Test func `every kind, with a section or without, for short windows and long, passes check and test`()
    throws
  {
    var script = Self.project
    for kind in ["readers", "loyal", "new", "lapsed", "clickers", "sequence"] {
      for days in [1, 2, 30, 365] {
        script +=
          "grandstand new \(kind)-\(days) --purpose ads --kind \(kind) --window \(days)d --quiet || echo failed\n"
        script +=
          "grandstand new \(kind)-\(days)-s --purpose analytics --kind \(kind) --window \(days) --section 'sport/a b*' --quiet || echo failed\n"
      }
    }
    script += "grandstand fmt --check; grandstand check --json | grep -v L7; grandstand test"
    let outcome = try Program.bash(script, in: Support.temporaryFolder())
    #expect(
      outcome.output == "48 segment files: 48 as they should be\n120 tests: all pass\n"
        && outcome.errors.isEmpty, "\(outcome.output)\(outcome.errors)")
  }

  @Test(.enabled(if: Support.python != nil, "needs Python for a pseudo terminal"))
  func `on a terminal it asks, and asks again where an answer does not do`() throws {
    let folder = Support.temporaryFolder()
    _ = try Program.bash(Self.project, in: folder)
    let answers =
      "\\nTennis fans\\n\\nsport-ads\\nadverts\\nads\\nlapsd\\nlapsed\\nsport/tennis\\nlong\\n2 weeks\\n"
    let script = """
      import os, pty, sys, select
      pid, terminal = pty.fork()
      if pid == 0:
          os.chdir(sys.argv[2]); os.environ['TERM'] = 'xterm'
          os.execv(sys.argv[1], [sys.argv[1], 'new'] + sys.argv[4:])
      os.write(terminal, sys.argv[3].encode().decode('unicode_escape').encode())
      out = b''
      while True:
          try: piece = os.read(terminal, 4096)
          except OSError: break
          if not piece: break
          out += piece
      print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), out.decode().replace('\\r', ''))
      """
    let output = try Support.runPython(script, [Program.path, folder, answers])
    #expect(output.hasPrefix("0 ") && output.contains("made segments/tennis-fans.yaml"), "\(output)")
    for words in [
      "Something has to be said", "not 'adverts'", "did you mean 'lapsed'?", "not 'long'", "[tennis-fans]",
      "came before, and no more",
    ] {
      #expect(output.contains(words), "\(words) in \(output)")
    }
    let text = String(decoding: Support.read(folder + "/segments/tennis-fans.yaml"), as: UTF8.self)
    #expect(
      text.contains("latest: before last 14d") && text.contains("owner: sport-ads")
        && text.contains("section: sport/tennis"))
    // End of input half-way: nothing is written.
    let broken = try Support.runPython(script, [Program.path, folder, "Other\\n\\x04\\x04"])
    #expect(broken.hasPrefix("2 ") && broken.contains("nothing is written"), "\(broken)")
    #expect(Support.names(in: folder + "/segments") == ["tennis-fans.yaml"])
    // What is said by options is not asked.
    let short = try Support.runPython(
      script,
      [
        Program.path, folder, "\\n", "clicks", "--name", "Clicks", "--purpose", "ads", "--kind", "clickers",
        "--section", "news", "--window", "7d",
      ])
    #expect(
      short.hasPrefix("0 ") && short.contains("Which team") && !short.contains("Which kind"), "\(short)")
  }
}
