#if canImport(Glibc)
  import Glibc
#endif
import Diagnostics
import Store

/// A file to ingest, found from what was typed.
public struct InputFile: Sendable, Hashable {
  public var path: String
  public var bytes: Int

  /// The name without folders.
  public var name: String { path.split(separator: "/").last.map(String.init) ?? path }

  /// Files, folders (with all that is in them) and patterns; sorted, each once. Hidden files are passed over.
  /// - Throws: `F1` for what is not there, `I4` where nothing is found at all.
  public static func find(_ paths: [String]) throws(Diagnostic) -> [InputFile] {
    var found: Set<InputFile> = []
    for path in paths {
      let matches = status(path) == nil ? expand(path) : [path]
      guard !matches.isEmpty else {
        throw Diagnostic(
          .f1, "there is no such file or folder", at: Place(file: path), hint: "is the path right?")
      }
      for match in matches { try collect(match, depth: 0, &found) }
    }
    guard !found.isEmpty else {
      throw Diagnostic(.i4, "there are no files to ingest", at: paths.first.map { Place(file: $0) })
    }
    return found.sorted { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }
  }

  private static func status(_ path: String) -> stat? {
    var status = stat()
    return unsafe stat(path, &status) == 0 ? status : nil
  }

  private static func collect(_ path: String, depth: Int, _ found: inout Set<InputFile>) throws(Diagnostic) {
    guard let status = status(path) else {
      throw Diagnostic(.f1, "cannot be looked at", at: Place(file: path), hint: "check its permissions")
    }
    switch status.st_mode & S_IFMT {
    case S_IFREG: found.insert(InputFile(path: path, bytes: Int(status.st_size)))
    case S_IFDIR:
      guard depth < 32 else { throw Diagnostic(.f1, "folders nested too deep", at: Place(file: path)) }
      for name in try Folder.names(in: path) where !name.hasPrefix(".") {
        try collect(path.hasSuffix("/") ? path + name : path + "/" + name, depth: depth + 1, &found)
      }
    default:
      throw Diagnostic(
        .f1, "is neither a file nor a folder", at: Place(file: path), hint: "use '-' for a pipe")
    }
  }

  private static func expand(_ pattern: String) -> [String] {
    var result = unsafe glob_t()
    defer { unsafe globfree(&result) }
    guard unsafe glob(pattern, 0, nil, &result) == 0 else { return [] }
    return unsafe (0..<Int(result.gl_pathc)).compactMap { index in
      unsafe result.gl_pathv[index].map { unsafe String(cString: $0) }
    }
  }
}
