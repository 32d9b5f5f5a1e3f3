#if canImport(Glibc)
  import Glibc
#endif

/// Starts git in a folder, without a shell: a hostile name is a name and nothing else.
struct Git {
  private let folder: String

  init(_ folder: String) { self.folder = folder }

  struct Outcome {
    /// As a shell would say it; 127 where git cannot be started.
    var code: Int32
    var output: [UInt8]
  }

  /// What it prints; nil where it cannot be started or fails.
  /// - Parameter input: what it reads, at most what a pipe holds (64 KiB).
  func output(_ arguments: [String], input: [UInt8] = []) -> [UInt8]? {
    let outcome = run(arguments, input: input)
    return outcome.code == 0 ? outcome.output : nil
  }

  /// - Parameter showsErrors: among what it prints.
  func run(_ arguments: [String], input: [UInt8] = [], showsErrors: Bool = false) -> Outcome {
    var (out, into): ([Int32], [Int32]) = ([0, 0], [0, 0])
    guard unsafe pipe(&out) == 0 else { return Outcome(code: 127, output: []) }
    defer { close(out[0]) }
    guard unsafe pipe(&into) == 0 else {
      close(out[1])
      return Outcome(code: 127, output: [])
    }
    // It fits into the pipe, so nobody waits for anybody.
    _ = unsafe input.withUnsafeBytes { unsafe write(into[1], $0.baseAddress, $0.count) }
    close(into[1])
    let process = start(arguments, reads: into[0], writes: out[1], closes: out[0], showsErrors: showsErrors)
    close(into[0])
    close(out[1])
    guard let process else { return Outcome(code: 127, output: []) }
    let bytes = Self.readAll(out[0])
    var status: Int32 = 0
    while unsafe waitpid(process, &status, 0) < 0, errno == EINTR {}
    return Outcome(code: status & 0x7f == 0 ? status >> 8 & 0xff : 128 + status & 0x7f, output: bytes)
  }

  private func start(
    _ arguments: [String], reads input: Int32, writes output: Int32, closes other: Int32, showsErrors: Bool
  ) -> pid_t? {
    var actions = unsafe posix_spawn_file_actions_t()
    unsafe posix_spawn_file_actions_init(&actions)
    defer { unsafe posix_spawn_file_actions_destroy(&actions) }
    unsafe posix_spawn_file_actions_adddup2(&actions, input, 0)
    unsafe posix_spawn_file_actions_adddup2(&actions, output, 1)
    if showsErrors {
      unsafe posix_spawn_file_actions_adddup2(&actions, output, 2)
    } else {
      unsafe posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
    }
    unsafe posix_spawn_file_actions_addclose(&actions, other)
    var words = unsafe (["git", "-C", folder] + arguments).map { unsafe strdup($0) } + [nil]
    defer { unsafe words.forEach { unsafe free($0) } }
    var process: pid_t = 0
    return unsafe posix_spawnp(&process, "git", &actions, nil, &words, environ) == 0 ? process : nil
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
