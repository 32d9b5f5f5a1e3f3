import Diagnostics

/// From segment files to checked segments.
public enum RuleCompiler {
  /// Checks files together: each alone, then what they say of each other. A file with an error is withheld, and so is
  /// what refers to it; the others are compiled all the same.
  public static func compile(_ sources: [SourceText], context: RuleContext) -> Compilation {
    let files = sources.map { SegmentFile($0, context: context) }
    var diagnostics = files.flatMap(\.diagnostics)
    var byID: [String: SegmentFile] = [:]
    for file in files {
      if let other = byID[file.id] {
        diagnostics.append(
          Diagnostic(
            .n9, "two files make the segment '\(file.id)'", at: Place(file: file.segment?.file ?? file.id),
            notes: [.init("the other one", at: Place(file: other.segment?.file ?? other.id))],
            hint: "rename one"))
      } else {
        byID[file.id] = file
      }
    }
    var order = ReferenceOrder(byID)
    for id in byID.keys.sorted() { order.visit(id) }
    diagnostics += order.diagnostics
    return finish(order, byID, diagnostics)
  }

  private static func finish(_ order: ReferenceOrder, _ byID: [String: SegmentFile], _ found: [Diagnostic])
    -> Compilation
  {
    var diagnostics = found
    var good: Set<String> = []
    var segments: [Segment] = []
    var withheld: [String] = []
    for id in order.order {
      guard let file = byID[id] else { continue }
      guard let segment = file.segment, !order.faulty.contains(id) else {
        withheld.append(id)
        continue
      }
      if let reference = file.references.first(where: { !good.contains($0.id) }) {
        withheld.append(id)
        if byID[reference.id] != nil, !order.faulty.contains(id) {
          diagnostics.append(
            Diagnostic(
              .x3, "'\(id)' is withheld because '\(reference.id)' is wrong", at: reference.place,
              hint: "mend '\(reference.id)'"))
        }
        continue
      }
      good.insert(id)
      segments.append(segment)
    }
    diagnostics.sort { a, b in
      let (p, q) = (a.place ?? Place(file: ""), b.place ?? Place(file: ""))
      return (p.file, p.line, p.column, a.code.rawValue) < (q.file, q.line, q.column, b.code.rawValue)
    }
    return Compilation(segments: segments, diagnostics: diagnostics, withheld: withheld.sorted())
  }
}

/// Orders segments after those that they refer to.
private struct ReferenceOrder {
  private let files: [String: SegmentFile]
  private(set) var order: [String] = []
  private(set) var diagnostics: [Diagnostic] = []
  /// Those with an unknown reference or in a circle.
  private(set) var faulty: Set<String> = []
  private var done: Set<String> = []
  private var path: [String] = []

  init(_ files: [String: SegmentFile]) { self.files = files }

  mutating func visit(_ id: String) {
    guard !done.contains(id), let file = files[id] else { return }
    path.append(id)
    for (reference, place) in file.references {
      if let start = path.firstIndex(of: reference) {
        circle(Array(path[start...]) + [reference], place)
      } else if files[reference] == nil {
        faulty.insert(id)
        diagnostics.append(
          Diagnostic(
            .n5, "there is no segment '\(reference)'", at: place,
            hint: Nearest.word(to: reference, among: files.keys.sorted()).map { "did you mean '\($0)'?" }))
      } else if path.count < 1000 {
        visit(reference)
      }
    }
    path.removeLast()
    if done.insert(id).inserted { order.append(id) }
  }

  private mutating func circle(_ ids: [String], _ place: Place) {
    faulty.formUnion(ids)
    diagnostics.append(
      Diagnostic(
        .n6, "segments refer to each other in a circle: \(ids.joined(separator: " → "))", at: place,
        hint: "cut one of the references"))
  }
}
