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
  private var slots: [UInt32] = Array(repeating: 0, count: 64)
  private var hashes: [UInt64] = []
  private var codes: [UInt32] = []
  private var offsets: [Int] = [0]
  private var bytes: [UInt8] = []

  /// - Parameter make: gives the code of a new value from how many there are.
  @inline(__always)
  mutating func code(_ value: UnsafeRawBufferPointer, hash: UInt64, make: (Int) -> UInt32) -> UInt32 {
    var slot = Int(truncatingIfNeeded: hash) & (slots.count - 1)
    while slots[slot] != 0 {
      let entry = Int(slots[slot]) - 1
      if hashes[entry] == hash, unsafe holds(entry, value) { return codes[entry] }
      slot = (slot + 1) & (slots.count - 1)
    }
    return unsafe insert(value, hash, slot, make(codes.count))
  }

  var values: [String] {
    codes.indices.map { String(decoding: bytes[offsets[$0]..<offsets[$0 + 1]], as: UTF8.self) }
  }

  private func holds(_ entry: Int, _ value: UnsafeRawBufferPointer) -> Bool {
    let count = offsets[entry + 1] - offsets[entry]
    guard count == value.count else { return false }
    return unsafe bytes.withUnsafeBytes {
      unsafe $0[offsets[entry]..<offsets[entry + 1]].elementsEqual(value)
    }
  }

  private mutating func insert(_ value: UnsafeRawBufferPointer, _ hash: UInt64, _ slot: Int, _ code: UInt32)
    -> UInt32
  {
    unsafe bytes.append(contentsOf: value)
    offsets.append(bytes.count)
    hashes.append(hash)
    codes.append(code)
    slots[slot] = UInt32(codes.count)
    if codes.count * 2 > slots.count { grow() }
    return code
  }

  private mutating func grow() {
    slots = Array(repeating: 0, count: slots.count * 2)
    for (entry, hash) in hashes.enumerated() {
      var slot = Int(truncatingIfNeeded: hash) & (slots.count - 1)
      while slots[slot] != 0 { slot = (slot + 1) & (slots.count - 1) }
      slots[slot] = UInt32(entry + 1)
    }
  }
}
