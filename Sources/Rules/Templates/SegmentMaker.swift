import Diagnostics
import Events
import YAML

/// Makes the segments of templates.
struct SegmentMaker {
  private static let mostMade = 10_000
  /// Nodes and parts that a run may write out: 200 for each of the most segments.
  private static let mostWork = 2_000_000

  private let reading: RuleReading
  private let templates: [String: (template: Template, file: RuleFile)]
  /// Names of all files, for what is no template.
  private let files: [String: RuleFile]
  private var made = 0
  private var work = 0
  private var isOver = false
  private(set) var diagnostics: [Diagnostic] = []

  init(_ files: [RuleFile], _ reading: RuleReading) {
    self.reading = reading
    self.files = Dictionary(files.map { ($0.name, $0) }) { first, _ in first }
    var templates: [String: (template: Template, file: RuleFile)] = [:]
    for file in files {
      if case .template(let template) = file.content, templates[file.name] == nil {
        templates[file.name] = (template, file)
      }
    }
    self.templates = templates
  }

  /// One segment for each id; those that cannot be made have mistakes.
  mutating func make(_ make: MakeFile, _ file: RuleFile) -> [SegmentFile] {
    let found = make.template.flatMap { template($0.name, $0.place) }
    return make.entries.compactMap { entry in
      guard let found, isWithinLimits(entry, found.template) else {
        return SegmentFile(broken: entry.id, at: entry.place, [])
      }
      return segment(entry, make, file, found.template, found.file)
    }
  }

  private mutating func template(_ name: String, _ place: Place) -> (template: Template, file: RuleFile)? {
    if let found = templates[name] { return found }
    if let other = files[name] {
      if case .broken = other.content {
        diagnostics.append(
          Diagnostic(
            .x3, "nothing is made: the file of the template '\(name)' is wrong", at: place,
            hint: "mend '\(name)'"))
      } else {
        diagnostics.append(
          Diagnostic(
            .n7, "'\(name)' is no template: its file has no 'parameters'", at: place,
            hint: "add 'parameters: {section: required}' to it"))
      }
      return nil
    }
    diagnostics.append(
      Diagnostic(
        .n7, "there is no template '\(name)'", at: place,
        hint: RuleParser.nearest(name, among: templates.keys.sorted()) ?? "its file is '\(name).yaml'"))
    return nil
  }

  private mutating func isWithinLimits(_ entry: MakeFile.Entry, _ template: Template) -> Bool {
    made += 1
    work += template.size
    guard made > Self.mostMade || work > Self.mostWork else { return true }
    if !isOver {
      isOver = true
      diagnostics.append(
        Diagnostic(
          .y14,
          made > Self.mostMade
            ? "more than \(Self.mostMade) segments are made of templates"
            : "the segments that are made have more than \(Self.mostWork) parts together",
          at: entry.place, hint: "make fewer, or of smaller templates"))
    }
    return false
  }

  private mutating func segment(
    _ entry: MakeFile.Entry, _ make: MakeFile, _ file: RuleFile, _ template: Template,
    _ templateFile: RuleFile
  ) -> SegmentFile {
    var problems: [Diagnostic] = []
    if !SegmentFile.isID(entry.id) {
      problems.append(
        Diagnostic(
          .n9, "'\(entry.id)' is no segment id: ids have a–z, 0–9 and -", at: entry.place,
          hint: "such as 'tennis-fans'"))
    }
    guard let values = values(entry, template, &problems) else {
      return SegmentFile(broken: entry.id, at: entry.place, problems)
    }
    var filling = TemplateFilling(values)
    var entries = template.entries.filter { own in !make.common.contains { $0.name == own.name } }
    entries = entries.map { .init(key: $0.key, value: filling.fill($0.value)) } + make.common
    problems += filling.diagnostics
    var segment = SegmentFile(
      id: entry.id, root: YAMLNode(.map(entries), at: template.place), place: entry.place,
      hash: Hash.joined([templateFile.hash, file.hash, Hash.xxh3(Array(entry.id.utf8))]),
      template: templateFile.source.file, in: reading)
    work += segment.work
    let note = Diagnostic.Note("made as '\(entry.id)'", at: entry.place)
    segment.add(problems, note: note, of: file.source.file)
    if file.isWrong || templateFile.isWrong { segment.withhold() }
    return segment
  }

  /// The value of each parameter; nil where one is missing.
  private func values(_ entry: MakeFile.Entry, _ template: Template, _ problems: inout [Diagnostic])
    -> [String:
    YAMLNode]?
  {
    guard entry.values.entries != nil || entry.values.isEmpty else {
      problems.append(
        Diagnostic(
          .n1, "'\(entry.id)' must have a map of parameters, not \(entry.values.kind)",
          at: entry.values.place,
          hint: "such as {section: sport/tennis}"))
      return nil
    }
    let names = template.parameters.map(\.name)
    for given in entry.values.entries ?? [] where !names.contains(given.name) {
      problems.append(
        Diagnostic(
          .n1, "the template '\(template.name)' has no parameter '\(given.name)'", at: given.key.place,
          hint: RuleParser.nearest(given.name, among: names) ?? "it has \(names.joined(separator: ", "))"))
    }
    var values: [String: YAMLNode] = [:]
    for parameter in template.parameters {
      let given = entry.values[parameter.name].flatMap { $0.isEmpty ? nil : $0 }
      guard let value = given ?? parameter.standard else {
        problems.append(
          Diagnostic(
            .n8, "'\(entry.id)' lacks the parameter '\(parameter.name)', which its template requires",
            at: entry.place, notes: [.init("required here", at: parameter.place)],
            hint: "add '\(parameter.name): …'"))
        continue
      }
      values[parameter.name] = value
    }
    return values.count == template.parameters.count ? values : nil
  }
}
