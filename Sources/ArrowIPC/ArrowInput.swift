#if canImport(Glibc)
  import Glibc
#endif

/// Bytes that can be read at any place: a file, or memory.
public protocol ArrowInput: Sendable {
  var size: Int { get }
  /// Fills the target.
  /// - Throws: where fewer bytes are there, or the system refuses.
  func read(_ offset: Int, into target: UnsafeMutableRawBufferPointer) throws(FormatError)
  /// What lies before an offset is not read again.
  func forget(before offset: Int)
}

extension ArrowInput {
  public func forget(before offset: Int) {}

  public func read(_ offset: Int, _ count: Int) throws(FormatError) -> [UInt8] {
    guard offset >= 0, count >= 0, offset <= size - count else {
      throw FormatError("the data end too early", at: offset)
    }
    var failure: FormatError?
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { target, initialized in
      do throws(FormatError) {
        try unsafe read(
          offset, into: UnsafeMutableRawBufferPointer(start: target.baseAddress, count: count))
        initialized = count
      } catch { failure = error }
    }
    if let failure { throw failure }
    return bytes
  }
}

/// Bytes in memory.
public struct BytesInput: ArrowInput {
  private let bytes: [UInt8]
  public init(_ bytes: [UInt8]) { self.bytes = bytes }
  public var size: Int { bytes.count }
  public func read(_ offset: Int, into target: UnsafeMutableRawBufferPointer) throws(FormatError) {
    guard offset >= 0, offset <= bytes.count - target.count else {
      throw FormatError("the data end too early", at: offset)
    }
    unsafe bytes.withUnsafeBytes { bytes in
      unsafe target.copyMemory(
        from: UnsafeRawBufferPointer(rebasing: bytes[offset..<(offset + target.count)]))
    }
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

  public func read(_ offset: Int, into target: UnsafeMutableRawBufferPointer) throws(FormatError) {
    guard offset >= 0, offset <= size - target.count else {
      throw FormatError("the file ends too early", at: offset)
    }
    var done = 0
    while done < target.count {
      let got = unsafe pread(
        descriptor, target.baseAddress.map { unsafe $0 + done }, target.count - done, off_t(offset + done))
      if got < 0, errno == EINTR { continue }
      guard got > 0 else {
        throw FormatError("the file ends too early or cannot be read", at: offset)
      }
      done += got
    }
  }

  private static func words() -> String { unsafe String(cString: strerror(errno)) }
}
