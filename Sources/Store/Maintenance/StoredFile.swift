#if canImport(Glibc)
  import Glibc
#endif
import Diagnostics

/// A file that lies in the store's folder, whether a version names it or not.
struct StoredFile: Sendable, Equatable {
  /// Relative to the store.
  var path: String
  var bytes: Int
  /// When it was written, in seconds since 1970, by the machine's clock.
  var modified: Int

  var name: Substring { path.split(separator: "/").last ?? "" }
  var isTemporary: Bool { name.hasSuffix(".tmp") }

  /// `part-000042.arrow`, `users-000042.arrow`, `events-000042-1.arrow`: 42. A name that the store does not give is nil.
  var version: Int? {
    guard name.hasSuffix(".arrow") else { return nil }
    return name.dropLast(6).split(separator: "-").dropFirst().compactMap { piece in
      piece.utf8.count >= 6 ? Int(piece) : nil
    }.last
  }
}

extension Store {
  /// All files in a folder of the store and in those below it, by name; none where there is no such folder.
  func allFiles(in folder: String) throws(Diagnostic) -> [StoredFile] {
    let full = path + "/" + folder
    guard unsafe access(full, F_OK) == 0 else { return [] }
    var all: [StoredFile] = []
    for name in try Folder.names(in: full) {
      let inner = folder + "/" + name
      var status = stat()
      // What is gone meanwhile is of no interest.
      guard unsafe lstat(path + "/" + inner, &status) == 0 else { continue }
      switch status.st_mode & S_IFMT {
      case S_IFDIR: all += try allFiles(in: inner)
      case S_IFREG:
        all.append(StoredFile(path: inner, bytes: Int(status.st_size), modified: Int(status.st_mtim.tv_sec)))
      default: break
      }
    }
    return all
  }
}
