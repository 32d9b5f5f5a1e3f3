#if canImport(Glibc)
  import Glibc
#endif
import Diagnostics

/// Looks into folders, wherever Grandstand does.
public enum Folder {
  /// The names in a folder, sorted by bytes.
  /// - Throws: `F1` where it cannot be opened.
  public static func names(in folder: String) throws(Diagnostic) -> [String] {
    guard let handle = unsafe opendir(folder) else {
      let words = unsafe String(cString: strerror(errno))
      throw Diagnostic(
        .f1, "cannot open the folder: \(words)", at: Place(file: folder),
        hint: "check the path and its permissions")
    }
    defer { unsafe closedir(handle) }
    var names: [String] = []
    while let entry = unsafe readdir(handle) {
      let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        unsafe pointer.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }
}
