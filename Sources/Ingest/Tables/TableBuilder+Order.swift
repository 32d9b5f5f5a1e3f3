#if canImport(Glibc)
  import Glibc
#endif
import Events
import Store

/// The rows of a table in the store's order.
struct TableOrder {
  /// Row numbers by batch, sorted by the bytes of their ids; of equal ids the last row.
  var batches: [[Int]] = []
  /// Rows that a later one with the same id replaces.
  var repeated = 0

  var rows: Int { batches.reduce(0) { $0 + $1.count } }
}

extension TableBuilder {
  /// - Parameter buckets: a batch each, a power of two; 1 for tables that are not of users.
  func ordered(buckets: Int) -> TableOrder {
    var order = TableOrder(batches: grouped(Array(0..<count), buckets: buckets))
    unsafe keys.withUnsafeBytes { keys in
      for batch in order.batches.indices {
        order.batches[batch].sort { unsafe Self.compare($0, $1, keys, keyOffsets) < 0 }
        let sorted = order.batches[batch]
        let kept = sorted.indices.filter { place in
          guard place + 1 < sorted.count else { return true }
          return unsafe Self.compareIDs(sorted[place], sorted[place + 1], keys, keyOffsets) != 0
        }
        order.repeated += sorted.count - kept.count
        order.batches[batch] = kept.map { sorted[$0] }
      }
    }
    return order
  }

  /// Rows by the bucket of their ids.
  func grouped(_ rows: [Int], buckets: Int) -> [[Int]] {
    guard buckets > 1 else { return [rows] }
    var groups = [[Int]](repeating: [], count: buckets)
    unsafe keys.withUnsafeBytes { keys in
      for row in rows {
        let key = unsafe UnsafeRawBufferPointer(rebasing: keys[keyOffsets[row]..<keyOffsets[row + 1]])
        groups[Int(unsafe BucketIndex(user: key, buckets: UInt32(buckets)).value)].append(row)
      }
    }
    return groups
  }

  func key(_ row: Int) -> ArraySlice<UInt8> { keys[keyOffsets[row]..<keyOffsets[row + 1]] }

  /// By id, then as they stand in the file.
  private static func compare(_ a: Int, _ b: Int, _ keys: UnsafeRawBufferPointer, _ offsets: [Int]) -> Int {
    let ids = unsafe compareIDs(a, b, keys, offsets)
    return ids == 0 ? a - b : ids
  }

  private static func compareIDs(_ a: Int, _ b: Int, _ keys: UnsafeRawBufferPointer, _ offsets: [Int]) -> Int
  {
    let (countA, countB) = (offsets[a + 1] - offsets[a], offsets[b + 1] - offsets[b])
    guard let base = keys.baseAddress else { return 0 }
    let bytes = unsafe memcmp(base + offsets[a], base + offsets[b], min(countA, countB))
    return bytes == 0 ? countA - countB : Int(bytes)
  }
}

extension TableBuilder {
  /// What the store writes: dictionaries of the values that hold, sorted by bytes, and a way to make batches.
  struct Encoding {
    var dictionaries: [[String]]
    /// By column; from codes of the builder to those of the dictionary. Empty where it holds no texts.
    fileprivate var codes: [[UInt32]]
  }

  func encoding(_ order: TableOrder) -> Encoding {
    var encoding = Encoding(dictionaries: [], codes: [])
    for values in columns {
      guard values.column.fieldKind == .text else {
        encoding.codes.append([])
        continue
      }
      let texts = values.texts.values
      var used = [Bool](repeating: false, count: texts.count)
      for row in order.batches.joined() {
        let code = Int(values.bits[row])
        if code < used.count { used[code] = true }
      }
      let kept = texts.indices.filter { used[$0] }.sorted {
        texts[$0].utf8.lexicographicallyPrecedes(texts[$1].utf8)
      }
      var codes = [UInt32](repeating: .max, count: texts.count)
      for (place, code) in kept.enumerated() { codes[code] = UInt32(place) }
      encoding.dictionaries.append(kept.map { texts[$0] })
      encoding.codes.append(codes)
    }
    return encoding
  }

  /// - Returns: nil where the ids take more bytes than a batch can hold, 2 GiB.
  func batch(_ rows: [Int], _ encoding: Encoding) -> TableBatch? {
    var batch = TableBatch(keyOffsets: [0], keys: [], columns: [])
    for row in rows {
      batch.keys += key(row)
      guard batch.keys.count <= Int(Int32.max) else { return nil }
      batch.keyOffsets.append(UInt32(batch.keys.count))
    }
    batch.columns = zip(columns, encoding.codes).map { values, codes in
      switch values.column.fieldKind {
      case .number: return .numbers(rows.map { Double(bitPattern: values.bits[$0]) })
      case .time: return .times(rows.map { Int64(bitPattern: values.bits[$0]) })
      default:
        return .codes(
          rows.map { row in
            let code = Int(values.bits[row])
            return code < codes.count ? codes[code] : .max
          })
      }
    }
    return batch
  }
}
