/// Where a writer's bytes go: a file through the store's own calls, a pipe, memory.
public typealias ByteSink<Failure: Error> = (_ bytes: [UInt8]) throws(Failure) -> Void

/// Makes the parts of an Arrow file or stream; the caller appends them to its sink in order. Holds no handle, so a
/// failure to write needs no clean-up here.
public struct ArrowFileLayout: Sendable {
  public let schema: ArrowSchema
  private let compression: BufferEncoder.Policy
  private var offset = 0
  private var dictionaries: [[Int64]] = []
  private var batches: [[Int64]] = []
  /// Hashes of the messages' metadata, dictionaries before batches, as the footer keeps them.
  private var hashes = ""
  static let hashesKey = "metadata_xxh3"

  /// - Parameters:
  ///   - compressed: buffers as LZ4 frames with checksums, where that saves something.
  ///   - checksummed: checksums of all buffers, so that a flipped bit is noticed, and frames only where they save half.
  public init(_ schema: ArrowSchema, compressed: Bool = true, checksummed: Bool = false) {
    self.schema = schema
    compression = !compressed ? .none : checksummed ? .hashed : .frames
  }

  /// The file's beginning: magic and schema.
  public mutating func begin() -> [UInt8] {
    let bytes = Array("ARROW1\0\0".utf8) + schemaMessage
    offset = bytes.count
    return bytes
  }

  /// A stream's beginning.
  public var streamStart: [UInt8] { schemaMessage }
  /// A stream's end mark.
  public static let streamEnd: [UInt8] = [0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0]

  private var schemaMessage: [UInt8] { ArrowMessage.encode(.schema, schema.flat, bodyLength: 0) }

  /// A batch's message; may run on any thread.
  public func encode(_ batch: ArrowBatch) -> EncodedMessage {
    BatchBuilder.encode(batch.columns, rows: batch.rows, compression)
  }

  /// A dictionary's message; all stand before the first batch.
  public func encode(dictionary id: Int64, _ values: ArrowArray) -> EncodedMessage {
    BatchBuilder.encode(dictionary: id, values, compression)
  }

  /// The bytes to append for a message, remembered for the footer.
  public mutating func append(_ message: EncodedMessage) -> [UInt8] {
    let block = [
      Int64(offset), Int64(message.metadata.count), Int64(message.body.count),
    ]
    if message.kind == .dictionary { dictionaries.append(block) } else { batches.append(block) }
    hashes += MetadataHash.text(message.metadata)
    offset += message.metadata.count + message.body.count
    return message.metadata + message.body
  }

  /// The file's end: end mark, footer, magic.
  public func end(metadata: [String: String] = [:]) -> [UInt8] {
    let metadata = metadata.merging([Self.hashesKey: hashes]) { $1 }
    let footer = FlatBuilder.root([
      .int16(4), .table(schema.flat), .structs(dictionaries), .structs(batches), ArrowSchema.flat(metadata),
    ])
    let length = (0..<4).map { UInt8(truncatingIfNeeded: UInt32(footer.count) >> UInt32($0 * 8)) }
    return Self.streamEnd + footer + length + "ARROW1".utf8
  }

  /// The hash of the footer in what `end` gave, as `ArrowFileReader.footerHash` has it.
  public func footerHash(_ end: [UInt8]) -> String {
    MetadataHash.text(Array(end.dropFirst(Self.streamEnd.count).dropLast(10)))
  }
}

extension ArrowFileLayout {
  /// A whole file in memory.
  public static func file(
    _ schema: ArrowSchema, dictionaries: [(id: Int64, values: ArrowArray)] = [], batches: [ArrowBatch],
    compressed: Bool = true
  ) -> [UInt8] {
    var layout = ArrowFileLayout(schema, compressed: compressed)
    var bytes = layout.begin()
    for (id, values) in dictionaries { bytes += layout.append(layout.encode(dictionary: id, values)) }
    for batch in batches { bytes += layout.append(layout.encode(batch)) }
    return bytes + layout.end()
  }

  /// A whole stream in memory.
  public static func stream(
    _ schema: ArrowSchema, dictionaries: [(id: Int64, values: ArrowArray)] = [], batches: [ArrowBatch],
    compressed: Bool = true
  ) -> [UInt8] {
    var layout = ArrowFileLayout(schema, compressed: compressed)
    var bytes = layout.streamStart
    for (id, values) in dictionaries { bytes += layout.append(layout.encode(dictionary: id, values)) }
    for batch in batches { bytes += layout.append(layout.encode(batch)) }
    return bytes + streamEnd
  }
}
