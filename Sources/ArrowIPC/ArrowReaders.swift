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
  private let places: [ColumnPlace]
  private let dictionaries: [Int64: ArrowArray]
  /// Of the footer, for whoever keeps it elsewhere.
  public let footerHash: String
  /// Of the batches' metadata; nil where another program wrote the file.
  private let hashes: [UInt64]?

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
    let hashes = metadata[ArrowFileLayout.hashesKey].map { Self.numbers($0) }
    guard let schemaTable = try footer.table(1) else {
      throw FormatError("the footer has no schema", at: range.lowerBound)
    }
    let schema = try ArrowSchema(schemaTable)
    let dictionaryBlocks = try Self.blocks(footer, 2)
    dictionaries = try BufferDecoder.withPooled { (decoder) throws(FormatError) in
      var memory = DictionaryMemory()
      for (index, block) in dictionaryBlocks.enumerated() {
        let message = try Self.message(block, input, .dictionary, hashes, index)
        try memory.take(message, input, schema, decoder)
      }
      return memory.arrays
    }
    self.input = input
    self.schema = schema
    places = ColumnPlace.all(schema)
    self.hashes = hashes.map { Array($0.dropFirst(dictionaryBlocks.count)) }
    batches = try Self.blocks(footer, 3)
  }

  public var batchCount: Int { batches.count }

  /// How many rows a batch has, without reading its body.
  public func rows(ofBatch index: Int) throws(FormatError) -> Int {
    try BatchLayout(try message(ofBatch: index)).rows
  }

  /// How many bytes reading some columns of a batch takes, without reading them.
  public func bytes(ofBatch index: Int, columns: [Int]) throws(FormatError) -> Int {
    let message = try message(ofBatch: index)
    let buffers = try BatchLayout(message).buffers
    return columns.reduce(0) { sum, column in
      let own = places[column].buffers.clamped(to: 0..<buffers.count)
      return sum + buffers[own].reduce(0) { $0 + max(0, Int(clamping: $1.second)) }
    }
  }

  private func message(ofBatch index: Int) throws(FormatError) -> ArrowMessage {
    guard batches.indices.contains(index) else { throw FormatError("there is no batch \(index)") }
    return try Self.message(batches[index], input, .batch, hashes, index)
  }

  /// The dictionary of a top-level column, or of the elements of a list column.
  public func dictionary(ofColumn index: Int) -> ArrowArray? {
    let field = schema.fields[index]
    return (field.dictionary ?? field.children.first?.dictionary).flatMap { dictionaries[$0.id] }
  }

  /// Reads one batch.
  /// - Parameters:
  ///   - columns: indexes of top-level columns, ascending; nil: all.
  ///   - elidesUnknown: a column of which nothing is known comes as `.null`, whatever its type.
  public func batch(_ index: Int, columns: [Int]? = nil, elidesUnknown: Bool = false) throws(FormatError)
    -> ArrowBatch
  {
    let message = try message(ofBatch: index)
    let layout = try BatchLayout(message)
    return try BufferDecoder.withPooled { (decoder) throws(FormatError) in
      var cursor = BatchCursor(
        layout, input, body: message.body, dictionaries: dictionaries, decoder: decoder)
      return try cursor.batch(schema, places, columns, elidesUnknown: elidesUnknown)
    }
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
  /// Hashes of 16 hexadecimal digits each; what is none is 0, which no message has.
  private static func numbers(_ text: String) -> [UInt64] {
    let digits = Array(text.utf8)
    return stride(from: 0, to: digits.count, by: 16).map { start in
      UInt64(String(decoding: digits[start..<min(start + 16, digits.count)], as: UTF8.self), radix: 16) ?? 0
    }
  }

  private static func message(
    _ block: Block, _ input: any ArrowInput, _ kind: ArrowMessage.Kind, _ hashes: [UInt64]?, _ index: Int
  ) throws(FormatError) -> ArrowMessage {
    let range = try checkedRange(block.offset, Int64(block.metadataLength), in: input.size, "a block")
    let message = try ArrowMessage(input, metadata: range)
    guard message.kind == kind, Int64(message.body.count) == block.bodyLength else {
      throw FormatError("the footer points to something else than a \(kind)", at: range.lowerBound)
    }
    if let hashes, index >= hashes.count || hashes[index] != message.hash {
      throw FormatError(
        "the metadata of a \(kind) are damaged (their checksum is wrong)", at: range.lowerBound)
    }
    return message
  }
}

extension BatchCursor {
  /// - Parameters:
  ///   - wanted: indexes of top-level columns, ascending; nil: all.
  ///   - elidesUnknown: a column of which nothing is known comes as `.null`.
  mutating func batch(
    _ schema: ArrowSchema, _ places: [ColumnPlace], _ wanted: [Int]?, elidesUnknown: Bool = false
  ) throws(FormatError) -> ArrowBatch {
    let wanted = wanted ?? Array(places.indices)
    try lend(wanted.map { places[$0] })
    var columns: [ArrowArray] = []
    columns.reserveCapacity(wanted.count)
    for index in wanted {
      move(to: places[index])
      if elidesUnknown, isUnknown {
        columns.append(ArrowArray(count: layout.rows, storage: .null))
      } else {
        columns.append(try array(schema.fields[index], expected: layout.rows))
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
  private let places: [ColumnPlace]
  private var memory = DictionaryMemory()
  private let decoder = BufferDecoder()

  public init(_ input: any ArrowInput) throws(FormatError) {
    guard let first = try ArrowMessage(input, at: 0), first.kind == .schema else {
      throw FormatError("is no Arrow stream: it does not begin with a schema", at: 0)
    }
    self.input = input
    schema = try ArrowSchema(first.header)
    places = ColumnPlace.all(schema)
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
        let layout = try BatchLayout(message)
        var cursor = BatchCursor(
          layout, input, body: message.body, dictionaries: memory.arrays, decoder: decoder)
        return try cursor.batch(schema, places, columns)
      case .schema: throw FormatError("a second schema", at: message.body.lowerBound)
      }
    }
    return nil
  }
}
