import CRoaring

/// Bytes that are no portable Roaring bitmap, and where.
public struct RoaringError: Error, Sendable, Equatable {
  public var reason: String
  public var offset: Int
}

/// Sets in the portable Roaring format (https://github.com/RoaringBitmap/RoaringFormatSpec).
public enum RoaringFormat {
  /// 32-bit numbers, ascending, as portable bytes with run containers where they are smaller.
  public static func encode(_ numbers: [UInt32]) -> [UInt8] {
    guard let bitmap = unsafe roaring_bitmap_create() else { fatalError("CRoaring has no memory") }
    defer { unsafe roaring_bitmap_free(bitmap) }
    unsafe numbers.withUnsafeBufferPointer {
      unsafe roaring_bitmap_add_many(bitmap, $0.count, $0.baseAddress)
    }
    unsafe roaring_bitmap_run_optimize(bitmap)
    let size = unsafe roaring_bitmap_portable_size_in_bytes(bitmap)
    return unsafe [UInt8](unsafeUninitializedCapacity: size) { target, count in
      count = unsafe target.withMemoryRebound(to: CChar.self) {
        unsafe roaring_bitmap_portable_serialize(bitmap, $0.baseAddress)
      }
    }
  }

  /// Reads a portable bitmap that begins at `start`.
  /// - Returns: its numbers, ascending, and where it ends.
  public static func decode(_ bytes: [UInt8], from start: Int = 0) throws(RoaringError) -> (
    numbers: [UInt32], end: Int
  ) {
    // Read here and not by CRoaring 0.2.66, which trusts the order and the counts of containers.
    var reader = RoaringReader(bytes: bytes, at: start)
    let numbers = try reader.numbers()
    return (numbers, reader.at)
  }
}

/// A bounds-checked reader of one portable bitmap.
private struct RoaringReader {
  let bytes: [UInt8]
  var at: Int
  private static let cookieWithoutRuns: UInt32 = 12346
  private static let cookie: UInt32 = 12347
  /// A bucket has some thousand users; runs could claim billions in a few bytes.
  private static let mostNumbers = 1 << 26

  mutating func numbers() throws(RoaringError) -> [UInt32] {
    let cookie = try uint32()
    var runs: [UInt8] = []
    let count: Int
    if cookie & 0xffff == Self.cookie {
      count = Int(cookie >> 16) + 1
      runs = try take((count + 7) / 8)
    } else if cookie == Self.cookieWithoutRuns {
      count = Int(try uint32())
    } else {
      throw RoaringError(reason: "is no portable Roaring bitmap", offset: at - 4)
    }
    guard count <= 65_536 else { throw RoaringError(reason: "has \(count) containers", offset: at) }
    var heads: [(key: UInt32, cardinality: Int)] = []
    for _ in 0..<count {
      let key = UInt32(try uint16())
      if let last = heads.last, last.key >= key {
        throw RoaringError(reason: "has containers out of order", offset: at)
      }
      heads.append((key, Int(try uint16()) + 1))
    }
    // Offsets of containers, which follow each other anyway.
    if runs.isEmpty || count >= 4 { _ = try take(count * 4) }
    var numbers: [UInt32] = []
    for (index, head) in heads.enumerated() {
      let isRun = !runs.isEmpty && runs[index / 8] >> UInt8(index % 8) & 1 == 1
      try container(head.key << 16, head.cardinality, isRun, &numbers)
    }
    return numbers
  }

  private mutating func container(
    _ base: UInt32, _ cardinality: Int, _ isRun: Bool, _ numbers: inout [UInt32]
  )
    throws(RoaringError)
  {
    let start = numbers.count
    let place = at
    guard start + cardinality <= Self.mostNumbers else {
      throw RoaringError(reason: "has more than \(Self.mostNumbers) numbers", offset: at)
    }
    if isRun {
      var next = 0
      for _ in 0..<Int(try uint16()) {
        let first = Int(try uint16())
        let last = first + Int(try uint16())
        guard first >= next, last <= 0xffff else { throw RoaringError(reason: "has broken runs", offset: at) }
        for value in first...last { numbers.append(base | UInt32(value)) }
        next = last + 1
      }
    } else if cardinality <= 4096 {
      var next = 0
      for _ in 0..<cardinality {
        let value = Int(try uint16())
        guard value >= next else { throw RoaringError(reason: "has values out of order", offset: at) }
        numbers.append(base | UInt32(value))
        next = value + 1
      }
    } else {
      for (index, byte) in try take(8192).enumerated() where byte != 0 {
        for bit in 0..<8 where byte >> UInt8(bit) & 1 == 1 { numbers.append(base | UInt32(index * 8 + bit)) }
      }
    }
    guard numbers.count - start == cardinality else {
      throw RoaringError(reason: "has a container of another size than it says", offset: place)
    }
  }

  private mutating func take(_ count: Int) throws(RoaringError) -> [UInt8] {
    guard count <= bytes.count - at else { throw RoaringError(reason: "is cut off", offset: bytes.count) }
    defer { at += count }
    return Array(bytes[at..<at + count])
  }

  private mutating func uint16() throws(RoaringError) -> UInt16 {
    guard at <= bytes.count - 2 else { throw RoaringError(reason: "is cut off", offset: bytes.count) }
    defer { at += 2 }
    return UInt16(bytes[at]) | UInt16(bytes[at + 1]) << 8
  }

  private mutating func uint32() throws(RoaringError) -> UInt32 {
    let low = try uint16()
    return UInt32(low) | UInt32(try uint16()) << 16
  }
}
