#if canImport(Glibc)
  import Glibc
#endif
import Diagnostics

/// One writer: an exclusive lock on `STORE/LOCK`, given back when the process ends, however it ends.
final class StoreLock {
  private var file: Int32

  /// - Throws: `S4` where another process holds it.
  init(_ store: String) throws(Diagnostic) {
    let path = store + "/LOCK"
    file = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard file >= 0 else { throw SystemError("open", path, errno).diagnostic }
    guard flock(file, LOCK_EX | LOCK_NB) == 0 else {
      close(file)
      throw Diagnostic(
        .s4, "another process is writing to this store", at: Place(file: path),
        hint: "wait until it has ended, then run the command again")
    }
  }

  deinit { release() }

  func release() {
    guard file >= 0 else { return }
    // A child process that is just being started may share the descriptor: closing ours alone would keep the lock.
    flock(file, LOCK_UN)
    close(file)
    file = -1
  }
}
