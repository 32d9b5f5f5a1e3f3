import Diagnostics
import Events
import YAML

extension RuleParser {
  private static let prefixes: [([String], @Sendable (Int64) -> Threshold)] = [
    (["at", "least"], { .atLeast($0) }), (["at", "most"], { .atMost($0) }),
    (["more", "than"], { .moreThan($0) }),
    (["less", "than"], { .lessThan($0) }), (["exactly"], { .exactly($0) }),
  ]

  /// The threshold of a measure; reports impossible and idle ones.
  mutating func threshold(_ node: YAMLNode, of measure: Measure, named name: String) -> Threshold? {
    guard let text = text(node, "the threshold of '\(name)'") else { return nil }
    if case .scalar(let scalar) = node.value, scalar.style == .block {
      report(
        .y3, "'>' and '|' open a block of text in YAML", at: node.place,
        hint: "thresholds are words: 'more than 3'")
      return nil
    }
    if case .rank = measure { return rankThreshold(text, node, name) }
    guard let threshold = threshold(text, QuantityUnit(measure), node, bare: false, name) else { return nil }
    return holdsSometimes(threshold, measure, text, name, node) ? threshold : nil
  }

  /// T6 and T7: against the values that the measure can have.
  private mutating func holdsSometimes(
    _ threshold: Threshold, _ measure: Measure, _ text: String, _ name: String, _ node: YAMLNode
  ) -> Bool {
    guard !measure.canBeNegative else { return true }
    let range = threshold.range
    if range.upperBound < 0 {
      report(.t6, "'\(name)' cannot be below 0", at: node.place, hint: "'none' means exactly 0")
      return false
    }
    let most = measure.mostPossible
    if let most, range.lowerBound > most {
      report(
        .t6, "'\(name)' cannot be more than \(measure.text(Int128(most)))", at: node.place,
        hint: "'exactly \(measure.text(Int128(most)))' is the most there is")
      return false
    }
    if range.lowerBound <= 0, range.upperBound >= most ?? .max {
      report(
        .t7,
        measure.isAbsentWithoutEvents
          ? "'\(name): \(text)' holds whenever there is a value" : "'\(name): \(text)' always holds",
        at: node.place, hint: "write 'any' for more than 0, or drop it")
    }
    return true
  }

  /// A threshold, a bare quantity or a comparison on a field.
  mutating func quantityTest(_ node: YAMLNode, _ text: String, _ field: Field) -> Threshold? {
    threshold(text, QuantityUnit(field), node, bare: true, field.name)
  }

  private mutating func threshold(
    _ text: String, _ unit: QuantityUnit, _ node: YAMLNode, bare: Bool, _ name: String
  )
    -> Threshold?
  {
    let words = Self.words(text)
    if words == ["any"] { return .any }
    if words == ["none"] { return Threshold.none }
    if words.first == "between" { return between(words, unit, node, name) }
    for (prefix, make) in Self.prefixes where words.starts(with: prefix) {
      guard words.count > prefix.count else { break }
      return quantity(words.dropFirst(prefix.count).joined(separator: " "), unit, node, name).map(make)
    }
    if bare, words.count == 1 { return quantity(words[0], unit, node, name).map { .exactly($0) } }
    noThreshold(text, words, node, name)
    return nil
  }

  private mutating func between(_ words: [String], _ unit: QuantityUnit, _ node: YAMLNode, _ name: String)
    -> Threshold?
  {
    guard words.count == 4, words[2] == "and" else {
      report(
        .t5, "'\(words.joined(separator: " "))' is no range", at: node.place, hint: "write 'between 3 and 5'")
      return nil
    }
    guard let low = quantity(words[1], unit, node, name), let high = quantity(words[3], unit, node, name)
    else { return nil }
    guard low <= high else {
      report(
        .t6, "nothing is between \(words[1]) and \(words[3])", at: node.place,
        hint: "'between \(words[3]) and \(words[1])'")
      return nil
    }
    return .between(low, high)
  }

  private mutating func noThreshold(_ text: String, _ words: [String], _ node: YAMLNode, _ name: String) {
    let number = words.last ?? ""
    if words.count == 1, number.first?.isNumber == true {
      report(
        .t1, "'\(name): \(text)' does not say which way", at: node.place,
        hint: "'at least \(text)', 'at most \(text)' or 'exactly \(text)'")
    } else if let sign = ["<=", ">=", "<", ">", "=", "=="].first(where: { text.hasPrefix($0) }) {
      let word =
        sign.hasPrefix("<")
        ? (sign == "<" ? "less than" : "at most")
        : sign == ">" ? "more than" : sign == ">=" ? "at least" : "exactly"
      report(
        .t1, "thresholds are written in words, not with '\(sign)'", at: node.place,
        hint: "'\(word) \(text.drop { "<>= ".contains($0) })'")
    } else if words.first == "top" || words.first == "bottom" {
      report(
        .t5, "'\(text)' compares users, and '\(name)' measures one", at: node.place,
        hint: "write 'rank of \(name): \(text)'")
    } else {
      report(
        .t5, "'\(text)' is no threshold", at: node.place,
        hint: "any, none, at least 3, at most 3, more than 3, less than 3, exactly 3, or between 3 and 5")
    }
  }

  // MARK: Ranks

  /// `top 5%`, `bottom 1000`
  private mutating func rankThreshold(_ text: String, _ node: YAMLNode, _ name: String) -> Threshold? {
    let words = Self.words(text)
    guard words.count == 2, words[0] == "top" || words[0] == "bottom" else {
      report(
        .t5, "'\(text)' is no part of a ranking", at: node.place,
        hint: "top 5%, top 1000, bottom 5% or bottom 1000")
      return nil
    }
    let isShare = words[1].hasSuffix("%")
    guard let quantity = quantity(words[1], isShare ? .percent : .count, node, name) else { return nil }
    guard quantity > 0, !isShare || quantity <= 1_000_000 else {
      report(
        .t6, quantity > 0 ? "there are no more than 100%" : "nobody is in '\(text)'", at: node.place,
        hint: "such as 'top 5%'")
      return nil
    }
    if isShare, quantity == 1_000_000 {
      report(
        .t7, "'\(text)' takes all who have any", at: node.place,
        hint: "'any', without 'rank of', says the same")
    }
    let cut = isShare ? RankCut.share(quantity) : .users(quantity)
    return words[0] == "top" ? .top(cut) : .bottom(cut)
  }
}

extension Measure {
  /// Without events it is absent, and every threshold false.
  var isAbsentWithoutEvents: Bool {
    switch self {
    case .views, .clicks, .events, .reads, .dwell, .days, .sessions, .sum, .distinct, .streak: false
    case .max, .min, .share, .per, .trend, .rank: true
    }
  }

  /// Own numbers may be below 0, and so what is made of them.
  var canBeNegative: Bool {
    switch self {
    case .sum: true
    case .max(let field), .min(let field): field.kind == .number
    case .share(let base, _), .per(let base, _), .trend(let base, _), .rank(let base, _): base.canBeNegative
    default: false
    }
  }

  /// The largest value that it can have, in its unit.
  var mostPossible: Int64? {
    switch self {
    case .share: 1_000_000
    case .distinct(let field, _) where field.kind == .weekday: 7
    case .distinct(let field, _) where field.kind == .hour: 24
    default: nil
    }
  }
}
