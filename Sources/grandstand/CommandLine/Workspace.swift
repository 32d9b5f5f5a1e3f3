#if canImport(Glibc)
  import Glibc
#endif
import Diagnostics
import Project

/// The project that a command works on: its checked configuration and its segment files.
struct Workspace {
  let project: Project
  let projectFile: SourceText

  static let fileName = "grandstand.yaml"

  /// Reads `--project`, else `grandstand.yaml` here or in a folder above.
  /// - Throws: the file's first mistake; the others and warnings are printed.
  static func load(_ arguments: Arguments, _ printer: Printer) throws(Diagnostic) -> Workspace {
    let path = try arguments["--project"].map { path throws(Diagnostic) in
      Files.isFolder(path) ? path + "/" + fileName : path
    } ?? find()
    return try load(path, printer)
  }

  /// Reads the project file at a path.
  static func load(_ path: String, _ printer: Printer) throws(Diagnostic) -> Workspace {
    let source = SourceText(file: path, bytes: try Files.read(path, limit: 1 << 20))
    let reading = Project.parse(source, folder: folder(of: path))
    guard let project = reading.project else {
      let errors = reading.diagnostics.filter(\.isError)
      for error in errors.dropLast() { printer.diagnostic(error, source: source) }
      throw errors.last ?? Diagnostic(.c1, "the project file cannot be used", at: Place(file: path))
    }
    for warning in reading.diagnostics { printer.diagnostic(warning, source: source) }
    return Workspace(project: project, projectFile: source)
  }

  /// The segment files, sorted by name; folders inside are read too, hidden files and `experiments` are not.
  func segmentFiles() throws(Diagnostic) -> [SourceText] {
    guard Files.isFolder(project.segments) else {
      throw Diagnostic(
        .f1, "there is no folder of segments", at: Place(file: project.segments),
        hint: "make it, or set 'segments' in \(Self.fileName)")
    }
    return try Self.yamlFiles(in: project.segments, depth: 0)
  }

  private static func yamlFiles(in folder: String, depth: Int) throws(Diagnostic) -> [SourceText] {
    var files: [SourceText] = []
    for name in try Files.names(in: folder) where !name.hasPrefix(".") {
      let path = folder + "/" + name
      if Files.isFolder(path) {
        if depth < 8, name != "experiments" { files += try yamlFiles(in: path, depth: depth + 1) }
      } else if name.hasSuffix(".yaml") || name.hasSuffix(".yml") {
        files.append(SourceText(file: path, bytes: try Files.read(path, limit: 1 << 22)))
      }
    }
    return files
  }

  private static func find() throws(Diagnostic) -> String {
    var folder = ""
    for _ in 0..<32 {
      if Files.exists(folder + fileName) { return folder + fileName }
      folder += "../"
      guard Files.isFolder(folder) else { break }
    }
    throw Diagnostic(
      .c1, "there is no \(fileName) here or in a folder above",
      hint: "'grandstand init' makes a project; --project names one")
  }

  private static func folder(of path: String) -> String {
    path.lastIndex(of: "/").map { String(path[...$0]) } ?? "./"
  }
}
