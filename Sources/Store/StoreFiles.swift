#if canImport(Glibc)
  import Glibc
#endif

/// The writing calls of the store: the one seam where a test can crash at step n or fill the disk.
public protocol StoreFiles: Sendable {
  /// Makes a new file for writing.
  func open(_ path: String) throws(SystemError) -> Int32
  func write(_ file: Int32, _ bytes: UnsafeRawBufferPointer, _ path: String) throws(SystemError)
  /// Makes what was written durable, and closes.
  func sync(_ file: Int32, _ path: String) throws(SystemError)
  /// Replaces atomically, and makes the new name durable.
  func rename(_ from: String, _ to: String) throws(SystemError)
  func remove(_ path: String) throws(SystemError)
}

/// A system call that failed.
public struct SystemError: Error, Sendable, Equatable {
  public var call: String
  public var path: String
  public var number: Int32

  public init(_ call: String, _ path: String, _ number: Int32) {
    self.call = call
    self.path = path
    self.number = number
  }
}

/// The real calls.
public struct SystemFiles: StoreFiles {
  public init() {}

  public func open(_ path: String) throws(SystemError) -> Int32 {
    let file = unsafe Glibc.open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    guard file >= 0 else { throw SystemError("open", path, errno) }
    return file
  }

  public func write(_ file: Int32, _ bytes: UnsafeRawBufferPointer, _ path: String) throws(SystemError) {
    var done = 0
    while done < bytes.count {
      let count = unsafe Glibc.write(file, bytes.baseAddress.map { unsafe $0 + done }, bytes.count - done)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw SystemError("write", path, errno) }
      done += count
    }
  }

  public func sync(_ file: Int32, _ path: String) throws(SystemError) {
    let synced = fsync(file) == 0
    let number = errno
    guard close(file) == 0, synced else { throw SystemError("sync", path, number) }
  }

  public func rename(_ from: String, _ to: String) throws(SystemError) {
    guard unsafe Glibc.rename(from, to) == 0 else { throw SystemError("rename", to, errno) }
    guard let slash = to.lastIndex(of: "/") else { return }
    let folder = unsafe Glibc.open(String(to[..<slash]), O_RDONLY | O_CLOEXEC | O_DIRECTORY)
    guard folder >= 0 else { throw SystemError("open", to, errno) }
    defer { close(folder) }
    guard fsync(folder) == 0 else { throw SystemError("sync", to, errno) }
  }

  public func remove(_ path: String) throws(SystemError) {
    guard unsafe unlink(path) == 0 || errno == ENOENT else { throw SystemError("remove", path, errno) }
  }
}
