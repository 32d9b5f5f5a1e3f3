#if canImport(Glibc)
  import Glibc
#endif
import CSimdjson
import Diagnostics

/// Lines of an input. A line longer than the limit is given as too long, and never held whole. The buffer is made in
/// `init`, freed in `deinit`; a line is valid until the next call.
@safe final class LineReader {
  @unsafe enum Line {
    case line(UnsafeRawBufferPointer)
    /// Its beginning.
    case tooLong(UnsafeRawBufferPointer)
    case end
  }

  private let reader: ByteReader
  private let buffer: UnsafeMutableRawBufferPointer
  private var start = 0
  private var end = 0
  private var atEnd = false
  private let limit: Int
  /// The number of the last line, from 1.
  private(set) var number: UInt64 = 0
  var consumed: Int { reader.consumed }

  static let standardLimit = 1 << 20
  private static let capacity = 1 << 19
  /// Behind the last byte: whoever reads a line may look that far ahead.
  private static let padding = Int(gs_json_padding)

  init(_ reader: ByteReader, limit: Int = LineReader.standardLimit) {
    self.reader = reader
    self.limit = limit
    let memory = UnsafeMutableRawBufferPointer.allocate(
      byteCount: limit + Self.capacity + Self.padding, alignment: 64)
    unsafe buffer = UnsafeMutableRawBufferPointer(rebasing: memory.dropLast(Self.padding))
  }

  deinit { unsafe buffer.deallocate() }

  func next() throws(Diagnostic) -> Line {
    var searched = start
    while true {
      if let newline = find(from: searched) {
        defer { start = newline + 1 }
        number += 1
        return unsafe .line(UnsafeRawBufferPointer(rebasing: buffer[start..<newline]))
      }
      // `more` moves the line to the front: what was searched is then its first bytes.
      searched = end - start
      if end - start > limit { return try unsafe tooLong() }
      if atEnd {
        guard end > start else { return unsafe .end }
        defer { start = end }
        number += 1
        return unsafe .line(UnsafeRawBufferPointer(rebasing: buffer[start..<end]))
      }
      try more()
    }
  }

  private func find(from: Int) -> Int? {
    guard let base = unsafe buffer.baseAddress, from < end,
      let hit = unsafe memchr(base + from, 0x0a, end - from)
    else { return nil }
    return unsafe UnsafeRawPointer(hit) - UnsafeRawPointer(base)
  }

  /// Moves what is left to the front and reads behind it.
  private func more() throws(Diagnostic) {
    if start > 0 {
      unsafe buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: buffer[start..<end]))
      end -= start
      start = 0
    }
    let count = try unsafe reader.read(
      into: UnsafeMutableRawBufferPointer(rebasing: buffer[end..<min(buffer.count, end + Self.capacity)]))
    end += count
    atEnd = count == 0
  }

  /// Passes over the rest of an endless line; its beginning stays at the buffer's front.
  private func tooLong() throws(Diagnostic) -> Line {
    number += 1
    let head = min(200, end - start)
    unsafe buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: buffer[start..<start + head]))
    while true {
      let count = try unsafe reader.read(
        into: UnsafeMutableRawBufferPointer(rebasing: buffer[head..<head + Self.capacity]))
      (start, end) = (head, head + count)
      if count == 0 {
        atEnd = true
        break
      }
      if let newline = find(from: head) {
        start = newline + 1
        break
      }
    }
    return unsafe .tooLong(UnsafeRawBufferPointer(rebasing: buffer[..<head]))
  }
}
