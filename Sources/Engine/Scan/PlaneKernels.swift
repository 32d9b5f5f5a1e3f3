/// The loops that add rows to planes, and compare planes with thresholds.
///
/// A plane has a number for each user of a bucket; planes of one width lie `stride` apart, and plane 0 takes what
/// belongs nowhere, so that no row needs a branch. The caller promises: every code is below the route's count, every
/// route below the number of planes, every user below `stride`. They were checked when the batch and the route were made.
enum PlaneKernels {
  // About 1 ns a row: a load of the code, one of its plane, one of the user, and a read-modify-write that mostly hits L2.

  /// All rows, as four streams that are far apart: rows of one user stand together, and one that adds to the cell of the row
  /// before has to wait for it.
  @inline(__always)
  private static func eachRow(_ rows: Int, _ body: (Int) -> Void) {
    let quarter = rows / 4
    for row in 0..<quarter {
      body(row)
      body(quarter &+ row)
      body(2 &* quarter &+ row)
      body(3 &* quarter &+ row)
    }
    for row in (4 * quarter)..<rows { body(row) }
  }

  @inline(__always)
  static func count<Number: FixedWidthInteger & UnsignedInteger>(
    _ numbers: UnsafeMutablePointer<Number>, _ users: UnsafePointer<UInt32>, _ rows: Int, stride: Int,
    plane: (Int) -> Int
  ) {
    eachRow(rows) { row in
      let cell = unsafe plane(row) &* stride &+ Int(truncatingIfNeeded: users[row])
      let number = unsafe numbers[cell]
      // It stops at its largest.
      unsafe numbers[cell] = number &+ (number == .max ? 0 : 1)
    }
  }

  /// The upper half of a number is the day that was counted last, the lower half how many were.
  @inline(__always)
  static func countDays(
    _ numbers: UnsafeMutablePointer<UInt32>, _ users: UnsafePointer<UInt32>, _ rows: Int, stride: Int,
    day: UInt32,
    plane: (Int) -> Int
  ) {
    eachRow(rows) { row in
      let cell = unsafe plane(row) &* stride &+ Int(truncatingIfNeeded: users[row])
      let number = unsafe numbers[cell]
      unsafe numbers[cell] = day << 16 | (number & 0xffff) &+ (number >> 16 == day ? 0 : 1)
    }
  }

  /// Milliseconds, or 1 for the rows that count. The largest number is unknown and adds nothing, and a sum stops there.
  @inline(__always)
  static func add<Number: FixedWidthInteger & UnsignedInteger>(
    _ numbers: UnsafeMutablePointer<Number>, _ users: UnsafePointer<UInt32>, _ rows: Int, stride: Int,
    plane: (Int) -> Int, value: (Int) -> Number
  ) {
    eachRow(rows) { row in
      let cell = unsafe plane(row) &* stride &+ Int(truncatingIfNeeded: users[row])
      let value = value(row)
      let (sum, overflow) = unsafe numbers[cell].addingReportingOverflow(value == .max ? 0 : value)
      unsafe numbers[cell] = sum | (0 &- (overflow ? 1 : 0))
    }
  }

  /// Marks the rows whose user and value are met for the first time. Unknown values (`UInt32.max`) are never.
  /// - Parameter bits: of a pair those of the value; above them stands the user, from 1.
  static func firsts<Code: FixedWidthInteger & UnsignedInteger, Pair>(
    _ rows: Range<Int>, _ users: [UInt32], _ codes: [Code], _ shared: [UInt32], bits: Pair,
    _ met: inout PairSet<Pair>, _ fresh: inout [UInt8]
  ) {
    unsafe users.withUnsafeBufferPointer { users in
      unsafe codes.withUnsafeBufferPointer { codes in
        unsafe shared.withUnsafeBufferPointer { shared in
          unsafe fresh.withUnsafeMutableBufferPointer { fresh in
            met.insert(upTo: rows.count) { met in
              // As with planes: a block of pairs is made and touched before it is inserted; and only of values that count.
              unsafe withUnsafeTemporaryAllocation(of: Pair.self, capacity: distinctBlock) { pairs in
                unsafe withUnsafeTemporaryAllocation(of: Int.self, capacity: distinctBlock) { places in
                  var start = rows.lowerBound
                  while start < rows.upperBound {
                    let end = min(start &+ distinctBlock, rows.upperBound)
                    var count = 0
                    for row in start..<end {
                      let code = unsafe Int(truncatingIfNeeded: codes[row])
                      let value = unsafe code < shared.count ? shared[code] : .max
                      let user = unsafe Pair(truncatingIfNeeded: users[row] &+ 1) &<< bits
                      let pair = user | Pair(truncatingIfNeeded: value)
                      unsafe pairs[count] = pair
                      unsafe places[count] = row
                      count &+= value == .max ? 0 : 1
                    }
                    for index in 0..<count { unsafe met.touch(pairs[index]) }
                    for index in 0..<count {
                      if unsafe met.insert(pairs[index]) { unsafe fresh[places[index]] = 1 }
                    }
                    start = end
                  }
                }
              }
            }
          }
        }
      }
    }
  }

  /// One for each value of a user that was not met before.
  @inline(__always)
  static func countDistinct<Number: FixedWidthInteger & UnsignedInteger>(
    _ numbers: UnsafeMutablePointer<Number>, _ met: inout PairSet<UInt64>, _ users: UnsafePointer<UInt32>,
    _ rows: Int,
    stride: Int, plane: (Int) -> Int, value: (Int) -> UInt32
  ) {
    // The set is larger than the nearest caches, so pairs are made and touched by the block before they are inserted.
    unsafe withUnsafeTemporaryAllocation(of: UInt64.self, capacity: distinctBlock) { pairs in
      met.insert(upTo: rows) { met in
        var start = 0
        while start < rows {
          let end = min(start &+ distinctBlock, rows)
          var count = 0
          for row in start..<end {
            let plane = plane(row)
            let value = value(row)
            let cell = unsafe plane &* stride &+ Int(truncatingIfNeeded: users[row])
            let pair = UInt64(truncatingIfNeeded: cell) << 32 | UInt64(value)
            unsafe pairs[count] = pair
            // Written without a branch: a pair that is none is written over.
            count &+= plane != 0 && value != .max ? 1 : 0
            met.touch(pair)
          }
          for index in 0..<count {
            let pair = unsafe pairs[index]
            guard met.insert(pair) else { continue }
            let cell = Int(truncatingIfNeeded: pair >> 32)
            let number = unsafe numbers[cell]
            unsafe numbers[cell] = number &+ (number == .max ? 0 : 1)
          }
          start = end
        }
      }
    }
  }

  private static let distinctBlock = 64

  /// The rows of a list column that belong to a plane, with the plane of each; a row is there once for each plane.
  @inline(__always)
  static func elements<Code: FixedWidthInteger & UnsignedInteger>(
    _ rows: Range<Int>, _ offsets: [UInt32], _ codes: [Code], _ layer: [UInt16]
  ) -> (rows: [UInt32], planes: [UInt16]) {
    let most = Int(offsets[rows.upperBound] - offsets[rows.lowerBound])
    var planes: [UInt16] = []
    let chosen = unsafe [UInt32](unsafeUninitializedCapacity: most) { chosen, count in
      var found = 0
      planes = unsafe [UInt16](unsafeUninitializedCapacity: most) { planes, count in
        unsafe offsets.withUnsafeBufferPointer { offsets in
          unsafe codes.withUnsafeBufferPointer { codes in
            unsafe layer.withUnsafeBufferPointer { layer in
              for row in rows {
                let first = found
                var element = unsafe Int(truncatingIfNeeded: offsets[row])
                let end = unsafe Int(truncatingIfNeeded: offsets[row &+ 1])
                while element < end {
                  let plane = unsafe layer[Int(truncatingIfNeeded: codes[element])]
                  element &+= 1
                  if plane == 0 { continue }
                  // Lists are short: a look at what the row gave already.
                  var known = first
                  while unsafe known < found && planes[known] != plane { known &+= 1 }
                  if known < found { continue }
                  unsafe chosen[found] = UInt32(truncatingIfNeeded: row)
                  unsafe planes[found] = plane
                  found &+= 1
                }
              }
            }
          }
        }
        count = found
      }
      count = found
    }
    return (chosen, planes)
  }

  // MARK: Thresholds

  /// A bit a user: whether the number is in a range. In two steps that both use vectors: a byte a user, then 8 bytes to 8 bits.
  @inline(__always)
  static func bits<Number: FixedWidthInteger & UnsignedInteger>(
    _ numbers: UnsafePointer<Number>, _ users: Int, from low: Number, through high: Number,
    mask: Number = .max
  ) -> [UInt64] {
    var bytes = [UInt8](repeating: 0, count: (users + 63) / 64 * 64)
    let span = high &- low
    unsafe bytes.withUnsafeMutableBufferPointer { bytes in
      for user in 0..<users { unsafe bytes[user] = (numbers[user] & mask) &- low <= span ? 1 : 0 }
    }
    return packed(bytes)
  }

  /// Eight bytes of 0 or 1 become eight bits by one multiplication: bit i of the top byte is byte i.
  private static func packed(_ bytes: [UInt8]) -> [UInt64] {
    unsafe [UInt64](unsafeUninitializedCapacity: bytes.count / 64) { words, count in
      unsafe bytes.withUnsafeBytes { bytes in
        for word in 0..<bytes.count / 64 {
          var bits: UInt64 = 0
          for part in 0..<8 {
            let eight = unsafe bytes.loadUnaligned(fromByteOffset: word &* 64 &+ part &* 8, as: UInt64.self)
            bits |= ((eight.littleEndian &* 0x0102_0408_1020_4080) >> 56) << UInt64(part &* 8)
          }
          unsafe words[word] = bits
        }
      }
      count = bytes.count / 64
    }
  }
}
