import CISAL
import Diagnostics
import Glibc

/// One file of rows, plain or gzip (ISA-L, level 1): under a temporary name until `finish`.
///
/// Invariant: the stream, its level buffer and the output buffer are made in `init`, freed in `deinit`, and never
/// leave; `isal_deflate` reads only the bytes of the current `write`.
@safe struct PartFile: ~Copyable {
  private let path: String
  private let descriptor: Int32
  private let stream: UnsafeMutablePointer<isal_zstream>?
  private let level: UnsafeMutablePointer<UInt8>
  private let output: UnsafeMutablePointer<UInt8>
  private var isFinished = false

  private static let levelSize = 1 << 20
  private static let outputSize = 1 << 20

  init(path: String, compression: TrafficOptions.Compression) throws(Diagnostic) {
    self.path = path
    descriptor = unsafe open(path + ".tmp", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    unsafe level = .allocate(capacity: Self.levelSize)
    unsafe output = .allocate(capacity: Self.outputSize)
    guard compression == .gzip else {
      unsafe stream = nil
      try Self.check(descriptor, path)
      return
    }
    let stream = UnsafeMutablePointer<isal_zstream>.allocate(capacity: 1)
    unsafe isal_deflate_init(stream)
    unsafe stream.pointee.level = 1
    unsafe stream.pointee.level_buf = level
    unsafe stream.pointee.level_buf_size = UInt32(Self.levelSize)
    unsafe stream.pointee.gzip_flag = UInt16(IGZIP_GZIP)
    unsafe stream.pointee.flush = UInt16(NO_FLUSH)
    unsafe self.stream = stream
    try Self.check(descriptor, path)
  }

  deinit {
    if descriptor >= 0 { close(descriptor) }
    if !isFinished { unsafe unlink(path + ".tmp") }
    unsafe stream?.deallocate()
    unsafe level.deallocate()
    unsafe output.deallocate()
  }

  mutating func write(_ bytes: UnsafeMutableRawBufferPointer) throws(Diagnostic) {
    guard let stream = unsafe stream else { return unsafe try put(UnsafeRawBufferPointer(bytes)) }
    unsafe stream.pointee.next_in = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
    unsafe stream.pointee.avail_in = UInt32(bytes.count)
    unsafe try deflate(stream)
  }

  /// Ends the stream and gives the file its name.
  mutating func finish() throws(Diagnostic) {
    if let stream = unsafe stream {
      unsafe stream.pointee.avail_in = 0
      unsafe stream.pointee.end_of_stream = 1
      unsafe try deflate(stream)
    }
    guard unsafe rename(path + ".tmp", path) == 0 else {
      throw Self.failure("cannot give the file its name", path)
    }
    isFinished = true
  }

  private func deflate(_ stream: UnsafeMutablePointer<isal_zstream>) throws(Diagnostic) {
    repeat {
      unsafe stream.pointee.next_out = output
      unsafe stream.pointee.avail_out = UInt32(Self.outputSize)
      guard unsafe isal_deflate(stream) == COMP_OK else { fatalError("ISA-L refused its own parameters") }
      let made = unsafe Self.outputSize - Int(stream.pointee.avail_out)
      unsafe try put(UnsafeRawBufferPointer(start: output, count: made))
    } while unsafe stream.pointee.avail_out == 0
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

  private static func check(_ descriptor: Int32, _ path: String) throws(Diagnostic) {
    guard descriptor >= 0 else { throw failure("cannot be made", path) }
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
