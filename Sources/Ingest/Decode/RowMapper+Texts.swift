import CSimdjson
import Events

extension RowMapper {
  mutating func mapTexts(_ row: RowView, _ record: inout EventRecord, _ print: inout UInt64)
    throws(Reject)
  {
    let places = places
    for field in 0..<textCount {
      record.codes[field] = unsafe text(field, places, row, &print)
    }
    record.lists.removeAll(keepingCapacity: true)
    for index in 0..<record.listEnds.count {
      unsafe mapList(row, places, textCount + index, &record, &print)
      record.listEnds[index] = UInt32(record.lists.count)
      print = Self.mix(print, UInt64(record.lists.count))
    }
  }

  /// The code of a text field; `UInt32.max`: unknown.
  @inline(__always)
  private mutating func text(_ field: Int, _ places: PlaceTable, _ row: RowView, _ print: inout UInt64)
    -> UInt32
  {
    let range = places.range(field)
    if let code = unsafe coded(field, places, range, row, &print) {
      print = Self.mix(print, UInt64(field))
      return code
    }
    var text = unsafe Self.nothing
    for index in range where text.count == 0 { unsafe text = Self.value(row, places[index]) }
    if field == eventField, text.count == 0, source.defaultEvent != nil {
      return intern(field, defaultEvent, &print)
    }
    let isKnown = text.count > 0 && text.count <= Self.longestText
    let code = isKnown ? unsafe intern(field, text, &print) : .max
    print = Self.mix(print, UInt64(field))
    return code
  }

  /// All values of the first candidate that has any.
  private mutating func mapList(
    _ row: RowView, _ places: PlaceTable, _ field: Int, _ record: inout EventRecord, _ print: inout UInt64
  ) {
    let start = record.lists.count
    for candidate in places.range(field) {
      switch places[candidate] {
      case .slot(let slot):
        for index in 0..<(unsafe row.valueCount) {
          guard let found = unsafe row.values?[index], unsafe found.slot == slot, unsafe found.length > 0,
            unsafe found.length <= Self.longestText
          else { continue }
          let text = unsafe UnsafeRawBufferPointer(start: found.text, count: Int(found.length))
          record.lists.append(unsafe intern(field, text, &print))
        }
      case .column(let index) where unsafe row.cells?[index].starts != nil:
        if let cells = unsafe row.cells { unsafe mapElements(cells[index], row.row, field, &record, &print) }
      case let place:
        let text = unsafe Self.value(row, place)
        if text.count > 0, text.count <= Self.longestText {
          record.lists.append(unsafe intern(field, text, &print))
        }
      }
      if record.lists.count > start { return }
    }
  }

  private mutating func mapElements(
    _ column: CellColumn, _ row: Int, _ field: Int, _ record: inout EventRecord, _ print: inout UInt64
  ) {
    guard let starts = unsafe column.starts, let ends = unsafe column.ends else { return }
    for index in unsafe Int(starts[row])..<Int(ends[row]) {
      if unsafe column.dictionary != 0, let indexes = unsafe column.indexes {
        let code = unsafe coded(field, column, indexes[index], &print)
        if code != .max { record.lists.append(code) }
        continue
      }
      let text = unsafe column.element(index)
      guard text.count > 0, text.count <= Self.longestText else { continue }
      record.lists.append(unsafe intern(field, text, &print))
    }
  }

  /// The code of a text field that is one dictionary column of Arrow: its texts are looked at once each.
  /// - Returns: nil for all other fields, and where the event has no name.
  @inline(__always)
  private mutating func coded(
    _ field: Int, _ places: PlaceTable, _ range: Range<Int>, _ row: RowView, _ print: inout UInt64
  ) -> UInt32? {
    guard let cells = unsafe row.cells, range.count == 1, case .column(let index) = places[range.lowerBound]
    else { return nil }
    guard unsafe cells[index].dictionary != 0, unsafe cells[index].starts == nil,
      let indexes = unsafe cells[index].indexes
    else { return nil }
    let code = unsafe coded(field, cells[index], indexes[row.row], &print)
    return code == .max && field == eventField ? nil : code
  }

  @inline(__always)
  private mutating func coded(_ field: Int, _ column: CellColumn, _ value: UInt32, _ print: inout UInt64)
    -> UInt32
  {
    if value == .max { return .max }
    if unsafe memos[field].dictionary != column.dictionary { unsafe memos[field].begin(column) }
    var known = memos[field].values[Int(value)]
    if !known.isKnown {
      let text = unsafe column.text(ofValue: value)
      known.isKnown = true
      if text.count > 0, text.count <= Self.longestText {
        known.hash = unsafe Hash.xxh3(text)
        known.code = unsafe caches[field].code(text, hash: known.hash)
      }
      memos[field].values[Int(value)] = known
    }
    if known.code != .max { print = Self.mix(print, known.hash) }
    return known.code
  }

  private mutating func intern(_ field: Int, _ text: [UInt8], _ print: inout UInt64) -> UInt32 {
    unsafe text.withUnsafeBytes { unsafe intern(field, $0, &print) }
  }

  @inline(__always)
  private mutating func intern(_ field: Int, _ text: UnsafeRawBufferPointer, _ print: inout UInt64) -> UInt32
  {
    let hash = unsafe Hash.xxh3(text)
    print = Self.mix(print, hash)
    return unsafe caches[field].code(text, hash: hash)
  }
}

/// What is known of the values of an Arrow dictionary for one field.
struct DictionaryMemo {
  struct Value {
    var hash: UInt64 = 0
    /// `UInt32.max`: no value.
    var code = UInt32.max
    var isKnown = false
  }

  private(set) var dictionary = 0
  var values: [Value] = []

  mutating func begin(_ column: CellColumn) {
    unsafe dictionary = column.dictionary
    values = unsafe Array(repeating: Value(), count: column.valueCount)
  }
}
