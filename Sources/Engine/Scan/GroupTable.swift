/// Numbers the groups of a bucket: a user together with one value of a field (or of several, one after the other).
struct GroupTable {
  /// The user of each group.
  private(set) var owners: [UInt32] = []
  private var slots: [UInt32] = Array(repeating: 0, count: 1 << 10)
  private var parents: [UInt32] = []
  private var values: [UInt64] = []

  var count: Int { owners.count }

  /// The number of a group.
  /// - Parameters:
  ///   - parent: the user, or the group of the fields before.
  ///   - owner: the user.
  mutating func number(_ parent: UInt32, _ value: UInt64, owner: UInt32) -> UInt32 {
    var slot = Self.hash(parent, value) & (slots.count - 1)
    while slots[slot] != 0 {
      let number = slots[slot] - 1
      if parents[Int(number)] == parent, values[Int(number)] == value { return number }
      slot = (slot + 1) & (slots.count - 1)
    }
    owners.append(owner)
    parents.append(parent)
    values.append(value)
    slots[slot] = UInt32(owners.count)
    if owners.count * 2 > slots.count { rehash() }
    return UInt32(owners.count - 1)
  }

  private mutating func rehash() {
    slots = Array(repeating: 0, count: slots.count * 4)
    for number in owners.indices {
      var slot = Self.hash(parents[number], values[number]) & (slots.count - 1)
      while slots[slot] != 0 { slot = (slot + 1) & (slots.count - 1) }
      slots[slot] = UInt32(number + 1)
    }
  }

  private static func hash(_ parent: UInt32, _ value: UInt64) -> Int {
    let mixed = (value ^ UInt64(parent) &* 0x9e37_79b9_7f4a_7c15) &* 0xbf58_476d_1ce4_e5b9
    return Int(truncatingIfNeeded: mixed >> 20)
  }
}
