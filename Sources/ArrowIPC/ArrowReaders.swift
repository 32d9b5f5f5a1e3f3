/// One record batch: its columns in the order asked for.
public struct ArrowBatch: Sendable, Equatable {
  public var rows: Int
  public var columns: [ArrowArray]
  public init(rows: Int, columns: [ArrowArray]) {
    self.rows = rows
    self.columns = columns
  }
}

/// Reads an Arrow file: any batch, any columns, from any thread. Dictionaries are read once, on opening.
public struct ArrowFileReader: Sendable {
  public let schema: ArrowSchema
  public let metadata: [String: String]
  private let input: any ArrowInput
  private let batches: [Block]
  private let dictionaries: [Int64: ArrowArray]
  /// Of the footer, for whoever keeps it elsewhere.
  public let footerHash: String
  /// Of the batches' metadata; nil where another program wrote the file.
  private let hashes: [Substring]?

  struct Block: Sendable {
    var offset: Int64
    var metadataLength: Int32
    var bodyLength: Int64
  }

  /// - Throws: where it is no Arrow file, or its footer, schema or dictionaries are damaged.
  public init(_ input: any ArrowInput) throws(FormatError) {
    let magic = Array("ARROW1".utf8)
    guard input.size >= 8 + 4 + 6, try input.read(0, 6) == magic else {
      throw FormatError("is no Arrow file", at: 0)
    }
    guard try input.read(input.size - 6, 6) == magic else {
      throw FormatError("the Arrow file is cut off: it has no end mark", at: input.size - 6)
    }
    let length = Int64(try FlatTable.int32(try input.read(input.size - 10, 4), 0))
    let range = try checkedRange(Int64(input.size - 10) - length, length, in: input.size - 10, "the footer")
    let footerBytes = try input.read(range.lowerBound, range.count)
    footerHash = MetadataHash.text(footerBytes)
    let footer = try FlatTable(root: footerBytes)
    metadata = try ArrowSchema.metadata(footer, 4)
    let hashes = metadata[ArrowFileLayout.hashesKey].map { Self.split($0) }
    guard let schemaTable = try footer.table(1) else {
      throw FormatError("the footer has no schema", at: range.lowerBound)
    }
    let schema = try ArrowSchema(schemaTable)
    var memory = DictionaryMemory()
    let decoder = BufferDecoder()
    let dictionaryBlocks = try Self.blocks(footer, 2)
    for (index, block) in dictionaryBlocks.enumerated() {
      let message = try Self.message(block, input, .dictionary, hashes, index)
      try memory.take(message, input, schema, decoder)
    }
    self.input = input
    self.schema = schema
    self.hashes = hashes.map { Array($0.dropFirst(dictionaryBlocks.count)) }
    batches = try Self.blocks(footer, 3)
    dictionaries = memory.arrays
  }

  public var batchCount: Int { batches.count }

  /// How many rows a batch has, without reading its body.
  public func rows(ofBatch index: Int) throws(FormatError) -> Int {
    guard batches.indices.contains(index) else { throw FormatError("there is no batch \(index)") }
    return try BatchLayout(try Self.message(batches[index], input, .batch, hashes, index).header).rows
  }

  /// How many bytes reading some columns of a batch takes, without reading them.
  public func bytes(ofBatch index: Int, columns: [Int]) throws(FormatError) -> Int {
    guard batches.indices.contains(index) else { throw FormatError("there is no batch \(index)") }
    let message = try Self.message(batches[index], input, .batch, hashes, index)
    let layout = try BatchLayout(message.header)
    var cursor = BatchCursor(
      layout, input, body: message.body, dictionaries: dictionaries, decoder: BufferDecoder())
    return cursor.bytes(schema, columns)
  }

  /// The dictionary of a top-level column, or of the elements of a list column.
  public func dictionary(ofColumn index: Int) -> ArrowArray? {
    let field = schema.fields[index]
    return (field.dictionary ?? field.children.first?.dictionary).flatMap { dictionaries[$0.id] }
  }

  /// Reads one batch.
  /// - Parameter columns: indexes of top-level columns, ascending; nil: all.
  public func batch(_ index: Int, columns: [Int]? = nil) throws(FormatError) -> ArrowBatch {
    try batch(index, columns: columns, decoder: BufferDecoder())
  }

  func batch(_ index: Int, columns: [Int]?, decoder: BufferDecoder) throws(FormatError) -> ArrowBatch {
    guard batches.indices.contains(index) else { throw FormatError("there is no batch \(index)") }
    let message = try Self.message(batches[index], input, .batch, hashes, index)
    let layout = try BatchLayout(message.header)
    var cursor = BatchCursor(layout, input, body: message.body, dictionaries: dictionaries, decoder: decoder)
    return try cursor.batch(schema, columns)
  }

  private static func blocks(_ footer: FlatTable, _ field: Int) throws(FormatError) -> [Block] {
    guard let (start, count) = try footer.vector(field, size: 24) else { return [] }
    var blocks: [Block] = []
    for index in 0..<count {
      let at = start + index * 24
      blocks.append(
        Block(
          offset: try FlatTable.int64(footer.bytes, at),
          metadataLength: try FlatTable.int32(footer.bytes, at + 8),
          bodyLength: try FlatTable.int64(footer.bytes, at + 16)))
    }
    return blocks
  }

  /// The list of hashes in the footer, 16 digits each.
  private static func split(_ text: String) -> [Substring] {
    var hashes: [Substring] = []
    var rest = text[...]
    while !rest.isEmpty {
      hashes.append(rest.prefix(16))
      rest = rest.dropFirst(16)
    }
    return hashes
  }

  private static func message(
    _ block: Block, _ input: any ArrowInput, _ kind: ArrowMessage.Kind, _ hashes: [Substring]?, _ index: Int
  ) throws(FormatError) -> ArrowMessage {
    let range = try checkedRange(block.offset, Int64(block.metadataLength), in: input.size, "a block")
    guard let message = try ArrowMessage(input, at: range.lowerBound), message.kind == kind,
      message.body.lowerBound == range.upperBound, Int64(message.body.count) == block.bodyLength
    else { throw FormatError("the footer points to something else than a \(kind)", at: range.lowerBound) }
    if let hashes, index >= hashes.count || hashes[index] != message.hash {
      throw FormatError(
        "the metadata of a \(kind) are damaged (their checksum is wrong)", at: range.lowerBound)
    }
    return message
  }
}

extension BatchCursor {
  mutating func bytes(_ schema: ArrowSchema, _ wanted: [Int]) -> Int {
    var bytes = 0
    for (index, field) in schema.fields.enumerated() {
      let skipped = skip(field)
      if wanted.contains(index) { bytes += skipped }
    }
    return bytes
  }

  mutating func batch(_ schema: ArrowSchema, _ wanted: [Int]?) throws(FormatError) -> ArrowBatch {
    var columns: [ArrowArray] = []
    for (index, field) in schema.fields.enumerated() {
      if let wanted, !wanted.contains(index) {
        skip(field)
      } else {
        columns.append(try array(field, expected: layout.rows))
      }
    }
    return ArrowBatch(rows: layout.rows, columns: columns)
  }
}

/// Reads an Arrow stream from front to back.
public struct ArrowStreamReader {
  public let schema: ArrowSchema
  private let input: any ArrowInput
  private var offset: Int
  private var memory = DictionaryMemory()
  private let decoder = BufferDecoder()

  public init(_ input: any ArrowInput) throws(FormatError) {
    guard let first = try ArrowMessage(input, at: 0), first.kind == .schema else {
      throw FormatError("is no Arrow stream: it does not begin with a schema", at: 0)
    }
    self.input = input
    schema = try ArrowSchema(first.header)
    offset = first.end
  }

  /// How far it has been read, bytes.
  public var consumed: Int { offset }

  /// The next batch; nil at the end.
  /// - Parameter columns: indexes of top-level columns, ascending; nil: all.
  public mutating func next(columns: [Int]? = nil) throws(FormatError) -> ArrowBatch? {
    while let message = try ArrowMessage(input, at: offset) {
      offset = message.end
      defer { input.forget(before: offset) }
      switch message.kind {
      case .dictionary: try memory.take(message, input, schema, decoder)
      case .batch:
        let layout = try BatchLayout(message.header)
        var cursor = BatchCursor(
          layout, input, body: message.body, dictionaries: memory.arrays, decoder: decoder)
        return try cursor.batch(schema, columns)
      case .schema: throw FormatError("a second schema", at: message.body.lowerBound)
      }
    }
    return nil
  }
}
