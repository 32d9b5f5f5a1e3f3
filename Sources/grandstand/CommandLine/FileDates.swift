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
    let arguments = [
      "-C", project.segments, "-c", "core.quotepath=off", "log", "--format=>%cs", "--name-only", "--relative",
      "--", ".",
    ]
    var day = ""
    for line in Self.output(of: "git", arguments).split(separator: "\n") {
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

  /// What a program prints; nothing where it cannot be started or fails.
  private static func output(of program: String, _ arguments: [String]) -> String {
    var ends: [Int32] = [0, 0]
    guard unsafe pipe(&ends) == 0 else { return "" }
    defer { close(ends[0]) }
    var actions = unsafe posix_spawn_file_actions_t()
    unsafe posix_spawn_file_actions_init(&actions)
    defer { unsafe posix_spawn_file_actions_destroy(&actions) }
    unsafe posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
    unsafe posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
    unsafe posix_spawn_file_actions_addclose(&actions, ends[0])
    var words = unsafe ([program] + arguments).map { unsafe strdup($0) } + [nil]
    defer { unsafe words.forEach { unsafe free($0) } }
    var process: pid_t = 0
    let started = unsafe posix_spawnp(&process, program, &actions, nil, &words, environ)
    close(ends[1])
    guard started == 0 else { return "" }
    let bytes = readAll(ends[0])
    var status: Int32 = 0
    while unsafe waitpid(process, &status, 0) < 0, errno == EINTR {}
    return status == 0 ? String(decoding: bytes, as: UTF8.self) : ""
  }

  private static func readAll(_ file: Int32) -> [UInt8] {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = unsafe buffer.withUnsafeMutableBytes { unsafe read(file, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return bytes }
      bytes += buffer[..<count]
    }
  }
}
