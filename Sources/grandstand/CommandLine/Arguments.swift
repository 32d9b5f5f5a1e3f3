import Diagnostics
import Events
import Project

/// What was typed behind a command, sorted into options and positional arguments.
struct Arguments: Sendable {
  private(set) var positional: [String] = []
  private var values: [String: [String]] = [:]

  /// - Throws: `C3` for an unknown option, a missing or superfluous value, a wrong number of arguments.
  init(_ words: [String], _ specification: CommandSpecification) throws(Diagnostic) {
    var rest = words[...]
    while let word = rest.popFirst() {
      if word == "--" {
        positional += rest
        break
      }
      guard word.hasPrefix("--"), word.utf8.count > 2 else {
        if word.hasPrefix("-"), word != "-" { throw Self.unknown(word, specification) }
        positional.append(word)
        continue
      }
      let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      try take(parts[0], parts.count > 1 ? parts[1] : nil, &rest, specification)
    }
    guard !has("--help") else { return }
    guard specification.argumentCount.contains(positional.count) else {
      throw Self.wrongCount(positional.count, specification)
    }
  }

  private mutating func take(
    _ name: String, _ attached: String?, _ rest: inout ArraySlice<String>,
    _ specification: CommandSpecification
  ) throws(Diagnostic) {
    guard let option = specification.allOptions.first(where: { $0.name == name }) else {
      throw Self.unknown(name, specification)
    }
    guard option.value != nil else {
      if attached != nil { throw Diagnostic(.c3, "\(name) takes no value") }
      values[name] = [""]
      return
    }
    guard let value = attached ?? rest.popFirst() else {
      throw Diagnostic(.c3, "\(name) needs a value", hint: "\(name) \(option.value ?? "")")
    }
    if values[name] != nil, !option.repeats { throw Diagnostic(.c3, "\(name) is given twice") }
    values[name, default: []].append(value)
  }

  private static func unknown(_ word: String, _ specification: CommandSpecification) -> Diagnostic {
    let near = Nearest.word(to: word, among: specification.allOptions.map(\.name))
    return Diagnostic(
      .c3, "'grandstand \(specification.name)' knows no option \(word)",
      hint: near.map { "did you mean \($0)?" } ?? "'grandstand \(specification.name) --help' lists them")
  }

  private static func wrongCount(_ count: Int, _ specification: CommandSpecification) -> Diagnostic {
    let message = count < specification.argumentCount.lowerBound ? "something is missing" : "that is too much"
    return Diagnostic(
      .c3, "'grandstand \(specification.name)': \(message)",
      hint: "usage: grandstand \(specification.name) \(specification.arguments) [options]")
  }

  func has(_ name: String) -> Bool { values[name] != nil }
  subscript(name: String) -> String? { values[name]?.last }
  func all(_ name: String) -> [String] { values[name] ?? [] }

  /// A whole number of an option.
  func integer(_ name: String, in range: ClosedRange<Int>) throws(Diagnostic) -> Int? {
    guard let text = self[name] else { return nil }
    guard let value = Int(text), range.contains(value) else {
      throw Diagnostic(
        .c3, "\(name) must be a whole number from \(range.lowerBound) to \(range.upperBound), not '\(text)'")
    }
    return value
  }

  /// A length of time such as `2h` or `7d`, in seconds.
  func seconds(_ name: String) throws(Diagnostic) -> Int? {
    guard let text = self[name] else { return nil }
    guard let milliseconds = Project.duration(text) else {
      throw Diagnostic(
        .c3, "\(name) must be a length of time, not '\(text)'", hint: "write it like 90s, 2h or 7d")
    }
    return Int(milliseconds / 1000)
  }

  /// A date of an option.
  func day(_ name: String) throws(Diagnostic) -> Day? {
    guard let text = self[name] else { return nil }
    guard let day = Day(text) else {
      throw Diagnostic(.c3, "\(name) must be a date, not '\(text)'", hint: "write it like 2026-11-23")
    }
    return day
  }

  /// A date of an option, or a range of dates `A..B`, both included.
  func days(_ name: String) throws(Diagnostic) -> ClosedRange<Day>? {
    guard let text = self[name], let dots = text.firstRange(of: "..") else {
      return try day(name).map { $0...$0 }
    }
    guard let first = Day(text[..<dots.lowerBound]), let last = Day(text[dots.upperBound...]) else {
      throw Diagnostic(
        .c3, "\(name) must be a date or a range of dates, not '\(text)'",
        hint: "write it like 2026-11-23 or 2026-11-01..2026-11-23")
    }
    guard first <= last, first.distance(to: last) < Self.mostDays else {
      throw Diagnostic(
        .c3,
        first <= last ? "\(name) names more than \(Self.mostDays) days" : "\(name) ends before it begins",
        hint: "write it like 2026-11-01..2026-11-23")
    }
    return first...last
  }

  private static let mostDays = 3660

  /// A size such as `512MiB`, `2GiB`, `64MB`, in bytes.
  func bytes(_ name: String) throws(Diagnostic) -> Int? {
    guard let text = self[name] else { return nil }
    let digits = text.prefix { $0.isASCII && $0.isNumber }
    let units = [
      "": 1, "B": 1, "KB": 1000, "MB": 1_000_000, "GB": 1_000_000_000, "KiB": 1 << 10, "MiB": 1 << 20,
      "GiB": 1 << 30,
    ]
    guard let count = Int(digits), let unit = units[String(text.dropFirst(digits.count))],
      count <= 1 << 20 || unit == 1
    else {
      throw Diagnostic(.c3, "\(name) must be a size, not '\(text)'", hint: "write it like 512MiB or 2GiB")
    }
    return count * unit
  }
}
