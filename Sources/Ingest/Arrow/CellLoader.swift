import ArrowIPC
import Events
import Project

/// Lays one mapped column of each batch out as a `CellColumn`.
final class CellLoader {
  /// What the mapping reads from the column.
  struct Use {
    var text = false
    var number = false
    var time = false
  }

  let name: String
  let path: CellPath
  private let use: Use
  /// Of times that name none.
  private let zone: CalendarZone
  /// Rows of the last batch with a text that is none.
  private(set) var flaws: [Int: Reject.Reason] = [:]

  private let data = CellBuffer<UInt8>()
  private let offsets = CellBuffer<UInt32>()
  private let indexes = CellBuffer<UInt32>()
  private let starts = CellBuffer<UInt32>()
  private let ends = CellBuffer<UInt32>()
  private let times = CellBuffer<Int64>()
  private let numbers = CellBuffer<Double>()
  /// The dictionary whose texts are laid out, and how many there were before.
  private var dictionary: ArrowArray?
  private var dictionaries = 0
  private var flawed: [(value: Int, reason: Reject.Reason)] = []

  init(_ name: String, _ path: CellPath, _ use: Use, zone: CalendarZone) {
    self.name = name
    self.path = path
    self.use = use
    self.zone = zone
  }

  /// What the column cannot be read as; nil where all is well.
  var mismatch: TableMapping.Kind? {
    let type = path.leaf.type
    if use.text, !ArrowCells.canBe(.text, type) { return .text }
    if use.number, path.isList || !ArrowCells.canBe(.number, type) { return .number }
    guard use.time else { return nil }
    if case .int = type, !path.isList { return nil }
    return path.isList || !ArrowCells.canBe(.time, type) ? .time : nil
  }

  /// - Parameter array: the top-level column.
  func load(_ array: ArrowArray, rows: Int) -> CellColumn {
    let unfolded = Unfolded(array, path.steps)
    let leaf = unfolded.leaf
    let values = unfolded.values
    var column = unsafe CellColumn(data: data.room(0), offsets: offsets.room(0))
    let indexes = unsafe layIndexes(unfolded)
    unsafe column.indexes = indexes
    if let list = unfolded.list { unsafe layLists(list, rows, &column) }
    let isTyped = ArrowCells.isNumber(path.leaf.type)
    if use.number, isTyped { unsafe column.numbers = layNumbers(values, leaf.count, indexes) }
    if use.time, isTyped || ArrowCells.isTime(path.leaf.type) {
      unsafe column.times = layTimes(values, leaf.count, indexes)
    }
    let isTextOnly = unsafe column.numbers == nil && column.times == nil
    if use.text || isTextOnly { unsafe layTexts(values, unfolded, &column) }
    unsafe findFlaws(column, rows, leaf.count)
    return unsafe column
  }

  // MARK: Which rows have which value

  /// - Returns: nil where row i simply has value i.
  private func layIndexes(_ unfolded: Unfolded) -> UnsafePointer<UInt32>? {
    let leaf = unfolded.leaf
    guard unfolded.hasIndexes || !unfolded.areAllKnown else { return nil }
    let target = unsafe indexes.room(leaf.count)
    if case .dictionary(let codes, let values) = leaf.storage {
      let codes = codes.widened
      let count = UInt64(values.count)
      for index in 0..<leaf.count {
        unsafe target[index] = codes[index] < count ? UInt32(truncatingIfNeeded: codes[index]) : .max
      }
      if values.validity != nil {
        for index in 0..<leaf.count {
          let code = unsafe target[index]
          if code != .max, !values.isValid(Int(code)) { unsafe target[index] = .max }
        }
      }
    } else if leaf.isNull {
      unsafe target.update(repeating: .max, count: leaf.count)
    } else {
      for index in 0..<leaf.count { unsafe target[index] = UInt32(index) }
    }
    for level in unfolded.levels where level.validity != nil {
      for index in 0..<leaf.count where !level.isValid(index) { unsafe target[index] = .max }
    }
    return unsafe UnsafePointer(target)
  }

  private func layLists(_ list: Unfolded.List, _ rows: Int, _ column: inout CellColumn) {
    let (starts, ends) = unsafe (starts.room(rows), ends.room(rows))
    for row in 0..<rows {
      let range = list.levels.allSatisfy { $0.isValid(row) } ? list.range(row) : 0..<0
      unsafe starts[row] = UInt32(range.lowerBound)
      unsafe ends[row] = UInt32(range.upperBound)
    }
    unsafe column.starts = UnsafePointer(starts)
    unsafe column.ends = UnsafePointer(ends)
  }

  // MARK: Values

  private func layNumbers(_ values: ArrowArray, _ count: Int, _ indexes: UnsafePointer<UInt32>?)
    -> UnsafePointer<Double>
  {
    let type = path.leaf.type
    let found = (0..<values.count).map { ArrowCells.double(type, values, $0) }
    let target = unsafe numbers.room(count)
    for row in 0..<count {
      let value = unsafe indexes.map { unsafe $0[row] } ?? UInt32(row)
      unsafe target[row] = value == .max ? .nan : found[Int(value)]
    }
    return unsafe UnsafePointer(target)
  }

  private func layTimes(_ values: ArrowArray, _ count: Int, _ indexes: UnsafePointer<UInt32>?)
    -> UnsafePointer<Int64>
  {
    let type = path.leaf.type
    let found = values.widened.map { instant(type, $0) }
    let target = unsafe times.room(count)
    for row in 0..<count {
      let value = unsafe indexes.map { unsafe $0[row] } ?? UInt32(row)
      unsafe target[row] = value == .max ? CellTime.none : found[Int(value)]
    }
    return unsafe UnsafePointer(target)
  }

  /// Whole numbers of 10 digits are seconds since 1970, of 13 milliseconds, as in CSV.
  private func instant(_ type: ArrowType, _ bits: UInt64) -> Int64 {
    if case .int(let width, let signed) = type {
      let value = signed ? ArrowCells.signed(bits, width) : Int64(clamping: bits)
      if (1_000_000_000..<10_000_000_000).contains(value) { return value * 1000 }
      return (1_000_000_000_000..<10_000_000_000_000).contains(value) ? value : CellTime.unreadable
    }
    switch ArrowCells.time(type, bits) {
    case .day(let day): return local(Int64(day.number) * 86_400_000)
    case .clock(let milliseconds): return local(milliseconds)
    case .instant(let milliseconds):
      return Self.years.contains(milliseconds) ? milliseconds : CellTime.unreadable
    case nil: return CellTime.unreadable
    }
  }

  private func local(_ milliseconds: Int64) -> Int64 {
    Self.years.contains(milliseconds) ? TimeText.local(milliseconds, zone) : CellTime.unreadable
  }

  /// 0001-01-01 to 9999-12-31, as text has them.
  private static let years: ClosedRange<Int64> = -62_135_596_800_000...253_402_300_799_999

  private func layTexts(_ values: ArrowArray, _ unfolded: Unfolded, _ column: inout CellColumn) {
    // Arrays of one buffer are equal at once, so this compares texts only where a dictionary was read anew.
    let isKnown = unfolded.hasIndexes && dictionary == values
    if !isKnown {
      flawed = []
      let texts = ArrowCells.texts(path.leaf.type, values)
      unsafe column.offsets = offsets.copy(texts.offsets)
      unsafe column.data = data.copy(texts.data)
      if ArrowCells.isBytes(path.leaf.type) { unsafe check(values, column) }
      dictionary = unfolded.hasIndexes ? values : nil
      dictionaries += 1
    } else {
      unsafe column.offsets = UnsafePointer(offsets.room(0))
      unsafe column.data = UnsafePointer(data.room(0))
    }
    guard unfolded.hasIndexes else { return }
    unsafe column.dictionary = dictionaries
    unsafe column.valueCount = values.count
  }

  /// Finds values that are not UTF-8 or hold a NUL.
  private func check(_ values: ArrowArray, _ column: CellColumn) {
    guard case .bytes(let offsets, let data) = values.storage else { return }
    let isText = path.leaf.type == .utf8 || path.leaf.type == .largeUTF8
    let used = data[Int(offsets.first ?? 0)..<Int(offsets.last ?? 0)]
    if isText, !used.contains(0) { return }
    for value in 0..<values.count where values.isValid(value) {
      let text = unsafe column.text(ofValue: UInt32(value))
      if unsafe !LineCheck.isUTF8(text) {
        flawed.append((value, .notUTF8))
      } else if unsafe text.contains(0) {
        flawed.append((value, .nulByte))
      }
    }
  }

  private func findFlaws(_ column: CellColumn, _ rows: Int, _ count: Int) {
    flaws = [:]
    guard !flawed.isEmpty else { return }
    let reasons = Dictionary(flawed.map { (UInt32($0.value), $0.reason) }) { first, _ in first }
    for row in 0..<rows {
      let elements = unsafe column.starts.map { unsafe Int($0[row]) } ?? row
      let end = unsafe column.ends.map { unsafe Int($0[row]) } ?? row + 1
      for index in elements..<end where flaws[row] == nil {
        flaws[row] = reasons[unsafe column.indexes.map { unsafe $0[index] } ?? UInt32(index)]
      }
    }
  }
}

/// A column followed down a path to its values.
private struct Unfolded {
  struct List {
    let array: ArrowArray
    /// The list itself and what it is in: unknown there, no elements.
    let levels: [ArrowArray]

    func range(_ row: Int) -> Range<Int> {
      switch array.storage {
      case .list(let offsets, _): Int(offsets[row])..<Int(offsets[row + 1])
      case .fixedList(let size, _): row * size..<(row + 1) * size
      default: 0..<0
      }
    }
  }

  var leaf: ArrowArray
  /// The leaf and the structures that it is in, up to a list: unknown there, no value.
  var levels: [ArrowArray] = []
  var list: List?

  init(_ array: ArrowArray, _ steps: [CellPath.Step]) {
    leaf = array
    for step in steps {
      levels.append(leaf)
      switch (step, leaf.storage) {
      case (.child(let index), .structure(let children)): leaf = children[index]
      case (.elements, .list(_, let child)), (.elements, .fixedList(_, let child)):
        list = List(array: leaf, levels: levels)
        levels = []
        leaf = child
      default: leaf = ArrowArray(count: leaf.count, storage: .null)
      }
    }
    levels.append(leaf)
  }

  var hasIndexes: Bool {
    if case .dictionary = leaf.storage { return true }
    return false
  }

  /// What the leaf's indexes point to, or the leaf.
  var values: ArrowArray {
    if case .dictionary(_, let values) = leaf.storage { return values }
    return leaf
  }

  var areAllKnown: Bool { !leaf.isNull && levels.allSatisfy { $0.validity == nil } }
}

extension ArrowArray {
  var isNull: Bool {
    if case .null = storage { return true }
    return false
  }

  /// Fixed-width values as bits, zero-extended; none for other layouts.
  fileprivate var widened: [UInt64] {
    switch storage {
    case .u8(let values): values.map { UInt64($0) }
    case .u16(let values): values.map { UInt64($0) }
    case .u32(let values): values.map { UInt64($0) }
    case .u64(let values): values
    default: []
    }
  }
}
