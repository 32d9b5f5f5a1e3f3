import CLZ4
import CZstd
import Synchronization

/// How the buffers of a record batch are compressed (Message.fbs, `CompressionType`).
public enum BufferCompression: UInt8, Sendable {
  case lz4Frame = 0
  case zstd = 1
}

/// Reads and decompresses buffers: liblz4's context and memory that are used again from batch to batch.
///
/// Used by one thread at a time: whoever takes it from the pool has it alone.
@safe final class BufferDecoder: @unchecked Sendable {
  private let lz4: OpaquePointer
  /// What was read last.
  private var memory: UnsafeMutableRawBufferPointer
  /// No buffer may claim to be larger.
  static let maximumBytes = 1 << 31

  init() {
    var context: OpaquePointer?
    let status = unsafe LZ4F_createDecompressionContext(&context, UInt32(LZ4F_VERSION))
    guard LZ4F_isError(status) == 0, let context = unsafe context else {
      fatalError("liblz4 gives no context")
    }
    unsafe lz4 = context
    unsafe memory = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 64)
  }

  deinit {
    unsafe LZ4F_freeDecompressionContext(lz4)
    unsafe memory.deallocate()
  }

  private static let pool = Mutex<[BufferDecoder]>([])
  /// Larger memories are given back, so that one large read does not stay for ever.
  private static let mostKeptBytes = 16 << 20

  /// Lends a decoder, so that a batch costs no context and no memory of its own.
  static func withPooled<Result>(_ body: (BufferDecoder) throws(FormatError) -> Result) throws(FormatError)
    -> Result
  {
    let decoder = pool.withLock { $0.popLast() } ?? BufferDecoder()
    defer { if unsafe decoder.memory.count <= mostKeptBytes { pool.withLock { $0.append(decoder) } } }
    return try body(decoder)
  }

  /// Reads bytes; valid until the next call.
  func read(_ input: any ArrowInput, _ range: Range<Int>) throws(FormatError) -> UnsafeRawBufferPointer {
    if unsafe memory.count < range.count {
      // Before memory is taken for a lie.
      guard range.upperBound <= input.size, range.count <= Self.maximumBytes else {
        throw FormatError("the file ends too early", at: range.lowerBound)
      }
      unsafe memory.deallocate()
      unsafe memory = UnsafeMutableRawBufferPointer.allocate(
        byteCount: range.count + range.count / 2, alignment: 64)
    }
    let target = unsafe UnsafeMutableRawBufferPointer(rebasing: memory[..<range.count])
    try unsafe input.read(range.lowerBound, into: target)
    return UnsafeRawBufferPointer(target)
  }

  /// Numbers as they lie there.
  /// - Parameter count: how many are needed; nil: all.
  /// - Returns: nil where there are fewer.
  func numbers<Number: FixedWidthInteger>(_ raw: UnsafeRawBufferPointer, _ count: Int?) -> [Number]? {
    let size = MemoryLayout<Number>.size
    let count = count ?? raw.count / size
    guard raw.count / size >= count else { return nil }
    return unsafe [Number](unsafeUninitializedCapacity: count) { target, initialized in
      unsafe UnsafeMutableRawBufferPointer(target).copyMemory(
        from: UnsafeRawBufferPointer(rebasing: raw[..<(count * size)]))
      initialized = count
    }
  }

  /// Undoes the compression of one buffer: 8 bytes of its true length (−1: stored raw), then the frame.
  /// - Parameter count: how many numbers are needed; nil: all.
  /// - Returns: nil where there are fewer.
  func decoded<Number: FixedWidthInteger>(
    _ raw: UnsafeRawBufferPointer, _ codec: BufferCompression, _ count: Int?, at offset: Int
  ) throws(FormatError) -> [Number]? {
    guard raw.count >= 8 else { throw FormatError("a compressed buffer is cut off", at: offset) }
    let payload = unsafe UnsafeRawBufferPointer(rebasing: raw[8...])
    let claimed = Int64(littleEndian: unsafe raw.loadUnaligned(as: Int64.self))
    if claimed == -1 { return unsafe numbers(payload, count) }
    // No codec shrinks more than this, so a lie cannot make us allocate much.
    let ratio = codec == .lz4Frame ? 255 : 1 << 16
    guard claimed >= 0, claimed <= Int64(Self.maximumBytes), Int(claimed) <= (raw.count + 64) * ratio else {
      throw FormatError("a compressed buffer claims \(claimed) bytes", at: offset)
    }
    let length = Int(claimed)
    let size = MemoryLayout<Number>.size
    if let count, length / size < count { return nil }
    // Behind the numbers that are needed others may stand.
    let all = (length + size - 1) / size
    var whole = false
    var result = unsafe [Number](unsafeUninitializedCapacity: all) { target, initialized in
      let bytes = unsafe UnsafeMutableRawBufferPointer(
        rebasing: UnsafeMutableRawBufferPointer(start: target.baseAddress, count: all * size)[..<length])
      whole =
        switch codec {
        case .lz4Frame: unsafe decodeLZ4(payload, bytes)
        case .zstd: unsafe decodeZstd(payload, bytes)
        }
      initialized = whole ? length / size : 0
    }
    guard whole else {
      throw FormatError("a compressed buffer is damaged (its checksum or length is wrong)", at: offset)
    }
    if let count, result.count > count { result.removeLast(result.count - count) }
    return result
  }

  /// - Returns: whether the frame is whole and fills the target.
  private func decodeLZ4(_ source: UnsafeRawBufferPointer, _ target: UnsafeMutableRawBufferPointer) -> Bool {
    if let block = unsafe LZ4Frame.onlyBlock(source) {
      return unsafe LZ4_decompress_safe(
        block.bindMemory(to: CChar.self).baseAddress, target.bindMemory(to: CChar.self).baseAddress,
        Int32(clamping: block.count), Int32(clamping: target.count)) == target.count
    }
    var complete = false
    var written = 0
    var read = 0
    while read < source.count {
      var room = target.count - written
      var rest = source.count - read
      let status = unsafe LZ4F_decompress(
        lz4, target.baseAddress.map { unsafe $0 + written }, &room,
        source.baseAddress.map { unsafe $0 + read }, &rest, nil)
      written += room
      read += rest
      if LZ4F_isError(status) != 0 || (rest == 0 && room == 0) { break }
      if status == 0 {
        complete = written == target.count && read == source.count
        break
      }
    }
    if !complete { unsafe LZ4F_resetDecompressionContext(lz4) }
    return complete
  }

  private func decodeZstd(_ source: UnsafeRawBufferPointer, _ target: UnsafeMutableRawBufferPointer) -> Bool {
    let made = unsafe ZSTD_decompress(target.baseAddress, target.count, source.baseAddress, source.count)
    return ZSTD_isError(made) == 0 && made == target.count
  }
}

/// The layout of LZ4 frames (https://github.com/lz4/lz4/blob/dev/doc/lz4_Frame_format.md).
private enum LZ4Frame {
  /// The compressed bytes of a frame of one block that carries no checksums of content, which is what the store has: they are decompressed in
  /// one step, where liblz4's frames go by way of a memory in between.
  /// - Returns: nil for any other frame.
  static func onlyBlock(_ frame: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer? {
    // Magic, flags, block size, then perhaps the length of the content, and a checksum of this header.
    guard frame.count >= 15, unsafe word(frame, 0) == 0x184d_2204 else { return nil }
    let flags = unsafe frame[4]
    // Version 1, independent blocks; no checksums, no dictionary.
    guard flags & 0b1111_0111 == 0b0110_0000 else { return nil }
    let start = flags & 0b1000 == 0 ? 7 : 15
    guard frame.count >= start + 8 else { return nil }
    let size = Int(unsafe word(frame, start))
    // The highest bit says "not compressed"; behind the block stands the end mark.
    guard size > 0, size < 1 << 31, frame.count == start + 4 + size + 4,
      unsafe word(frame, start + 4 + size) == 0
    else { return nil }
    return unsafe UnsafeRawBufferPointer(rebasing: frame[(start + 4)..<(start + 4 + size)])
  }

  private static func word(_ bytes: UnsafeRawBufferPointer, _ at: Int) -> UInt32 {
    UInt32(littleEndian: unsafe bytes.loadUnaligned(fromByteOffset: at, as: UInt32.self))
  }
}

/// Compresses buffers with LZ4.
enum BufferEncoder {
  enum Policy: Sendable {
    case none
    /// Frames with a checksum of their content, where they save an eighth: for files that leave the house.
    case frames
    /// Frames where they save half, of narrow numbers three quarters, because what is read every night is read fastest raw; checksums of all buffers,
    /// raw ones too, stand in the message.
    case hashed
  }

  /// - Returns: the buffer as it stands in a body: its length, then the frame; or −1, then raw.
  static func encode(_ raw: UnsafeRawBufferPointer, _ policy: Policy, isNarrow: Bool) -> [UInt8] {
    if unsafe raw.isEmpty { return [] }
    var preferences = LZ4F_preferences_t()
    preferences.frameInfo.contentChecksumFlag =
      policy == .frames ? LZ4F_contentChecksumEnabled : LZ4F_noContentChecksum
    preferences.frameInfo.contentSize = UInt64(raw.count)
    preferences.frameInfo.blockMode = LZ4F_blockIndependent
    preferences.frameInfo.blockSizeID =
      raw.count > 1 << 20 ? LZ4F_max4MB : raw.count > 1 << 18 ? LZ4F_max1MB : LZ4F_max256KB
    let bound = unsafe LZ4F_compressFrameBound(raw.count, &preferences)
    let worth = policy == .frames ? raw.count - raw.count / 8 : isNarrow ? raw.count / 4 : raw.count / 2
    return unsafe [UInt8](unsafeUninitializedCapacity: bound + 8) { target, count in
      let size = unsafe LZ4F_compressFrame(
        target.baseAddress.map { unsafe $0 + 8 }, bound, raw.baseAddress, raw.count, &preferences)
      let saves = LZ4F_isError(size) == 0 && size + 8 < worth
      let length = saves ? Int64(raw.count) : -1
      for byte in 0..<8 { unsafe target[byte] = UInt8(truncatingIfNeeded: length >> Int64(byte * 8)) }
      if !saves {
        unsafe UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(target)[8...])
          .copyMemory(from: raw)
      }
      count = saves ? size + 8 : raw.count + 8
    }
  }
}
