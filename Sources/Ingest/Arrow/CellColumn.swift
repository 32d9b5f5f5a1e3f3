/// What stands in a column of times where there is no time.
enum CellTime {
  static let none = Int64.min
  static let unreadable = Int64.max
}

/// A mapped column of a record batch, laid out for reading row by row. Valid until its loader takes the next batch.
@unsafe struct CellColumn {
  /// Value v is `data[offsets[v]..<offsets[v + 1]]`.
  var data: UnsafePointer<UInt8>
  var offsets: UnsafePointer<UInt32>
  /// Which value a row, or an element of a list, has; `UInt32.max`: none. nil: value i is that of row i.
  var indexes: UnsafePointer<UInt32>?
  /// Of lists: row r has the elements `starts[r]..<ends[r]`.
  var starts: UnsafePointer<UInt32>?
  var ends: UnsafePointer<UInt32>?
  /// Milliseconds a row, where the column is typed so; see `CellTime`.
  var times: UnsafePointer<Int64>?
  /// A number a row, where the column is typed so; NaN is unknown.
  var numbers: UnsafePointer<Double>?
  /// Another whenever the values are others; 0: each row has a value of its own.
  var dictionary = 0
  /// How many values the dictionary has.
  var valueCount = 0

  /// A row's text; of a list the first that is not empty.
  @inline(__always) func text(_ row: Int) -> UnsafeRawBufferPointer {
    guard let starts = unsafe starts, let ends = unsafe ends else { return unsafe element(row) }
    for index in unsafe Int(starts[row])..<Int(ends[row]) {
      let text = unsafe element(index)
      if text.count > 0 { return unsafe text }
    }
    return unsafe UnsafeRawBufferPointer(start: nil, count: 0)
  }

  /// The text of a row or of an element of a list; empty for none.
  @inline(__always) func element(_ index: Int) -> UnsafeRawBufferPointer {
    let value = unsafe indexes.map { unsafe $0[index] } ?? UInt32(truncatingIfNeeded: index)
    return value == .max ? unsafe UnsafeRawBufferPointer(start: nil, count: 0) : unsafe text(ofValue: value)
  }

  @inline(__always) func text(ofValue value: UInt32) -> UnsafeRawBufferPointer {
    let start = unsafe offsets[Int(value)]
    return unsafe UnsafeRawBufferPointer(
      start: data + Int(start), count: Int(offsets[Int(value) + 1] &- start))
  }
}

/// Memory that a column fills batch after batch. Made in `init`, freed in `deinit`; whoever asks for more room gives up
/// what was in it.
@safe final class CellBuffer<Element: BitwiseCopyable> {
  private var memory: UnsafeMutablePointer<Element>
  private var capacity = 64

  init() { unsafe memory = .allocate(capacity: capacity) }
  deinit { unsafe memory.deallocate() }

  /// Room for so many elements, their content undefined.
  func room(_ count: Int) -> UnsafeMutablePointer<Element> {
    if count > capacity {
      unsafe memory.deallocate()
      capacity = count + count / 4
      unsafe memory = .allocate(capacity: capacity)
    }
    return unsafe memory
  }

  func copy(_ values: [Element]) -> UnsafePointer<Element> {
    let target = unsafe room(values.count)
    unsafe values.withUnsafeBufferPointer { source in
      if let start = source.baseAddress { unsafe target.update(from: start, count: source.count) }
    }
    return unsafe UnsafePointer(target)
  }
}
