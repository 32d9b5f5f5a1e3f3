import Events

extension Condition {
  /// `read at least 3 articles in section sport, in the last 30 days`
  var wording: Wording {
    if tests.count == 1, case .share(let base, let among) = tests[0].measure {
      return share(of: base, among, tests[0])
    }
    let deeds = tests.map(\.words).joined(last: "and")
    let events = filter.isNested ? "" : filter.inline(countsEvents ? " " : ", counting only events ")
    let isCompared = tests.contains { if case .trend = $0.measure { true } else { false } }
    // Two windows in a row would be taken for each other.
    let text =
      isCompared
      ? "\(window.words), \(deeds)\(events)\(oneGroup)" : "\(deeds)\(events)\(oneGroup), \(window.words)"
    return Wording(text, details: counting + ranked)
  }

  /// Whether what a filter says of events can follow at once.
  private var countsEvents: Bool {
    tests.allSatisfy { $0.measure == .events } || !filter.conjuncts.contains { $0.isOfName }
  }

  private var oneGroup: String {
    guard let same else { return "" }
    return same == .session ? ", all in one session" : ", all with the same \(same.noun)"
  }

  private var counting: [Wording] { filter.isNested ? [filter.wording.after("counting only events")] : [] }

  private var ranked: [Wording] {
    tests.compactMap { test in
      guard case .rank(_, let among?) = test.measure else { return nil }
      return Wording("ranked only among users for whom this holds", parts: [among.wording])
    }
  }

  /// `at least 40% of all articles read were in section sport`; what `among` says already is not said again.
  private func share(of base: Measure, _ among: Filter, _ test: MeasureTest) -> Wording {
    let (all, wanted) = (among.conjuncts, filter.conjuncts)
    let own = wanted.starts(with: all) ? Filter.all(Array(wanted.dropFirst(all.count))) : filter
    let quantity = test.threshold.words { test.measure.text(Int128($0)) }
    let text = "\(quantity) of all \(base.words)"
    guard own.isNested || among.isNested else {
      return Wording(
        "\(text)\(among.inline(" ")) \(base.verb) \(own.wording.text)\(oneGroup), \(window.words)")
    }
    return Wording(
      "\(text)\(oneGroup), \(window.words)",
      parts: [own.wording.after("the share is of events"), among.wording.after("the whole is of events")])
  }
}

extension Extreme {
  private var subject: String { "the \(which == .first ? "first" : "latest") event" }

  /// What is asked of the event, for a line of its own.
  public var words: String {
    switch test {
    case .inWindow(let window): "\(subject) was \(window.words)"
    case .matches(let filter): "\(subject) was \(filter.wording.line)"
    }
  }

  /// `the first event in section sport/cycling was in the last 7 days`
  var wording: Wording {
    let limited = window == .ever ? "" : ", of those \(window.words),"
    let isNested = filter.isNested
    var subject = subject + (isNested ? "" : filter.inline(" ")) + limited
    if !isNested, limited.isEmpty, filter.conjuncts.count > 1 { subject += "," }
    let looking = isNested ? [filter.wording.after("looking only at events")] : []
    switch test {
    case .inWindow(let window): return Wording("\(subject) was \(window.words)", details: looking)
    case .matches(let wanted) where wanted.isNested:
      return Wording("\(subject) was one", details: [wanted.wording] + looking)
    case .matches(let wanted): return Wording("\(subject) was \(wanted.wording.text)", details: looking)
    }
  }
}
