import Support
import Testing

@testable import Bitmaps

struct BitsetTests {
  @Test func `the same random operations on a bitset and on a Set agree`() {
    var random = SystemRandomNumberGenerator()
    for _ in 0..<300 {
      let size = Int.random(in: 0...400, using: &random)
      var sets: [(Bitset, Set<UInt32>)] = (0..<2).map { _ in
        var bits = Bitset(size: size)
        var set: Set<UInt32> = []
        for _ in 0..<(size == 0 ? 0 : Int.random(in: 0...size, using: &random)) {
          let number = Int.random(in: 0..<size, using: &random)
          bits.insert(number)
          set.insert(UInt32(number))
        }
        return (bits, set)
      }
      switch Int.random(in: 0...3, using: &random) {
      case 0:
        sets[0].0.formIntersection(sets[1].0)
        sets[0].1.formIntersection(sets[1].1)
      case 1:
        sets[0].0.formUnion(sets[1].0)
        sets[0].1.formUnion(sets[1].1)
      case 2:
        sets[0].0.subtract(sets[1].0)
        sets[0].1.subtract(sets[1].1)
      default:
        var all = Bitset.full(size: size)
        all.subtract(sets[0].0)
        sets[0] = (all, Set((0..<UInt32(size)).filter { !sets[0].1.contains($0) }))
      }
      sets[0].0.checkInvariants()
      #expect(sets[0].0.elements == sets[0].1.sorted() && sets[0].0.count == sets[0].1.count)
    }
  }
}

struct RoaringTests {
  @Test(.enabled(if: Support.fixtures != nil, "needs the fixtures"))
  func `the format's own file has its documented values`() throws {
    let bytes = Support.read((Support.fixtures ?? "") + "roaring/bitmapwithoutruns.bin")
    let numbers = try RoaringFormat.decode(bytes).numbers
    #expect(numbers.count == 200_100 && numbers.first == 0 && numbers.last == 799_999)
    #expect(numbers.reduce(UInt64(0)) { $0 + UInt64($1) } == 120_004_750_000)
  }

  @Test func `random memberships come back, and broken bytes are an error`() throws {
    var random = SystemRandomNumberGenerator()
    for _ in 0..<12 {
      let membership = Membership(buckets: (0..<8).map { _ in randomNumbers(&random) })
      let bytes = membership.bytes
      #expect(try Membership(bytes: bytes, bucketCount: 8) == membership)
      for _ in 0..<20 {
        var broken = bytes
        broken[Int.random(in: 0..<broken.count, using: &random)] ^= UInt8.random(in: 1...255, using: &random)
        _ = try? Membership(bytes: broken, bucketCount: 8)  // Only that it does not trap.
        #expect(throws: RoaringError.self) { try Membership(bytes: Array(bytes.dropLast()), bucketCount: 8) }
      }
    }
  }

  @Test(.enabled(if: Support.python != nil, "needs the Python oracles"))
  func `pyroaring reads our memberships and we read its`() throws {
    var random = SystemRandomNumberGenerator()
    let folder = Support.temporaryFolder()
    let membership = Membership(buckets: (0..<6).map { _ in randomNumbers(&random) })
    Support.write(membership.bytes, to: folder + "/ours")
    let script = """
      import sys, pyroaring
      ours = pyroaring.BitMap64.deserialize(open(sys.argv[1] + '/ours', 'rb').read())
      theirs = pyroaring.BitMap64([3, 5, 2**32 + 7] + list(range(5 * 2**32, 5 * 2**32 + 9000, 2)))
      open(sys.argv[1] + '/theirs', 'wb').write(theirs.serialize())
      print(len(ours), sum(ours), end='')
      """
    let output = try Support.runPython(script, [folder])
    var sum: UInt64 = 0
    for bucket in 0..<membership.bucketCount {
      let numbers = membership.ordinals(in: bucket)
      for number in numbers { sum += UInt64(bucket) << 32 | UInt64(number) }
    }
    #expect(output == "\(membership.count) \(sum)")
    let theirs = try Membership(bytes: Support.read(folder + "/theirs"), bucketCount: 6)
    #expect(
      theirs.ordinals(in: 0) == [3, 5] && theirs.ordinals(in: 1) == [7]
        && theirs.ordinals(in: 5).count == 4500)
  }

  private func randomNumbers(_ random: inout SystemRandomNumberGenerator) -> [UInt32] {
    let limit = UInt32.random(in: 1...200_000, using: &random)
    switch Int.random(in: 0...3, using: &random) {
    case 0: return []
    case 1: return Array(0..<limit)
    default:
      let count = Int.random(in: 0...20_000, using: &random)
      return Set((0..<count).map { _ in UInt32.random(in: 0..<limit, using: &random) }).sorted()
    }
  }

  @Test func `a set is encoded as its numbers are`() {
    var random = SeededRandom(7)
    for round in 0..<96 {
      let size = [1, 70, 5000, 65_536, 65_537, 140_000][round % 6]
      var set = Bitset(size: size)
      let density = [0.0005, 0.02, 0.5, 0.98][round / 6 % 4]
      var inside = false
      for number in 0..<size {
        // Runs, or any.
        if round % 2 == 0 {
          if Double.random(in: 0..<1, using: &random) < 0.01 { inside.toggle() }
        } else {
          inside = Double.random(in: 0..<1, using: &random) < density
        }
        if inside { set.insert(number) }
      }
      if set.isEmpty { set.insert(size - 1) }
      #expect(RoaringFormat.encode(set) == RoaringFormat.encode(set.elements))
    }
  }
}
