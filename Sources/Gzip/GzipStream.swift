import CISAL

/// A gzip stream by ISA-L: deterministic, without a name or time in its header. The buffers are made in `init`,
/// freed in `deinit`, and never leave.
@safe public final class GzipStream {
  private let stream: UnsafeMutablePointer<isal_zstream>
  private let levelBuffer: UnsafeMutablePointer<UInt8>
  private static let levelBufferSize = 1 << 20

  public init() {
    unsafe stream = .allocate(capacity: 1)
    unsafe levelBuffer = .allocate(capacity: Self.levelBufferSize)
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
  }

  /// - Parameter last: ends the stream; no call may follow.
  public func compress(_ input: [UInt8], last: Bool) -> [UInt8] {
    var input = input
    var out: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    unsafe input.withUnsafeMutableBufferPointer { source in
      unsafe stream.pointee.next_in = source.baseAddress
      unsafe stream.pointee.avail_in = UInt32(source.count)
      unsafe stream.pointee.end_of_stream = last ? 1 : 0
      repeat {
        let made = unsafe chunk.withUnsafeMutableBufferPointer { target in
          unsafe stream.pointee.next_out = target.baseAddress
          unsafe stream.pointee.avail_out = UInt32(target.count)
          unsafe isal_deflate(stream)
          return unsafe target.count - Int(stream.pointee.avail_out)
        }
        out += chunk[..<made]
      } while unsafe stream.pointee.avail_out == 0
    }
    return out
  }
}
