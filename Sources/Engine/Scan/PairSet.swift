/// A set of numbers other than 0, for counting distinct values: open addressing, at most half full.
struct PairSet<Pair: FixedWidthInteger & UnsignedInteger & Sendable>: Sendable {
  private var slots: [Pair] = Array(repeating: 0, count: 1 << 14)
  private var count = 0
  private var touched: Pair = 0

  /// Forgets all, and keeps the memory.
  mutating func removeAll() {
    guard count > 0 else { return }
    count = 0
    unsafe slots.withUnsafeMutableBufferPointer { unsafe $0.update(repeating: 0) }
  }

  /// Makes room for so many more, then lets them be inserted without a check for room.
  @inline(__always) mutating func insert(upTo more: Int, _ body: (inout Inserter) -> Void) {
    while (count + more) * 2 > slots.count { grow() }
    let shift = UInt64(64 - slots.count.trailingZeroBitCount)
    let mask = slots.count - 1
    let used = unsafe slots.withUnsafeMutableBufferPointer { slots -> (inserted: Int, touched: Pair) in
      guard let first = slots.baseAddress else { return (0, 0) }
      var inserter = unsafe Inserter(slots: first, mask: mask, shift: shift)
      body(&inserter)
      return (inserter.inserted, inserter.touched)
    }
    count += used.inserted
    touched ^= used.touched
  }

  /// Knows that there is room; only for as long as `insert` lends it.
  @safe struct Inserter {
    fileprivate let slots: UnsafeMutablePointer<Pair>
    fileprivate let mask: Int
    fileprivate let shift: UInt64
    fileprivate(set) var inserted = 0
    /// What was found on the way; kept so that touching is not left out.
    fileprivate(set) var touched: Pair = 0

    fileprivate init(slots: UnsafeMutablePointer<Pair>, mask: Int, shift: UInt64) {
      unsafe self.slots = unsafe slots
      self.mask = mask
      self.shift = shift
    }

    /// Fibonacci hashing (Knuth, The Art of Computer Programming 3, 6.4): the high bits are well mixed.
    @inline(__always) private func home(_ pair: Pair) -> Int {
      Int(truncatingIfNeeded: (UInt64(truncatingIfNeeded: pair) &* 0x9e37_79b9_7f4a_7c15) >> shift)
    }

    /// Brings a pair's place into the cache: several of these go on at once, which inserting with its branches does not.
    @inline(__always) mutating func touch(_ pair: Pair) { touched ^= unsafe slots[home(pair)] }

    /// - Returns: whether it is new.
    @inline(__always) mutating func insert(_ pair: Pair) -> Bool {
      var slot = home(pair)
      while true {
        let known = unsafe slots[slot]
        if known == pair { return false }
        if known == 0 {
          unsafe slots[slot] = pair
          inserted &+= 1
          return true
        }
        slot = (slot &+ 1) & mask
      }
    }
  }

  private mutating func grow() {
    let old = slots
    slots = Array(repeating: 0, count: old.count * 2)
    count = 0
    insert(upTo: old.count / 2) { inserter in
      unsafe old.withUnsafeBufferPointer { old in
        for index in 0..<old.count where unsafe old[index] != 0 { unsafe _ = inserter.insert(old[index]) }
      }
    }
  }
}
