extension RoaringFormat {
  /// The numbers of a set as portable bytes, each container in its smallest form: the same bytes as by way of a list of
  /// numbers, in a fraction of the time, for a bucket's members are asked for by the thousand.
  public static func encode(_ set: Bitset) -> [UInt8] {
    let containers = stride(from: 0, to: set.words.count, by: Container.words).compactMap { first in
      Container(
        key: first / Container.words, set.words[first..<min(first + Container.words, set.words.count)])
    }
    var bytes: [UInt8] = []
    let hasRuns = containers.contains { $0.form == .runs }
    if hasRuns {
      append(UInt32(12347) | UInt32(containers.count - 1) << 16, &bytes)
      var flags = [UInt8](repeating: 0, count: (containers.count + 7) / 8)
      for (index, container) in containers.enumerated() where container.form == .runs {
        flags[index / 8] |= 1 << UInt8(index % 8)
      }
      bytes += flags
    } else {
      append(UInt32(12346), &bytes)
      append(UInt32(containers.count), &bytes)
    }
    for container in containers {
      append(UInt16(container.key), &bytes)
      append(UInt16(container.count - 1), &bytes)
    }
    if !hasRuns || containers.count >= 4 {
      var offset = bytes.count + containers.count * 4
      for container in containers {
        append(UInt32(offset), &bytes)
        offset += container.size
      }
    }
    for container in containers { container.append(to: &bytes) }
    return bytes
  }

  fileprivate static func append<Number: FixedWidthInteger>(_ number: Number, _ bytes: inout [UInt8]) {
    for byte in 0..<Number.bitWidth / 8 {
      bytes.append(UInt8(truncatingIfNeeded: number >> Number(byte * 8)))
    }
  }
}

/// The numbers of a set that share their high 16 bits.
private struct Container {
  enum Form { case array, bitmap, runs }

  static let words = 1024
  let key: Int
  let count: Int
  let form: Form
  private let runs: Int
  private let words: ArraySlice<UInt64>

  /// nil for none.
  init?(key: Int, _ words: ArraySlice<UInt64>) {
    var (count, runs) = (0, 0)
    var last: UInt64 = 0
    for word in words {
      count += word.nonzeroBitCount
      // A run begins where a bit follows none.
      runs += (word & ~(word << 1 | last >> 63)).nonzeroBitCount
      last = word
    }
    guard count > 0 else { return nil }
    (self.key, self.count, self.runs, self.words) = (key, count, runs, words)
    // CRoaring counts two bytes more for an array than it writes, and equal sets are to be equal bytes.
    let plain = count <= 4096 ? 2 * count + 2 : 8192
    form = 2 + 4 * runs < plain ? .runs : count <= 4096 ? .array : .bitmap
  }

  /// Bytes.
  var size: Int {
    switch form {
    case .array: 2 * count
    case .bitmap: 8192
    case .runs: 2 + 4 * runs
    }
  }

  func append(to bytes: inout [UInt8]) {
    bytes.reserveCapacity(bytes.count + size)
    switch form {
    case .array: eachNumber { RoaringFormat.append(UInt16($0), &bytes) }
    case .bitmap:
      for word in words { RoaringFormat.append(word, &bytes) }
      bytes += repeatElement(0, count: (Self.words - words.count) * 8)
    case .runs:
      RoaringFormat.append(UInt16(runs), &bytes)
      var (first, next) = (-1, -1)
      eachNumber { number in
        if number != next {
          if first >= 0 { RoaringFormat.append(run: first, through: next - 1, &bytes) }
          first = number
        }
        next = number + 1
      }
      RoaringFormat.append(run: first, through: next - 1, &bytes)
    }
  }

  private func eachNumber(_ body: (Int) -> Void) {
    for (index, word) in words.enumerated() {
      var rest = word
      while rest != 0 {
        body(index * 64 + rest.trailingZeroBitCount)
        rest &= rest &- 1
      }
    }
  }
}

extension RoaringFormat {
  fileprivate static func append(run first: Int, through last: Int, _ bytes: inout [UInt8]) {
    append(UInt16(first), &bytes)
    append(UInt16(last - first), &bytes)
  }
}
