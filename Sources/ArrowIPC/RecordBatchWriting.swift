/// A record batch or dictionary as it stands in a file: made on any thread, appended in order by one.
public struct EncodedMessage: Sendable {
  let kind: ArrowMessage.Kind
  /// The prefix and the metadata.
  let metadata: [UInt8]
  let body: [UInt8]
}

/// Lays columns out as nodes and buffers.
struct BatchBuilder {
  private var nodes: [[Int64]] = []
  private var buffers: [[Int64]] = []
  private var body: [UInt8] = []
  /// Of each buffer as it stands in the body.
  private var hashes = ""
  private let compression: BufferEncoder.Policy

  init(_ compression: BufferEncoder.Policy) { self.compression = compression }

  static func encode(_ columns: [ArrowArray], rows: Int, _ compression: BufferEncoder.Policy)
    -> EncodedMessage
  {
    let (header, body, hashes) = record(columns, rows, compression)
    return EncodedMessage(
      kind: .batch, metadata: ArrowMessage.encode(.batch, header, bodyLength: body.count, hashes: hashes),
      body: body)
  }

  static func encode(dictionary id: Int64, _ values: ArrowArray, _ compression: BufferEncoder.Policy)
    -> EncodedMessage
  {
    let (header, body, hashes) = record([values], values.count, compression)
    let table: [FlatBuilder.Value] = [.int64(id), .table(header), .byte(0)]
    return EncodedMessage(
      kind: .dictionary,
      metadata: ArrowMessage.encode(.dictionary, table, bodyLength: body.count, hashes: hashes), body: body)
  }

  private static func record(_ columns: [ArrowArray], _ rows: Int, _ compression: BufferEncoder.Policy) -> (
    header: [FlatBuilder.Value], body: [UInt8], hashes: String?
  ) {
    var builder = BatchBuilder(compression)
    for column in columns { builder.append(column) }
    let codec: FlatBuilder.Value =
      compression != .none ? .table([.byte(BufferCompression.lz4Frame.rawValue), .byte(0)]) : .absent
    let header: [FlatBuilder.Value] = [
      .int64(Int64(rows)), .structs(builder.nodes), .structs(builder.buffers), codec,
    ]
    return (header, builder.body, compression == .hashed ? builder.hashes : nil)
  }

  private mutating func append(_ array: ArrowArray) {
    if case .dictionary(let indexes, _) = array.storage { return append(indexes) }
    nodes.append([Int64(array.count), Int64(array.nullCount)])
    if case .null = array.storage { return }
    append(buffer: array.validity ?? [])
    switch array.storage {
    case .null, .dictionary: break
    case .bits(let bits): append(buffer: bits)
    case .u8(let values): append(buffer: values)
    case .u16(let values): append(buffer: values)
    case .u32(let values): append(buffer: values)
    case .u64(let values): append(buffer: values)
    case .wide(let bytes, _): append(buffer: bytes)
    case .bytes(let offsets, let data):
      append(buffer: offsets)
      append(buffer: data, areCodes: false)
    case .list(let offsets, let child):
      append(buffer: offsets)
      append(child)
    case .fixedList(_, let child): append(child)
    case .structure(let children): children.forEach { append($0) }
    }
  }

  /// - Parameter areCodes: numbers of a byte or two are codes that every night reads, and not text.
  private mutating func append<T: FixedWidthInteger>(buffer values: [T], areCodes: Bool = true) {
    let isNarrow = areCodes && MemoryLayout<T>.size <= 2
    let start = body.count
    unsafe values.withUnsafeBytes { raw in
      if compression == .none {
        unsafe body += raw
      } else {
        body += unsafe BufferEncoder.encode(raw, compression, isNarrow: isNarrow)
      }
    }
    buffers.append([Int64(start), Int64(body.count - start)])
    if compression == .hashed {
      hashes += MetadataHash.shortText(
        unsafe body.withUnsafeBytes {
          unsafe MetadataHash.short(UnsafeRawBufferPointer(rebasing: $0[start...]))
        })
    }
    while body.count % 64 != 0 { body.append(0) }
  }
}
