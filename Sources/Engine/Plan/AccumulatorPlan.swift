import Events
import Rules

/// The measurements that are kept as planes: one small number a user, added to row by row.
///
/// An accumulator runs from the newest day back. Windows of one filter that end on the same day share it: on its way each of
/// them reads what it shows after the window's first day. What a threshold asks is compared there and then with
/// the whole plane; only ratios, ranks and explanations take the numbers themselves.
struct AccumulatorPlan: Sendable {
  /// What is added up over the rows of a filter on days up to `last`.
  struct Accumulator: Sendable, Hashable {
    var kind: Kind
    var filter: Int
    var last: Day
  }

  enum Kind: Sendable, Hashable {
    case count
    case days
    /// Rows of unknown dwell add nothing, so no threshold may hold for 0.
    case dwell
    /// Different values of a text field, in the codes that all parts share.
    case distinct(Field)
  }

  /// How wide a number is: counts that are compared with small numbers stop at 255.
  enum Width: Sendable, Hashable { case narrow, wide }

  /// Where the rows of a pass come from.
  enum Rows: Sendable, Hashable {
    /// Those of some event names (nil: all), each sent to the planes by the code of a field.
    case routed(event: Match?, Field)
    /// Those of some event names.
    case named(event: Match?)
    /// Those of any other filter, found one by one.
    case selected(EvaluationPlan.BoundFilter)

    /// Of rows that are not selected; nil: of all names.
    var event: Match? {
      switch self {
      case .routed(let event, _), .named(let event): event
      case .selected: nil
      }
    }

    var eventNames: EventNameTest {
      if case .selected(let filter) = self { return filter.filter.eventNames }
      return EventNameTest(event)
    }
  }

  /// One walk over rows that adds to planes of one kind.
  struct Pass: Sendable, Hashable {
    var rows: Rows
    var kind: Kind
    var width: Width
    /// Of a count of distinct values: which set tells the first row of a user and value, where rows of one value all go to
    /// the same planes; nil: each plane finds its own.
    var firsts: Int?
    /// Which accumulators; exactly one unless the rows are routed.
    var members: [Member]
    /// The same for equal passes, on whatever day.
    var number = 0
  }

  struct Member: Sendable, Hashable {
    /// Row of its plane among those of its width, from 1: row 0 takes what belongs nowhere.
    var plane: Int
    /// Of a routed pass: the test of the field.
    var match: Match?
  }

  /// A gauge that is read off a plane.
  struct Reading: Sendable {
    var gauge: Int
    var plane: Int
    var width: Width
    var kind: Kind
    var tests: [(index: Int, range: ClosedRange<Int64>)]
    /// Somebody needs the numbers.
    var keepsValues: Bool
  }

  /// Pairs of a user and a value of a field that were met, among the rows of an event on days up to the last.
  struct FirstSet: Sendable, Hashable {
    var event: Match?
    var field: Field
    var last: Day
  }

  /// How many sets of pairs there are.
  var firstSetCount: Int { firstSets.count }
  private var firstSets: [FirstSet: Int] = [:]
  /// By number of days done, from 0: what is read before the next one.
  private(set) var readings: [[Reading]]
  /// By day.
  private(set) var passes: [[Pass]]
  private(set) var planes: [Width: Int] = [.narrow: 1, .wide: 1]
  /// Gauges that are none of these: their states are kept one by one.
  private(set) var others: Set<Int>

  /// - Parameters:
  ///   - days: of the source, newest first.
  ///   - users: the most that a bucket has.
  ///   - keepsValues: of all gauges, for explaining.
  ///   - determines: whether, among rows of an event, all rows of one value of a field have the same value of another.
  init(
    _ plan: EvaluationPlan, _ scope: ScanScope, days: [Day], users: Int, keepsValues: Bool,
    determines: (_ event: Match?, _ field: Field, _ other: Field) -> Bool
  ) {
    let needs = Needs(plan, scope, keepsValues: keepsValues)
    readings = Array(repeating: [], count: days.count + 1)
    passes = Array(repeating: [], count: days.count)
    others = scope.gauges
    var windows: [Accumulator: [Int]] = [:]
    for gauge in scope.gauges.sorted() {
      guard let accumulator = needs.accumulator(gauge) else { continue }
      windows[accumulator, default: []].append(gauge)
      others.remove(gauge)
    }
    let ordered = windows.sorted { $0.value[0] < $1.value[0] }
    for (accumulator, gauges) in ordered {
      let width: Width = gauges.allSatisfy { needs.isNarrow($0, accumulator.kind) } ? .narrow : .wide
      let plane = planes[width] ?? 1
      guard plane < Self.mostPlanes(users) else {
        others.formUnion(gauges)
        continue
      }
      planes[width] = plane + 1
      for gauge in gauges {
        let span = plan.gauges[gauge].span
        let done = days.count { day in span.first.map { day >= $0 } ?? true }
        readings[done].append(
          Reading(
            gauge: gauge, plane: plane, width: width, kind: accumulator.kind,
            tests: needs.thresholds[gauge] ?? [],
            keepsValues: needs.values.contains(gauge)))
      }
      let starts = gauges.map { plan.gauges[$0].span.first }
      let first = starts.contains(nil) ? nil : starts.compactMap { $0 }.min()
      let (rows, match) = Self.rows(of: accumulator.filter, plan)
      let firsts = firstSet(accumulator, rows, determines)
      for (index, day) in days.enumerated() where day <= accumulator.last && first.map({ day >= $0 }) ?? true
      {
        add(
          Member(plane: plane, match: match),
          Pass(rows: rows, kind: accumulator.kind, width: width, firsts: firsts, members: []), index)
      }
    }
    numberPasses()
  }

  private mutating func firstSet(
    _ accumulator: Accumulator, _ rows: Rows, _ determines: (Match?, Field, Field) -> Bool
  ) -> Int? {
    guard case .distinct(let field) = accumulator.kind else { return nil }
    let set: FirstSet
    switch rows {
    case .named(let event): set = FirstSet(event: event, field: field, last: accumulator.last)
    case .routed(let event, let other) where determines(event, field, other):
      set = FirstSet(event: event, field: field, last: accumulator.last)
    case .routed, .selected: return nil
    }
    let number = firstSets[set] ?? firstSets.count
    firstSets[set] = number
    return number
  }

  /// Routes keep a plane in 16 bits, and pairs a cell in 32.
  private static func mostPlanes(_ users: Int) -> Int {
    min(Int(UInt16.max), Int(UInt32.max) / (users + Accumulators.padding))
  }

  /// So that what is made for a pass is found again without comparing its members.
  private mutating func numberPasses() {
    var numbers: [Pass: Int] = [:]
    for day in passes.indices {
      for index in passes[day].indices {
        let pass = passes[day][index]
        let number = numbers[pass] ?? numbers.count
        numbers[pass] = number
        passes[day][index].number = number
      }
    }
  }

  private mutating func add(_ member: Member, _ pass: Pass, _ day: Int) {
    if case .routed = pass.rows,
      let known = passes[day].firstIndex(where: {
        $0.rows == pass.rows && $0.kind == pass.kind && $0.width == pass.width
          && $0.firsts == pass.firsts
      })
    {
      passes[day][known].members.append(member)
    } else {
      var pass = pass
      pass.members = [member]
      passes[day].append(pass)
    }
  }

  /// A filter of an event name and one value is routed; most are such.
  private static func rows(of index: Int, _ plan: EvaluationPlan) -> (Rows, Match?) {
    let bound = plan.filters[index]
    let parts: [Filter] = if case .all(let parts) = bound.filter { parts } else { [bound.filter] }
    var event: Match?
    var value: (field: Field, match: Match)?
    for part in parts where part != .always {
      guard case .field(let field, let match) = part, bound.tables == nil else {
        return (.selected(bound), nil)
      }
      if field == .event, event == nil {
        event = match
      } else if value == nil, match.isRoutable(field) {
        value = (field, match)
      } else {
        return (.selected(bound), nil)
      }
    }
    guard let value else { return (.named(event: event), nil) }
    return (.routed(event: event, value.field), value.match)
  }

  // MARK: What is asked of gauges

  private struct Needs {
    let plan: EvaluationPlan
    /// By gauge.
    var thresholds: [Int: [(index: Int, range: ClosedRange<Int64>)]] = [:]
    /// Gauges whose numbers somebody needs.
    var values: Set<Int> = []

    init(_ plan: EvaluationPlan, _ scope: ScanScope, keepsValues: Bool) {
      self.plan = plan
      // Values that are ranked are needed where no test asks for them, too.
      values = keepsValues ? scope.gauges : Set(plan.rankings.flatMap { $0.value.gauges })
      for index in scope.tests.sorted() {
        let test = plan.tests[index]
        if case .threshold(let threshold) = test.kind, case .gauge(let gauge) = test.value {
          thresholds[gauge, default: []].append((index, threshold.range))
        } else {
          values.formUnion(test.value.gauges)
        }
      }
    }

    /// nil where it cannot be a plane.
    func accumulator(_ index: Int) -> Accumulator? {
      let gauge = plan.gauges[index]
      guard gauge.span.from == nil, let kind = kind(gauge, index) else { return nil }
      return Accumulator(kind: kind, filter: gauge.filter, last: gauge.span.last)
    }

    private func kind(_ gauge: EvaluationPlan.Gauge, _ index: Int) -> Kind? {
      switch gauge.kind {
      case .count: return .count
      case .days: return .days
      case .dwell:
        // Unknown is not 0, which a plane cannot say; and it stops at 49 days.
        let ranges = (thresholds[index] ?? []).map(\.range)
        let fits = ranges.allSatisfy {
          $0.lowerBound > 0 && $0.lowerBound < Int64(UInt32.max)
            && $0.upperBound.fits(below: Int64(UInt32.max))
        }
        return fits && !values.contains(index) ? .dwell : nil
      case .distinct(let field, nil) where field.kind == .text && !field.isOfArticle: return .distinct(field)
      case .distinct, .streak, .sum, .largest, .smallest, .extreme: return nil
      }
    }

    /// Whether no threshold can tell 255 from more.
    func isNarrow(_ gauge: Int, _ kind: Kind) -> Bool {
      if kind == .dwell || kind == .days || values.contains(gauge) { return false }
      return (thresholds[gauge] ?? []).allSatisfy {
        $0.range.lowerBound < 255 && $0.range.upperBound.fits(below: 255)
      }
    }
  }
}

extension Int64 {
  /// Below a limit, or no limit at all.
  fileprivate func fits(below limit: Int64) -> Bool { self < limit || self == .max }
}

extension Match {
  /// Whether a code of the field's dictionary decides it; of a list, any one element.
  fileprivate func isRoutable(_ field: Field) -> Bool {
    guard !field.isOfArticle, lists.isEmpty else { return false }
    switch field.kind {
    case .text: return true
    case .textList: return isAnyText
    default: return false
    }
  }

  private var isAnyText: Bool {
    switch self {
    case .text: true
    case .anyOf(let matches): matches.allSatisfy(\.isAnyText)
    default: false
    }
  }
}
