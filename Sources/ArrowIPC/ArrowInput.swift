#if canImport(Glibc)
  import Glibc
#endif

/// Bytes that can be read at any place: a file, or memory.
public protocol ArrowInput: Sendable {
  var size: Int { get }
  /// - Throws: where fewer than `count` bytes are there, or the system refuses.
  func read(_ offset: Int, _ count: Int) throws(FormatError) -> [UInt8]
  /// What lies before an offset is not read again.
  func forget(before offset: Int)
}

extension ArrowInput {
  public func forget(before offset: Int) {}
}

/// Bytes in memory.
public struct BytesInput: ArrowInput {
  private let bytes: [UInt8]
  public init(_ bytes: [UInt8]) { self.bytes = bytes }
  public var size: Int { bytes.count }
  public func read(_ offset: Int, _ count: Int) throws(FormatError) -> [UInt8] {
    guard offset >= 0, count >= 0, offset <= bytes.count - count else {
      throw FormatError("the data end too early", at: offset)
    }
    return Array(bytes[offset..<offset + count])
  }
}

/// An open file, read with `pread`, so that any number of threads may share it and a file that is cut off meanwhile
/// is an error and no signal.
public final class FileInput: ArrowInput {
  private let descriptor: Int32
  public let size: Int

  /// - Throws: with the system's words.
  public init(path: String) throws(FormatError) {
    descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw FormatError("cannot be opened: \(Self.words())") }
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      close(descriptor)
      throw FormatError("is no plain file")
    }
    size = Int(status.st_size)
  }

  deinit { close(descriptor) }

  public func read(_ offset: Int, _ count: Int) throws(FormatError) -> [UInt8] {
    guard offset >= 0, count >= 0, offset <= size - count else {
      throw FormatError("the file ends too early", at: offset)
    }
    var failed = false
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { target, initialized in
      while initialized < count {
        let got = unsafe pread(
          descriptor, target.baseAddress.map { unsafe $0 + initialized }, count - initialized,
          off_t(offset + initialized))
        if got < 0, errno == EINTR { continue }
        guard got > 0 else {
          failed = true
          return
        }
        initialized += got
      }
    }
    guard !failed else { throw FormatError("the file ends too early or cannot be read", at: offset) }
    return bytes
  }

  private static func words() -> String { unsafe String(cString: strerror(errno)) }
}
