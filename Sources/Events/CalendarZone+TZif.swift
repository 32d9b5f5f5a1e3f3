#if canImport(Glibc)
  import Glibc
#endif

/// Why a time zone could not be loaded.
public struct ZoneError: Error, Equatable {
  public let reason: String
}

extension CalendarZone {
  /// Loads a zone of the IANA database by its name, such as `Europe/Brussels`.
  /// - Throws: `ZoneError` for a name that is none, or a system without the database.
  public init(named name: String) throws(ZoneError) {
    if name == "UTC" || name == "Etc/UTC" {
      self = name == "UTC" ? .utc : CalendarZone(name: name, transitions: [], offsets: [0])
      return
    }
    let plain = name.utf8.allSatisfy { byte in
      (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte)
        || [0x2b, 0x2d, 0x2f, 0x5f].contains(byte)
    }
    guard plain, !name.isEmpty, name.utf8.count < 64, !name.hasPrefix("/") else {
      throw ZoneError(reason: "'\(name)' is not the name of a time zone")
    }
    for folder in ["/usr/share/zoneinfo/", "/usr/lib/zoneinfo/", "/usr/share/lib/zoneinfo/"] {
      if let bytes = Self.read(folder + name) {
        self = try Self.parse(bytes, name: name)
        return
      }
    }
    throw ZoneError(
      reason: "the system knows no time zone '\(name)' (is the package tzdata installed?)")
  }

  private static func read(_ path: String) -> [UInt8]? {
    let file = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return nil }
    defer { close(file) }
    var bytes = [UInt8](repeating: 0, count: 1 << 17)
    let count = unsafe bytes.withUnsafeMutableBytes { unsafe Glibc.read(file, $0.baseAddress, $0.count) }
    guard count > 0 else { return nil }
    return Array(bytes.prefix(count))
  }

  /// RFC 8536: version 1 block (skipped), version 2+ block with 64-bit times, footer with a POSIX TZ rule that
  /// is expanded to the year 2100.
  static func parse(_ bytes: [UInt8], name: String) throws(ZoneError) -> CalendarZone {
    var reader = TZifReader(bytes: bytes)
    guard let first = reader.header(), first.version >= 2 else {
      throw ZoneError(reason: "the time zone file of '\(name)' is broken or too old")
    }
    reader.skip(first.length(timeSize: 4))
    guard let second = reader.header(), let body = reader.body(second) else {
      throw ZoneError(reason: "the time zone file of '\(name)' is broken")
    }
    var transitions = body.transitions
    var offsets = [body.first] + body.offsets
    if let rule = PosixZoneRule(reader.footer()) {
      for (instant, offset) in rule.transitions(years: 1970...2100) where instant > (transitions.last ?? .min)
      {
        transitions.append(instant)
        offsets.append(offset)
      }
    }
    return CalendarZone(name: name, transitions: transitions, offsets: offsets)
  }
}

/// A bounds-checked cursor over a TZif file; every read past the end gives nil.
private struct TZifReader {
  let bytes: [UInt8]
  var at = 0

  struct Header {
    var version: Int
    var utc, std, leap, times, types, chars: Int
    func length(timeSize: Int) -> Int {
      times * timeSize + times + types * 6 + chars + leap * (timeSize + 4) + std + utc
    }
  }

  mutating func header() -> Header? {
    guard at + 44 <= bytes.count, bytes[at..<at + 4].elementsEqual("TZif".utf8) else { return nil }
    let version = Int(bytes[at + 4]) - 0x30
    let counts = (0..<6).map { Int(UInt32(truncatingIfNeeded: integer(at + 20 + $0 * 4, 4))) }
    guard counts.allSatisfy({ $0 < 100_000 }) else { return nil }
    at += 44
    return Header(
      version: version, utc: counts[0], std: counts[1], leap: counts[2], times: counts[3], types: counts[4],
      chars: counts[5])
  }

  mutating func skip(_ count: Int) { at = min(bytes.count, at + count) }

  /// Transition times, the offset after each, and the offset before the first.
  mutating func body(_ header: Header) -> (transitions: [Int64], offsets: [Int32], first: Int32)? {
    let length = header.length(timeSize: 8)
    guard header.types > 0, at + length <= bytes.count else { return nil }
    let indexes = at + header.times * 8
    let types = indexes + header.times
    var transitions: [Int64] = []
    var offsets: [Int32] = []
    for i in 0..<header.times {
      let type = Int(bytes[indexes + i])
      guard type < header.types else { return nil }
      let instant = integer(at + i * 8, 8)
      if let last = transitions.last, instant <= last { return nil }
      transitions.append(instant)
      offsets.append(Int32(truncatingIfNeeded: integer(types + type * 6, 4)))
    }
    guard offsets.allSatisfy({ abs(Int($0)) < 172_800 }) else { return nil }
    let first = Int32(truncatingIfNeeded: integer(types, 4))
    at += length
    return (transitions, offsets, first)
  }

  /// The text between the two newlines at the end.
  func footer() -> String {
    guard at < bytes.count, bytes[at] == 0x0a else { return "" }
    return String(decoding: bytes[(at + 1)...].prefix { $0 != 0x0a }, as: UTF8.self)
  }

  private func integer(_ from: Int, _ size: Int) -> Int64 {
    var value: UInt64 = 0
    for byte in bytes[from..<from + size] { value = value << 8 | UInt64(byte) }
    return size == 4 ? Int64(Int32(truncatingIfNeeded: value)) : Int64(bitPattern: value)
  }
}
