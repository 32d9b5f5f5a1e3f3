import CCrypto
import Rules

/// Chance that every SQL dialect can repeat: MD5 of `seed:user`. Its first 32 bits, divided by 2³², are a number from 0
/// to 1; in the order of all 128 bits users stand in a row.
struct UserDigest {
  private let prefix: [UInt8]

  init(seed: String) { prefix = Array(seed.utf8) + [UInt8(ascii: ":")] }

  /// All 128 bits.
  func digest(_ user: ArraySlice<UInt8>) -> UInt128 {
    let bytes = prefix + user
    var digest = [UInt8](repeating: 0, count: 16)
    let done = unsafe bytes.withUnsafeBytes { source in
      unsafe digest.withUnsafeMutableBytes { target in
        unsafe EVP_Digest(source.baseAddress, source.count, target.baseAddress, nil, EVP_md5(), nil)
      }
    }
    guard done == 1 else { fatalError("the cryptography library has no MD5") }
    return digest.reduce(0) { $0 << 8 | UInt128($1) }
  }

  /// The first 32 bits.
  func number(_ user: ArraySlice<UInt8>) -> UInt64 { UInt64(digest(user) >> 96) }
}

extension Int64 {
  /// Whether a hash's first 32 bits, divided by 2³², are below this many millionths.
  func includes(_ hash: UInt64) -> Bool { hash * 1_000_000 < UInt64(clamping: self) << 32 }
}
