import CXXHash

/// XXH3 of bytes: fast, the same on every machine, not secret.
public enum Hash {
  /// 64 bits, seed 0.
  @inline(__always) public static func xxh3(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
    unsafe gs_xxh3_64(bytes.baseAddress, bytes.count)
  }

  /// 64 bits, seed 0.
  public static func xxh3(_ bytes: [UInt8]) -> UInt64 { unsafe bytes.withUnsafeBytes { unsafe xxh3($0) } }

  /// 16 hexadecimal digits.
  public static func hex(_ value: UInt64) -> String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }

  /// 128 bits, seed 0.
  public static func xxh128(_ bytes: UnsafeRawBufferPointer) -> UInt128 {
    var high: UInt64 = 0
    var low: UInt64 = 0
    unsafe gs_xxh3_128(bytes.baseAddress, bytes.count, &high, &low)
    return UInt128(high) << 64 | UInt128(low)
  }
}

/// XXH3-64 of bytes that come piece by piece. The state is made in `init`, freed in `deinit`, and never leaves.
@safe public final class HashStream {
  private let state: UnsafeMutableRawPointer

  public init() {
    guard let state = unsafe gs_xxh3_new() else { fatalError("xxhash has no memory") }
    unsafe self.state = state
  }

  deinit { unsafe gs_xxh3_free(state) }

  public func update(_ bytes: UnsafeRawBufferPointer) {
    unsafe gs_xxh3_update(state, bytes.baseAddress, bytes.count)
  }

  public func update(_ bytes: [UInt8]) { unsafe bytes.withUnsafeBytes { unsafe update($0) } }

  public var value: UInt64 { unsafe gs_xxh3_digest(state) }
}
