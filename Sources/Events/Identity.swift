/// A user's dense number inside its bucket: given once, never reused.
public struct UserOrdinal: Sendable, Hashable, Comparable {
  public let value: UInt32
  public init(_ value: UInt32) { self.value = value }
  public static func < (a: Self, b: Self) -> Bool { a.value < b.value }
}

/// `hash(user) mod B`; the unit of parallel work.
public struct BucketIndex: Sendable, Hashable, Comparable {
  public let value: UInt32
  public init(_ value: UInt32) { self.value = value }
  public static func < (a: Self, b: Self) -> Bool { a.value < b.value }

  /// The bucket of a user id's bytes.
  /// - Parameter buckets: how many there are, a power of two.
  public init(user id: UnsafeRawBufferPointer, buckets: UInt32) {
    self.init(UInt32(truncatingIfNeeded: unsafe Hash.xxh3(id)) & (buckets &- 1))
  }
}
