import Diagnostics
import Events
import YAML

/// What all files of a project are read with.
struct RuleReading {
  let context: RuleContext
  let fields: FieldNames
  let definitions: ProjectDefinitions

  init(_ context: RuleContext) {
    self.context = context
    fields = FieldNames(context)
    definitions = ProjectDefinitions(context.definitions)
  }
}

/// `definitions.yaml`: the project's names for `$name`.
struct ProjectDefinitions {
  private(set) var names: [String: YAMLNode] = [:]
  private(set) var diagnostics: [Diagnostic] = []
  let hash: UInt64

  /// Its names are not known, so nothing can be said of those that use them.
  var isBroken: Bool { diagnostics.contains(where: \.isError) }

  init(_ source: SourceText?) {
    hash = source.map { Hash.xxh3($0.bytes) } ?? 0
    guard let source else { return }
    do throws(Diagnostic) {
      guard let root = try YAMLNode.parse(source, limits: .segment) else { return }
      guard let entries = root.entries else {
        throw Diagnostic(
          .n1, "the project's definitions must be a map of names, not \(root.kind)", at: root.place,
          hint: "such as 'motorsport: {section: sport/formula-1}', used as $motorsport")
      }
      for entry in entries { names[entry.name] = entry.value }
      diagnostics = YAMLGotchas.comments(source)
    } catch {
      diagnostics = [YAMLGotchas.explained(error, source)]
    }
  }
}

/// One file of the segments folder, read as YAML: a segment, a template, or what makes segments of one.
struct RuleFile {
  enum Content {
    case segment(YAMLNode)
    case template(Template)
    case make(MakeFile)
    /// Not readable.
    case broken
  }

  /// The file's name without `.yaml`: the id of its segment, or what its template is called.
  let name: String
  let source: SourceText
  let content: Content
  private(set) var diagnostics: [Diagnostic] = []

  var isWrong: Bool { diagnostics.contains(where: \.isError) }
  var hash: UInt64 { Hash.xxh3(source.bytes) }

  init(_ source: SourceText) {
    name = Segment.id(ofFile: source.file)
    self.source = source
    do throws(Diagnostic) {
      let root = try YAMLNode.parse(source, limits: .segment)
      guard let root, let entries = root.entries else {
        throw Diagnostic(
          .y13, "the file holds no segment", at: root?.place ?? Place(file: source.file),
          hint: "it needs 'name', 'purpose' and 'who'")
      }
      diagnostics = YAMLGotchas.comments(source)
      let keys = Set(entries.map(\.name))
      if keys.contains("parameters") {
        content = .template(Template(name, root, source, &diagnostics))
      } else if keys.contains("template") || keys.contains("make") {
        content = .make(MakeFile(root, source, &diagnostics))
        return
      } else {
        content = .segment(root)
      }
    } catch {
      content = .broken
      diagnostics = [YAMLGotchas.explained(error, source)]
      return
    }
    checkName()
  }

  /// N9: ids are file names that work as ids everywhere.
  private mutating func checkName() {
    guard !SegmentFile.isID(name) else { return }
    let better = TextFold.fold(name).map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "-" }
    diagnostics.append(
      Diagnostic(
        .n9, "'\(name)' is no segment id: ids have a–z, 0–9 and -", at: Place(file: source.file),
        hint: "call the file '\(String(better)).yaml'"))
  }
}

extension Hash {
  /// One hash of several.
  static func joined(_ hashes: [UInt64]) -> UInt64 {
    xxh3(hashes.flatMap { hash in (0..<8).map { UInt8(truncatingIfNeeded: hash >> ($0 * 8)) } })
  }
}
