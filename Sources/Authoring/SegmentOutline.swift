import Diagnostics
import Events
import Rules
import YAML

/// What a segment file says of itself, read leniently: also of one whose rule is wrong, so that lists and selections
/// know it.
public struct SegmentOutline: Sendable {
  public var id: String
  public var file: String
  public var name: String
  public var description = ""
  public var owner = ""
  public var purpose = ""
  public var tags: [String] = []
  public var destinations: [String] = []
  public var expires: Day?
  public var isDraft = false
  public var testCount = 0
  /// Ids of the segments that it refers to.
  public var references: Set<String> = []
  public var contentHash: UInt64
  /// Its rule is wrong, or one that it refers to.
  public var isWithheld = false

  /// Of a checked segment.
  public init(_ segment: Segment) {
    (id, file, name, description) = (segment.id, segment.file, segment.name, segment.description)
    (owner, purpose, tags, destinations) = (
      segment.owner, segment.purpose, segment.tags, segment.destinations
    )
    (expires, isDraft, testCount) = (segment.expires, segment.draft, segment.tests.count)
    (references, contentHash) = (segment.references, segment.contentHash)
  }

  /// Of a file with mistakes.
  public init(withheld id: String, _ source: SourceText?) {
    self.id = id
    name = id
    file = source?.file ?? ""
    contentHash = source.map { Hash.xxh3($0.bytes) } ?? 0
    isWithheld = true
    // What cannot be read says nothing of itself; the checker tells why.
    guard let source, let root = try? YAMLNode.parse(source, limits: .segment) else { return }
    name = root["name"]?.text ?? id
    description = root["description"]?.text ?? ""
    owner = root["owner"]?.text ?? ""
    purpose = root["purpose"]?.text ?? ""
    tags = Self.words(root["tags"])
    destinations = Self.words(root["destinations"])
    expires = root["expires"]?.text.flatMap { Day($0) }
    isDraft = root["draft"]?.text == "true"
    testCount = root["tests"]?.items?.count ?? 0
    references = Self.references(root)
  }

  /// Of a whole project, by id.
  public static func all(_ compilation: Compilation, _ sources: [SourceText]) -> [SegmentOutline] {
    let files = Dictionary(sources.map { (Segment.id(ofFile: $0.file), $0) }) { first, _ in first }
    return
      (compilation.segments.map { SegmentOutline($0) }
      + compilation.withheld.map { SegmentOutline(withheld: $0, files[$0]) }).sorted { $0.id < $1.id }
  }

  private static func words(_ node: YAMLNode?) -> [String] {
    node.map { ($0.items ?? [$0]).compactMap(\.text) } ?? []
  }

  /// Whatever stands behind a `segment` key, without arms.
  private static func references(_ node: YAMLNode) -> Set<String> {
    var found: Set<String> = []
    for entry in node.entries ?? [] {
      if entry.name == "segment" {
        found.formUnion(words(entry.value).map { String($0.prefix { $0 != "." }) })
      } else if entry.name != "tests" {
        found.formUnion(references(entry.value))
      }
    }
    for item in node.items ?? [] { found.formUnion(references(item)) }
    return found
  }
}
