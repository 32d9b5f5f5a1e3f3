import CLZ4
import CZstd

/// How the buffers of a record batch are compressed (Message.fbs, `CompressionType`).
public enum BufferCompression: UInt8, Sendable {
  case lz4Frame = 0
  case zstd = 1
}

/// Decompresses buffers. One a thread: it holds liblz4's context, made in `init`, freed in `deinit`.
@safe final class BufferDecoder {
  private let lz4: OpaquePointer
  /// No buffer may claim to be larger.
  static let maximumBytes = 1 << 31

  init() {
    var context: OpaquePointer?
    let status = unsafe LZ4F_createDecompressionContext(&context, UInt32(LZ4F_VERSION))
    guard LZ4F_isError(status) == 0, let context = unsafe context else {
      fatalError("liblz4 gives no context")
    }
    unsafe lz4 = context
  }

  deinit { unsafe LZ4F_freeDecompressionContext(lz4) }

  /// Undoes the compression of one buffer: 8 bytes of its true length (−1: stored raw), then the frame.
  /// - Parameter wanted: how many bytes the column needs at least.
  /// - Returns: exactly as many bytes as the length says.
  func decode(_ buffer: [UInt8], _ codec: BufferCompression, at offset: Int) throws(FormatError) -> [UInt8] {
    if buffer.isEmpty { return [] }
    let length = Int(try FlatTable.int64(buffer, 0))
    if length == -1 { return Array(buffer[8...]) }
    // No codec shrinks more than this, so a lie cannot make us allocate much.
    let ratio = codec == .lz4Frame ? 255 : 1 << 16
    guard length >= 0, length <= Self.maximumBytes, length <= (buffer.count + 64) * ratio else {
      throw FormatError("a compressed buffer claims \(length) bytes", at: offset)
    }
    let target: [UInt8]? = unsafe buffer.withUnsafeBytes { source in
      let payload = unsafe UnsafeRawBufferPointer(rebasing: source[8...])
      return codec == .lz4Frame ? unsafe decodeLZ4(payload, length) : unsafe decodeZstd(payload, length)
    }
    guard let target else {
      throw FormatError("a compressed buffer is damaged (its checksum or length is wrong)", at: offset)
    }
    return target
  }

  private func decodeLZ4(_ source: UnsafeRawBufferPointer, _ length: Int) -> [UInt8]? {
    var complete = false
    let target = unsafe [UInt8](unsafeUninitializedCapacity: length + 1) { target, count in
      var written = 0
      var read = 0
      while read < source.count {
        var room = length + 1 - written
        var rest = source.count - read
        let status = unsafe LZ4F_decompress(
          lz4, target.baseAddress.map { unsafe $0 + written }, &room,
          source.baseAddress.map { unsafe $0 + read }, &rest,
          nil)
        written += room
        read += rest
        if LZ4F_isError(status) != 0 || written > length || (rest == 0 && room == 0) { break }
        if status == 0 {
          complete = written == length && read == source.count
          break
        }
      }
      count = min(written, length)
    }
    if !complete { unsafe LZ4F_resetDecompressionContext(lz4) }
    return complete ? target : nil
  }

  private func decodeZstd(_ source: UnsafeRawBufferPointer, _ length: Int) -> [UInt8]? {
    var complete = false
    let target = unsafe [UInt8](unsafeUninitializedCapacity: length) { target, count in
      let made = unsafe ZSTD_decompress(target.baseAddress, length, source.baseAddress, source.count)
      complete = ZSTD_isError(made) == 0 && made == length
      count = complete ? length : 0
    }
    return complete || (length == 0 && complete) ? target : nil
  }
}

/// Compresses buffers with LZ4 frames that carry a checksum of their content.
enum BufferEncoder {
  enum Policy: Sendable { case none, whereItSaves, always }

  /// - Returns: the buffer as it stands in a body: length, then the frame, or raw where LZ4 saves less than an eighth.
  static func encode(_ raw: UnsafeRawBufferPointer) -> [UInt8] {
    if unsafe raw.isEmpty { return [] }
    var preferences = LZ4F_preferences_t()
    preferences.frameInfo.contentChecksumFlag = LZ4F_contentChecksumEnabled
    preferences.frameInfo.contentSize = UInt64(raw.count)
    preferences.frameInfo.blockMode = LZ4F_blockIndependent
    preferences.frameInfo.blockSizeID = raw.count > 1 << 18 ? LZ4F_max1MB : LZ4F_max256KB
    let bound = unsafe LZ4F_compressFrameBound(raw.count, &preferences)
    var size = 0
    let framed = unsafe [UInt8](unsafeUninitializedCapacity: bound + 8) { target, count in
      size = unsafe LZ4F_compressFrame(
        target.baseAddress.map { unsafe $0 + 8 }, bound, raw.baseAddress, raw.count, &preferences)
      if LZ4F_isError(size) != 0 { size = Int.max }
      let length = Int64(raw.count)
      for byte in 0..<8 { unsafe target[byte] = UInt8(truncatingIfNeeded: length >> Int64(byte * 8)) }
      count = size == Int.max ? 8 : size + 8
    }
    return framed
  }
}
