/// The members of a segment: for each bucket the ordinals of its members.
///
/// Kept as portable 64-bit Roaring: the number of buckets with members (64 bits), then for each its index (32 bits)
/// and a portable 32-bit bitmap. `pyroaring.BitMap64` reads it: a member is `bucket << 32 | ordinal`.
public struct Membership: Sendable, Equatable {
  /// Ascending ordinals a bucket.
  public var buckets: [[UInt32]]

  public init(buckets: [[UInt32]]) { self.buckets = buckets }

  public var count: Int { buckets.reduce(0) { $0 + $1.count } }

  public func contains(bucket: Int, ordinal: UInt32) -> Bool {
    guard buckets.indices.contains(bucket) else { return false }
    let numbers = buckets[bucket]
    var (low, high) = (0, numbers.count)
    while low < high {
      let middle = (low + high) / 2
      if numbers[middle] < ordinal { low = middle + 1 } else { high = middle }
    }
    return low < numbers.count && numbers[low] == ordinal
  }

  public var bytes: [UInt8] {
    let used = buckets.indices.filter { !buckets[$0].isEmpty }
    var bytes = Self.littleEndian(UInt64(used.count))
    for bucket in used {
      bytes += Self.littleEndian(UInt32(bucket))
      bytes += RoaringFormat.encode(buckets[bucket])
    }
    return bytes
  }

  /// - Parameter bucketCount: how many buckets the store has.
  public init(bytes: [UInt8], bucketCount: Int) throws(RoaringError) {
    buckets = [[UInt32]](repeating: [], count: bucketCount)
    guard bytes.count >= 8 else { throw RoaringError(reason: "is cut off", offset: bytes.count) }
    let count = (0..<8).reduce(UInt64(0)) { $0 | UInt64(bytes[$1]) << UInt64($1 * 8) }
    guard count <= UInt64(bucketCount) else {
      throw RoaringError(reason: "has more buckets than the store", offset: 0)
    }
    var at = 8
    var last = -1
    for _ in 0..<count {
      guard at <= bytes.count - 4 else { throw RoaringError(reason: "is cut off", offset: bytes.count) }
      let bucket = (0..<4).reduce(0) { $0 | Int(bytes[at + $1]) << ($1 * 8) }
      guard bucket > last, bucket < bucketCount else {
        throw RoaringError(reason: "has buckets out of order", offset: at)
      }
      (buckets[bucket], at) = try RoaringFormat.decode(bytes, from: at + 4)
      last = bucket
    }
    guard at == bytes.count else { throw RoaringError(reason: "has bytes behind its end", offset: at) }
  }

  private static func littleEndian<T: FixedWidthInteger>(_ value: T) -> [UInt8] {
    (0..<T.bitWidth / 8).map { UInt8(truncatingIfNeeded: value >> T($0 * 8)) }
  }
}
