import Diagnostics
import Events
import YAML

extension TableMapping {
  /// Which of the two tables a section describes, and which names it may not give.
  enum Subject: String {
    case users, articles

    var key: String { self == .users ? "user" : "article" }

    /// Why a field may not have a name; nil where it may.
    func refusal(_ name: String) -> String? {
      switch (self, name) {
      case (.users, "first_seen"): "it is the time of a user's first event, which the store knows itself"
      case (.articles, "age"): "it is derived from 'published'"
      case (_, key): "it is the id itself"
      default: nil
      }
    }
  }

  /// Reads the section `users` or `articles`.
  static func read(_ node: YAMLNode, _ subject: Subject, _ reader: inout ConfigReader) -> TableMapping? {
    let what = subject.rawValue
    let entries = reader.map(node, what, known: ["key", "fields", "delimiter"])
    var mapping = TableMapping(key: "", columns: [])
    for entry in entries {
      switch entry.name {
      case "key": reader.text(entry.value, "\(what).key").map { mapping.key = $0 }
      case "delimiter": reader.delimiter(entry.value, "\(what).delimiter").map { mapping.delimiter = $0 }
      default: mapping.columns = columns(entry.value, subject, &reader)
      }
    }
    if !entries.contains(where: { $0.name == "key" }) {
      reader.report(
        .c1, "'\(what)' names no key", at: node.place,
        hint: "key: the column with the \(subject.key)'s id, such as \(subject.key)_id")
    }
    return mapping
  }

  private static func columns(_ node: YAMLNode, _ subject: Subject, _ reader: inout ConfigReader) -> [Column]
  {
    var columns: [Column] = []
    for entry in reader.map(node, "\(subject.rawValue).fields", known: nil) {
      let what = "\(subject.rawValue), field '\(entry.name)'"
      guard isFieldName(entry.name) else {
        reader.report(
          .c2, "'\(entry.name)' cannot be a field's name", at: entry.key.place,
          hint: "a–z, 0–9 and _; another name of the column goes to the right: {column: X, kind: text}")
        continue
      }
      if let reason = subject.refusal(entry.name) {
        reader.report(
          .c2, "\(subject.rawValue) cannot define the field '\(entry.name)': \(reason)", at: entry.key.place,
          hint: "give it another name: \(subject.key)_\(entry.name): {column: \(entry.name), kind: …}")
        continue
      }
      guard let column = column(entry, what, &reader) else { continue }
      if subject == .articles, column.name == "published", column.kind != .time {
        reader.report(
          .c2, "\(what) must be of the kind time: 'article.age' is derived from it", at: entry.value.place,
          hint: "published: time")
      }
      columns.append(column)
    }
    return columns
  }

  private static func isFieldName(_ name: String) -> Bool {
    (1...64).contains(name.utf8.count)
      && name.utf8.allSatisfy {
        (0x61...0x7a).contains($0) || (0x30...0x39).contains($0) || $0 == UInt8(ascii: "_")
      }
  }

  /// `tier: text`, or `tier: {column: membership, kind: text}`.
  private static func column(_ entry: YAMLNode.Entry, _ what: String, _ reader: inout ConfigReader) -> Column?
  {
    guard entry.value.entries != nil else {
      return kind(entry.value, what, &reader).map {
        Column(name: entry.name, column: entry.name, kind: $0)
      }
    }
    let parts = reader.map(entry.value, what, known: ["column", "kind"])
    guard let node = parts.first(where: { $0.name == "kind" })?.value else {
      reader.report(.c1, "\(what) has no kind", at: entry.value.place, hint: "kind: \(kinds)")
      return nil
    }
    let name = parts.first { $0.name == "column" }.map { reader.text($0.value, "\(what), column") }
    guard let kind = kind(node, what, &reader), let column = name ?? entry.name else { return nil }
    return Column(name: entry.name, column: column, kind: kind)
  }

  private static let kinds = "text, number, time or boolean"

  private static func kind(_ node: YAMLNode, _ what: String, _ reader: inout ConfigReader) -> Kind? {
    if let kind = node.text.flatMap({ Kind(rawValue: $0) }) { return kind }
    let near = node.text.flatMap { Nearest.word(to: $0, among: Kind.allCases.map(\.rawValue)) }
    reader.report(
      .c2, "\(what) has the unknown kind '\(node.text ?? node.kind)'", at: node.place,
      hint: near.map { "did you mean '\($0)'?" } ?? "\(kinds), or {column: X, kind: K}")
    return nil
  }
}
