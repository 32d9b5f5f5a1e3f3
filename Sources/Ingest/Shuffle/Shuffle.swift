#if canImport(Glibc)
  import Glibc
#endif
import Diagnostics
import Events
import Synchronization

/// One worker's half of a shuffle: rows by partition, in memory while the budget lasts, else in a file that has no
/// name and vanishes with the process.
struct ShuffleWriter: Sendable {
  fileprivate var chunks: [[RecordChunk]]
  fileprivate var segments: [[(offset: Int, count: Int)]]
  fileprivate var spill: SpillFile?
  /// Of the chunks, bytes.
  private var used = 0
  private let budget: Int
  private let folder: String
  private let codec: RecordCodec
  private let chunkSize: Int
  private let pool: ChunkPool
  /// A failure to spill; reported at the next `check`, because rows come through a door that cannot throw.
  private var failure: Diagnostic?

  /// - Parameters:
  ///   - budget: bytes held in memory.
  ///   - folder: for the spill file.
  init(partitions: Int, codec: RecordCodec, budget: Int, folder: String, pool: ChunkPool) {
    chunks = Array(repeating: [], count: partitions)
    segments = Array(repeating: [], count: partitions)
    self.codec = codec
    self.budget = budget
    self.folder = folder
    self.pool = pool
    // The last chunk of each partition is half empty.
    chunkSize = budget >= 2 * partitions * ChunkPool.large ? ChunkPool.large : ChunkPool.small
  }

  mutating func append(_ record: borrowing EventRecord, partition: Int) {
    unsafe codec.write(record, to: room(codec.size(record), partition))
  }

  /// Appends an encoded record, with another dwell.
  mutating func append(_ record: RecordView, dwell: UInt32, partition: Int) {
    let bytes = unsafe record.bytes
    let target = unsafe room(bytes.count, partition)
    unsafe target.copyMemory(from: bytes)
    unsafe target.storeBytes(of: dwell, toByteOffset: RecordView.dwellAt, as: UInt32.self)
  }

  @inline(__always)
  private mutating func room(_ size: Int, _ partition: Int) -> UnsafeMutableRawBufferPointer {
    if let room = unsafe chunks[partition].last?.room(size) { return unsafe room }
    return unsafe newRoom(size, partition)
  }

  private mutating func newRoom(_ size: Int, _ partition: Int) -> UnsafeMutableRawBufferPointer {
    if used > budget { flush() }
    let chunk = size > chunkSize ? RecordChunk(capacity: size) : pool.get(chunkSize)
    used += chunk.capacity
    chunks[partition].append(chunk)
    guard let room = unsafe chunk.room(size) else { preconditionFailure("a new chunk has room for a record") }
    return unsafe room
  }

  func check() throws(Diagnostic) { if let failure { throw failure } }

  private mutating func flush() {
    do throws(Diagnostic) {
      if let failure { throw failure }
      let file: SpillFile
      if let spill { file = spill } else { file = try SpillFile(folder: folder) }
      spill = file
      for partition in chunks.indices where !chunks[partition].isEmpty {
        for chunk in chunks[partition] {
          segments[partition].append((unsafe try file.append(chunk.bytes), chunk.used))
        }
      }
    } catch { failure = error }
    // After a failure rows are given up as well: memory keeps to its budget, and the ingest ends.
    for partition in chunks.indices {
      pool.put(chunks[partition])
      chunks[partition] = []
    }
    used = 0
  }
}

/// Rows by partition, for the next step.
final class Shuffle: Sendable {
  private let writers: Mutex<[ShuffleWriter]>
  private let pool: ChunkPool

  init(_ writers: [ShuffleWriter], pool: ChunkPool) throws(Diagnostic) {
    for writer in writers { try writer.check() }
    self.writers = Mutex(writers)
    self.pool = pool
  }

  /// The records of a partition; they can be taken once.
  /// - Parameter isLast: no step follows that could use the memory again.
  func take(_ partition: Int, isLast: Bool = false) throws(Diagnostic) -> Partition {
    let pieces = writers.withLock { writers in
      writers.indices.map { index in
        let piece = (
          writers[index].chunks[partition], writers[index].segments[partition], writers[index].spill
        )
        writers[index].chunks[partition] = []
        return piece
      }
    }
    var chunks: [RecordChunk] = []
    for (held, segments, spill) in pieces {
      chunks += held
      for segment in segments {
        let chunk =
          segment.count > ChunkPool.large ? RecordChunk(capacity: segment.count) : pool.get(ChunkPool.large)
        guard let room = unsafe chunk.room(segment.count) else { preconditionFailure("a segment is a chunk") }
        unsafe try spill?.read(segment.offset, into: room)
        chunks.append(chunk)
      }
    }
    return Partition(chunks, pool: isLast ? nil : pool)
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
  func append(_ bytes: UnsafeRawBufferPointer) throws(Diagnostic) -> Int {
    let offset = size.withLock { size in
      defer { size += bytes.count }
      return size
    }
    var done = 0
    while done < bytes.count {
      let count = unsafe pwrite(
        descriptor, bytes.baseAddress.map { unsafe $0 + done }, bytes.count - done, off_t(offset + done))
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw problem() }
      done += count
    }
    return offset
  }

  func read(_ offset: Int, into target: UnsafeMutableRawBufferPointer) throws(Diagnostic) {
    var done = 0
    while done < target.count {
      let got = unsafe pread(
        descriptor, target.baseAddress.map { unsafe $0 + done }, target.count - done, off_t(offset + done))
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
