import CXXHash

/// XXH3 of bytes: fast, the same on every machine, not secret.
public enum Hash {
  /// 64 bits, seed 0.
  @inline(__always) public static func xxh3(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
    unsafe gs_xxh3_64(bytes.baseAddress, bytes.count)
  }

  /// 64 bits, seed 0.
  public static func xxh3(_ bytes: [UInt8]) -> UInt64 { unsafe bytes.withUnsafeBytes { unsafe xxh3($0) } }

  /// 128 bits, seed 0.
  public static func xxh128(_ bytes: UnsafeRawBufferPointer) -> UInt128 {
    var high: UInt64 = 0
    var low: UInt64 = 0
    unsafe gs_xxh3_128(bytes.baseAddress, bytes.count, &high, &low)
    return UInt128(high) << 64 | UInt128(low)
  }
}
