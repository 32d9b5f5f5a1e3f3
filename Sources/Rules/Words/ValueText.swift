/// Values in words: as they are where they cannot be taken for words of ours, in quotes otherwise.
enum ValueText {
  /// Words that stand between and before values.
  private static let reserved: Set<String> = [
    "and", "or", "not", "exactly", "containing", "starting", "ending", "like", "from", "known", "unknown",
    "the", "in",
    "any", "no", "nothing", "all", "at", "on", "before", "since", "between", "after", "up", "with",
  ]

  static func text(_ value: String) -> String { isPlain(value) ? value : quoted(value) }

  /// In quotes; what is not to be seen, quotes and asterisks are escaped.
  static func quoted(_ value: String) -> String { "\"\(escaped(value))\"" }

  /// `a*b`: asterisks of a pattern stay as they are, those of its pieces are escaped.
  static func pattern(_ pieces: [String]) -> String {
    pieces.allSatisfy { $0.isEmpty || isPlain($0) }
      ? pieces.joined(separator: "*") : "\"\(pieces.map(escaped).joined(separator: "*"))\""
  }

  private static func isPlain(_ value: String) -> Bool {
    guard let first = value.unicodeScalars.first, isVisible(first), let last = value.unicodeScalars.last
    else {
      return false
    }
    return (isWord(first) || first == "-") && (isWord(last) || last == "-" || last == "/")
      && value.unicodeScalars.allSatisfy { isWord($0) || "-_/:.".unicodeScalars.contains($0) }
      && !reserved.contains(value.lowercased())
  }

  private static func isWord(_ scalar: Unicode.Scalar) -> Bool {
    guard isVisible(scalar) else { return false }
    return switch scalar.properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .decimalNumber:
      true
    default: false
    }
  }

  private static func escaped(_ value: String) -> String {
    var text = ""
    for scalar in value.unicodeScalars {
      switch scalar {
      case "\"", "\\", "*": text += "\\\(scalar)"
      case "\n": text += "\\n"
      case _ where scalar == " " || isVisible(scalar): text.unicodeScalars.append(scalar)
      default: text += "\\u{\(String(scalar.value, radix: 16, uppercase: true))}"
      }
    }
    return text
  }

  private static func isVisible(_ scalar: Unicode.Scalar) -> Bool {
    guard !scalar.properties.isDefaultIgnorableCodePoint else { return false }
    return switch scalar.properties.generalCategory {
    case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator,
      .spaceSeparator:
      false
    default: true
    }
  }
}

extension [String] {
  /// `a, b or c`
  func joined(last word: String) -> String {
    guard let last, count > 1 else { return first ?? "nothing" }
    return dropLast().joined(separator: ", ") + " \(word) \(last)"
  }
}
