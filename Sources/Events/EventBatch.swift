/// The rows of one bucket in one part of a day, as the scan reads them: columns of plain values.
///
/// In a store rows are sorted by (event name, user, time); nothing relies on it, but rows of one event name that stand
/// together are scanned fastest. Only the columns that were asked for are there. Everything was checked at the door:
/// `users` are below the bucket's user count, codes are at most their dictionary's count, and every column has `rowCount`
/// rows, so that inner loops may trust them.
public struct EventBatch: Sendable {
  public var day: Day
  public var rowCount: Int
  /// User ordinals inside the bucket.
  public var users: [UInt32]
  /// Instants in milliseconds; empty unless `.eventTime` was asked for.
  public var times: [Int64]
  /// By field; a field that the part lacks is absent here, which means unknown on every row.
  public var columns: [Field: EventColumn]
  /// Rows that a later commit replaced, ascending; the scan passes over them.
  public var deletedRows: [UInt32]
  /// All rows have the same event name.
  public var isOfOneEvent = false
  /// Fields of which each article has one value here, in place of a column: look up the row's article. Where there are any,
  /// every row's article is known and `columns` has it.
  public var articleColumns: [Field: ArticleColumn] = [:]

  public init(
    day: Day, users: [UInt32], times: [Int64], columns: [Field: EventColumn] = [:], deletedRows: [UInt32] = []
  ) {
    self.day = day
    self.rowCount = users.count
    self.users = users
    self.times = times
    self.columns = columns
    self.deletedRows = deletedRows
  }
}

extension EventBatch {
  /// Sets the bits of users with a row that was not replaced.
  public func mark(_ words: inout [UInt64]) {
    var deleted = deletedRows[...]
    for row in 0..<rowCount {
      if deleted.first == UInt32(row) {
        deleted.removeFirst()
      } else {
        words[Int(users[row]) >> 6] |= 1 << UInt64(users[row] & 63)
      }
    }
  }
}

/// A field's values by article: row i of `values` is that of code i of the part's articles. A class, so that what a scan
/// derives from it can be keyed by identity.
public final class ArticleColumn: Sendable {
  /// `.codes` or `.lists`.
  public let values: EventColumn
  public let dictionary: TextDictionary
  /// By article: whether it has rows here at all.
  public let isMet: [Bool]

  public init(_ values: EventColumn, _ dictionary: TextDictionary, isMet: [Bool]) {
    self.values = values
    self.dictionary = dictionary
    self.isMet = isMet
  }
}

extension EventBatch {
  /// The column of a field that is there by article.
  public func column(byArticle field: Field) -> EventColumn? {
    guard let column = articleColumns[field], case .codes(let articles, _)? = columns[.article] else {
      return nil
    }
    return column.values.gathered((0..<rowCount).map { Int(articles[$0]) })
  }

  /// The same with all columns row by row.
  public var expanded: EventBatch {
    var batch = self
    for field in articleColumns.keys { batch.columns[field] = column(byArticle: field) }
    batch.articleColumns = [:]
    return batch
  }
}

/// One column of an `EventBatch`.
public enum EventColumn: Sendable {
  /// `.text`: a code a row; code `dictionary.count` means unknown.
  case codes(Codes, dictionary: TextDictionary)
  /// `.textList`: row r has elements `offsets[r]..<offsets[r + 1]` of `codes`; no element is unknown, and an
  /// empty list is an unknown one.
  case lists(offsets: [UInt32], codes: Codes, dictionary: TextDictionary)
  /// `.number`: NaN is unknown; others are within `Decimal6.limit`.
  case numbers([Double])
  /// `.duration`: milliseconds; `UInt32.max` is unknown.
  case durations([UInt32])
  /// `.time`: milliseconds; `Int64.min` is unknown.
  case times([Int64])
  /// `.id`: the hash; 0 is unknown (a hash of 0 is kept as 1).
  case ids([UInt64])

  /// Dictionary codes in the narrowest width that holds them and "unknown".
  public enum Codes: Sendable {
    case u8([UInt8])
    case u16([UInt16])
    case u32([UInt32])

    public subscript(index: Int) -> UInt32 {
      switch self {
      case .u8(let codes): UInt32(codes[index])
      case .u16(let codes): UInt32(codes[index])
      case .u32(let codes): codes[index]
      }
    }

    public var count: Int {
      switch self {
      case .u8(let codes): codes.count
      case .u16(let codes): codes.count
      case .u32(let codes): codes.count
      }
    }
  }
}

/// The distinct values of one column of one part. A class, so that the batches of a part share one and the scan
/// can key what it decided on it by identity.
public final class TextDictionary: Sendable {
  /// Original spellings, sorted by bytes.
  public let values: [String]
  public init(_ values: [String]) { self.values = values }
}

extension EventColumn {
  /// The values at some rows; −1 is unknown.
  public func gathered(_ rows: [Int]) -> EventColumn {
    func values<T>(_ all: [T], _ unknown: T) -> [T] { rows.map { $0 < 0 ? unknown : all[$0] } }
    switch self {
    case .codes(let codes, let dictionary):
      let unknown = UInt32(dictionary.values.count)
      return .codes(.u32(rows.map { $0 < 0 ? unknown : codes[$0] }), dictionary: dictionary)
    case .numbers(let all): return .numbers(values(all, .nan))
    case .times(let all): return .times(values(all, .min))
    case .durations(let all): return .durations(values(all, .max))
    case .ids(let all): return .ids(values(all, 0))
    case .lists(let offsets, let codes, let dictionary):
      var (starts, elements): ([UInt32], [UInt32]) = ([0], [])
      for row in rows {
        if row >= 0 { elements += (Int(offsets[row])..<Int(offsets[row + 1])).map { codes[$0] } }
        starts.append(UInt32(elements.count))
      }
      return .lists(offsets: starts, codes: .u32(elements), dictionary: dictionary)
    }
  }
}
