#if canImport(Glibc)
  import Glibc
#endif
import Diagnostics

/// The few file calls that the command line itself makes.
enum Files {
  /// The whole of a file.
  /// - Throws: `F1`, also where it is larger than `limit`.
  static func read(_ path: String, limit: Int) throws(Diagnostic) -> [UInt8] {
    let file = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { throw problem("cannot open", path) }
    defer { close(file) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = unsafe buffer.withUnsafeMutableBytes { unsafe Glibc.read(file, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw problem("cannot read", path) }
      if count == 0 { return bytes }
      bytes += buffer[..<count]
      guard bytes.count <= limit else {
        throw Diagnostic(.f1, "the file is larger than \(HumanText.bytes(limit))", at: Place(file: path))
      }
    }
  }

  static func exists(_ path: String) -> Bool { unsafe access(path, F_OK) == 0 }

  static func isFolder(_ path: String) -> Bool {
    var status = stat()
    return unsafe stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  /// Where a path leads through links; the path itself where it leads nowhere.
  static func followed(_ path: String) -> String {
    guard let real = unsafe realpath(path, nil) else { return path }
    defer { unsafe free(real) }
    return unsafe String(cString: real)
  }

  /// Makes a folder and those above it.
  static func makeFolder(_ path: String) throws(Diagnostic) {
    if isFolder(path) { return }
    if let slash = path.lastIndex(of: "/"), slash > path.startIndex { try makeFolder(String(path[..<slash])) }
    guard unsafe mkdir(path, 0o755) == 0 || errno == EEXIST else {
      throw problem("cannot make the folder", path)
    }
  }

  /// Writes a file whole or not at all: under a temporary name, synced, then renamed.
  static func write(_ bytes: [UInt8], to path: String) throws(Diagnostic) {
    let temporary = "\(path).tmp-\(getpid())"
    let file = unsafe open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard file >= 0 else { throw problem("cannot write", path) }
    do throws(Diagnostic) { try write(bytes, file, path) } catch {
      close(file)
      unsafe unlink(temporary)
      throw error
    }
    guard fsync(file) == 0, close(file) == 0, unsafe rename(temporary, path) == 0 else {
      unsafe unlink(temporary)
      throw problem("cannot write", path)
    }
  }

  private static func write(_ bytes: [UInt8], _ file: Int32, _ path: String) throws(Diagnostic) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = unsafe rest.withUnsafeBytes { unsafe Glibc.write(file, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw problem("cannot write", path) }
      rest = rest.dropFirst(count)
    }
  }

  /// The last error of the system in words.
  static func problem(_ what: String, _ path: String) -> Diagnostic {
    let number = errno
    let words = unsafe String(cString: strerror(number))
    let full = number == ENOSPC || number == EDQUOT
    let hint: String? =
      switch number {
      case ENOENT: "is the path right?"
      case EACCES, EPERM: "check who owns it and its permissions"
      case ENOSPC, EDQUOT: "free some space and run the command again"
      default: nil
      }
    return Diagnostic(full ? .f2 : .f1, "\(what): \(words)", at: Place(file: path), hint: hint)
  }
}
