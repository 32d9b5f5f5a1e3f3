#if canImport(Glibc)
  import Glibc
#endif
import Diagnostics
import Events
import Synchronization

/// One worker's half of a shuffle: rows by partition, in memory while the budget lasts, else in a file that has no
/// name and vanishes with the process.
struct ShuffleWriter: Sendable {
  fileprivate var buffers: [[UInt8]]
  fileprivate var segments: [[(offset: Int, count: Int)]]
  fileprivate var spill: SpillFile?
  private var used = 0
  private let budget: Int
  private let folder: String
  private let codec: RecordCodec
  /// A failure to spill; reported at the next `check`, because rows come through a door that cannot throw.
  private var failure: Diagnostic?

  /// - Parameters:
  ///   - budget: bytes held in memory.
  ///   - folder: for the spill file.
  init(partitions: Int, codec: RecordCodec, budget: Int, folder: String) {
    buffers = Array(repeating: [], count: partitions)
    segments = Array(repeating: [], count: partitions)
    self.codec = codec
    self.budget = budget
    self.folder = folder
  }

  mutating func append(_ record: borrowing EventRecord, partition: Int) {
    codec.append(record, to: &buffers[partition])
    used += codec.size(record)
    if used > budget { flush() }
  }

  /// Appends an encoded record, with another dwell.
  mutating func append(_ record: RecordView, dwell: UInt32, partition: Int) {
    let start = buffers[partition].count
    unsafe buffers[partition].append(contentsOf: record.bytes)
    unsafe buffers[partition].withUnsafeMutableBytes {
      unsafe $0.storeBytes(of: dwell, toByteOffset: start + 76, as: UInt32.self)
    }
    used += unsafe record.size
    if used > budget { flush() }
  }

  func check() throws(Diagnostic) { if let failure { throw failure } }

  private mutating func flush() {
    guard failure == nil else { return discard() }
    do throws(Diagnostic) {
      let file: SpillFile
      if let spill { file = spill } else { file = try SpillFile(folder: folder) }
      spill = file
      for partition in buffers.indices where !buffers[partition].isEmpty {
        segments[partition].append((try file.append(buffers[partition]), buffers[partition].count))
        // Small buffers are kept; large ones are given back, so that memory follows the budget.
        buffers[partition].removeAll(keepingCapacity: buffers[partition].count < 1 << 16)
      }
      used = 0
    } catch {
      failure = error
      discard()
    }
  }

  private mutating func discard() {
    for partition in buffers.indices { buffers[partition] = [] }
    used = 0
  }
}

/// Rows by partition, for the next step.
final class Shuffle: Sendable {
  private let writers: Mutex<[ShuffleWriter]>

  init(_ writers: [ShuffleWriter]) throws(Diagnostic) {
    for writer in writers { try writer.check() }
    self.writers = Mutex(writers)
  }

  /// The encoded records of a partition; they can be taken once.
  func take(_ partition: Int) throws(Diagnostic) -> [UInt8] {
    let pieces = writers.withLock { writers in
      writers.indices.map { index in
        let piece = (
          writers[index].buffers[partition], writers[index].segments[partition], writers[index].spill
        )
        writers[index].buffers[partition] = []
        return piece
      }
    }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(pieces.reduce(0) { $0 + $1.0.count + $1.1.reduce(0) { $0 + $1.count } })
    for (buffer, segments, spill) in pieces {
      bytes += buffer
      for segment in segments { try spill?.read(segment.offset, segment.count, into: &bytes) }
    }
    return bytes
  }
}

/// A temporary file without a name.
final class SpillFile: Sendable {
  private let descriptor: Int32
  private let size = Mutex(0)
  private let folder: String

  init(folder: String) throws(Diagnostic) {
    self.folder = folder
    var template = Array((folder + "/spill-XXXXXX").utf8CString)
    descriptor = unsafe template.withUnsafeMutableBufferPointer { buffer in
      guard let name = buffer.baseAddress else { return -1 }
      let file = unsafe mkstemp(name)
      if file >= 0 { unsafe unlink(name) }
      return file
    }
    guard descriptor >= 0 else { throw problem() }
  }

  deinit { close(descriptor) }

  /// - Returns: where the bytes begin.
  func append(_ bytes: [UInt8]) throws(Diagnostic) -> Int {
    let offset = size.withLock { size in
      defer { size += bytes.count }
      return size
    }
    var done = 0
    while done < bytes.count {
      let count = unsafe bytes.withUnsafeBytes { raw in
        unsafe pwrite(
          descriptor, raw.baseAddress.map { unsafe $0 + done }, bytes.count - done, off_t(offset + done))
      }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw problem() }
      done += count
    }
    return offset
  }

  func read(_ offset: Int, _ count: Int, into bytes: inout [UInt8]) throws(Diagnostic) {
    let start = bytes.count
    bytes.append(contentsOf: repeatElement(0, count: count))
    var done = 0
    while done < count {
      let got = unsafe bytes.withUnsafeMutableBytes { raw in
        unsafe pread(
          descriptor, raw.baseAddress.map { unsafe $0 + start + done }, count - done, off_t(offset + done))
      }
      if got < 0, errno == EINTR { continue }
      guard got > 0 else { throw problem() }
      done += got
    }
  }

  private func problem() -> Diagnostic {
    let full = errno == ENOSPC || errno == EDQUOT
    return Diagnostic(
      full ? .f2 : .f1, "cannot write temporary rows: \(unsafe String(cString: strerror(errno)))",
      at: Place(file: folder),
      hint: full ? "free some space, or give more memory with --memory; nothing was ingested" : nil)
  }
}

/// Where the records of a partition begin.
struct RecordOffsets {
  /// Walks the records of a partition once.
  static func find(_ bytes: [UInt8]) -> [Int] {
    var offsets: [Int] = []
    offsets.reserveCapacity(bytes.count / 200)
    unsafe bytes.withUnsafeBytes { raw in
      guard let base = raw.baseAddress else { return }
      var at = 0
      while at < raw.count {
        offsets.append(at)
        at += unsafe RecordView(base: base + at).size
      }
    }
    return offsets
  }
}
