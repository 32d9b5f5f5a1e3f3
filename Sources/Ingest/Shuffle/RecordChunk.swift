import Synchronization

/// Memory for records, end to end. Made in `init`, freed in `deinit`.
///
/// `@unchecked`: one owner at a time writes it; the shuffle hands it over.
@safe final class RecordChunk: @unchecked Sendable {
  private let memory: UnsafeMutableRawBufferPointer
  private(set) var used = 0

  init(capacity: Int) { unsafe memory = .allocate(byteCount: capacity, alignment: 8) }
  deinit { unsafe memory.deallocate() }

  var capacity: Int { unsafe memory.count }
  var bytes: UnsafeRawBufferPointer { unsafe UnsafeRawBufferPointer(rebasing: memory[..<used]) }

  /// Room for one record more; nil where there is none.
  @inline(__always) func room(_ count: Int) -> UnsafeMutableRawBufferPointer? {
    guard unsafe memory.count - used >= count else { return nil }
    defer { used += count }
    return unsafe UnsafeMutableRawBufferPointer(rebasing: memory[used..<used + count])
  }

  func empty() { used = 0 }
}

/// Chunks that one step has done with, for the next: memory that is used again needs no new pages of the system.
final class ChunkPool: Sendable {
  private let free = Mutex<[Int: [RecordChunk]]>([:])

  /// The two usual sizes; records that are larger have a chunk of their own.
  static let large = 1 << 16
  static let small = 1 << 12

  func get(_ capacity: Int) -> RecordChunk {
    free.withLock { $0[capacity]?.popLast() } ?? RecordChunk(capacity: capacity)
  }

  func put(_ chunks: [RecordChunk]) {
    free.withLock { free in
      for chunk in chunks where chunk.capacity == Self.large || chunk.capacity == Self.small {
        chunk.empty()
        free[chunk.capacity, default: []].append(chunk)
      }
    }
  }
}

/// The records of one partition. Views of them are valid while it lives.
@safe final class Partition {
  private let chunks: [RecordChunk]
  /// Takes the chunks back; nil: they are freed.
  private let pool: ChunkPool?
  let records: [RecordView]

  init(_ chunks: [RecordChunk], pool: ChunkPool?) {
    self.chunks = chunks
    self.pool = pool
    var records = unsafe [RecordView]()
    unsafe records.reserveCapacity(chunks.reduce(0) { $0 + $1.used } / 192)
    for chunk in chunks {
      let bytes = unsafe chunk.bytes
      guard let base = bytes.baseAddress else { continue }
      var at = 0
      while at < bytes.count {
        let record = unsafe RecordView(base: base + at)
        unsafe records.append(record)
        at += unsafe record.size
      }
    }
    unsafe self.records = records
  }

  deinit { pool?.put(chunks) }
}
