import CSimdjson

/// One row as a format's reader found it: columns as ranges of its bytes, and the values out of its JSON; or a row of a
/// record batch's columns. Valid until the reader goes on.
@unsafe struct RowView {
  var base: UnsafeRawPointer
  /// Column c is `base + starts[c] ..< base + ends[c]`.
  var starts: UnsafePointer<UInt32>
  var ends: UnsafePointer<UInt32>
  var columns: Int
  var values: UnsafePointer<gs_value>?
  var valueCount: Int
  /// By slot, the first value that is not empty, or −1.
  var firsts: UnsafePointer<Int32>? = nil
  /// Of Arrow and Parquet: the mapped columns of the batch, and which row of it this is.
  var cells: UnsafePointer<CellColumn>? = nil
  var row = 0

  @inline(__always) func column(_ index: Int) -> UnsafeRawBufferPointer {
    guard unsafe index < columns else { return unsafe UnsafeRawBufferPointer(start: nil, count: 0) }
    if let cells = unsafe cells { return unsafe cells[index].text(row) }
    let start = unsafe starts[index]
    return unsafe UnsafeRawBufferPointer(start: base + Int(start), count: Int(ends[index] &- start))
  }

  /// The first value of a slot that is not empty; a slot without one gives nothing.
  @inline(__always) func value(_ slot: Int32) -> UnsafeRawBufferPointer {
    guard let index = unsafe firsts?[Int(slot)], index >= 0, let value = unsafe values?[Int(index)] else {
      return unsafe UnsafeRawBufferPointer(start: nil, count: 0)
    }
    return unsafe UnsafeRawBufferPointer(start: value.text, count: Int(value.length))
  }
}
