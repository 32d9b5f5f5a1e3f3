import Support
import Testing

/// `tools/bench` compares like with like: its rules mean the same to us and to others, and a difference is found.
struct BenchmarkTests {
  private static let environment = ["PYTHONPATH": Support.packageRoot + "tools"]

  @Test func `the help needs nothing to be installed or built`() throws {
    let outcome = try Support.run(Support.packageRoot + "tools/bench", ["--help"])
    #expect(outcome.code == 0 && outcome.errors.isEmpty, "\(outcome.errors)")
    #expect(outcome.output.contains("tools/bench --quick"))
  }

  @Test(.enabled(if: Support.python != nil, "needs the Python oracles"))
  func `neutral rules have the same sizes here and in DuckDB`() throws {
    let python = try #require(Support.python)
    let work = Support.temporaryFolder()
    defer { Support.remove(work) }
    let words = [
      "agree", "--events", "20000", "--users", "667", "--rules", "200", "--peers", "duckdb",
    ]
    let places = ["--grandstand", Program.path, "--work", work]
    let outcome = try Support.run(
      python, ["-m", "benchmark"] + words + places, environment: Self.environment)
    #expect(outcome.code == 0, "\(outcome.errors)")
    #expect(outcome.output.contains("200 rules, 3,648 members"), "\(outcome.output)")
  }

  @Test(.enabled(if: Support.python != nil, "needs the Python oracles"))
  func `a size on which systems do not agree is named, also of a system that did not finish`() throws {
    let script = """
      import sys
      sys.path.insert(0, sys.argv[1])
      from benchmark.samples import Sample, Series, disagreements
      ours = Series("Grandstand", "", [Sample(1, 1, 1, {"r0": 5, "r1": 7})] * 2)
      slow = Series("DuckDB", "strings", [Sample(9, 9, 9, {"r1": 8}, "> 300 s")])
      print(*disagreements([ours, slow]), sep="\\n")
      """
    let output = try Support.runPython(script, [Support.packageRoot + "tools"])
    #expect(output == "r1: 7 users say Grandstand; 8 users say DuckDB (strings)\n")
  }
}
