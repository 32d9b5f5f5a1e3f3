/// A text file's bytes with its name, and its lines for carets.
public struct SourceText: Sendable, Equatable {
  public let file: String
  public let bytes: [UInt8]

  public init(file: String, bytes: [UInt8]) {
    self.file = file
    self.bytes = bytes
  }

  public init(file: String, text: String) { self.init(file: file, bytes: Array(text.utf8)) }

  /// Line `number` (from 1) without its end, repaired where it is not UTF-8; nil past the end.
  public func line(_ number: Int) -> String? {
    guard number > 0 else { return nil }
    var start = 0
    var current = 1
    while current < number {
      guard let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) else { return nil }
      start = end + 1
      current += 1
    }
    guard start <= bytes.count else { return nil }
    var end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
    if end > start, bytes[end - 1] == UInt8(ascii: "\r") { end -= 1 }
    return String(decoding: bytes[start..<end], as: UTF8.self)
  }
}
