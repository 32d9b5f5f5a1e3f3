import Diagnostics
import Events

/// The files under `data/`: small enough to be read by people, made from the generator's world.
package enum SampleData {
  /// Monday 2 November 2026.
  private static let firstDay = Day(number: 20_759)

  /// Twelve readers on two days, about 200 lines of TSV; each file has the rows of a day.
  package static let traffic: TrafficOptions = {
    TrafficOptions(
      users: 12, days: 2, firstDay: firstDay, eventsPerUserPerDay: 7.6, seed: 2026, filesPerDay: 1,
      compression: .none)
  }()

  /// What people try first: reads as CSV, about 300 rows of 18 readers in ten days, by time.
  package static func readers() throws(Diagnostic) -> String {
    let options = TrafficOptions(
      users: 18, days: 10, firstDay: firstDay, eventsPerUserPerDay: 5.5, seed: 11, filesPerDay: 1,
      compression: .none)
    let world = try TrafficGenerator(options).world
    var reads: [(time: Int64, line: String)] = []
    var itinerary = Itinerary(world)
    for number in 0..<options.users {
      let reader = Reader(number, world)
      guard reader.kind == .person else { continue }
      for day in 0..<options.days {
        itinerary.plan(reader, day: day)
        for view in itinerary.events where view.kind == .view && view.article < PlannedEvent.noPage {
          reads.append((view.time, line(view, itinerary.events, world)))
        }
      }
    }
    reads.sort { ($0.time, $0.line) < ($1.time, $1.line) }
    return "user_id,read_at,article_id,section,brand,device,read_time_s,scroll_pct\n"
      + reads.map(\.line).joined()
  }

  private static func line(_ view: PlannedEvent, _ events: [PlannedEvent], _ world: World) -> String {
    let pings = events.filter { $0.view == view.view && $0.kind == .ping }
    let name = Vocabulary.firstNames[Int(view.user) % Vocabulary.firstNames.count]
    let section = Vocabulary.sections[Int(world.articles.all[Int(view.article)].section)].name
    let kind = Vocabulary.devices[Int(view.device)].kind
    let seconds = (pings.last.map { $0.time - view.time } ?? 3000) / 1000
    let columns: [String] = [
      name, String(Milliseconds(view.time).text.prefix(19)).split(separator: "T").joined(separator: " "),
      "a\(100_000 + view.article)", section, Vocabulary.brands[Int(view.brand)].name, kind, "\(seconds)",
      pings.last.map { "\($0.scroll)" } ?? "",
    ]
    return columns.joined(separator: ",") + "\n"
  }
}
