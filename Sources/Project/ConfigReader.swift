import Diagnostics
import Events
import YAML

/// Reads typed values out of a configuration map and collects every mistake with its place.
struct ConfigReader {
  private(set) var diagnostics: [Diagnostic] = []

  mutating func report(_ code: Diagnostic.Code, _ message: String, at place: Place, hint: String? = nil) {
    diagnostics.append(Diagnostic(code, message, at: place, hint: hint))
  }

  /// The entries of a map; reports what is no map, and keys that are not among `known`.
  mutating func map(_ node: YAMLNode, _ what: String, known: [String]?) -> [YAMLNode.Entry] {
    if node.isEmpty { return [] }
    guard let entries = node.entries else {
      report(.c1, "\(what) must be a map of keys, not \(node.kind)", at: node.place)
      return []
    }
    guard let known else { return entries }
    for entry in entries where !known.contains(entry.name) {
      let near = Nearest.word(to: entry.name, among: known)
      report(
        .c1, "\(what) knows no key '\(entry.name)'", at: entry.key.place,
        hint: near.map { "did you mean '\($0)'?" } ?? "known keys: \(known.joined(separator: ", "))")
    }
    return entries.filter { known.contains($0.name) }
  }

  mutating func text(_ node: YAMLNode, _ what: String) -> String? {
    guard let text = node.text, !text.isEmpty else {
      report(.c1, "\(what) must be text, not \(node.kind)", at: node.place)
      return nil
    }
    return text
  }

  /// One text or a list of texts.
  mutating func texts(_ node: YAMLNode, _ what: String) -> [(text: String, place: Place)] {
    guard let items = node.items else { return text(node, what).map { [($0, node.place)] } ?? [] }
    return items.compactMap { item in text(item, "an entry of \(what)").map { ($0, item.place) } }
  }

  mutating func bool(_ node: YAMLNode, _ what: String) -> Bool? {
    switch node.text {
    case "true", "yes": return true
    case "false", "no": return false
    default:
      report(.c1, "\(what) must be true or false", at: node.place)
      return nil
    }
  }

  mutating func integer(_ node: YAMLNode, _ what: String, in range: ClosedRange<Int>) -> Int? {
    guard let value = node.text.flatMap({ Int($0) }), range.contains(value) else {
      report(
        .c2, "\(what) must be a whole number from \(range.lowerBound) to \(range.upperBound)", at: node.place)
      return nil
    }
    return value
  }

  /// `10s`, `5m`, `6h`, `3d`, `2w` or `250ms`, in milliseconds.
  mutating func duration(_ node: YAMLNode, _ what: String) -> Int64? {
    guard let text = node.text, let value = Self.duration(text) else {
      report(.c2, "\(what) must be a duration", at: node.place, hint: "write it like 10s, 5m, 6h or 3d")
      return nil
    }
    return value
  }

  /// `90d`, as a number of days.
  mutating func wholeDays(_ node: YAMLNode, _ what: String) -> Int? {
    guard let length = duration(node, what) else { return nil }
    guard length >= 86_400_000, length % 86_400_000 == 0 else {
      report(.c2, "\(what) must be whole days", at: node.place, hint: "write it like 90d")
      return nil
    }
    return Int(length / 86_400_000)
  }

  static func duration(_ text: String) -> Int64? {
    let digits = text.prefix { $0.isASCII && $0.isNumber }
    let units: [String: Int64] = [
      "ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 604_800_000,
    ]
    guard let count = Int64(digits), let unit = units[String(text.dropFirst(digits.count))] else {
      return nil
    }
    let (value, overflow) = count.multipliedReportingOverflow(by: unit)
    return overflow || value > 315_360_000_000 ? nil : value
  }

  /// What stands between the values of a CSV row.
  mutating func delimiter(_ node: YAMLNode, _ what: String) -> UInt8? {
    guard let byte = node.text.flatMap({ Self.delimiter($0) }) else {
      report(.c2, "\(what) must be one ASCII character", at: node.place, hint: "';' or \"\\t\"")
      return nil
    }
    return byte
  }

  static func delimiter(_ text: String) -> UInt8? {
    guard text.utf8.count == 1, let byte = text.utf8.first, byte != 0x22, byte >= 0x09 else { return nil }
    return byte
  }

  mutating func day(_ node: YAMLNode, _ what: String) -> Day? {
    guard let day = node.text.flatMap({ Day($0) }) else {
      report(.c2, "\(what) must be a date", at: node.place, hint: "write it like 2026-11-23")
      return nil
    }
    return day
  }

  mutating func zone(_ node: YAMLNode, _ what: String) -> CalendarZone? {
    guard let name = text(node, what) else { return nil }
    do { return try CalendarZone(named: name) } catch {
      report(.c2, error.reason, at: node.place, hint: "write an IANA name such as Europe/Brussels or UTC")
      return nil
    }
  }
}
