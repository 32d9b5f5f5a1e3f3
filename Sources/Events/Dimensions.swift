import Diagnostics

/// Attribute tables and uploaded lists as they held on a day: the last of each kind that was loaded to hold from that
/// day or an earlier one.
public protocol Dimensions: Sendable {
  /// What is known of the users of a bucket: keys are user ids, fields have plain names (`tier`).
  func users(in bucket: BucketIndex) throws(Diagnostic) -> AttributeTable
  /// What is known of articles: keys are article ids, fields are called `article.premium`.
  func articles() throws(Diagnostic) -> AttributeTable
  /// The entries of an uploaded list; nil where no such list held on the day.
  func list(_ name: String) throws(Diagnostic) -> Set<[UInt8]>?
  /// Equal for equal contents: what was decided by one may be used for the other.
  var version: String { get }
}

/// Rows by key. Keys compare as bytes.
public struct AttributeTable: Sendable {
  /// From a key to its row.
  public var rows: [[UInt8]: Int]
  /// As long as there are rows: `.codes`, `.numbers` or `.times`.
  public var columns: [Field: EventColumn]

  public init(rows: [[UInt8]: Int] = [:], columns: [Field: EventColumn] = [:]) {
    self.rows = rows
    self.columns = columns
  }
}

/// Where nothing was loaded.
public struct NoDimensions: Dimensions {
  public init() {}
  public func users(in bucket: BucketIndex) -> AttributeTable { AttributeTable() }
  public func articles() -> AttributeTable { AttributeTable() }
  public func list(_ name: String) -> Set<[UInt8]>? { nil }
  public var version: String { "" }
}

/// User ids of a bucket, end to end: ordinal i has `bytes[offsets[i]..<offsets[i + 1]]`.
public struct UserIDs: Sendable {
  public private(set) var offsets: [Int] = [0]
  public private(set) var bytes: [UInt8] = []

  public init() {}
  public var count: Int { offsets.count - 1 }
  public subscript(ordinal: Int) -> ArraySlice<UInt8> { bytes[offsets[ordinal]..<offsets[ordinal + 1]] }

  public mutating func append(_ id: [UInt8]) {
    bytes += id
    offsets.append(bytes.count)
  }

  /// Many at once.
  /// - Parameter more: offsets into `data`, one more than there are ids.
  public mutating func append(_ more: [UInt32], _ data: [UInt8]) {
    let base = bytes.count - Int(more.first ?? 0)
    bytes += data[Int(more.first ?? 0)..<Int(more.last ?? 0)]
    offsets += more.dropFirst().map { base + Int($0) }
  }

  public func firstIndex(of id: [UInt8]) -> Int? {
    (0..<count).first { offsets[$0 + 1] - offsets[$0] == id.count && self[$0].elementsEqual(id) }
  }
}
