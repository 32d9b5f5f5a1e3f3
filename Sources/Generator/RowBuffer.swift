import Glibc

/// A piece of prepared text in a `Templates`.
struct Piece: Sendable {
  var start: UInt32
  var count: UInt32
}

/// All text that rows are put together from, prepared once, one piece behind the other.
struct Templates: Sendable {
  private(set) var bytes: [UInt8] = []
  /// No piece is longer, so that a row of at most 24 has room in `RowBuffer.rowLimit`.
  static let pieceLimit = 4096

  mutating func add(_ text: String) -> Piece {
    let utf8 = text.utf8
    precondition(utf8.count <= Self.pieceLimit, "a template is longer than \(Self.pieceLimit) bytes")
    let start = UInt32(bytes.count)
    bytes.append(contentsOf: utf8)
    return Piece(start: start, count: UInt32(utf8.count))
  }
}

/// Rows as bytes, appended without a check each: `hasRoom` is asked once a row, and no row is longer than
/// `rowLimit` (at most 24 pieces of `Templates.pieceLimit` and 1 kB of numbers).
///
/// Invariant: `count <= capacity`; the memory is made in `init`, freed in `deinit`, and lent only to `bytes`.
@safe struct RowBuffer: ~Copyable {
  static let rowLimit = 128 << 10
  private let base: UnsafeMutablePointer<UInt8>
  private let capacity: Int
  private(set) var count = 0

  init(capacity: Int) {
    self.capacity = capacity + Self.rowLimit
    unsafe base = .allocate(capacity: self.capacity)
  }

  deinit { unsafe base.deallocate() }

  var hasRoom: Bool { count + Self.rowLimit <= capacity }
  var bytes: UnsafeRawBufferPointer { unsafe .init(start: base, count: count) }

  mutating func clear() { count = 0 }
  /// Cuts what was appended last.
  mutating func cut(to length: Int) { count = min(count, length) }

  @inline(__always) mutating func append(_ byte: UInt8) {
    unsafe base[count] = byte
    count &+= 1
  }

  @inline(__always) mutating func append(_ piece: Piece, _ templates: UnsafePointer<UInt8>) {
    let length = Int(piece.count)
    unsafe memcpy(base + count, templates + Int(piece.start), length)
    count &+= length
  }

  @inline(__always) mutating func append(_ text: StaticString) {
    let length = text.utf8CodeUnitCount
    unsafe memcpy(base + count, text.utf8Start, length)
    count &+= length
  }

  /// Two decimal digits.
  @inline(__always) private mutating func pair(_ value: Int) {
    unsafe base[count] = UInt8(truncatingIfNeeded: 0x30 &+ value / 10)
    unsafe base[count &+ 1] = UInt8(truncatingIfNeeded: 0x30 &+ value % 10)
    count &+= 2
  }

  mutating func append(number value: Int) {
    var digits: UInt64 = 0
    var length = 0
    var rest = value
    repeat {
      digits = digits << 4 | UInt64(truncatingIfNeeded: rest % 10)
      rest /= 10
      length += 1
    } while rest > 0 && length < 16
    for _ in 0..<length {
      append(0x30 &+ UInt8(digits & 15))
      digits >>= 4
    }
  }

  /// 16 lower-case hexadecimal digits.
  @inline(__always) private mutating func hex(_ value: UInt64, _ digits: Int) {
    for i in 0..<digits {
      let nibble = UInt8(truncatingIfNeeded: value >> UInt64(60 &- 4 &* i)) & 15
      unsafe base[count &+ i] = nibble &+ (nibble < 10 ? 0x30 : 0x57)
    }
    count &+= digits
  }

  /// A version 4 UUID made of one number.
  mutating func append(uuid seed: UInt64) {
    let high = Chance.mix(seed)
    let low = Chance.mix(high ^ 0x5851_f42d_4c95_7f2d)
    hex(high, 8)
    append(0x2d)
    hex(high << 32, 4)
    append(0x2d)
    hex((high << 48 & 0x0fff_ffff_ffff_ffff) | 0x4000_0000_0000_0000, 4)
    append(0x2d)
    hex((low & 0x3fff_ffff_ffff_ffff) | 0x8000_0000_0000_0000, 4)
    append(0x2d)
    hex(low << 16, 12)
  }

  mutating func append(hash seed: UInt64) {
    hex(Chance.mix(seed), 16)
    hex(Chance.mix(seed ^ 0x9e6c_63d0_676a_9a99), 16)
  }

  /// `YYYY-MM-DD HH:MM:SS.mmm`; the date is prepared, `clock` is milliseconds after its midnight.
  mutating func append(date: UInt64, clock: Int) {
    for shift in stride(from: UInt64(28), through: 0, by: -4) {
      append(0x30 &+ UInt8(truncatingIfNeeded: date >> shift) & 15)
      if shift == 16 || shift == 8 { append(0x2d) }
    }
    append(0x20)
    pair(clock / 3_600_000)
    append(0x3a)
    pair(clock / 60_000 % 60)
    append(0x3a)
    pair(clock / 1000 % 60)
    append(0x2e)
    append(0x30 &+ UInt8(truncatingIfNeeded: clock % 1000 / 100))
    pair(clock % 100)
  }
}
