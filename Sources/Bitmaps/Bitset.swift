/// A set of small numbers as dense 64-bit words: for the arithmetic on one bucket's users.
///
/// Invariant: bits at `size` and above are 0.
public struct Bitset: Sendable, Equatable {
  /// Numbers are below it.
  public let size: Int
  public private(set) var words: [UInt64]

  /// The empty set.
  public init(size: Int) {
    self.size = size
    words = [UInt64](repeating: 0, count: (size + 63) / 64)
  }

  /// - Parameter words: bits at `size` and above are 0.
  package init(size: Int, words: [UInt64]) {
    self.size = size
    self.words = words
    checkInvariants()
  }

  /// All numbers below `size`.
  public static func full(size: Int) -> Bitset {
    var set = Bitset(size: size)
    for index in set.words.indices { set.words[index] = .max }
    set.trim()
    return set
  }

  @inline(__always) public mutating func insert(_ number: Int) {
    words[number >> 6] |= 1 << UInt64(number & 63)
  }

  @inline(__always) public func contains(_ number: Int) -> Bool {
    number >= 0 && number < size && words[number >> 6] >> UInt64(number & 63) & 1 == 1
  }

  public var count: Int { words.reduce(0) { $0 + $1.nonzeroBitCount } }
  public var isEmpty: Bool { words.allSatisfy { $0 == 0 } }

  /// Both sets are of one size.
  public mutating func formIntersection(_ other: Bitset) { combine(other) { $0 & $1 } }
  public mutating func formUnion(_ other: Bitset) { combine(other) { $0 | $1 } }
  public mutating func subtract(_ other: Bitset) { combine(other) { $0 & ~$1 } }

  @inline(__always)
  private mutating func combine(_ other: Bitset, _ operation: (UInt64, UInt64) -> UInt64) {
    precondition(size == other.size, "sets of different sizes")
    unsafe words.withUnsafeMutableBufferPointer { words in
      unsafe other.words.withUnsafeBufferPointer { others in
        for index in 0..<words.count { unsafe words[index] = operation(words[index], others[index]) }
      }
    }
  }

  /// The numbers, ascending.
  public var elements: [UInt32] {
    var elements: [UInt32] = []
    elements.reserveCapacity(count)
    for (index, word) in words.enumerated() {
      var rest = word
      while rest != 0 {
        elements.append(UInt32(index * 64 + rest.trailingZeroBitCount))
        rest &= rest &- 1
      }
    }
    return elements
  }

  private mutating func trim() {
    if size % 64 != 0, let last = words.indices.last { words[last] &= (1 << UInt64(size % 64)) - 1 }
  }

  func checkInvariants() {
    assert(words.count == (size + 63) / 64)
    assert(size % 64 == 0 || words.last.map { $0 >> UInt64(size % 64) == 0 } ?? true)
  }
}
