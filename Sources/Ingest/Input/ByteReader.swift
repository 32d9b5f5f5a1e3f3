#if canImport(Glibc)
  import Glibc
#endif
import CISAL
import Diagnostics
import Events

/// The bytes of an input file, decompressed where it is gzip (by its first two bytes, never by its name), in pieces of
/// bounded size whatever the ratio of compression. The buffers are made in `init`, freed in `deinit`, never leave.
@safe final class ByteReader {
  private let path: String
  private let descriptor: Int32
  private let input: UnsafeMutableRawBufferPointer
  private var inputEnd = 0
  private var atEnd = false
  /// Compressed bytes read so far.
  private(set) var consumed = 0
  private var inflate: UnsafeMutablePointer<inflate_state>?
  private var memberOpen = false

  private static let block = 1 << 18

  init(path: String) throws(Diagnostic) {
    self.path = path
    descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      throw Diagnostic(
        .f1, "cannot be opened: \(unsafe String(cString: strerror(errno)))", at: Place(file: path))
    }
    unsafe input = .allocate(byteCount: Self.block, alignment: 64)
    try fill()
    if inputEnd >= 2, unsafe input[0] == 0x1f && input[1] == 0x8b {
      let state = UnsafeMutablePointer<inflate_state>.allocate(capacity: 1)
      unsafe inflate = state
      unsafe startMember(state)
      unsafe state.pointee.next_in = input.baseAddress?.assumingMemoryBound(to: UInt8.self)
      unsafe state.pointee.avail_in = UInt32(inputEnd)
    }
  }

  deinit {
    close(descriptor)
    unsafe input.deallocate()
    unsafe inflate?.deallocate()
  }

  /// XXH3-64 of a file's bytes as they lie there.
  static func contentHash(path: String) throws(Diagnostic) -> UInt64 {
    let file = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else {
      throw Diagnostic(
        .f1, "cannot be opened: \(unsafe String(cString: strerror(errno)))", at: Place(file: path))
    }
    defer { close(file) }
    let hash = HashStream()
    var buffer = [UInt8](repeating: 0, count: 1 << 20)
    while true {
      let count = unsafe buffer.withUnsafeMutableBytes { unsafe Glibc.read(file, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw Diagnostic(.f1, "cannot be read", at: Place(file: path)) }
      if count == 0 { return hash.value }
      unsafe buffer.withUnsafeBytes { unsafe hash.update(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
    }
  }

  /// A file's first bytes, fewer where it is shorter; nil where it cannot be read.
  static func beginning(path: String, count: Int) -> [UInt8]? {
    let file = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return nil }
    defer { close(file) }
    var bytes = [UInt8](repeating: 0, count: count)
    let got = unsafe bytes.withUnsafeMutableBytes { unsafe pread(file, $0.baseAddress, $0.count, 0) }
    return got < 0 ? nil : Array(bytes.prefix(got))
  }

  /// Fills a buffer as far as possible.
  /// - Returns: how many bytes; 0 at the end.
  /// - Throws: `F1` where reading fails, `I3` where the gzip data are broken or cut off.
  func read(into target: UnsafeMutableRawBufferPointer) throws(Diagnostic) -> Int {
    guard let state = unsafe inflate else { return try unsafe copy(into: target) }
    unsafe state.pointee.next_out = target.baseAddress?.assumingMemoryBound(to: UInt8.self)
    unsafe state.pointee.avail_out = UInt32(target.count)
    while unsafe state.pointee.avail_out > 0 {
      if unsafe state.pointee.avail_in == 0 { try unsafe refill(state) }
      if unsafe state.pointee.block_state == ISAL_BLOCK_FINISH {
        memberOpen = false
        guard unsafe state.pointee.avail_in > 0 else { break }
        try unsafe nextMember(state)
        continue
      }
      let before = unsafe (state.pointee.avail_in, state.pointee.avail_out)
      let status = unsafe isal_inflate(state)
      guard status == ISAL_DECOMP_OK || status == ISAL_END_INPUT else {
        throw broken("the gzip data are broken")
      }
      let stuck = unsafe before == (state.pointee.avail_in, state.pointee.avail_out)
      if stuck, atEnd, unsafe state.pointee.block_state != ISAL_BLOCK_FINISH {
        throw broken("the gzip data end in the middle")
      }
    }
    return unsafe target.count - Int(state.pointee.avail_out)
  }

  private func startMember(_ state: UnsafeMutablePointer<inflate_state>) {
    let (next, available) = unsafe memberOpen ? (state.pointee.next_in, state.pointee.avail_in) : (nil, 0)
    unsafe isal_inflate_init(state)
    unsafe state.pointee.crc_flag = UInt32(ISAL_GZIP)
    unsafe state.pointee.next_in = next
    unsafe state.pointee.avail_in = available
    memberOpen = true
  }

  /// gzip files may be put end to end; what else follows is an error.
  private func nextMember(_ state: UnsafeMutablePointer<inflate_state>) throws(Diagnostic) {
    guard unsafe state.pointee.next_in?.pointee == 0x1f else {
      throw broken("something that is no gzip follows the gzip data")
    }
    memberOpen = true
    let (out, room) = unsafe (state.pointee.next_out, state.pointee.avail_out)
    unsafe startMember(state)
    unsafe state.pointee.next_out = out
    unsafe state.pointee.avail_out = room
  }

  private func refill(_ state: UnsafeMutablePointer<inflate_state>) throws(Diagnostic) {
    guard !atEnd else { return }
    try fill()
    unsafe state.pointee.next_in = input.baseAddress?.assumingMemoryBound(to: UInt8.self)
    unsafe state.pointee.avail_in = UInt32(inputEnd)
  }

  private func broken(_ reason: String) -> Diagnostic {
    Diagnostic(
      .i3, reason, at: Place(file: path, detail: "near byte \(consumed)"),
      hint: "copy the file again; nothing was ingested")
  }

  private func fill() throws(Diagnostic) {
    inputEnd = try unsafe system(into: input)
    atEnd = inputEnd == 0
    consumed += inputEnd
  }

  private func copy(into target: UnsafeMutableRawBufferPointer) throws(Diagnostic) -> Int {
    if inputEnd > 0 {
      // The first block, which was read to look at.
      let count = inputEnd
      unsafe target.copyMemory(from: UnsafeRawBufferPointer(rebasing: input[..<count]))
      inputEnd = 0
      return count
    }
    let count = try unsafe system(into: target)
    consumed += count
    return count
  }

  private func system(into target: UnsafeMutableRawBufferPointer) throws(Diagnostic) -> Int {
    while true {
      let count = unsafe Glibc.read(descriptor, target.baseAddress, target.count)
      if count >= 0 { return count }
      if errno != EINTR {
        throw Diagnostic(
          .f1, "cannot be read: \(unsafe String(cString: strerror(errno)))", at: Place(file: path))
      }
    }
  }
}
