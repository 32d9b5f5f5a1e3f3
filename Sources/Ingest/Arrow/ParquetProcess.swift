#if canImport(Glibc)
  import Glibc
#endif
import ArrowIPC
import Diagnostics
import Synchronization

/// Reads a Parquet file through Python's pyarrow, which sends it as an Arrow stream: a row group's worth of a few ten
/// thousand rows at a time is in memory, there and here. Starting it takes half a second a file.
///
/// `@unchecked`: one thread reads it at a time.
final class ParquetProcess: ArrowInput, @unchecked Sendable {
  private let path: String
  private let process: pid_t
  private let output: Int32
  private let errors: Int32
  private var ended = false
  /// What has come and may still be asked for; it begins at `start` of the stream.
  private var window: [UInt8] = []
  private var start = 0
  private var complaint: [UInt8] = []

  /// A stream does not say how long it is.
  var size: Int { Int.max }

  /// As much as a pipe holds.
  private static let piece = 1 << 16
  private static let longestComplaint = 4096
  private static let remedy =
    "install Python 3 with pyarrow (pip install pyarrow), or name an interpreter that has it: GRANDSTAND_PYTHON=/path/to/python3"

  /// - Parameters:
  ///   - columns: the paths that are wanted; nil: all columns.
  ///   - coded: those of them that hold few distinct texts, to be sent as dictionaries.
  /// - Throws: `F1` where Python cannot be started.
  init(path: String, columns: [String]?, coded: [String]) throws(Diagnostic) {
    self.path = path
    let interpreter = Self.interpreter
    let arguments =
      [interpreter, "-c", Self.script, path, columns == nil ? "all" : "some", "\(columns?.count ?? 0)"]
      + (columns ?? []) + coded
    guard let started = Self.starting.withLock({ _ in Self.start(arguments) }) else {
      throw Self.problem(path, "Parquet is read with Python, and '\(interpreter)' cannot be started")
    }
    (process, output, errors) = started
  }

  deinit {
    close(errors)
    guard !ended else { return }
    close(output)
    kill(process, SIGTERM)
    _ = wait()
  }

  private static var interpreter: String {
    guard let name = unsafe getenv("GRANDSTAND_PYTHON") else { return "python3" }
    let text = unsafe String(cString: name)
    return text.isEmpty ? "python3" : text
  }

  // MARK: Bytes

  func read(_ offset: Int, into target: UnsafeMutableRawBufferPointer) throws(FormatError) {
    guard offset >= start else { throw FormatError("a stream is read backwards", at: offset) }
    let from = offset - start
    while window.count - from < target.count {
      guard fill() else { throw FormatError("the stream ends too early", at: start + window.count) }
    }
    unsafe window.withUnsafeBytes { window in
      unsafe target.copyMemory(
        from: UnsafeRawBufferPointer(rebasing: window[from..<(from + target.count)]))
    }
  }

  func forget(before offset: Int) {
    // What is not wanted of a batch may not have come yet.
    while window.count < offset - start, fill() {}
    window.removeFirst(min(window.count, offset - start))
    start = offset
  }

  /// Takes what has come of either pipe.
  /// - Returns: false at the end of the output.
  private func fill() -> Bool {
    while true {
      var files = [
        pollfd(fd: output, events: Int16(POLLIN), revents: 0),
        pollfd(fd: errors, events: Int16(POLLIN), revents: 0),
      ]
      guard unsafe poll(&files, 2, -1) >= 0 || errno == EINTR else { return false }
      if files[1].revents & Int16(POLLIN) != 0 { _ = listen() }
      guard files[0].revents != 0 else { continue }
      let known = window.count
      window.append(contentsOf: repeatElement(0, count: Self.piece))
      let got = unsafe window.withUnsafeMutableBytes { raw in
        unsafe Glibc.read(output, raw.baseAddress.map { unsafe $0 + known }, Self.piece)
      }
      window.removeLast(Self.piece - max(0, got))
      if got < 0, errno == EINTR { continue }
      return got > 0
    }
  }

  /// - Returns: false at the end of the errors.
  private func listen() -> Bool {
    var buffer = [UInt8](repeating: 0, count: Self.longestComplaint)
    let got = unsafe buffer.withUnsafeMutableBytes { unsafe Glibc.read(errors, $0.baseAddress, $0.count) }
    guard got > 0 else { return got < 0 && errno == EINTR }
    complaint = Array((complaint + buffer[..<got]).suffix(Self.longestComplaint))
    return true
  }

  // MARK: The process

  /// One at a time: between its making and its marking, a pipe would be inherited by another's process.
  private static let starting = Mutex(())

  private static func start(_ arguments: [String]) -> (process: pid_t, output: Int32, errors: Int32)? {
    guard let out = pipe() else { return nil }
    guard let err = pipe() else {
      close(out.read)
      close(out.write)
      return nil
    }
    let process = spawn(arguments, output: out.write, errors: err.write)
    close(out.write)
    close(err.write)
    if let process { return (process, out.read, err.read) }
    close(out.read)
    close(err.read)
    return nil
  }

  private static func pipe() -> (read: Int32, write: Int32)? {
    var ends: [Int32] = [-1, -1]
    guard unsafe Glibc.pipe(&ends) == 0 else { return nil }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    return (ends[0], ends[1])
  }

  private static func spawn(_ arguments: [String], output: Int32, errors: Int32) -> pid_t? {
    var actions = unsafe posix_spawn_file_actions_t()
    unsafe posix_spawn_file_actions_init(&actions)
    defer { unsafe posix_spawn_file_actions_destroy(&actions) }
    unsafe posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    unsafe posix_spawn_file_actions_adddup2(&actions, output, 1)
    unsafe posix_spawn_file_actions_adddup2(&actions, errors, 2)
    // Threads of a pool block signals, and a program would inherit that.
    var attributes = unsafe posix_spawnattr_t()
    unsafe posix_spawnattr_init(&attributes)
    defer { unsafe posix_spawnattr_destroy(&attributes) }
    var none = sigset_t()
    unsafe sigemptyset(&none)
    unsafe posix_spawnattr_setsigmask(&attributes, &none)
    unsafe posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
    var words = unsafe arguments.map { unsafe strdup($0) } + [nil]
    defer { unsafe words.forEach { unsafe free($0) } }
    var process: pid_t = 0
    return unsafe posix_spawnp(&process, arguments[0], &actions, &attributes, &words, environ) == 0
      ? process : nil
  }

  private func wait() -> Int32 {
    var status: Int32 = 0
    while unsafe waitpid(process, &status, 0) < 0, errno == EINTR {}
    ended = true
    return status & 0x7f == 0 ? status >> 8 & 0xff : 128 + status & 0x7f
  }

  /// What the process says of itself, after its output has ended or made no sense.
  /// - Returns: nil where it ended well, or only because nobody listens any more.
  func failure() -> Diagnostic? {
    guard !ended else { return nil }
    close(output)
    while listen() {}
    let code = wait()
    let words = String(decoding: complaint, as: UTF8.self).split(separator: "\n").last.map(String.init) ?? ""
    switch code {
    case 0: return nil
    case 3, 127: return Self.problem(path, "Parquet is read with pyarrow, which '\(Self.interpreter)' lacks")
    case 4:
      return Diagnostic(
        .f3, "the Parquet file cannot be read: \(words)", at: Place(file: path),
        hint: "write or copy it again; nothing was taken")
    default:
      let said = words.isEmpty ? "" : ": \(words)"
      return Self.problem(path, "Python ended with code \(code) while it read the file\(said)")
    }
  }

  private static func problem(_ path: String, _ message: String) -> Diagnostic {
    Diagnostic(.f1, message, at: Place(file: path), hint: remedy)
  }
}

extension ParquetProcess {
  /// Arguments: the file, `all` or `some`, how many paths are wanted, these, and those to be sent as dictionaries.
  /// The schema's metadata say all columns and how many rows there are. Exit codes: 3 no pyarrow, 4 no good file.
  fileprivate static let script = """
    import os, sys
    out = os.fdopen(os.dup(1), 'wb')
    os.dup2(2, 1)
    try:
      import pyarrow as pa, pyarrow.parquet as pq
    except Exception as error:
      print(error, file=sys.stderr)
      sys.exit(3)
    path, which, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
    wanted, coded = sys.argv[4:4 + count], set(sys.argv[4 + count:])
    try:
      pa.set_cpu_count(1)
      known = pq.ParquetFile(pa.OSFile(path), pre_buffer=False)
      names = known.schema_arrow.names
      kept = [n for n in names if which == 'all' or n in wanted or any(w.startswith(n + '.') for w in wanted)]
      texts = [known.schema.column(i) for i in range(len(known.schema))]
      texts = [c.path for c in texts if c.path in coded and c.logical_type.type == 'STRING']
      file = pq.ParquetFile(pa.OSFile(path), read_dictionary=texts, pre_buffer=False)
      schema = pa.schema([file.schema_arrow.field(n) for n in dict.fromkeys(kept)])
      schema = schema.with_metadata({'columns': '\\n'.join(names), 'rows': str(file.metadata.num_rows)})
      with pa.ipc.new_stream(out, schema) as stream:
        if kept:
          # A batch that spans row groups is more than pyarrow can do with some nested columns.
          for group in range(file.num_row_groups):
            for batch in file.iter_batches(65536, [group], schema.names, use_threads=False):
              stream.write_batch(batch.select(schema.names).replace_schema_metadata(schema.metadata))
      out.flush()
    except BrokenPipeError:
      os._exit(0)
    except Exception as error:
      print(type(error).__name__ + ': ' + ' '.join(str(error).split())[:500], file=sys.stderr)
      sys.stderr.flush()
      os._exit(4)
    """
}
