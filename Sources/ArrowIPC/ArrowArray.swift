/// A decoded column of one record batch. Everything about it was checked when it was read.
public struct ArrowArray: Sendable, Equatable {
  /// Values by physical layout. Signed numbers, floats and times are kept as the bits of the same width.
  public indirect enum Storage: Sendable, Equatable {
    case null
    /// A bitmap, least significant bit first.
    case bits([UInt8])
    case u8([UInt8])
    case u16([UInt16])
    case u32([UInt32])
    case u64([UInt64])
    /// Fixed-width values that are wider or odd, end to end.
    case wide([UInt8], width: Int)
    /// `utf8` and `binary`: value i is `data[offsets[i]..<offsets[i + 1]]`.
    case bytes(offsets: [UInt32], data: [UInt8])
    /// Lists and maps: value i is `child[offsets[i]..<offsets[i + 1]]`.
    case list(offsets: [UInt32], child: ArrowArray)
    case fixedList(size: Int, child: ArrowArray)
    case structure([ArrowArray])
    /// Indexes in their own width; those of null slots are kept as they are in the file.
    case dictionary(ArrowArray, values: ArrowArray)
  }

  public var count: Int
  /// A bitmap of the known values, least significant bit first; nil: all are.
  public var validity: [UInt8]?
  public var storage: Storage

  public init(count: Int, validity: [UInt8]? = nil, storage: Storage) {
    self.count = count
    self.validity = validity
    self.storage = storage
  }

  @inline(__always) public func isValid(_ index: Int) -> Bool {
    validity.map { $0[index >> 3] >> UInt8(index & 7) & 1 == 1 } ?? true
  }

  public var nullCount: Int {
    guard validity != nil else { return 0 }
    return (0..<count).count { !isValid($0) }
  }

  /// The bytes of a `.bytes` value.
  public func bytes(at index: Int) -> ArraySlice<UInt8> {
    guard case .bytes(let offsets, let data) = storage else { return [] }
    return data[Int(offsets[index])..<Int(offsets[index + 1])]
  }

  /// All values of a `utf8` column as text.
  public var strings: [String] { (0..<count).map { String(decoding: bytes(at: $0), as: UTF8.self) } }

  /// A `utf8` or `binary` column.
  public init(_ values: [[UInt8]?]) {
    var offsets: [UInt32] = [0]
    var data: [UInt8] = []
    offsets.reserveCapacity(values.count + 1)
    for value in values {
      data += value ?? []
      offsets.append(UInt32(data.count))
    }
    self.init(
      count: values.count, validity: Self.bitmap(values.map { $0 != nil }),
      storage: .bytes(offsets: offsets, data: data))
  }

  public init(strings: [String]) { self.init(strings.map { Array($0.utf8) }) }

  /// The validity bitmap; nil where all are known.
  public static func bitmap(_ known: [Bool]) -> [UInt8]? {
    guard known.contains(false) else { return nil }
    var bitmap = [UInt8](repeating: 0, count: (known.count + 7) / 8)
    for (index, known) in known.enumerated() where known { bitmap[index >> 3] |= 1 << UInt8(index & 7) }
    return bitmap
  }
}
