import Events
import Generator
import Support
import Testing

@Suite struct `The truth of the traffic` {
  /// Every good line passes Snowplow's own SDK there, else the script fails.
  @Test(
    .enabled(if: Support.python != nil, "needs Python with snowplow-analytics-sdk"), arguments: [1, 2, 3])
  func `what Snowplow's SDK reads is what the summary says`(seed: UInt64) throws {
    let python = try #require(Support.python)
    let folder = try Scratch()
    let zone = try CalendarZone(named: "Europe/Amsterdam")
    var options = try `Traffic`.options(seed: seed, zone: zone)
    options.compression = seed == 1 ? .gzip : .none
    let truth = try TrafficGenerator(options).generate(into: folder.path)
    let script = Support.packageRoot + "Tests/Oracles/traffic.py"
    let found = try Command.run("'\(python)' '\(script)' '\(folder.path)'")
    #expect(found == json(truth) + "\n")
  }

  /// The members in the order of their names, as the script prints them; it leaves zeros out where it met none.
  private func json(_ truth: GeneratedSummary) -> String {
    let members = [
      ("anonymous", truth.anonymous), ("anonymousPings", truth.anonymousPings),
      ("botsByEnrichment", truth.botsByEnrichment), ("botsByUserAgent", truth.botsByUserAgent),
      ("brokenColumns", truth.brokenColumns), ("brokenJSON", truth.brokenJSON),
      ("brokenTimes", truth.brokenTimes),
      ("clicks", truth.clicks), ("conflicts", truth.conflicts), ("duplicates", truth.duplicates),
      ("engagedSeconds", truth.engagedSeconds), ("engagedViews", truth.engagedViews), ("pings", truth.pings),
      ("purchases", truth.purchases), ("rows", truth.rows), ("sessions", truth.sessions),
      ("strayQuotes", truth.strayQuotes), ("userIDs", truth.userIDs), ("views", truth.views),
    ]
    return "{" + members.map { "\"\($0)\": \($1)" }.joined(separator: ", ") + "}"
  }
}
