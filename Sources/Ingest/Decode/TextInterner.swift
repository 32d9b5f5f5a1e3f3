#if canImport(Glibc)
  import Glibc
#endif
import Events
import Synchronization

/// The distinct values of one field in one ingest, each with a dense code. Threads ask it only for values that their
/// own `InternerCache` does not know yet.
final class TextInterner: Sendable {
  private let table = Mutex(InternTable())

  /// The code of a value, new or known.
  func code(_ bytes: UnsafeRawBufferPointer, hash: UInt64) -> UInt32 {
    let copy = unsafe [UInt8](bytes)
    return table.withLock { table in
      unsafe copy.withUnsafeBytes { unsafe table.code($0, hash: hash) { UInt32($0) } }
    }
  }

  func code(_ text: String) -> UInt32 {
    let bytes = Array(text.utf8)
    return unsafe bytes.withUnsafeBytes { unsafe code($0, hash: Hash.xxh3($0)) }
  }

  /// By code.
  var values: [String] { table.withLock { $0.values } }
}

/// One thread's memory of codes: a hit costs a hash and a compare.
struct InternerCache {
  private let interner: TextInterner
  private var table = InternTable()

  init(_ interner: TextInterner) { self.interner = interner }

  @inline(__always)
  mutating func code(_ bytes: UnsafeRawBufferPointer, hash: UInt64) -> UInt32 {
    let interner = interner
    return unsafe table.code(bytes, hash: hash) { _ in unsafe interner.code(bytes, hash: hash) }
  }
}

/// An open-addressing table from bytes to codes.
struct InternTable {
  private struct Entry {
    var hash: UInt64
    var offset: Int
    var count: UInt32
    var code: UInt32
  }

  /// Numbers of entries, from 1; 0 is free.
  private var slots: [UInt32] = Array(repeating: 0, count: 64)
  private var entries: [Entry] = []
  private var bytes: [UInt8] = []

  /// - Parameter make: gives the code of a new value from how many there are.
  @inline(__always)
  mutating func code(_ value: UnsafeRawBufferPointer, hash: UInt64, make: (Int) -> UInt32) -> UInt32 {
    var slot = Int(truncatingIfNeeded: hash) & (slots.count - 1)
    while slots[slot] != 0 {
      let entry = entries[Int(slots[slot]) - 1]
      if entry.hash == hash, unsafe holds(entry, value) { return entry.code }
      slot = (slot + 1) & (slots.count - 1)
    }
    return unsafe insert(value, hash, slot, make(entries.count))
  }

  var values: [String] {
    entries.map { String(decoding: bytes[$0.offset..<$0.offset + Int($0.count)], as: UTF8.self) }
  }

  @inline(__always)
  private func holds(_ entry: Entry, _ value: UnsafeRawBufferPointer) -> Bool {
    let count = value.count
    guard Int(entry.count) == count else { return false }
    guard count > 0, let start = value.baseAddress else { return true }
    return unsafe bytes.withUnsafeBytes { bytes in
      guard let base = bytes.baseAddress else { return false }
      let known = unsafe base + entry.offset
      // Most values are short: two words that may overlap are less than a call.
      guard count >= 8, count <= 16 else { return unsafe memcmp(known, start, count) == 0 }
      return unsafe known.loadUnaligned(as: UInt64.self) == start.loadUnaligned(as: UInt64.self)
        && known.loadUnaligned(fromByteOffset: count - 8, as: UInt64.self)
          == start.loadUnaligned(fromByteOffset: count - 8, as: UInt64.self)
    }
  }

  private mutating func insert(_ value: UnsafeRawBufferPointer, _ hash: UInt64, _ slot: Int, _ code: UInt32)
    -> UInt32
  {
    entries.append(Entry(hash: hash, offset: bytes.count, count: UInt32(value.count), code: code))
    unsafe bytes.append(contentsOf: value)
    slots[slot] = UInt32(entries.count)
    if entries.count * 2 > slots.count { grow() }
    return code
  }

  private mutating func grow() {
    slots = Array(repeating: 0, count: slots.count * 2)
    for (index, entry) in entries.enumerated() {
      var slot = Int(truncatingIfNeeded: entry.hash) & (slots.count - 1)
      while slots[slot] != 0 { slot = (slot + 1) & (slots.count - 1) }
      slots[slot] = UInt32(index + 1)
    }
  }
}
