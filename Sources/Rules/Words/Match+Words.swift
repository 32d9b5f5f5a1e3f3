import Events

extension Match {
  /// Of a field: `in country be or nl`.
  func words(_ field: Field) -> String {
    switch (self, field.kind) {
    case (.known(true), _): "\(field.preposition) a known \(field.noun)"
    case (.known(false), _): "\(field.preposition) no known \(field.noun)"
    case (.not(let match), .hour), (.not(let match), .weekday): "not \(match.words(field))"
    case (.not(let match), .textList):
      "\(field.preposition) a known \(field.noun), none of them \(match.values(field))"
    case (.not(let match), _): "\(field.preposition) a known \(field.noun), not \(match.values(field))"
    case (.allOf(let tests), _):
      "\(field.preposition) all of the \(field.noun)s \(Self.every(tests, field))"
    case (_, .hour): values(field)
    case (_, .weekday): "on \(values(field))"
    default: "\(field.lead) \(values(field))"
    }
  }

  /// The right side alone: `be or nl`.
  func values(_ field: Field) -> String {
    switch self {
    case .anyOf(let matches): Self.any(matches, field)
    case .text(.value(let text)) where field.separator != nil: "\(ValueText.text(text)) (or below)"
    // Without levels there is nothing below.
    case .text(.exactly(let text)) where field.separator == nil: ValueText.text(text)
    case .text(let test): test.words
    case .allOf(let tests): "all of \(Self.every(tests, field))"
    case .number(let threshold): Self.quantity(threshold, field)
    case .hours(let from, let through): "between \(HourText.text(from)) and \(HourText.last(through))"
    case .id(_, let text): ValueText.quoted(text)
    case .inWindow(let window): window.words
    case .next(let length): "in the next \(DurationText.text(milliseconds: length))"
    case .list(let name): "from the list \(ValueText.text(name))"
    case .known(let known): known ? "known" : "unknown"
    case .not(let match): "not (\(match.values(field)))"
    }
  }

  private static func every(_ tests: [TextTest], _ field: Field) -> String {
    tests.map { Match.text($0).values(field) }.joined(last: "and")
  }

  private static func any(_ matches: [Match], _ field: Field) -> String {
    if field.kind == .weekday, matches == (1...5).map({ .number(.exactly($0)) }) { return "Monday to Friday" }
    let literals = matches.compactMap {
      if case .text(.value(let text)) = $0 { ValueText.text(text) } else { nil }
    }
    if field.separator != nil, literals.count == matches.count {
      return "\(literals.joined(last: "or")) (or below)"
    }
    return matches.map { match in
      if case .anyOf = match { "(\(match.values(field)))" } else { match.values(field) }
    }.joined(last: "or")
  }

  private static func quantity(_ threshold: Threshold, _ field: Field) -> String {
    switch (field.kind, threshold) {
    case (.weekday, .exactly(let day)) where (1...7).contains(day):
      ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"][Int(day) - 1]
    case (.hour, _): HourText.text(threshold)
    case (.duration, _), (.age, _): threshold.words { DurationText.text(milliseconds: $0) }
    case (.number, _): threshold.words { DecimalText.text(millionths: $0) }
    default: threshold.words { CountText.text($0) }
    }
  }
}

extension TextTest {
  var words: String {
    switch self {
    case .value(let text): ValueText.text(text)
    case .exactly(let text): "exactly \(ValueText.text(text))"
    case .contains(let text): "containing \(ValueText.text(text))"
    case .starts(let text): "starting with \(ValueText.text(text))"
    case .ends(let text): "ending in \(ValueText.text(text))"
    case .wildcard(let pieces): "like \(ValueText.pattern(pieces))"
    }
  }
}

/// Hours of a day as times.
private enum HourText {
  static func text(_ hour: some BinaryInteger) -> String { (0..<10 ~= hour ? "0" : "") + "\(hour):00" }
  static func last(_ hour: some BinaryInteger) -> String { text(hour).dropLast(2) + "59" }

  static func text(_ threshold: Threshold) -> String {
    switch threshold {
    case .any: "after \(last(0))"
    case .none: "in the hour of \(text(0))"
    case .atLeast(let q): "from \(text(q)) on"
    case .atMost(let q): "up to \(last(q))"
    case .moreThan(let q): "after \(last(q))"
    case .lessThan(let q): "before \(text(q))"
    case .exactly(let q): "in the hour of \(text(q))"
    case .between(let a, let b): "from \(text(a)) to \(last(b))"
    case .top, .bottom: threshold.words { CountText.text($0) }
    }
  }
}
