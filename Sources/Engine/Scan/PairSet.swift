/// A set of 64-bit numbers other than 0, for counting distinct values: open addressing, at most half full.
struct PairSet {
  private var slots: [UInt64]
  private var count = 0
  private var shift: UInt64

  /// - Parameter capacity: about how many there will be.
  init(capacity: Int = 1 << 12) {
    var size = 1 << 12
    while size < capacity * 2 { size *= 2 }
    slots = Array(repeating: 0, count: size)
    shift = UInt64(64 - size.trailingZeroBitCount)
  }

  /// - Returns: whether it is new.
  @inline(__always) mutating func insert(_ pair: UInt64) -> Bool {
    let isNew = unsafe slots.withUnsafeMutableBufferPointer { slots in
      let mask = slots.count - 1
      // Fibonacci hashing (Knuth, The Art of Computer Programming 3, 6.4): the high bits are well mixed.
      var slot = Int(truncatingIfNeeded: (pair &* 0x9e37_79b9_7f4a_7c15) >> shift)
      while true {
        let known = unsafe slots[slot]
        if known == pair { return false }
        if known == 0 {
          unsafe slots[slot] = pair
          return true
        }
        slot = (slot &+ 1) & mask
      }
    }
    guard isNew else { return false }
    count &+= 1
    if count &* 2 > slots.count { grow() }
    return true
  }

  private mutating func grow() {
    var larger = PairSet(capacity: slots.count)
    for pair in slots where pair != 0 { _ = larger.insert(pair) }
    self = larger
  }
}
