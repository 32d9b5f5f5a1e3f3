/// The candidates of each text and list field, end to end, so that a row touches no reference count. Made in `init`, freed in
/// `deinit`.
///
/// `@unchecked`: it never changes.
@safe final class PlaceTable: @unchecked Sendable {
  private let places: UnsafeMutableBufferPointer<MappingPlan.Place>
  private let starts: UnsafeMutableBufferPointer<Int>

  init(_ fields: [[MappingPlan.Place]]) {
    let all = Array(fields.joined())
    unsafe places = .allocate(capacity: all.count)
    unsafe starts = .allocate(capacity: fields.count + 1)
    _ = unsafe places.initialize(from: all)
    var start = 0
    for (field, list) in fields.enumerated() {
      unsafe starts.initializeElement(at: field, to: start)
      start += list.count
    }
    unsafe starts.initializeElement(at: fields.count, to: start)
  }

  deinit {
    unsafe places.deallocate()
    unsafe starts.deallocate()
  }

  @inline(__always) func range(_ field: Int) -> Range<Int> {
    unsafe Range(uncheckedBounds: (starts[field], starts[field + 1]))
  }

  @inline(__always) subscript(index: Int) -> MappingPlan.Place { unsafe places[index] }
}
