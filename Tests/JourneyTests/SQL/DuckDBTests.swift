import Bitmaps
import Diagnostics
import Engine
import Events
import Rules
import Store
import Support
import Testing

/// The whole way on real files: JSON lines are ingested, rules run on the store, and DuckDB says who the members are
/// from the store's own Arrow files.
@Suite(.enabled(if: Support.python != nil, "needs the Python oracles"))
struct DuckDBTests {
  /// Stores of 60 rules; the shares run side by side.
  @Test(arguments: 0..<2)
  func `DuckDB computes the same members from the store's Arrow files`(share: Int) throws {
    let stores = max(1, Support.cases(2000) / 400)
    for store in stride(from: share, to: stores, by: 2) { try check(seed: UInt64(store + 1), rules: 60) }
  }

  private func check(seed: UInt64, rules: Int) throws {
    let asOf = try #require(Day(NaiveOracleTests.days[Int(seed) % NaiveOracleTests.days.count]))
    let zone = NaiveOracleTests.zones[Int(seed) % NaiveOracleTests.zones.count]
    let world = try SampleWorld(seed: seed &+ 1000, zone: zone, asOf: asOf.advanced(by: 1), events: 500)
    let stored = try StoredWorld(world)
    var generator = RandomRules(seed: seed &* 31 &+ 5, asOf: asOf, sequenceEvents: SQLSequence.limit)
    let segments = generator.segments(rules)
    if try isSame(segments, stored, asOf, world.zone, seed: seed) { Support.remove(stored.folder) }
  }

  private func isSame(
    _ segments: [Segment], _ stored: StoredWorld, _ asOf: Day, _ zone: CalendarZone, seed: UInt64
  ) throws -> Bool {
    let (snapshot, folder) = (try stored.store.snapshot(), stored.folder)
    let plan = EvaluationPlan(segments, eventNames: .init(), asOf: asOf, zone: zone)
    let evaluation = try Evaluator(plan, snapshot).run(Workers(threads: 2))
    let oracle = SQLOracle(segments)
    for segment in segments { _ = oracle.outcome(segment.id, asOf) }
    Support.write(oracle.statements.joined(separator: "\n").utf8, to: folder + "/statements")
    let names = try UserNames(snapshot)
    func ids(_ membership: Membership) -> String { names.of(membership).joined(separator: ",") }
    var found: [(segment: Segment, line: String)] = []
    var wanted = ""
    for (index, segment) in segments.enumerated() {
      found.append((segment, "\(segment.id) members:\(ids(evaluation.members[index]))"))
      var parts = ["members"]
      for (name, set) in evaluation.parts[index] {
        parts.append(name == "holdout" ? name : "arm_\(name)")
        found.append((segment, "\(segment.id) \(parts[parts.count - 1]):\(ids(set))"))
      }
      wanted += "\(segment.id) \(parts.joined(separator: ","))\n"
    }
    let output = try Support.run(
      Support.python ?? "",
      [
        Support.packageRoot + "Tests/Oracles/members.py", stored.project.store, folder + "/statements",
        asOf.description,
      ],
      input: Array(wanted.utf8))
    let expected = output.output.split(separator: "\n").map(String.init)
    guard output.code == 0, expected.count == found.count else {
      Issue.record("seed \(seed), \(folder): \(output.errors)")
      return false
    }
    for (engine, sql) in zip(found, expected) where engine.line != sql {
      Issue.record(
        "seed \(seed), \(folder): engine \(engine.line)\nDuckDB \(sql)\n\(engine.segment.root.wording.line)\n\(engine.segment.root)\n\(engine.segment.after)"
      )
    }
    return zip(found, expected).allSatisfy { $0.line == $1 }
  }
}
