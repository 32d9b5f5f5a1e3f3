import Diagnostics

/// A line that went or came between two texts.
struct LineChange: Equatable {
  enum Sign: String { case removed = "−", added = "+" }
  var sign: Sign
  var text: String

  /// In the order of the lines; those that went before those that came in their place.
  static func all(from before: SourceText?, to after: SourceText?) -> [LineChange] {
    let (old, new) = (lines(before), lines(after))
    var removed: Set<Int> = []
    var added: Set<Int> = []
    for change in new.difference(from: old) {
      switch change {
      case .remove(let offset, _, _): removed.insert(offset)
      case .insert(let offset, _, _): added.insert(offset)
      }
    }
    var (changes, at, next): ([LineChange], Int, Int) = ([], 0, 0)
    while at < old.count || next < new.count {
      if removed.contains(at) {
        changes.append(LineChange(sign: .removed, text: old[at]))
        at += 1
      } else if added.contains(next) {
        changes.append(LineChange(sign: .added, text: new[next]))
        next += 1
      } else {
        (at, next) = (at + 1, next + 1)
      }
    }
    return changes
  }

  private static func lines(_ source: SourceText?) -> [String] {
    guard let source else { return [] }
    let lines = source.bytes.split(separator: 0x0a, omittingEmptySubsequences: false)
    return lines.dropLast(lines.last?.isEmpty ?? false ? 1 : 0).map { String(decoding: $0, as: UTF8.self) }
  }
}
