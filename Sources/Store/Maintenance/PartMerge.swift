import ArrowIPC
import Diagnostics
import Events

/// Some parts of a day on their way into one: what values it has, how the parts' codes map to them, and its rows bucket by bucket.
struct PartMerge: Sendable {
  let schema: PartSchema
  /// By text and then list field.
  let dictionaries: [[String]]
  let clusters: [PartCluster]
  /// By part and field: from the part's code to that of the new one; the part's unknown is the last.
  private let maps: [[[UInt32]]]
  private let readers: [(part: Int, reader: ClusterReader)]

  /// Looks at the parts: which of their values are still used, and how common their events are.
  init(_ snapshot: Snapshot, _ parts: [Part], _ options: CompactionOptions, _ workers: Workers)
    throws(Diagnostic)
  {
    schema = try Self.schema(parts)
    let fields = schema.texts + schema.lists
    var known: [[TextDictionary?]] = []
    for part in parts {
      var row: [TextDictionary?] = []
      for field in fields { row.append(try part.dictionary(of: field)) }
      known.append(row)
    }
    let use = try Self.use(snapshot, parts, fields, known, workers)
    dictionaries = fields.indices.map { field in
      var values: Set<[UInt8]> = []
      for part in parts.indices {
        for (code, text) in (known[part][field]?.values ?? []).enumerated() where use.used[part][field][code]
        {
          values.insert(Array(text.utf8))
        }
      }
      return values.sorted { $0.lexicographicallyPrecedes($1) }.map { String(decoding: $0, as: UTF8.self) }
    }
    maps = Self.maps(known, dictionaries)
    clusters = PartCluster.common(
      use.frequencies, buckets: snapshot.bucketCount, rowsPerBatch: options.rowsPerBatch)
    let all = fields + schema.numbers + [.dwell, .session, .eventTime]
    readers = try Self.readers(snapshot, parts, fields: all)
  }

  /// All columns that a part has, in the order in which ingest writes them.
  private static func schema(_ parts: [Part]) throws(Diagnostic) -> PartSchema {
    var fields: Set<Field> = []
    for part in parts { fields.formUnion(try part.fields()) }
    let own = fields.subtracting(Field.stored).sorted {
      $0.name.utf8.lexicographicallyPrecedes($1.name.utf8)
    }
    return PartSchema(fields: Field.stored.filter { fields.contains($0) } + own)
  }

  private static func readers(_ snapshot: Snapshot, _ parts: [Part], fields: [Field]) throws(Diagnostic)
    -> [(part: Int, reader: ClusterReader)]
  {
    var readers: [(part: Int, reader: ClusterReader)] = []
    for (number, part) in parts.enumerated() {
      for cluster in 0..<part.clusterCount {
        let reader = try ClusterReader(snapshot, part, cluster: cluster, fields: fields, byArticle: false)
        readers.append((number, reader))
      }
    }
    return readers
  }

  /// A part without replaced rows uses all of its values, because whoever wrote it saw to that.
  private static func use(
    _ snapshot: Snapshot, _ parts: [Part], _ fields: [Field], _ known: [[TextDictionary?]], _ workers: Workers
  ) throws(Diagnostic) -> PartUse {
    var start = PartUse(known)
    var looked: [[(Int, Field)]] = []
    for (number, part) in parts.enumerated() {
      var fieldsOfPart: [(Int, Field)] = []
      let isWhole = try snapshot.replacedRows(of: part.entry) == 0
      for (place, field) in fields.enumerated() {
        // One empty word may stand for an empty dictionary.
        if !isWhole || known[number][place]?.values == [""] {
          fieldsOfPart.append((place, field))
        } else {
          start.markAll(part: number, field: place)
        }
      }
      looked.append(fieldsOfPart)
    }
    var readers: [(part: Int, reader: ClusterReader)] = []
    for (number, part) in parts.enumerated() {
      let columns = Array(Set(looked[number].map(\.1) + [.event, .article]))
      readers += try Self.readers(snapshot, [part], fields: columns).map { (number, $0.reader) }
    }
    let (first, sources, wanted) = (start, readers, looked)
    let states = try workers.run(snapshot.bucketCount) { () throws(Diagnostic) in
      first
    } _: { (bucket, use: inout PartUse) throws(Diagnostic) in
      for (part, reader) in sources {
        guard let batch = try reader.batch(in: BucketIndex(UInt32(bucket))) else { continue }
        use.mark(batch, part: part, fields: wanted[part])
      }
    }
    for state in states { start.form(state) }
    return start
  }

  private static func maps(_ known: [[TextDictionary?]], _ dictionaries: [[String]]) -> [[[UInt32]]] {
    let places = dictionaries.map { values in
      Dictionary(
        uniqueKeysWithValues: values.enumerated().map { (Array($0.element.utf8), UInt32($0.offset)) })
    }
    return known.indices.map { part in
      dictionaries.indices.map { field in
        let unknown = UInt32(dictionaries[field].count)
        let values = known[part][field]?.values ?? []
        return values.map { places[field][Array($0.utf8)] ?? unknown } + [unknown]
      }
    }
  }

  /// The rows of a bucket that were not replaced, sorted.
  func rows(in bucket: BucketIndex, users: UserIDs) throws(Diagnostic) -> PartRows {
    var rows = PartRows(schema)
    var kept: [Int] = []
    for (part, reader) in readers {
      guard let batch = try reader.batch(in: bucket) else { continue }
      let identities = try reader.part.identities(bucket, of: reader.cluster, rows: batch.rowCount)
      let first = rows.count
      if batch.deletedRows.isEmpty {
        kept += first..<(first + batch.rowCount)
      } else {
        kept += batch.keptRows.map { first + $0 }
      }
      rows.append(batch, schema, maps[part], dictionaries, identities)
    }
    return rows.sorted(kept, eventField: schema.texts.firstIndex(of: .event), users)
  }
}
