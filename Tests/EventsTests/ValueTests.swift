import Events
import Support
import Testing

@Suite struct `Hashes` {
  /// Published with xxHash (XSUM_testdata: seed 0), and of two words by the `xxhsum` program.
  @Test func `of nothing and of known bytes are the published ones`() {
    #expect(Hash.xxh3([]) == 0x2d06_8005_38d3_94c2)
    unsafe [UInt8]().withUnsafeBytes { bytes in
      #expect(unsafe Hash.xxh128(bytes) == UInt128(0x99aa_06d3_0147_98d8) << 64 | 0x6001_c324_468d_497f)
    }
    #expect(Hash.xxh3(Array("a".utf8)) == 0xe6c6_32b6_1e96_4e1f)
    #expect(Hash.xxh3(Array("abc".utf8)) == 0x78af_5f94_892f_3950)
  }

  @Test func `of a slice depend on its bytes only`() {
    let bytes = (0..<2000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    for count in [0, 1, 3, 4, 8, 9, 16, 17, 128, 129, 240, 241, 1024, 1500] {
      let slice = Array(bytes[7..<7 + count])
      unsafe bytes.withUnsafeBytes { whole in
        #expect(unsafe Hash.xxh3(.init(rebasing: whole[7..<7 + count])) == Hash.xxh3(slice))
      }
    }
  }

  @Test func `spread users evenly over buckets`() {
    var counts = [Int](repeating: 0, count: 64)
    for number in 0..<64_000 {
      unsafe Array("user-\(number)".utf8).withUnsafeBytes { id in
        counts[Int(unsafe BucketIndex(user: id, buckets: 64).value)] += 1
      }
    }
    #expect(counts.allSatisfy { (850...1150).contains($0) })
  }
}

@Suite struct `Decimal numbers` {
  @Test func `are exact to a millionth`() {
    #expect(Decimal6(9.95)?.millionths == 9_950_000)
    #expect(Decimal6(0.1 + 0.2)?.millionths == 300_000)
    #expect(Decimal6(-0.0000004)?.millionths == 0)
    #expect(Decimal6(-4.95)?.millionths == -4_950_000)
  }

  @Test func `every number of millionths comes back from its double`() throws {
    var random = SeededRandom(4)
    let limit = Int64(Decimal6.limit) * 1_000_000
    for _ in 0..<Support.cases(200_000) {
      let millionths = Int64.random(in: -limit...limit, using: &random)
      try #require(Decimal6(Double(millionths) / 1_000_000)?.millionths == millionths)
    }
  }

  @Test(arguments: [Double.nan, .infinity, -.infinity, 4_000_000_001, -1e300, .greatestFiniteMagnitude])
  func `what is no number, or too large, is none`(value: Double) { #expect(Decimal6(value) == nil) }

  @Test func `the limit itself is one`() {
    #expect(Decimal6(Decimal6.limit) != nil && Decimal6(-Decimal6.limit) != nil)
  }
}
