#if canImport(Glibc)
  import Glibc
#endif

/// How another program ended.
public struct ProcessOutcome: Sendable {
  /// The exit code; 128 + the signal where one killed it; 124 where it did not end in ten minutes.
  public var code: Int32
  public var output: String
  public var errors: String
}

/// A program that a test needs did not do what it should.
public struct SupportError: Error, CustomStringConvertible {
  public var description: String
}

extension Support {
  /// Runs a program to its end.
  /// - Parameters:
  ///   - folder: where it runs; nil: here.
  ///   - environment: set beside what is inherited.
  ///   - input: what it reads.
  public static func run(
    _ program: String, _ arguments: [String], folder: String? = nil, environment: [String: String] = [:],
    input: [UInt8] = []
  ) throws -> ProcessOutcome {
    let scratch = temporaryFolder()
    defer { remove(scratch) }
    let paths = (in: scratch + "/in", out: scratch + "/out", err: scratch + "/err")
    write(input, to: paths.in)
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, paths.in, O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 1, paths.out, O_WRONLY | O_CREAT, 0o600)
    posix_spawn_file_actions_addopen(&actions, 2, paths.err, O_WRONLY | O_CREAT, 0o600)
    // glibc's "change folder" action is hidden from Swift, so a shell does it.
    let code =
      if let folder {
        try spawn(
          "/bin/sh", ["-c", "cd \"$0\" && exec \"$@\"", folder, program] + arguments, environment, &actions)
      } else {
        try spawn(program, arguments, environment, &actions)
      }
    return ProcessOutcome(
      code: code, output: String(decoding: read(paths.out), as: UTF8.self),
      errors: String(decoding: read(paths.err), as: UTF8.self))
  }

  /// What a Python script prints.
  /// - Throws: with its errors where it fails.
  public static func runPython(_ script: String, _ arguments: [String] = [], input: [UInt8] = []) throws
    -> String
  {
    guard let python else { throw SupportError(description: "no Python with the oracles") }
    let outcome = try run(python, ["-c", script] + arguments, input: input)
    guard outcome.code == 0 else { throw SupportError(description: outcome.errors) }
    return outcome.output
  }

  private static func spawn(
    _ program: String, _ arguments: [String], _ extra: [String: String],
    _ actions: inout posix_spawn_file_actions_t
  ) throws -> Int32 {
    var variables: [String] = []
    var entry = environ
    while let text = entry.pointee {
      variables.append(String(cString: text))
      entry += 1
    }
    variables.removeAll { variable in extra.keys.contains { variable.hasPrefix($0 + "=") } }
    variables += extra.map { "\($0.key)=\($0.value)" }
    // A program that never ends fails its test instead of hanging the suite.
    let command = ["/usr/bin/timeout", "--kill-after=5", "600", program] + arguments
    var words = command.map { strdup($0) } + [nil]
    var values = variables.map { strdup($0) } + [nil]
    defer { for pointer in words + values { free(pointer) } }
    // The threads of tests block signals, and a program would inherit that.
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var none = sigset_t()
    sigemptyset(&none)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
    var process: pid_t = 0
    guard posix_spawn(&process, command[0], &actions, &attributes, &words, &values) == 0 else {
      throw SupportError(description: "cannot start \(program)")
    }
    var status: Int32 = 0
    while waitpid(process, &status, 0) < 0, errno == EINTR {}
    return status & 0x7f == 0 ? (status >> 8) & 0xff : 128 + (status & 0x7f)
  }
}
