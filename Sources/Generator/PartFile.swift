import Diagnostics
import Glibc
import Gzip

/// One file of rows, plain or gzip, under a temporary name until `finish`.
struct PartFile: ~Copyable {
  private let path: String
  private let descriptor: Int32
  private let gzip: GzipStream?
  private var isFinished = false

  init(path: String, compression: TrafficOptions.Compression) throws(Diagnostic) {
    self.path = path
    gzip = compression == .gzip ? GzipStream() : nil
    descriptor = unsafe open(path + ".tmp", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw Self.failure("cannot be made", path) }
  }

  deinit {
    if descriptor >= 0 { close(descriptor) }
    if !isFinished { unsafe unlink(path + ".tmp") }
  }

  func write(_ bytes: UnsafeRawBufferPointer) throws(Diagnostic) {
    guard let gzip else { return unsafe try put(bytes) }
    unsafe try gzip.compress(bytes, last: false) { piece throws(Diagnostic) in unsafe try put(piece) }
  }

  /// Ends the stream and gives the file its name.
  mutating func finish() throws(Diagnostic) {
    if let gzip {
      let nothing = unsafe UnsafeRawBufferPointer(start: nil, count: 0)
      unsafe try gzip.compress(nothing, last: true) { piece throws(Diagnostic) in unsafe try put(piece) }
    }
    guard unsafe rename(path + ".tmp", path) == 0 else { throw Self.failure("cannot get its name", path) }
    isFinished = true
  }

  private func put(_ bytes: UnsafeRawBufferPointer) throws(Diagnostic) {
    var done = 0
    while done < bytes.count {
      let written = unsafe Glibc.write(descriptor, bytes.baseAddress?.advanced(by: done), bytes.count - done)
      if written < 0, errno == EINTR { continue }
      guard written > 0 else { throw Self.failure("cannot be written", path) }
      done += written
    }
  }

  /// What the system says about `errno`, with the file.
  static func failure(_ what: String, _ path: String) -> Diagnostic {
    let code = errno
    let reason = unsafe strerror(code).map { unsafe String(cString: $0) } ?? "error \(code)"
    let isFull = code == ENOSPC || code == EDQUOT
    return Diagnostic(
      isFull ? .f2 : .f1, "the file \(what): \(reason)", at: Place(file: path),
      hint: isFull ? "make room, or ask for fewer users or days" : "check the folder and its permissions")
  }
}
