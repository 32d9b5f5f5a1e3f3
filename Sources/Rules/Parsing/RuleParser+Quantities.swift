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
  /// `scroll`: a decimal that may be written with a percent sign.
  case decimalOrPercent
  /// `40%`, in millionths.
  case percent
  /// `2x`, in millionths.
  case multiple

  init(_ measure: Measure) {
    switch (measure, measure.unit) {
    case (.share, _): self = .percent
    case (.trend, _): self = .multiple
    case (.max(.scroll), _), (.min(.scroll), _): self = .decimalOrPercent
    case (_, .count): self = .count
    case (_, .milliseconds): self = .duration
    case (_, .millionths): self = .decimal
    }
  }

  init(_ field: Field) {
    switch field.kind {
    case .duration, .age: self = .duration
    case .hour: self = .count
    default: self = field == .scroll ? .decimalOrPercent : .decimal
    }
  }
}

extension RuleParser {
  /// - Parameter name: of the measure or field, for messages.
  mutating func quantity(_ text: String, _ unit: QuantityUnit, _ node: YAMLNode, _ name: String) -> Int64? {
    switch unit {
    case .duration: return duration(text, node)
    case .percent: return percent(text, node, name)
    case .multiple: return multiple(text, node, name)
    case .decimalOrPercent:
      return decimal(text.hasSuffix("%") ? String(text.dropLast()) : text, decimals: 6, node, name)
    case .count, .decimal:
      if text.hasSuffix("%") || text.hasSuffix("x"), text.first?.isNumber == true {
        report(
          .t5, "'\(text)' is no number", at: node.place,
          hint: text.hasSuffix("%")
            ? "shares are asked with 'share of …', the first of a ranking with 'rank of …: top \(text)'"
            : "multiples are asked with 'trend of …' and 'against'")
        return nil
      }
      return decimal(text, decimals: unit == .decimal ? 6 : 0, node, name)
    }
  }

  /// `40%` is 400,000 millionths; T4 for what is written otherwise.
  mutating func percent(_ text: String, _ node: YAMLNode, _ name: String) -> Int64? {
    guard text.hasSuffix("%") else {
      let parts = text.split(separator: ".", omittingEmptySubsequences: false)
      let isFraction = parts.count == 2 && parts[0] == "0"
      let value =
        isFraction ? decimal(quietly: text, decimals: 6).map { DecimalText.text(millionths: $0 * 100) } : text
      report(
        .t4, "'\(text)' is no share: '\(name)' is in percent", at: node.place, hint: "'\(value ?? text)%'")
      return nil
    }
    return decimal(String(text.dropLast()), decimals: 4, node, name)
  }

  /// `1.5x`
  private mutating func multiple(_ text: String, _ node: YAMLNode, _ name: String) -> Int64? {
    guard text.hasSuffix("x") || text.hasSuffix("×") else {
      report(
        .t5, "'\(text)' is no multiple", at: node.place,
        hint: text.hasSuffix("%") ? "150% is '1.5x'" : "'\(text)x': that many times as much as 'against'")
      return nil
    }
    return decimal(String(text.dropLast()), decimals: 6, node, name)
  }

  /// A plain decimal number, exactly: times ten to the power of `decimals`.
  mutating func decimal(_ text: String, decimals: Int, _ node: YAMLNode, _ name: String) -> Int64? {
    let negative = text.hasPrefix("-")
    let parts = text.dropFirst(negative ? 1 : 0).split(separator: ".", omittingEmptySubsequences: false)
    guard Self.areDigits(parts), (1...2).contains(parts.count) else {
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
    guard parts.count == 1 || parts[1].utf8.count <= decimals else {
      report(
        .t5, decimals == 0 ? "'\(text)' is no whole number" : "'\(text)' has more than \(decimals) decimals",
        at: node.place)
      return nil
    }
    guard let value = decimal(quietly: text, decimals: decimals) else {
      report(.t6, "'\(text)' is too large", at: node.place)
      return nil
    }
    return value
  }

  /// Up to nine digits as they are written elsewhere: without a sign, and without a zero in front.
  static func wholeNumber(_ text: some StringProtocol) -> Int? {
    guard areDigits([Substring(text)]), text.utf8.count <= 9, text == "0" || !text.hasPrefix("0") else {
      return nil
    }
    return Int(text)
  }

  private static func areDigits(_ parts: [Substring]) -> Bool {
    parts.allSatisfy { !$0.isEmpty && $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }
  }

  /// nil where it is no decimal number, has too many decimals or is above 2⁵³.
  private func decimal(quietly text: String, decimals: Int) -> Int64? {
    let negative = text.hasPrefix("-")
    let parts = text.dropFirst(negative ? 1 : 0).split(separator: ".", omittingEmptySubsequences: false)
    guard Self.areDigits(parts), (1...2).contains(parts.count) else { return nil }
    let fraction = parts.count == 2 ? String(parts[1]) : ""
    guard fraction.utf8.count <= decimals else { return nil }
    let whole = String(parts[0]) + fraction + String(repeating: "0", count: decimals - fraction.utf8.count)
    guard let value = Int64(whole), value <= 1 << 53 else { return nil }
    return negative ? -value : value
  }

  /// `90s`, `10m`, `1h30m`, `3d`, `2w`, `30 days`, in milliseconds.
  mutating func duration(_ text: String, _ node: YAMLNode) -> Int64? {
    var rest = text[...]
    var total: Int64 = 0
    var isFirst = true
    repeat {
      let digits = rest.prefix { $0.isASCII && $0.isNumber }
      rest = rest.dropFirst(digits.count).drop { $0 == " " }
      let letters = rest.prefix { $0.isLetter }
      rest = rest.dropFirst(letters.count).drop { $0 == " " }
      guard let count = Int64(digits), count <= 1_000_000_000 else {
        report(.t5, "'\(text)' is no duration", at: node.place, hint: "write it like 90s, 10m, 1h30m or 3d")
        return nil
      }
      if digits.count > 1, digits.hasPrefix("0"), isFirst {
        report(.y7, "'\(text)' begins with a zero", at: node.place, hint: "'\(text.drop { $0 == "0" })'")
        return nil
      }
      if letters.isEmpty {
        report(
          .t2, "'\(text)' has no unit", at: node.place,
          hint: "'\(digits)s', '\(digits)m', '\(digits)h' or '\(digits)d'")
        return nil
      }
      guard let unit = Self.timeUnits[String(letters)] else {
        report(
          .t3, "'\(letters)' is no unit of time", at: node.place,
          hint: letters.hasPrefix("mo")
            ? "months differ in length: write '\(count * 30)d'" : "s, m, h, d or w")
        return nil
      }
      isFirst = false
      total += count * unit
      guard total <= 3_153_600_000_000 else {
        report(.t6, "'\(text)' is longer than a hundred years", at: node.place)
        return nil
      }
    } while !rest.isEmpty
    return total
  }

  private static let timeUnits: [String: Int64] = [
    "s": 1000, "sec": 1000, "second": 1000, "seconds": 1000,
    "m": 60_000, "min": 60_000, "minute": 60_000, "minutes": 60_000,
    "h": 3_600_000, "hour": 3_600_000, "hours": 3_600_000,
    "d": 86_400_000, "day": 86_400_000, "days": 86_400_000,
    "w": 604_800_000, "week": 604_800_000, "weeks": 604_800_000,
  ]
}
