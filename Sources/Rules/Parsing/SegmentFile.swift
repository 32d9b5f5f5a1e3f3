import Diagnostics
import Events
import YAML

/// One segment file on its way to a `Segment`.
struct SegmentFile {
  let id: String
  let segment: Segment?
  let references: [(id: String, place: Place)]
  let diagnostics: [Diagnostic]

  static let keys = [
    "name", "description", "owner", "purpose", "tags", "destinations", "expires", "draft", "when", "where",
    "let", "who",
    "tests",
  ]
  static let laterKeys = ["keep", "sample", "limit", "holdout", "split", "template", "make", "parameters"]

  init(_ source: SourceText, context: RuleContext) {
    let name = source.file.split(separator: "/").last.map(String.init) ?? source.file
    let id =
      name.hasSuffix(".yaml")
      ? String(name.dropLast(5)) : name.hasSuffix(".yml") ? String(name.dropLast(4)) : name
    self.id = id
    var parser = RuleParser(context: context, source: source)
    let root: YAMLNode?
    do { root = try YAMLNode.parse(source, limits: .segment) } catch {
      (segment, references, diagnostics) = (nil, [], [YAMLGotchas.explained(error, source)])
      return
    }
    Self.checkID(id, source, &parser)
    for mistake in YAMLGotchas.comments(source) {
      parser.report(
        mistake.code, mistake.message, at: mistake.place ?? Place(file: source.file), hint: mistake.hint)
    }
    segment = Self.segment(id, root, source, &parser)
    references = parser.references
    diagnostics = parser.diagnostics
  }

  /// Ids are file names that work as ids everywhere.
  private static func checkID(_ id: String, _ source: SourceText, _ parser: inout RuleParser) {
    let good =
      !id.isEmpty && id.utf8.count <= 100
      && id.utf8.allSatisfy {
        (0x61...0x7a).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2d
      }
    guard !good else { return }
    let better = TextFold.fold(id).map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "-" }
    parser.report(
      .n9, "'\(id)' is no segment id: ids have a–z, 0–9 and -", at: Place(file: source.file),
      hint: "call the file '\(String(better)).yaml'")
  }

  private static func segment(
    _ id: String, _ root: YAMLNode?, _ source: SourceText, _ parser: inout RuleParser
  ) -> Segment? {
    guard let root, let entries = root.entries else {
      parser.report(
        .y13, "the file holds no segment", at: root?.place ?? Place(file: source.file),
        hint: "it needs 'name', 'purpose' and 'who'")
      return nil
    }
    var segment = Segment(
      id: id, name: id, purpose: "", root: .everyone, file: source.file, contentHash: Hash.xxh3(source.bytes))
    for entry in entries { checkKey(entry, &parser) }
    if let node = root["let"] { define(node, &parser) }
    if let node = root["when"] { parser.defaultWindow = parser.window(node) }
    if let node = root["where"] { parser.everyEvent = parser.filter(node, depth: 1) ?? .always }
    for entry in entries { set(entry, &segment, &parser) }
    checkRequired(root, &parser)
    let who = root["who"].flatMap { parser.who($0) }
    if let node = root["tests"] { segment.tests = parser.tests(node) }
    guard let who, !parser.diagnostics.contains(where: \.isError) else { return nil }
    segment.root = who
    return segment
  }

  private static func checkKey(_ entry: YAMLNode.Entry, _ parser: inout RuleParser) {
    guard !keys.contains(entry.name) else { return }
    if laterKeys.contains(entry.name) { return parser.notYet("'\(entry.name)'", at: entry.key.place) }
    let hint: String
    if let near = Nearest.word(to: entry.name, among: keys) {
      hint = "did you mean '\(near)'?"
    } else if RuleParser.measureNames.contains(entry.name) {
      hint = "conditions stand under 'who'"
    } else {
      hint = "known keys: \(keys.joined(separator: ", "))"
    }
    parser.report(.n1, "a segment has no key '\(entry.name)'", at: entry.key.place, hint: hint)
  }

  private static func define(_ node: YAMLNode, _ parser: inout RuleParser) {
    guard let entries = node.entries else {
      return parser.report(.n1, "'let' must be a map of names", at: node.place)
    }
    for entry in entries { parser.definitions[entry.name] = entry.value }
  }

  private static func checkRequired(_ root: YAMLNode, _ parser: inout RuleParser) {
    if root["who"] == nil {
      parser.report(
        .y13, "the segment has no 'who'", at: root.place, hint: "for all users write 'who: everyone'")
    }
    if root["purpose"] == nil {
      parser.report(
        .p1, "the segment does not say its purpose", at: root.place,
        hint: "purpose: ads, or purpose: analytics")
    }
  }

  private static func set(_ entry: YAMLNode.Entry, _ segment: inout Segment, _ parser: inout RuleParser) {
    let node = entry.value
    let what = "'\(entry.name)'"
    switch entry.name {
    case "name": parser.text(node, what).map { segment.name = $0 }
    case "description": parser.text(node, what).map { segment.description = $0 }
    case "owner": parser.text(node, what).map { segment.owner = $0 }
    case "purpose": purpose(node, &segment, &parser)
    case "tags": segment.tags = parser.items(node).compactMap { parser.text($0, "a tag") }
    case "destinations":
      segment.destinations = parser.items(node).compactMap { parser.text($0, "a destination") }
    case "expires":
      guard let day = node.text.flatMap({ Day($0) }) else {
        return parser.report(
          .w5, "'expires' must be a date", at: node.place, hint: "write it like 2026-12-31")
      }
      segment.expires = day
      if let asOf = parser.context.asOf, day < asOf {
        parser.report(
          .p3, "the segment expired on \(day)", at: node.place, hint: "it is not delivered any more")
      }
    case "draft":
      guard let draft = ["true": true, "false": false][node.text ?? ""] else {
        return parser.report(.t5, "'draft' is true or false", at: node.place)
      }
      segment.draft = draft
    default: break
    }
  }

  private static func purpose(_ node: YAMLNode, _ segment: inout Segment, _ parser: inout RuleParser) {
    guard let text = parser.text(node, "'purpose'") else { return }
    guard ["ads", "analytics"].contains(text) else {
      return parser.report(
        .p1, "'\(text)' is no purpose", at: node.place,
        hint: Nearest.word(to: text, among: ["ads", "analytics"]).map { "did you mean '\($0)'?" }
          ?? "ads or analytics")
    }
    segment.purpose = text
  }
}
