#if canImport(Glibc)
  import Glibc
#endif
import ArrowIPC
import Diagnostics

extension SystemError {
  /// What a user reads: the file, the system's words, what to do.
  var diagnostic: Diagnostic {
    let words = unsafe String(cString: strerror(number))
    let full = number == ENOSPC || number == EDQUOT
    let hint =
      switch number {
      case ENOSPC, EDQUOT: "free some space and run the command again; the store is as it was before"
      case EACCES, EPERM, EROFS: "check who owns the store and its permissions"
      default: "the store is as it was before"
      }
    return Diagnostic(full ? .f2 : .f1, "cannot \(call): \(words)", at: Place(file: path), hint: hint)
  }
}

extension FormatError {
  /// A damaged or missing file of the store.
  func diagnostic(file: String, detail: String? = nil) -> Diagnostic {
    let place = offset >= 0 ? "byte \(offset)" : nil
    let details = [detail, place].compactMap { $0 }.joined(separator: ", ")
    return Diagnostic(
      .s2, "a file of the store is damaged: \(reason)",
      at: Place(file: file, detail: details.isEmpty ? nil : details),
      hint: "restore it from a backup, or ingest the source files into a new store")
  }
}
