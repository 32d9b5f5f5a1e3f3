import Diagnostics
import Events
import Rules

/// The names that a project's rules may use.
struct SchemaNames {
  /// Of events; those of articles among them.
  let fields: [Field]
  let attributes: [Field]
  /// Own fields that are not known by name may be called anything.
  let openFields: Bool
  let openAttributes: Bool
  private let segments: [String]

  init(_ context: RuleContext?, segments: [String]) {
    let ofArticles = context?.articleFields ?? []
    fields =
      Field.standard + (context?.properties ?? []) + ofArticles
      + (ofArticles.contains(.published) ? [.age] : [])
    attributes = Dictionary(([.firstSeen] + (context?.userFields ?? [])).map { ($0.name, $0) }) { $1 }.values
      .sorted()
    openFields = context == nil
    openAttributes = context == nil
    self.segments = segments
  }

  /// A segment's id, or an arm of one.
  var segment: JSONValue {
    let form = Schema.string(pattern: "^(?:[a-z0-9-]+(?:\\.[a-z0-9-]+)?|.*\\$.*)$")
    let known = Schema.of(nil, ("enum", .list(segments.map { .text($0) })))
    return Schema.any(
      "A segment's id: its file's name. ID.b is an arm of its split, ID.holdout those held out",
      segments.isEmpty ? [form] : [known, form])
  }

  /// Names of fields of some kinds, as a part of a pattern.
  func alternatives(_ kinds: Set<Field.Kind>) -> String {
    let known = fields.filter { kinds.contains($0.kind) }.map {
      $0.name.split(separator: ".").joined(separator: "\\.")
    }
    let open = openFields ? ["props\\.[^ ]+", "article\\.[^ ]+"] : []
    return "(?:" + (known + open).joined(separator: "|") + ")"
  }

  static func describe(_ field: Field) -> String {
    words[field.name]
      ?? (field.isOfArticle ? "An attribute of the event's article" : "The project's own field")
  }

  private static let words: [String: String] = [
    "event": "What happened: page_view, link_click, …",
    "section": "The article's section; 'sport' has all of 'sport/…'",
    "tag": "Tags of the article; one is enough", "author": "Authors of the article; one is enough",
    "article": "The article's id",
    "brand": "The title or brand", "device": "mobile, tablet, computer, …", "os": "The operating system",
    "country": "The country's code", "region": "The region's name", "referrer": "Where the visit came from",
    "campaign": "The marketing campaign", "element": "What was clicked",
    "position": "On which place of a list it was clicked",
    "scroll": "How far the page was scrolled, in percent", "dwell": "Engaged time of the view: at least 30s",
    "value": "The event's amount",
    "experiment": "Arms of experiments, 'homepage:b'; 'homepage' has all of its arms",
    "session": "The session's id",
    "hour": "The hour of the day, 0 to 23; between 22 and 1 goes over midnight",
    "weekday": "mon, tue, wed, thu, fri, sat or sun", "first_seen": "When the user's first event was",
    "article.age": "How old the article was at the event: at most 2h",
  ]
}
