#if canImport(Glibc)
  import Glibc
#endif
import Diagnostics

/// Does something again whenever a segment file or the project file changes.
enum SegmentWatch {
  private struct Stamp: Equatable {
    var seconds: Int
    var nanoseconds: Int
    var bytes: Int
  }

  /// Until the process is interrupted. Files are looked at every 300 ms: a look costs a system call a file, and works on
  /// every file system.
  /// - Parameter more: files to watch beside those of the project.
  static func repeatedly(
    _ arguments: Arguments, _ printer: Printer, also more: [String] = [],
    _ action: () throws(Diagnostic) -> Void
  ) throws(Diagnostic) -> Never {
    // Without a project there is nothing to watch; from then on mistakes are what one watches for.
    var workspace = try Workspace.load(arguments, printer)
    var seen = stamps(workspace, more)
    signal(SIGINT) { _ in _exit(0) }
    signal(SIGTERM) { _ in _exit(0) }
    if printer.clearsScreen { printer.out(Printer.clearScreen) }
    perform(action, printer)
    while true {
      usleep(300_000)
      let now = stamps(workspace, more)
      guard now != seen else { continue }
      announce(changed: changes(seen, now), printer)
      seen = now
      perform(action, printer)
      // The folder of segments may be another one now.
      if let again = try? Workspace.load(arguments, printer.silent) { workspace = again }
    }
  }

  private static func perform(_ action: () throws(Diagnostic) -> Void, _ printer: Printer) {
    do throws(Diagnostic) { try action() } catch { printer.failure(error) }
  }

  private static func announce(changed files: [String], _ printer: Printer) {
    let names =
      files.prefix(3).joined(separator: ", ") + (files.count > 3 ? " and \(files.count - 3) more" : "")
    if printer.clearsScreen { printer.out(Printer.clearScreen) }
    printer.say("── \(names) changed ──")
  }

  private static func changes(_ old: [String: Stamp], _ new: [String: Stamp]) -> [String] {
    Set(old.keys).union(new.keys).filter { old[$0] != new[$0] }.sorted()
  }

  private static func stamps(_ workspace: Workspace, _ more: [String]) -> [String: Stamp] {
    // A folder that is gone has no files, and the check says so.
    let paths = (try? Workspace.yamlPaths(in: workspace.project.segments)) ?? []
    var stamps: [String: Stamp] = [:]
    for path in paths + more + [workspace.projectFile.file] {
      var status = stat()
      guard unsafe stat(path, &status) == 0 else { continue }
      stamps[path] = Stamp(
        seconds: status.st_mtim.tv_sec, nanoseconds: status.st_mtim.tv_nsec, bytes: Int(status.st_size))
    }
    return stamps
  }
}
