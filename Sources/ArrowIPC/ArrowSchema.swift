/// A column's type (Arrow columnar format, Schema.fbs).
public indirect enum ArrowType: Sendable, Hashable {
  public enum TimeUnit: Int16, Sendable, Hashable { case second, millisecond, microsecond, nanosecond }

  case null
  case bool
  case int(bits: Int, signed: Bool)
  /// 16, 32 or 64 bits.
  case float(bits: Int)
  case utf8, largeUTF8, binary, largeBinary
  case fixedBinary(width: Int)
  /// 32, 64, 128 or 256 bits.
  case decimal(precision: Int, scale: Int, bits: Int)
  /// Days (32 bits) or milliseconds (64).
  case date(TimeUnit?)
  case time(TimeUnit, bits: Int)
  case timestamp(TimeUnit, zone: String?)
  case duration(TimeUnit)
  /// 0 year-month (4 bytes), 1 day-time (8), 2 month-day-nano (16).
  case interval(Int)
  case list, largeList
  case fixedList(size: Int)
  case structure
  case map(keysSorted: Bool)

  /// Bytes a value of a fixed-width type takes; nil for the others and for bits.
  var width: Int? {
    switch self {
    case .int(let bits, _), .float(let bits), .decimal(_, _, let bits), .time(_, let bits): bits / 8
    case .fixedBinary(let width): width
    case .date(let unit): unit == nil ? 4 : 8
    case .timestamp, .duration: 8
    case .interval(let unit): [4, 8, 16][unit]
    default: nil
    }
  }

  /// How many children its field has; nil for any number.
  var childCount: Int? {
    switch self {
    case .list, .largeList, .fixedList, .map: 1
    case .structure: nil
    default: 0
    }
  }
}

/// A column: name, type, children, and how it is dictionary-encoded.
public struct ArrowField: Sendable, Equatable {
  public struct Dictionary: Sendable, Equatable {
    public var id: Int64
    /// The type of the indexes, an integer.
    public var index: ArrowType
    public var ordered: Bool
    public init(id: Int64, index: ArrowType, ordered: Bool = false) {
      self.id = id
      self.index = index
      self.ordered = ordered
    }
  }

  public var name: String
  /// The values' type; of a dictionary-encoded column, its dictionary's.
  public var type: ArrowType
  public var nullable: Bool
  public var children: [ArrowField]
  public var dictionary: Dictionary?
  public var metadata: [String: String]

  public init(
    _ name: String, _ type: ArrowType, nullable: Bool = true, children: [ArrowField] = [],
    dictionary: Dictionary? = nil, metadata: [String: String] = [:]
  ) {
    self.name = name
    self.type = type
    self.nullable = nullable
    self.children = children
    self.dictionary = dictionary
    self.metadata = metadata
  }
}

public struct ArrowSchema: Sendable, Equatable {
  public var fields: [ArrowField]
  public var metadata: [String: String]

  public init(_ fields: [ArrowField], metadata: [String: String] = [:]) {
    self.fields = fields
    self.metadata = metadata
  }

  /// All dictionary-encoded fields, at any depth, by id.
  var dictionaries: [Int64: ArrowField] {
    var found: [Int64: ArrowField] = [:]
    func visit(_ field: ArrowField) {
      if let dictionary = field.dictionary { found[dictionary.id] = field }
      field.children.forEach(visit)
    }
    fields.forEach(visit)
    return found
  }
}
