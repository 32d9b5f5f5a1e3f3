import Diagnostics
import Events
import YAML

/// Keys that say what a segment is called and what becomes of it.
extension SegmentFile {
  static func set(_ entry: YAMLNode.Entry, _ segment: inout Segment, _ parser: inout RuleParser) {
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
    case "expires": expires(node, &segment, &parser)
    case "draft":
      guard let draft = ["true": true, "false": false][node.text ?? ""] else {
        return parser.report(.t5, "'draft' is true or false", at: node.place)
      }
      segment.draft = draft
    default: break
    }
  }

  private static func expires(_ node: YAMLNode, _ segment: inout Segment, _ parser: inout RuleParser) {
    guard let day = node.text.flatMap({ Day($0) }) else {
      return parser.report(
        .w5, "'expires' must be a date", at: node.place, hint: "write it like 2026-12-31")
    }
    segment.expires = day
    if let asOf = parser.context.asOf, day < asOf {
      parser.report(
        .p3, "the segment expired on \(day)", at: node.place, hint: "it is not delivered any more")
    }
  }

  private static func purpose(_ node: YAMLNode, _ segment: inout Segment, _ parser: inout RuleParser) {
    guard let text = parser.text(node, "'purpose'") else { return }
    guard ["ads", "analytics"].contains(text) else {
      return parser.report(
        .p1, "'\(text)' is no purpose", at: node.place,
        hint: RuleParser.nearest(text, among: ["ads", "analytics"]) ?? "ads or analytics")
    }
    segment.purpose = text
  }
}
