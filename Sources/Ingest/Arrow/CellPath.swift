import ArrowIPC

/// Where the values of a mapped name are: in a column of that name, or, by dots, in its structures. A list on the way or
/// at the end stands for its elements.
struct CellPath {
  enum Step: Equatable { case child(Int), elements }

  /// Index of the top-level column.
  let column: Int
  private(set) var steps: [Step] = []
  /// Of the values.
  private(set) var leaf: ArrowField

  /// - Returns: nil where there is no such column.
  init?(_ name: String, in fields: [ArrowField]) {
    func index(_ name: some StringProtocol, _ fields: [ArrowField]) -> Int? {
      fields.firstIndex { $0.name.utf8.elementsEqual(name.utf8) }
    }
    if let whole = index(name, fields) {
      column = whole
      leaf = fields[whole]
    } else {
      let keys = name.split(separator: ".", omittingEmptySubsequences: false)
      guard keys.count > 1, let first = index(keys[0], fields) else { return nil }
      column = first
      leaf = fields[first]
      for key in keys.dropFirst() {
        enterList()
        guard leaf.type == .structure, leaf.dictionary == nil, let child = index(key, leaf.children) else {
          return nil
        }
        steps.append(.child(child))
        leaf = leaf.children[child]
      }
    }
    enterList()
  }

  /// One list only: elements that are lists themselves are no values.
  private mutating func enterList() {
    guard !isList, leaf.dictionary == nil else { return }
    switch leaf.type {
    case .list, .largeList, .fixedList:
      steps.append(.elements)
      leaf = leaf.children[0]
    default: break
    }
  }

  var isList: Bool { steps.contains(.elements) }
}
