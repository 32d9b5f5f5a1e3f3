extension ArrowSchema {
  /// The Schema table of a message or a footer.
  var flat: [FlatBuilder.Value] {
    [.int16(0), .tables(fields.map(\.flat)), Self.flat(metadata)]
  }

  static func flat(_ metadata: [String: String]) -> FlatBuilder.Value {
    guard !metadata.isEmpty else { return .absent }
    return .tables(metadata.sorted { $0.key < $1.key }.map { [.string($0.key), .string($0.value)] })
  }
}

extension ArrowField {
  var flat: [FlatBuilder.Value] {
    let (kind, table) = Self.flat(type)
    let encoding = dictionary.map { dictionary -> FlatBuilder.Value in
      .table([
        .int64(dictionary.id), .table(Self.flat(dictionary.index).1), .byte(dictionary.ordered ? 1 : 0),
      ])
    }
    return [
      .string(name), .byte(nullable ? 1 : 0), .byte(kind), .table(table), encoding ?? .absent,
      .tables(children.map(\.flat)), ArrowSchema.flat(metadata),
    ]
  }

  /// The union's discriminator and its table.
  private static func flat(_ type: ArrowType) -> (UInt8, [FlatBuilder.Value]) {
    switch type {
    case .null: (1, [])
    case .int(let bits, let signed): (2, [.int32(Int32(bits)), .byte(signed ? 1 : 0)])
    case .float(let bits): (3, [.int16(bits == 16 ? 0 : bits == 32 ? 1 : 2)])
    case .binary: (4, [])
    case .utf8: (5, [])
    case .bool: (6, [])
    case .decimal(let precision, let scale, let bits):
      (7, [.int32(Int32(precision)), .int32(Int32(scale)), .int32(Int32(bits))])
    case .date(let unit): (8, [.int16(unit == nil ? 0 : 1)])
    case .time(let unit, let bits): (9, [.int16(unit.rawValue), .int32(Int32(bits))])
    case .timestamp(let unit, let zone): (10, [.int16(unit.rawValue), zone.map { .string($0) } ?? .absent])
    case .interval(let unit): (11, [.int16(Int16(unit))])
    case .list: (12, [])
    case .structure: (13, [])
    case .fixedBinary(let width): (15, [.int32(Int32(width))])
    case .fixedList(let size): (16, [.int32(Int32(size))])
    case .map(let sorted): (17, [.byte(sorted ? 1 : 0)])
    case .duration(let unit): (18, [.int16(unit.rawValue)])
    case .largeBinary: (19, [])
    case .largeUTF8: (20, [])
    case .largeList: (21, [])
    }
  }
}
