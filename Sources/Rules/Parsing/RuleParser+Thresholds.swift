import Diagnostics
import Events
import YAML

/// What a quantity counts, and so how it is written.
enum QuantityUnit {
  /// Whole things.
  case count
  /// `10m`, in milliseconds.
  case duration
  /// Up to 6 decimals, in millionths.
  case decimal
}

extension RuleParser {
  private static let prefixes: [([String], @Sendable (Int64) -> Threshold)] = [
    (["at", "least"], { .atLeast($0) }), (["at", "most"], { .atMost($0) }),
    (["more", "than"], { .moreThan($0) }),
    (["less", "than"], { .lessThan($0) }), (["exactly"], { .exactly($0) }),
  ]

  private func unit(_ measure: Measure) -> QuantityUnit {
    switch measure {
    case .dwell: .duration
    case .sum: .decimal
    default: .count
    }
  }

  /// The threshold of a measure; reports impossible and idle ones.
  mutating func threshold(_ node: YAMLNode, of measure: Measure, named name: String) -> Threshold? {
    guard let text = text(node, "the threshold of '\(name)'") else { return nil }
    if case .scalar(let scalar) = node.value, scalar.style == .block {
      report(
        .y3, "'>' and '|' open a block of text in YAML", at: node.place,
        hint: "thresholds are words: 'more than 3'")
      return nil
    }
    let unit = unit(measure)
    guard let threshold = threshold(text, unit, node, bare: false, name) else { return nil }
    if case .sum = measure { return threshold }
    let range = threshold.range
    if range.upperBound < 0 {
      report(.t6, "'\(name)' cannot be below 0", at: node.place, hint: "'none' means exactly 0")
      return nil
    }
    if range.lowerBound <= 0, range.upperBound == .max {
      report(
        .t7, "'\(name): \(text)' always holds", at: node.place,
        hint: "write 'any' for more than 0, or drop it")
    }
    return threshold
  }

  /// A threshold, a bare quantity or a comparison on a field.
  mutating func quantityTest(_ node: YAMLNode, _ text: String, _ field: Field) -> Threshold? {
    let unit: QuantityUnit = field.kind == .duration ? .duration : field.kind == .hour ? .count : .decimal
    return threshold(text, unit, node, bare: true, field.name)
  }

  private mutating func threshold(
    _ text: String, _ unit: QuantityUnit, _ node: YAMLNode, bare: Bool, _ name: String
  )
    -> Threshold?
  {
    let words = text.split(whereSeparator: { $0 == " " || $0 == "\t" }).map(String.init)
    if words == ["any"] { return .any }
    if words == ["none"] { return Threshold.none }
    if words.first == "between" { return between(words, unit, node, name) }
    if words.first == "top" || words.first == "bottom" {
      notYet("'\(words[0])'", at: node.place)
      return nil
    }
    for (prefix, make) in Self.prefixes where words.starts(with: prefix) {
      guard words.count > prefix.count else { break }
      return quantity(words.dropFirst(prefix.count).joined(separator: " "), unit, node, name).map(make)
    }
    if bare, words.count == 1 { return quantity(words[0], unit, node, name).map { .exactly($0) } }
    return noThreshold(text, words, node, name)
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

  private mutating func noThreshold(_ text: String, _ words: [String], _ node: YAMLNode, _ name: String)
    -> Threshold?
  {
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
    } else {
      report(
        .t5, "'\(text)' is no threshold", at: node.place,
        hint: "any, none, at least 3, at most 3, more than 3, less than 3, exactly 3, or between 3 and 5")
    }
    return nil
  }

  // MARK: Quantities

  private mutating func quantity(_ text: String, _ unit: QuantityUnit, _ node: YAMLNode, _ name: String)
    -> Int64?
  {
    if text.hasSuffix("%"), unit != .decimal || name != "scroll" {
      notYet("a share in percent ('\(text)')", at: node.place)
      return nil
    }
    if text.hasSuffix("x"), unit != .duration {
      notYet("a multiple ('\(text)')", at: node.place)
      return nil
    }
    switch unit {
    case .duration: return duration(text, node)
    case .count, .decimal:
      let number = unit == .decimal && text.hasSuffix("%") ? String(text.dropLast()) : text
      return decimal(number, decimals: unit == .decimal ? 6 : 0, node, name)
    }
  }

  /// A plain decimal number, exactly.
  private mutating func decimal(_ text: String, decimals: Int, _ node: YAMLNode, _ name: String) -> Int64? {
    let negative = text.hasPrefix("-")
    let parts = text.dropFirst(negative ? 1 : 0).split(separator: ".", omittingEmptySubsequences: false)
    let digits = parts.allSatisfy { !$0.isEmpty && $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }
    guard digits, (1...2).contains(parts.count) else {
      let unit = text.last.map { "smhdw".contains($0) } ?? false && text.first?.isNumber == true
      report(
        .t5, "'\(text)' is no number", at: node.place,
        hint: text.contains(",")
          ? "'\(text.filter { $0 != "," })', without the comma"
          : unit ? "'\(name)' counts, it is no time" : "write digits only")
      return nil
    }
    if parts[0].utf8.count > 1, parts[0].hasPrefix("0") {
      report(
        .y7, "'\(text)' begins with a zero, which other YAML tools read as an octal number", at: node.place,
        hint: "'\(text.drop { $0 == "0" })'")
      return nil
    }
    let fraction = parts.count == 2 ? String(parts[1]) : ""
    guard fraction.utf8.count <= decimals else {
      report(
        .t5, decimals == 0 ? "'\(text)' is no whole number" : "'\(text)' has more than \(decimals) decimals",
        at: node.place)
      return nil
    }
    let whole = String(parts[0]) + fraction + String(repeating: "0", count: decimals - fraction.utf8.count)
    guard let value = Int64(whole), value <= 1 << 53 else {
      report(.t6, "'\(text)' is too large", at: node.place)
      return nil
    }
    return negative ? -value : value
  }

  /// `90s`, `10m`, `1h30m`, `3d`, `2w`, `30 days`, in milliseconds.
  mutating func duration(_ text: String, _ node: YAMLNode) -> Int64? {
    let units: [String: Int64] = [
      "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 604_800_000, "sec": 1000, "second": 1000,
      "seconds": 1000,
      "min": 60_000, "minute": 60_000, "minutes": 60_000, "hour": 3_600_000, "hours": 3_600_000,
      "day": 86_400_000,
      "days": 86_400_000, "week": 604_800_000, "weeks": 604_800_000,
    ]
    var rest = text[...]
    var total: Int64 = 0
    while !rest.isEmpty {
      let digits = rest.prefix { $0.isASCII && $0.isNumber }
      rest = rest.dropFirst(digits.count).drop { $0 == " " }
      let letters = rest.prefix { $0.isLetter }
      rest = rest.dropFirst(letters.count).drop { $0 == " " }
      guard let count = Int64(digits), count <= 1_000_000_000 else {
        report(.t5, "'\(text)' is no duration", at: node.place, hint: "write it like 90s, 10m, 1h30m or 3d")
        return nil
      }
      if digits.count > 1, digits.hasPrefix("0") {
        report(.y7, "'\(text)' begins with a zero", at: node.place, hint: "'\(text.drop { $0 == "0" })'")
        return nil
      }
      if letters.isEmpty {
        report(
          .t2, "'\(text)' has no unit", at: node.place,
          hint: "'\(digits)s', '\(digits)m', '\(digits)h' or '\(digits)d'")
        return nil
      }
      guard let unit = units[String(letters)] else {
        report(
          .t3, "'\(letters)' is no unit of time", at: node.place,
          hint: letters.hasPrefix("mo")
            ? "months differ in length: write '\(count * 30)d'" : "s, m, h, d or w")
        return nil
      }
      total += count * unit
    }
    guard total <= 3_153_600_000_000 else {
      report(.t6, "'\(text)' is longer than a hundred years", at: node.place)
      return nil
    }
    return total
  }
}
