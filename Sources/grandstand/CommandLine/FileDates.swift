#if canImport(Glibc)
  import Glibc
#endif
import Events
import Project

/// On which day each segment file changed last: as git knows it, else as the file system does.
struct FileDates {
  private var committed: [String: String] = [:]
  private let zone: CalendarZone

  init(_ project: Project) {
    zone = project.zone
    // One look at the history for all files; without git, or outside of a work tree, there is no answer.
    let log = Git(project.segments).output([
      "-c", "core.quotepath=off", "log", "--format=>%cs", "--name-only", "--relative", "--", ".",
    ])
    var day = ""
    for line in String(decoding: log ?? [], as: UTF8.self).split(separator: "\n") {
      if line.hasPrefix(">") {
        day = String(line.dropFirst())
      } else if committed[project.segments + "/" + line] == nil {
        committed[project.segments + "/" + line] = day
      }
    }
  }

  /// `2026-11-23`; nil where there is no such file.
  func day(of path: String) -> String? {
    if let day = committed[path] { return day }
    var status = stat()
    guard unsafe stat(path, &status) == 0 else { return nil }
    return zone.day(of: Milliseconds(Int64(status.st_mtim.tv_sec) * 1000)).description
  }
}
