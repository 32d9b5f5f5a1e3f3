import Diagnostics

/// How members are written.
public enum MemberFormat: String, Sendable, CaseIterable {
  case csv, jsonl, arrow, roaring
  /// The ending of the file's name.
  public var suffix: String { rawValue }
}

/// What an export wrote.
public struct ExportReceipt: Sendable, Equatable {
  public var path: String
  public var format: MemberFormat
  /// Members written; checked against the membership's own count.
  public var rows: Int
  public var bytes: Int
  /// Of the file's bytes, hexadecimal.
  public var sha256: String
}

/// Members of one segment on their way into a file: the ids of one bucket after the other.
public struct MemberExport: Sendable {
  public var segment: String
  public var format: MemberFormat
  /// gzip; not for Arrow, which compresses its own buffers, nor for Roaring.
  public var compressed: Bool
  /// How many members there are, as the run says.
  public var count: Int

  public init(segment: String, format: MemberFormat, compressed: Bool, count: Int) {
    self.segment = segment
    self.format = format
    self.compressed = compressed
    self.count = count
  }

  public var fileName: String {
    let zipped = compressed && (format == .csv || format == .jsonl)
    return "\(segment).\(format.suffix)" + (zipped ? ".gz" : "")
  }

  /// Writes CSV or JSON lines.
  /// - Parameters:
  ///   - folder: where; it must exist.
  ///   - members: calls its argument once a bucket, with the ids of its members in order; ids are bytes.
  /// - Throws: `F1` or `F2`; also where not exactly `count` ids came: then no file appears.
  public func write(
    to folder: String,
    members: ((_ ids: [ArraySlice<UInt8>]) throws(Diagnostic) -> Void) throws(Diagnostic) -> Void
  ) throws(Diagnostic) -> ExportReceipt {
    let path = folder + "/" + fileName
    let file = try MemberFile(path: path, compressed: fileName.hasSuffix(".gz"))
    if format == .csv { try file.append("user_id\n".utf8) }
    var rows = 0
    try members { ids throws(Diagnostic) in
      for id in ids {
        try file.append(format == .csv ? Self.csvLine(id) : Self.jsonLine(id))
      }
      rows += ids.count
    }
    return try receipt(file, path, rows)
  }

  /// Writes bytes that are made elsewhere (Roaring, Arrow).
  public func write(to folder: String, bytes: [UInt8], rows: Int) throws(Diagnostic) -> ExportReceipt {
    let path = folder + "/" + fileName
    let file = try MemberFile(path: path, compressed: false)
    try file.append(bytes)
    return try receipt(file, path, rows)
  }

  private func receipt(_ file: MemberFile, _ path: String, _ rows: Int) throws(Diagnostic) -> ExportReceipt {
    guard rows == count else {
      throw Diagnostic(
        .s2, "the run says \(count) members, but \(rows) were found; nothing was written",
        at: Place(file: path),
        hint: "run 'grandstand verify'")
    }
    let (bytes, sha256) = try file.finish()
    return ExportReceipt(path: path, format: format, rows: rows, bytes: bytes, sha256: sha256)
  }

  static func csvLine(_ id: ArraySlice<UInt8>) -> [UInt8] { csvField(id) + [0x0a] }

  /// RFC 4180: quoted where it holds a comma, a quote or a line end.
  public static func csvField(_ id: ArraySlice<UInt8>) -> [UInt8] {
    let quote = UInt8(ascii: "\"")
    guard id.contains(where: { [quote, UInt8(ascii: ","), 0x0a, 0x0d].contains($0) }) else {
      return Array(id)
    }
    return [quote] + id.flatMap { $0 == quote ? [quote, quote] : [$0] } + [quote]
  }

  static func jsonLine(_ id: ArraySlice<UInt8>) -> [UInt8] {
    Array("{\"user_id\":\(JSONText.quoted(String(decoding: id, as: UTF8.self)))}\n".utf8)
  }
}
