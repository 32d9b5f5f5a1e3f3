#if canImport(Glibc)
  import Glibc
#endif
import Diagnostics
import Engine
import Events
import Rules
import Store

/// A preview for a person and for machines.
struct PreviewReport {
  private let preview: Preview
  private let proposals: [Proposal]
  private let target: Int?
  private let cost: Cost

  /// A value for one number of the rule.
  private struct Proposal {
    var number: RuleNumber
    var point: Preview.Curve.Point
  }

  /// Of a night, judged by the sample.
  private struct Cost {
    var bytes: Int
    /// Of those, what no other segment reads.
    var added: Int
    /// Of one core.
    var seconds: Double
    var days: Int
  }

  init(
    _ previewer: Previewer, _ segment: Segment, _ others: [Segment], _ snapshot: Snapshot,
    _ eventNames: EventNames, _ target: Int?
  ) throws(Diagnostic) {
    let start = Self.processorSeconds
    var preview = try previewer.reach()
    let took = Self.processorSeconds - start
    preview.curves = try previewer.curves()
    preview.overlaps = try previewer.overlaps()
    if let target {
      let closest = try previewer.closest(to: target)
      proposals = zip(preview.curves, closest).compactMap { curve, point in
        point.flatMap { $0.value == curve.number.value ? nil : Proposal(number: curve.number, point: $0) }
      }.sorted { abs($0.point.reach.users - target) < abs($1.point.reach.users - target) }
    } else {
      proposals = []
    }
    self.preview = preview
    self.target = target
    cost = try Self.cost(preview, others, snapshot, eventNames, took)
  }

  private static func cost(
    _ preview: Preview, _ others: [Segment], _ snapshot: Snapshot, _ eventNames: EventNames, _ took: Double
  ) throws(Diagnostic) -> Cost {
    let reading = NightReading(snapshot, eventNames, asOf: preview.asOf)
    let alone = try reading.cost(of: others.closure(of: preview.segment.references) + [preview.segment])
    let beside = try reading.cost(of: others + [preview.segment], added: [others.count])
    return Cost(
      bytes: alone.whole.bytes, added: beside.shares[0].own.bytes,
      seconds: took * Double(preview.sample.population) / Double(max(1, preview.sample.users)),
      days: alone.days)
  }

  /// Of all threads of this process.
  private static var processorSeconds: Double {
    var time = timespec()
    unsafe clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }

  // MARK: For people

  var text: String {
    [heading, conditions, curves, targets, overlaps, night].filter { !$0.isEmpty }.joined(separator: "\n")
  }

  private var heading: String {
    let sample = preview.sample
    let reach = preview.reach
    let universe = HumanText.count(Self.rounded(preview.universe))
    let share = HumanText.share(reach.users, of: max(1, preview.universe.users))
    let basis =
      sample.isEverything
      ? "all \(HumanText.count(sample.population, "user"))"
      : "\(HumanText.count(sample.users)) of \(HumanText.count(sample.population)) users"
    return """
      \(preview.segment.name) (\(preview.segment.id)) as of \(preview.asOf)
        \(reach.isExact ? "" : "about ")\(Self.words(reach)) users\(Self.range(reach)), \(share) of \(universe) · looked at \(basis)

      """
  }

  private var conditions: String {
    var table = TextTable([
      ("conditions", .left), ("alone", .right), ("", .right), ("with those above", .right),
    ])
    for part in preview.conditions {
      table.rows.append([
        String(repeating: "  ", count: part.depth) + part.words, Self.words(part.alone),
        HumanText.share(part.alone.users, of: max(1, preview.universe.users)),
        part.together.map { Self.words($0) } ?? "",
      ])
    }
    return table.text
  }

  private var curves: String {
    guard !preview.curves.isEmpty else { return "" }
    var lines = ["other numbers would reach"]
    for curve in preview.curves {
      lines.append("  " + Self.place(curve.number) + curve.number.label)
      let points = curve.points.map { point in
        let text = "\(curve.number.text(point.value)): \(Self.words(point.reach))"
        return point.value == curve.number.value ? "[\(text)]" : text
      }
      lines += Self.wrapped(points, indent: "      ")
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private var targets: String {
    guard let target else { return "" }
    let near = proposals.filter { abs($0.point.reach.users - target) * 4 <= target }
    guard !near.isEmpty else {
      return """
        no single number brings it near \(HumanText.count(target)) users
          change what is asked for, or several numbers

        """
    }
    var lines = ["for about \(HumanText.count(target)) users, one of"]
    for proposal in near.prefix(5) {
      let (number, reach) = (proposal.number, proposal.point.reach)
      lines.append(
        "  \(Self.place(number))\(number.label.replacing("…", with: number.text(proposal.point.value)))"
          + " instead of \(number.text(number.value)): \(Self.words(reach))\(Self.range(reach))")
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private var overlaps: String {
    guard !preview.overlaps.isEmpty else { return "" }
    var table = TextTable([
      ("overlap", .left), ("users in both", .right), ("of these", .right), ("of those", .right),
    ])
    for overlap in preview.overlaps {
      table.rows.append([
        overlap.id, Self.words(overlap.both), HumanText.share(overlap.both.users, of: preview.reach.users),
        HumanText.share(overlap.both.users, of: overlap.other.users),
      ])
    }
    return table.text
  }

  private var night: String {
    "a night: \(HumanText.bytes(cost.bytes)) of \(HumanText.count(cost.days, "day")), of which \(HumanText.bytes(cost.added))"
      + " no other segment reads; at most about \(HumanText.duration(seconds: cost.seconds)) of one core alone\n"
  }

  private static func place(_ number: RuleNumber) -> String {
    number.place.map { "line \($0.line): " } ?? ""
  }

  private static func words(_ reach: ReachEstimate) -> String { HumanText.count(rounded(reach)) }

  private static func range(_ reach: ReachEstimate) -> String {
    reach.isExact ? "" : " (\(HumanText.count(reach.low)) to \(HumanText.count(reach.high)))"
  }

  /// To three digits: the others say nothing.
  private static func rounded(_ reach: ReachEstimate) -> Int {
    guard !reach.isExact else { return reach.users }
    var scale = 1
    while reach.users / scale >= 1000 { scale *= 10 }
    return (reach.users + scale / 2) / scale * scale
  }

  private static func wrapped(_ words: [String], indent: String) -> [String] {
    var lines: [String] = []
    var line = ""
    for word in words {
      if !line.isEmpty, line.count + word.count > 100 {
        lines.append(indent + line)
        line = ""
      }
      line += (line.isEmpty ? "" : "  ") + word
    }
    return lines + [indent + line]
  }

  // MARK: For machines

  var json: JSONValue {
    .object([
      ("segment", .text(preview.segment.id)), ("name", .text(preview.segment.name)),
      ("as_of", .text(preview.asOf.description)),
      (
        "sample",
        .object([
          ("buckets", .count(preview.sample.buckets.count)), ("users", .count(preview.sample.users)),
          ("population", .count(preview.sample.population)), ("rows", .count(preview.rows)),
        ])
      ),
      ("universe", Self.json(preview.universe)), ("reach", Self.json(preview.reach)),
      (
        "conditions",
        .list(
          preview.conditions.map {
            .object([
              ("words", .text($0.words)), ("depth", .count($0.depth)), ("alone", Self.json($0.alone)),
              ("together", $0.together.map { Self.json($0) } ?? .null),
            ])
          })
      ),
      ("curves", .list(preview.curves.map { Self.json($0) })),
      ("target", target.map { .count($0) } ?? .null),
      (
        "proposals",
        .list(
          proposals.map {
            .object(
              Self.fields($0.number) + [
                ("proposed", .text($0.number.text($0.point.value))), ("reach", Self.json($0.point.reach)),
              ])
          })
      ),
      (
        "overlaps",
        .list(
          preview.overlaps.map {
            .object([
              ("segment", .text($0.id)), ("both", Self.json($0.both)), ("other", Self.json($0.other)),
            ])
          })
      ),
      (
        "night",
        .object([
          ("bytes", .count(cost.bytes)), ("added_bytes", .count(cost.added)), ("days", .count(cost.days)),
          ("core_milliseconds", .count(Int(cost.seconds * 1000))),
        ])
      ),
    ])
  }

  private static func json(_ reach: ReachEstimate) -> JSONValue {
    .object([("users", .count(reach.users)), ("low", .count(reach.low)), ("high", .count(reach.high))])
  }

  private static func json(_ curve: Preview.Curve) -> JSONValue {
    .object(
      fields(curve.number) + [
        (
          "points",
          .list(
            curve.points.map {
              .object([("value", .text(curve.number.text($0.value))), ("reach", json($0.reach))])
            })
        )
      ])
  }

  private static func fields(_ number: RuleNumber) -> [(String, JSONValue)] {
    [
      ("number", .text(number.label)), ("line", number.place.map { .count($0.line) } ?? .null),
      ("value", .text(number.text(number.value))),
    ]
  }
}
