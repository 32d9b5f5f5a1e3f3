import Events

extension Sequence {
  /// `these in order, in the last 14 days`, and the steps.
  var wording: Wording {
    var text = "did these in order"
    if let within { text += ", all within \(DurationText.text(milliseconds: within))" }
    if !same.isEmpty {
      text += same == [.session] ? ", all in one session" : ", all with the same \(sameNouns)"
    }
    let steps = steps.enumerated().map { $0.element.wording(isFirst: $0.offset == 0) }
    guard filter.isNested else {
      let looked = filter.inline(", looking only at events ")
      return Wording("\(text)\(looked), \(window.words)", parts: steps, isOrdered: true)
    }
    return Wording(
      "\(text), \(window.words)",
      parts: [
        filter.wording.after("looking only at events"), Wording("the steps", parts: steps, isOrdered: true),
      ])
  }

  private var sameNouns: String { same.map(\.noun).joined(last: "and") }
}

extension Sequence.Step {
  func wording(isFirst: Bool) -> Wording {
    switch self {
    case .events(let step): step.wording(isFirst: isFirst)
    case .absent(let filter, let within):
      filter.isNested
        ? filter.wording.after("for \(DurationText.text(milliseconds: within)) after that, no event")
        : Wording("for \(DurationText.text(milliseconds: within)) after that, no event\(filter.inline(" "))")
    }
  }
}

extension Sequence.EventStep {
  func wording(isFirst: Bool) -> Wording {
    let many = times > 1
    var text = many ? "\(CountText.text(times)) events" : "an event"
    if !filter.isNested { text += filter.inline(" ") }
    if directly { text += ", with no other event in between" }
    if let within {
      let time = DurationText.text(milliseconds: within)
      text += isFirst ? ", all of them within \(time)" : ", within \(time) of the step before"
    }
    if let without, !without.isNested {
      text += ", and since the step before no event\(without.inline(" "))"
    }
    var details: [Wording] = []
    if filter.isNested { details.append(filter.wording.after("each")) }
    if let without, without.isNested {
      details.append(without.wording.after("and since the step before no event"))
    }
    return Wording(text, details: details)
  }
}
