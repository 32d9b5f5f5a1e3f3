import Diagnostics

/// From segment files to checked segments.
public enum RuleCompiler {
  /// Checks files together: each alone, then what they say of each other. A file with an error is withheld, and so is
  /// what refers to it; the others are compiled all the same.
  /// - Parameter sources: the files of the segments folder, without the project's definitions.
  public static func compile(_ sources: [SourceText], context: RuleContext) -> Compilation {
    let reading = RuleReading(context)
    let files = sources.map { RuleFile($0) }
    var diagnostics = reading.definitions.diagnostics + files.flatMap(\.diagnostics)
    var maker = SegmentMaker(files, reading)
    var byID: [String: SegmentFile] = [:]
    var youth = StoreYouth()
    for segment in files.flatMap({ segments(of: $0, &maker, reading) }) {
      diagnostics += segment.diagnostics
      youth.take(segment)
      if let other = byID[segment.id] {
        diagnostics.append(double(segment, other))
      } else {
        byID[segment.id] = segment
      }
    }
    diagnostics += maker.diagnostics + [youth.diagnostic(context)].compactMap { $0 }
    let templates = files.compactMap { if case .template = $0.content { $0.name } else { nil } }
    var order = ReferenceOrder(byID, templates: Set(templates))
    for id in byID.keys.sorted() { order.visit(id) }
    diagnostics += order.diagnostics
    var settlement = Settlement(order, context)
    for id in order.order { settlement.settle(id) }
    return Compilation(
      segments: settlement.segments, diagnostics: sorted(diagnostics + settlement.diagnostics),
      withheld: settlement.withheld.sorted(), templates: templates.sorted())
  }

  private static func segments(of file: RuleFile, _ maker: inout SegmentMaker, _ reading: RuleReading)
    -> [SegmentFile]
  {
    let place = Place(file: file.source.file)
    switch file.content {
    case .broken: return [SegmentFile(broken: file.name, at: place, [])]
    case .template: return []
    case .make(let make): return maker.make(make, file)
    case .segment(let root):
      var segment = SegmentFile(
        id: file.name, root: root, place: place, hash: file.hash, in: reading)
      if file.isWrong { segment.withhold() }
      return [segment]
    }
  }

  private static func double(_ segment: SegmentFile, _ other: SegmentFile) -> Diagnostic {
    Diagnostic(
      .n9, "the segment '\(segment.id)' is made twice", at: segment.place,
      notes: [.init("the other one", at: other.place)], hint: "rename one")
  }

  /// By place; what several segments share is told once.
  private static func sorted(_ diagnostics: [Diagnostic]) -> [Diagnostic] {
    struct Told: Hashable {
      var code: Diagnostic.Code
      var message: String
      var place: Place?
    }
    var told: Set<Told> = []
    let once = diagnostics.filter {
      told.insert(Told(code: $0.code, message: $0.message, place: $0.place)).inserted
    }
    return once.sorted { a, b in
      let (p, q) = (a.place ?? Place(file: ""), b.place ?? Place(file: ""))
      return (p.file, p.line, p.column, a.code.rawValue) < (q.file, q.line, q.column, b.code.rawValue)
    }
  }
}
