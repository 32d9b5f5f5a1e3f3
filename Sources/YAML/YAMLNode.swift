import Diagnostics

/// A YAML value with its place: what segment files and `grandstand.yaml` are read into.
///
/// The subset: one document; block and flow collections; plain, quoted and block scalars. Anchors, aliases,
/// merge keys and tags are refused (`Y5`), so a file is as large as it looks.
public struct YAMLNode: Sendable {
  public indirect enum Value: Sendable {
    case scalar(Scalar)
    case list([YAMLNode])
    case map([Entry])
  }

  public struct Scalar: Sendable, Equatable {
    public enum Style: Sendable { case plain, singleQuoted, doubleQuoted, block }
    public var text: String
    public var style: Style
    public init(text: String, style: Style) {
      self.text = text
      self.style = style
    }
  }

  public struct Entry: Sendable {
    public var key: YAMLNode
    public var value: YAMLNode
    /// The key's text; "" where the key is no scalar.
    public var name: String { key.text ?? "" }
    public init(key: YAMLNode, value: YAMLNode) {
      self.key = key
      self.value = value
    }
  }

  /// How it stands in the file, for what writes it anew.
  public struct Extent: Sendable {
    /// Just behind its last character; lines and columns from 1. Of a block collection it means nothing.
    public var endLine = 0
    public var endColumn = 0
    /// A list or map in brackets.
    public var isFlow = false
  }

  public var value: Value
  public var place: Place
  public var extent = Extent()

  public init(_ value: Value, at place: Place) {
    self.value = value
    self.place = place
  }

  /// A scalar's text, else nil.
  public var text: String? {
    if case .scalar(let scalar) = value { scalar.text } else { nil }
  }

  /// A map's entries, else nil.
  public var entries: [Entry]? {
    if case .map(let entries) = value { entries } else { nil }
  }

  /// A list's items, else nil.
  public var items: [YAMLNode]? {
    if case .list(let items) = value { items } else { nil }
  }

  /// An absent value: `key:` with nothing behind.
  public var isEmpty: Bool {
    if case .scalar(let scalar) = value { scalar.text.isEmpty && scalar.style == .plain } else { false }
  }

  /// "text", "a list" or "a map", for messages.
  public var kind: String {
    switch value {
    case .scalar: isEmpty ? "nothing" : "text"
    case .list: "a list"
    case .map: "a map"
    }
  }

  /// The first value under `name` of a map.
  public subscript(name: String) -> YAMLNode? { entries?.first { $0.name == name }?.value }
}
