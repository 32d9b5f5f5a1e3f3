import Events

/// How a file of users or articles becomes a table of attributes: the column with the id, and which columns become
/// which fields.
public struct TableMapping: Sendable, Hashable {
  /// What a column's values are read as.
  public enum Kind: String, Sendable, CaseIterable {
    case text, number, time
    /// `true` or `false`; a text to rules.
    case boolean
  }

  public struct Column: Sendable, Hashable {
    /// The field's plain name: `tier`.
    public var name: String
    /// The column in the file.
    public var column: String
    public var kind: Kind

    public init(name: String, column: String, kind: Kind) {
      self.name = name
      self.column = column
      self.kind = kind
    }

    public var fieldKind: Field.Kind {
      switch kind {
      case .text, .boolean: .text
      case .number: .number
      case .time: .time
      }
    }
  }

  public var key: String
  /// In the order of the project file.
  public var columns: [Column]
  /// CSV: the delimiter.
  public var delimiter: UInt8

  public init(key: String, columns: [Column], delimiter: UInt8 = UInt8(ascii: ",")) {
    self.key = key
    self.columns = columns
    self.delimiter = delimiter
  }
}

extension Project {
  /// Attributes of users by their plain names, as the project describes them. `first_seen` is not among them.
  public var userFields: [Field] {
    users?.columns.map { Field(name: $0.name, kind: $0.fieldKind) } ?? []
  }

  /// Attributes of articles, `article.x`. The derived `article.age` is not among them.
  public var articleFields: [Field] {
    articles?.columns.map { Field.ofArticle($0.name, $0.fieldKind) } ?? []
  }
}
