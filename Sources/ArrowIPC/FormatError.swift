/// Bytes that are not what the Arrow format says, and where. The caller knows the file.
public struct FormatError: Error, Sendable, Equatable {
  public var reason: String
  /// Byte offset in the file, stream or message; -1 where none makes sense.
  public var offset: Int

  public init(_ reason: String, at offset: Int = -1) {
    self.reason = reason
    self.offset = offset
  }
}

/// The one door for numbers of a file: they become a range inside `limit`, or an error.
@inline(__always)
func checkedRange(_ offset: Int64, _ length: Int64, in limit: Int, _ what: @autoclosure () -> String)
  throws(FormatError) -> Range<Int>
{
  guard offset >= 0, length >= 0 else { throw FormatError("\(what()) has a negative place", at: -1) }
  let (end, overflow) = offset.addingReportingOverflow(length)
  guard !overflow, end <= Int64(limit) else {
    throw FormatError("\(what()) reaches past the end", at: Int(offset))
  }
  return Int(offset)..<Int(end)
}

/// `a * b` for sizes of a file.
func checkedProduct(_ a: Int, _ b: Int) throws(FormatError) -> Int {
  let (product, overflow) = a.multipliedReportingOverflow(by: b)
  guard !overflow, product >= 0, product <= 1 << 40 else {
    throw FormatError("a size of \(a) × \(b) is absurd")
  }
  return product
}
