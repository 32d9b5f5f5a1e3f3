import Diagnostics
import Events
import YAML

/// One segment on its way: what its file says, or one that a template makes, with its mistakes.
struct SegmentFile {
  struct Reference {
    var name: SegmentReference.Name
    var daysAgo: Int
    var place: Place
  }

  let id: String
  /// nil: it has mistakes.
  private(set) var segment: Segment?
  let references: [Reference]
  private(set) var diagnostics: [Diagnostic]
  /// Where it stands: its file, or its entry under `make`.
  let place: Place
  let keepPlace: Place?
  /// Windows that look back further than the store has events.
  let earlyWindows: [StoreYouth.Window]
  /// How much was read to check it.
  let work: Int

  static let keys =
    [
      "name", "description", "owner", "purpose", "tags", "destinations", "expires", "draft", "when", "where",
      "let", "who", "tests",
    ] + RuleParser.afterKeys

  /// - Parameters:
  ///   - root: the map of its keys, with parameters already filled in.
  ///   - hash: of everything that it is made of, but the project's definitions.
  ///   - template: the file of its template; nil: it has a file of its own.
  init(
    id: String, root: YAMLNode, place: Place, hash: UInt64, template: String? = nil, in reading: RuleReading
  ) {
    var parser = RuleParser(reading)
    var segment = Segment(
      id: id, name: id, purpose: "", root: .everyone, file: place.file, contentHash: hash)
    let who = Self.read(root, &segment, &parser, isMade: template != nil)
    if let who, parser.errors == 0 {
      segment.root = who
      segment.madeOf = [place.file] + [template].compactMap { $0 }
      if parser.usesProject {
        segment.contentHash = Hash.joined([hash, reading.definitions.hash])
        segment.madeOf += [reading.context.definitions?.file].compactMap { $0 }
      }
      self.segment = segment
    } else {
      self.segment = nil
    }
    self.id = id
    self.place = place
    references = parser.references
    diagnostics = parser.diagnostics
    keepPlace = parser.keepPlace
    earlyWindows = parser.earlyWindows
    work = parser.parts + parser.given
  }

  /// One that cannot be read.
  init(broken id: String, at place: Place, _ diagnostics: [Diagnostic]) {
    self.id = id
    self.place = place
    self.diagnostics = diagnostics
    (segment, references, keepPlace, earlyWindows, work) = (nil, [], nil, [], 0)
  }

  /// Something that it is made of is wrong.
  mutating func withhold() { segment = nil }

  /// Adds mistakes of what it is made of.
  /// - Parameters:
  ///   - note: goes to those that stand in another file than `file`, for they are of more than one segment.
  mutating func add(_ problems: [Diagnostic], note: Diagnostic.Note, of file: String) {
    if problems.contains(where: \.isError) { segment = nil }
    diagnostics = (problems + diagnostics).map { problem in
      guard problem.place?.file != file else { return problem }
      var noted = problem
      noted.notes.append(note)
      return noted
    }
  }

  private static func read(
    _ root: YAMLNode, _ segment: inout Segment, _ parser: inout RuleParser, isMade: Bool
  ) -> RuleNode? {
    let entries = root.entries ?? []
    for entry in entries { checkKey(entry, &parser) }
    if let node = root["let"] { define(node, &parser) }
    if let node = root["when"] {
      parser.defaultWindow = parser.window(node, of: .condition)
      parser.hasBrokenDefaultWindow = parser.defaultWindow == nil
    }
    if let node = root["where"] { parser.everyEvent = parser.filter(node, depth: 1) ?? .always }
    for entry in entries { set(entry, &segment, &parser) }
    checkRequired(root, &parser)
    let who = root["who"].flatMap { parser.who($0) }
    segment.after = parser.after(root, id: segment.id)
    if let node = root["tests"] { segment.tests = parser.tests(node) }
    // A template's names may be used by some of its segments only.
    if parser.errors == 0, !isMade { checkUnused(root, &parser) }
    return who
  }

  /// Whether a text works as an id everywhere: a–z, 0–9 and -.
  static func isID(_ text: String) -> Bool {
    !text.isEmpty && text.utf8.count <= 100
      && text.utf8.allSatisfy {
        (0x61...0x7a).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2d
      }
  }

  private static func checkKey(_ entry: YAMLNode.Entry, _ parser: inout RuleParser) {
    guard !keys.contains(entry.name) else { return }
    let hint: String
    if let near = RuleParser.nearest(entry.name, among: keys + ["template", "make", "parameters"]) {
      hint = near
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

  /// N10: a name that nothing uses is often a mistyped one.
  private static func checkUnused(_ root: YAMLNode, _ parser: inout RuleParser) {
    for entry in root["let"]?.entries ?? [] where !parser.usedDefinitions.contains(entry.name) {
      parser.report(
        .n10, "'$\(entry.name)' is used nowhere in this file", at: entry.key.place, hint: "drop it, or use it"
      )
    }
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
}
