import Diagnostics
import Engine
import Rules

/// What `plan` says: what a night reads and shares, and what each segment costs alone and beside the others.
struct PlanReport {
  let planned: PlannedRun
  /// Of the segments that were asked for, with what they refer to.
  let cost: NightCost
  /// What they add to all others; nil where nothing was selected.
  let added: NightCost.Share?
  private let lines: [String]

  init(_ planned: PlannedRun) throws(Diagnostic) {
    self.planned = planned
    lines = planned.plan.lines(days: planned.snapshot.days)
    let names = planned.workspace.project.eventNames
    let reading = NightReading(planned.snapshot, names, asOf: planned.asOf)
    cost = try reading.cost(of: planned.segments)
    guard let asked = planned.asked else {
      added = nil
      return
    }
    let all = planned.compilation.segments
    added = try reading.cost(of: all, added: all.indices.filter { asked.contains(all[$0].id) }).shares[0]
  }

  // MARK: For people

  var text: String {
    var blocks = [lines.joined(separator: "\n"), reads]
    if let added { blocks.append(addition(added)) }
    if planned.segments.count > 1 { blocks.append(table) }
    return blocks.joined(separator: "\n\n") + "\n"
  }

  private var reads: String {
    "A night reads \(HumanText.bytes(cost.whole.bytes)) for events: \(HumanText.count(cost.pieces, "piece")) of "
      + "\(HumanText.count(cost.days, "day"))"
  }

  private func addition(_ added: NightCost.Share) -> String {
    let others = planned.compilation.segments.count - (planned.asked?.count ?? 0)
    guard others > 0 else { return "There are no other segments." }
    let (own, alone) = (added.own, added.alone)
    return
      "Beside the \(others == 1 ? "other segment" : "other \(HumanText.count(others, "segment"))") this adds "
      + "\(HumanText.bytes(own.bytes)) of \(HumanText.bytes(alone.bytes)), \(own.filters) of \(HumanText.count(alone.filters, "filter")), "
      + "\(own.measurements) of \(HumanText.count(alone.measurements, "measurement")) and \(own.thresholds) of "
      + "\(HumanText.count(alone.thresholds, "threshold")); the rest is needed anyway."
  }

  /// How many of the dearest and of the cheapest are shown where there are more than twice as many.
  private static let most = 5

  private var ranked: [(segment: Segment, share: NightCost.Share)] {
    zip(planned.segments, cost.shares).map { ($0, $1) }.sorted { a, b in
      (b.share.own.bytes, b.share.alone.bytes, b.share.own.measurements, a.segment.id)
        < (a.share.own.bytes, a.share.alone.bytes, a.share.own.measurements, b.segment.id)
    }
  }

  private var table: String {
    let ranked = ranked
    let isCut = ranked.count > 2 * Self.most
    var table = TextTable([
      ("segment", .left), ("reads alone", .right), ("only its own", .right), ("filters", .right),
      ("its own", .right), ("measurements", .right), ("its own", .right),
    ])
    for (segment, share) in isCut ? Array(ranked.prefix(Self.most) + ranked.suffix(Self.most)) : ranked {
      table.rows.append([
        segment.id, HumanText.bytes(share.alone.bytes), HumanText.bytes(share.own.bytes),
        "\(share.alone.filters)", "\(share.own.filters)", "\(share.alone.measurements)",
        "\(share.own.measurements)",
      ])
    }
    let heading =
      isCut
      ? "The \(Self.most) dearest and the \(Self.most) cheapest of \(HumanText.count(ranked.count, "segment")), by what nobody else needs:"
      : "Segments, dearest first, by what nobody else needs:"
    return heading + "\n" + table.text.dropLast()
  }

  // MARK: For machines

  var json: JSONValue {
    let segments = zip(planned.segments, cost.shares).map { segment, share in
      JSONValue.object([
        ("id", .text(segment.id)), ("alone", share.alone.json), ("own", share.own.json),
      ])
    }
    return .object([
      ("as_of", .text(planned.asOf.description)), ("days", .count(cost.days)),
      ("pieces", .count(cost.pieces)),
      ("night", cost.whole.json), ("segments", .list(segments)),
      (
        "added",
        added.map { .object([("alone", $0.alone.json), ("own", $0.own.json)]) } ?? .null
      ),
      ("plan", .list(lines.map { .text($0) })),
    ])
  }
}

extension NightCost.Work {
  var json: JSONValue {
    .object([
      ("bytes", .count(bytes)), ("filters", .count(filters)), ("measurements", .count(measurements)),
      ("thresholds", .count(thresholds)),
    ])
  }
}
