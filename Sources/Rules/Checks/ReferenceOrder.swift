import Diagnostics

/// Orders segments after those that they refer to.
struct ReferenceOrder {
  let files: [String: SegmentFile]
  private let templates: Set<String>
  private(set) var order: [String] = []
  private(set) var diagnostics: [Diagnostic] = []
  /// Those with an unknown reference or in a circle.
  private(set) var faulty: Set<String> = []
  private var done: Set<String> = []
  private var path: [String] = []

  init(_ files: [String: SegmentFile], templates: Set<String>) {
    self.files = files
    self.templates = templates
  }

  mutating func visit(_ id: String) {
    guard !done.contains(id), let file = files[id] else { return }
    path.append(id)
    for reference in file.references {
      let wanted = reference.name.id
      if let start = path.firstIndex(of: wanted) {
        circle(Array(path[start...]) + [wanted], reference.place)
      } else if let other = files[wanted] {
        check(reference, other, id)
        if path.count < 1000 { visit(wanted) }
      } else {
        faulty.insert(id)
        diagnostics.append(
          Diagnostic(
            .n5,
            templates.contains(wanted)
              ? "'\(wanted)' is a template; only what is made of it has members"
              : "there is no segment '\(wanted)'",
            at: reference.place, hint: RuleParser.nearest(wanted, among: files.keys.sorted())))
      }
    }
    path.removeLast()
    if done.insert(id).inserted { order.append(id) }
  }

  /// N5: an arm or a holdout that the other segment does not have.
  private mutating func check(_ reference: SegmentFile.Reference, _ other: SegmentFile, _ id: String) {
    guard let after = other.segment?.after else { return }
    let name = reference.name
    switch name.part {
    case .members: return
    case .holdout:
      guard after.holdout == nil else { return }
      diagnostics.append(
        Diagnostic(
          .n5, "'\(name.id)' holds nobody out", at: reference.place,
          hint: "add 'holdout: 10%' to '\(name.id)'"))
    case .arm(let arm):
      let arms = after.split?.arms.map(\.name) ?? []
      guard !arms.contains(arm) else { return }
      let known = arms + (after.holdout == nil ? [] : ["holdout"])
      diagnostics.append(
        Diagnostic(
          .n5,
          arms.isEmpty
            ? "'\(name.id)' has no arms: it is not split" : "'\(name.id)' has no arm '\(arm)'",
          at: reference.place,
          hint: RuleParser.nearest(arm, among: known)
            ?? (known.isEmpty ? nil : "it has \(known.joined(separator: ", "))")))
    }
    faulty.insert(id)
  }

  private mutating func circle(_ ids: [String], _ place: Place) {
    faulty.formUnion(ids)
    diagnostics.append(
      Diagnostic(
        .n6, "segments refer to each other in a circle: \(ids.joined(separator: " → "))", at: place,
        hint: "cut one of the references"))
  }
}
