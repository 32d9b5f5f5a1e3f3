import Events

extension Measure {
  /// What is measured: `articles read`.
  public var words: String {
    switch self {
    case .views: "page views"
    case .clicks: "clicks"
    case .events: "events"
    case .reads: "articles read"
    case .dwell: "time spent"
    case .days: "active days"
    case .sessions: "sessions"
    case .sum(let field): "total \(field.noun)"
    case .distinct: deed.many
    case .streak: "active days in a row"
    case .max(let field): "largest \(field.noun)"
    case .min(let field): "smallest \(field.noun)"
    case .share(let base, let among): "all \(base.words)" + among.inline(" ")
    case .per(let base, let unit): "\(base.words) per \(unit.unitWord)"
    case .trend(let base, let against): "\(base.words) \(against.words)"
    case .rank(let base, _): base.words
    }
  }

  /// Behind "all articles read".
  var verb: String {
    switch self {
    case .dwell, .sum: "was"
    default: "were"
    }
  }

  private static func elements(_ field: Field, _ elements: Match?) -> String {
    field.noun + (elements.map { " among \($0.values(field))" } ?? "")
  }

  /// What one of it is called behind "per".
  private var unitWord: String {
    switch self {
    case .views: "page view"
    case .reads: "article read"
    case .clicks: "click"
    case .events: "event"
    case .days: "active day"
    case .sessions: "session"
    default: words
    }
  }

  /// A measured value; nil is absent.
  public func text(_ value: Int128?) -> String {
    guard let value else { return "unknown" }
    let number = Int64(clamping: value)
    switch self {
    case .share:
      return DecimalText.text(millionths: number.multipliedReportingOverflow(by: 100).partialValue) + "%"
    case .trend: return DecimalText.text(millionths: number) + " times"
    default: break
    }
    return switch unit {
    case .milliseconds: DurationText.text(milliseconds: number)
    case .millionths: DecimalText.text(millionths: number)
    case .count: CountText.text(value)
    }
  }

  /// What users do of it: `read … articles`.
  fileprivate var deed: (verb: String, one: String, many: String) {
    switch self {
    case .views: ("had", "page view", "page views")
    case .clicks: ("clicked", "time", "times")
    case .events: ("had", "event", "events")
    case .reads: ("read", "article", "articles")
    case .dwell: ("spent", "", "")
    case .days: ("was active on", "day", "days")
    case .sessions: ("had", "session", "sessions")
    case .streak: ("was active on", "day in a row", "days in a row")
    case .distinct(let field, let elements):
      (
        "had", "value of \(Self.elements(field, elements))",
        "different values of \(Self.elements(field, elements))"
      )
    default: ("had a \(words) of", "", "")
    }
  }
}

extension MeasureTest {
  /// What is asked: `read at least 3 articles`.
  public var words: String {
    let quantity = threshold.words { measure.text(Int128($0)) }
    switch measure {
    case .share: return "had \(quantity) of \(measure.words)"
    case .trend: return "had per day \(quantity) the \(measure.words)"
    case .rank: return "is \(quantity) by \(measure.words)"
    case .per(let base, _):
      let unit = measure.words.dropFirst(base.words.count)
      let (verb, _, many) = base.deed
      return "\(verb) on average \(quantity)\(many.isEmpty ? "" : " " + many)\(unit)"
    default: return plain
    }
  }

  private var plain: String {
    let (verb, one, many) = measure.deed
    switch (measure, threshold) {
    case (.clicks, .any): return "clicked"
    case (.clicks, .none): return "did not click"
    case (.dwell, .any): return "spent any time"
    case (.dwell, .none): return "spent no time"
    default: break
    }
    return many.isEmpty
      ? "\(verb) \(threshold.words { measure.text(Int128($0)) })" : "\(verb) \(threshold.words(one, many))"
  }
}
