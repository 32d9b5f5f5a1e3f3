/// A set of 64-bit numbers other than 0, for counting distinct values: open addressing, at most half full.
struct PairSet {
  private var slots: [UInt64] = Array(repeating: 0, count: 1 << 12)
  private var count = 0

  /// Makes room for so many more, then lets them be inserted without a check for room.
  @inline(__always) mutating func insert(upTo more: Int, _ body: (inout Inserter) -> Void) {
    while (count + more) * 2 > slots.count { grow() }
    let shift = UInt64(64 - slots.count.trailingZeroBitCount)
    let mask = slots.count - 1
    count += unsafe slots.withUnsafeMutableBufferPointer { slots in
      guard let first = slots.baseAddress else { return 0 }
      var inserter = unsafe Inserter(slots: first, mask: mask, shift: shift)
      body(&inserter)
      return inserter.inserted
    }
  }

  /// Knows that there is room; only for as long as `insert` lends it.
  @safe struct Inserter {
    fileprivate let slots: UnsafeMutablePointer<UInt64>
    fileprivate let mask: Int
    fileprivate let shift: UInt64
    fileprivate(set) var inserted = 0

    fileprivate init(slots: UnsafeMutablePointer<UInt64>, mask: Int, shift: UInt64) {
      unsafe self.slots = unsafe slots
      self.mask = mask
      self.shift = shift
    }

    /// - Returns: whether it is new.
    @inline(__always) mutating func insert(_ pair: UInt64) -> Bool {
      // Fibonacci hashing (Knuth, The Art of Computer Programming 3, 6.4): the high bits are well mixed.
      var slot = Int(truncatingIfNeeded: (pair &* 0x9e37_79b9_7f4a_7c15) >> shift)
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
    slots = Array(repeating: 0, count: old.count * 4)
    count = 0
    let pairs = old.filter { $0 != 0 }
    insert(upTo: pairs.count) { inserter in for pair in pairs { _ = inserter.insert(pair) } }
  }
}
