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
  private let compression: BufferEncoder.Policy

  init(_ compression: BufferEncoder.Policy) { self.compression = compression }

  static func encode(_ columns: [ArrowArray], rows: Int, _ compression: BufferEncoder.Policy)
    -> EncodedMessage
  {
    let (header, body) = record(columns, rows, compression)
    return EncodedMessage(
      kind: .batch, metadata: ArrowMessage.encode(.batch, header, bodyLength: body.count), body: body)
  }

  static func encode(dictionary id: Int64, _ values: ArrowArray, _ compression: BufferEncoder.Policy)
    -> EncodedMessage
  {
    let (header, body) = record([values], values.count, compression)
    let table: [FlatBuilder.Value] = [.int64(id), .table(header), .byte(0)]
    return EncodedMessage(
      kind: .dictionary, metadata: ArrowMessage.encode(.dictionary, table, bodyLength: body.count), body: body
    )
  }

  private static func record(_ columns: [ArrowArray], _ rows: Int, _ compression: BufferEncoder.Policy) -> (
    [FlatBuilder.Value], [UInt8]
  ) {
    var builder = BatchBuilder(compression)
    for column in columns { builder.append(column) }
    let codec: FlatBuilder.Value =
      compression != .none ? .table([.byte(BufferCompression.lz4Frame.rawValue), .byte(0)]) : .absent
    return ([.int64(Int64(rows)), .structs(builder.nodes), .structs(builder.buffers), codec], builder.body)
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
      append(buffer: data)
    case .list(let offsets, let child):
      append(buffer: offsets)
      append(child)
    case .fixedList(_, let child): append(child)
    case .structure(let children): children.forEach { append($0) }
    }
  }

  private mutating func append<T: FixedWidthInteger>(buffer values: [T]) {
    let start = body.count
    unsafe values.withUnsafeBytes { raw in
      if compression != .none, unsafe !raw.isEmpty {
        let framed = unsafe BufferEncoder.encode(raw)
        if compression == .always || framed.count < raw.count - raw.count / 8 {
          body += framed
        } else {
          body += [UInt8](repeating: 0xff, count: 8)
          unsafe body += raw
        }
      } else {
        unsafe body += raw
      }
    }
    buffers.append([Int64(start), Int64(body.count - start)])
    while body.count % 64 != 0 { body.append(0) }
  }
}
