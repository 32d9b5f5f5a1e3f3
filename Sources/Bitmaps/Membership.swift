/// The members of a segment: for each bucket a set of ordinals, kept as Roaring bytes, so that hundreds of segments
/// with millions of members fit into memory.
///
/// Its bytes are portable 64-bit Roaring: the number of buckets with members (64 bits), then for each its index
/// (32 bits) and a portable 32-bit bitmap. `pyroaring.BitMap64` reads it: a member is `bucket << 32 | ordinal`.
public struct Membership: Sendable, Equatable {
  /// A portable 32-bit bitmap a bucket; empty where nobody is a member.
  private var bitmaps: [[UInt8]]
  private var counts: [Int]

  /// Nobody.
  public init(bucketCount: Int) {
    bitmaps = Array(repeating: [], count: bucketCount)
    counts = Array(repeating: 0, count: bucketCount)
  }

  /// - Parameter buckets: ascending ordinals a bucket.
  public init(buckets: [[UInt32]]) {
    self.init(bucketCount: buckets.count)
    for (bucket, ordinals) in buckets.enumerated() { set(bucket, BucketMembers(ordinals)) }
  }

  public var count: Int { counts.reduce(0, +) }
  public var bucketCount: Int { bitmaps.count }

  /// Replaces the members of one bucket.
  public mutating func set(_ bucket: Int, _ members: BucketMembers) {
    bitmaps[bucket] = members.bitmap
    counts[bucket] = members.count
  }

  /// The ordinals of a bucket's members, ascending; none for a bucket that is not there.
  public func ordinals(in bucket: Int) -> [UInt32] {
    guard bitmaps.indices.contains(bucket), counts[bucket] > 0 else { return [] }
    // Bitmaps are made by `encode` or were decoded once when they came in.
    do { return try RoaringFormat.decode(bitmaps[bucket]).numbers } catch {
      preconditionFailure("a bitmap that was checked is broken: \(error.reason)")
    }
  }

  public var bytes: [UInt8] {
    let used = bitmaps.indices.filter { counts[$0] > 0 }
    var bytes = Self.littleEndian(UInt64(used.count))
    for bucket in used {
      bytes += Self.littleEndian(UInt32(bucket))
      bytes += bitmaps[bucket]
    }
    return bytes
  }

  /// - Parameter bucketCount: how many buckets the store has.
  public init(bytes: [UInt8], bucketCount: Int) throws(RoaringError) {
    self.init(bucketCount: bucketCount)
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
      let (numbers, end) = try RoaringFormat.decode(bytes, from: at + 4)
      bitmaps[bucket] = numbers.isEmpty ? [] : Array(bytes[at + 4..<end])
      counts[bucket] = numbers.count
      at = end
      last = bucket
    }
    guard at == bytes.count else { throw RoaringError(reason: "has bytes behind its end", offset: at) }
  }

  private static func littleEndian<T: FixedWidthInteger>(_ value: T) -> [UInt8] {
    (0..<T.bitWidth / 8).map { UInt8(truncatingIfNeeded: value >> T($0 * 8)) }
  }
}

/// The members of a segment in one bucket, on their way into a `Membership`.
public struct BucketMembers: Sendable {
  let bitmap: [UInt8]
  let count: Int

  public init(_ set: Bitset) {
    count = set.count
    bitmap = count == 0 ? [] : RoaringFormat.encode(set)
  }

  /// - Parameter ordinals: ascending.
  public init(_ ordinals: [UInt32]) {
    count = ordinals.count
    bitmap = ordinals.isEmpty ? [] : RoaringFormat.encode(ordinals)
  }
}
