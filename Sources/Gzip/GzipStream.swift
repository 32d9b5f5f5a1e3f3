import CISAL

/// A gzip stream by ISA-L: deterministic, without a name or time in its header. The buffers are made in `init`,
/// freed in `deinit`, and never leave.
@safe public final class GzipStream {
  private let stream: UnsafeMutablePointer<isal_zstream>
  private let levelBuffer: UnsafeMutablePointer<UInt8>
  private let output: UnsafeMutablePointer<UInt8>
  private static let levelBufferSize = 1 << 20
  private static let outputSize = 1 << 18

  public init() {
    unsafe stream = .allocate(capacity: 1)
    unsafe levelBuffer = .allocate(capacity: Self.levelBufferSize)
    unsafe output = .allocate(capacity: Self.outputSize)
    unsafe isal_deflate_init(stream)
    unsafe stream.pointee.level = 1
    unsafe stream.pointee.level_buf = levelBuffer
    unsafe stream.pointee.level_buf_size = UInt32(Self.levelBufferSize)
    unsafe stream.pointee.gzip_flag = UInt16(IGZIP_GZIP)
    unsafe stream.pointee.flush = UInt16(NO_FLUSH)
  }

  deinit {
    unsafe stream.deallocate()
    unsafe levelBuffer.deallocate()
    unsafe output.deallocate()
  }

  /// - Parameter last: ends the stream; no call may follow.
  public func compress(_ input: [UInt8], last: Bool) -> [UInt8] {
    var out: [UInt8] = []
    unsafe input.withUnsafeBytes { input in
      unsafe compress(input, last: last) { made in unsafe out += UnsafeRawBufferPointer(made) }
    }
    return out
  }

  /// Compresses bytes in pieces of at most 256 kB, without a copy of the whole.
  /// - Parameters:
  ///   - last: ends the stream; no call may follow.
  ///   - emit: gets each piece, which is gone when it returns.
  public func compress<Failure: Error>(
    _ input: UnsafeRawBufferPointer, last: Bool, emit: (UnsafeRawBufferPointer) throws(Failure) -> Void
  ) throws(Failure) {
    // ISA-L does not write to its input; its type merely lacks the const.
    unsafe stream.pointee.next_in = UnsafeMutableRawPointer(mutating: input.baseAddress)?
      .assumingMemoryBound(to: UInt8.self)
    unsafe stream.pointee.avail_in = UInt32(input.count)
    unsafe stream.pointee.end_of_stream = last ? 1 : 0
    repeat {
      unsafe stream.pointee.next_out = output
      unsafe stream.pointee.avail_out = UInt32(Self.outputSize)
      guard unsafe isal_deflate(stream) == COMP_OK else { fatalError("ISA-L refused its own parameters") }
      let made = unsafe Self.outputSize - Int(stream.pointee.avail_out)
      unsafe try emit(UnsafeRawBufferPointer(start: output, count: made))
    } while unsafe stream.pointee.avail_out == 0
  }
}
