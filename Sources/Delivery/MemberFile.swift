import CCrypto
import Diagnostics
import Gzip

#if canImport(Glibc)
  import Glibc
#endif

/// A file of members that appears whole or not at all: bytes go through an optional gzip stream and a SHA-256 into
/// a temporary file beside the final one, which is synced and renamed at the end.
final class MemberFile {
  private let path: String
  private let temporary: String
  private var descriptor: Int32
  private var gzip: GzipStream?
  private var digest = SHA256Digest()
  private var pending: [UInt8] = []
  private(set) var bytesWritten = 0

  /// How much is gathered before it is written.
  private static let block = 1 << 18

  init(path: String, compressed: Bool) throws(Diagnostic) {
    self.path = path
    temporary = "\(path).tmp-\(getpid())"
    descriptor = unsafe open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw Self.problem(path) }
    gzip = compressed ? GzipStream() : nil
    pending.reserveCapacity(Self.block + 4096)
  }

  /// Without `finish` nothing stays.
  deinit {
    guard descriptor >= 0 else { return }
    close(descriptor)
    unsafe unlink(temporary)
  }

  func append(_ bytes: some Sequence<UInt8>) throws(Diagnostic) {
    pending.append(contentsOf: bytes)
    if pending.count >= Self.block { try flush(last: false) }
  }

  /// Makes the file visible.
  /// - Returns: its size and the SHA-256 of its bytes in hexadecimal.
  func finish() throws(Diagnostic) -> (bytes: Int, sha256: String) {
    try flush(last: true)
    guard fsync(descriptor) == 0 else { throw Self.problem(path) }
    let closed = close(descriptor)
    descriptor = -1
    guard closed == 0, unsafe rename(temporary, path) == 0 else {
      let problem = Self.problem(path)
      unsafe unlink(temporary)
      throw problem
    }
    return (bytesWritten, digest.finish())
  }

  private func flush(last: Bool) throws(Diagnostic) {
    let out: [UInt8]
    if let gzip { out = gzip.compress(pending, last: last) } else { out = pending }
    pending.removeAll(keepingCapacity: true)
    digest.update(out)
    bytesWritten += out.count
    var rest = out[...]
    while !rest.isEmpty {
      let count = unsafe rest.withUnsafeBytes { unsafe write(descriptor, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw Self.problem(path) }
      rest = rest.dropFirst(count)
    }
  }

  private static func problem(_ path: String) -> Diagnostic {
    let full = errno == ENOSPC || errno == EDQUOT
    let words = unsafe String(cString: strerror(errno))
    return Diagnostic(
      full ? .f2 : .f1, "cannot write: \(words)", at: Place(file: path),
      hint: full ? "free some space and run the command again" : "check the folder and its permissions")
  }
}

/// SHA-256 by OpenSSL. The context is made in `init`, freed in `deinit`, and never leaves.
@safe final class SHA256Digest {
  private let context: OpaquePointer

  init() {
    guard let context = unsafe EVP_MD_CTX_new(), unsafe EVP_DigestInit_ex(context, EVP_sha256(), nil) == 1
    else {
      fatalError("OpenSSL gives no SHA-256")
    }
    unsafe self.context = context
  }

  deinit { unsafe EVP_MD_CTX_free(context) }

  func update(_ bytes: [UInt8]) {
    _ = unsafe bytes.withUnsafeBytes { unsafe EVP_DigestUpdate(context, $0.baseAddress, $0.count) }
  }

  /// 64 hexadecimal digits.
  func finish() -> String {
    var bytes = [UInt8](repeating: 0, count: 32)
    _ = unsafe bytes.withUnsafeMutableBufferPointer {
      unsafe EVP_DigestFinal_ex(context, $0.baseAddress, nil)
    }
    return bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }
}
