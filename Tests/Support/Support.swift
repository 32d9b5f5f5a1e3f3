#if canImport(Glibc)
  import Glibc
#endif

/// Where the tests find things outside the package: fixtures, a Python with the oracles, scratch space.
public enum Support {
  /// The package's own folder, with a slash at the end.
  public static let packageRoot: String = {
    var parts = #filePath.split(separator: "/", omittingEmptySubsequences: false)
    parts.removeLast(3)
    return parts.joined(separator: "/") + "/"
  }()

  /// The folder of fixtures with a slash at the end, or nil where it is absent: then a test says that it was
  /// skipped.
  public static let fixtures: String? = {
    let path = environment("GRANDSTAND_FIXTURES") ?? packageRoot + "../shared/fixtures"
    return exists(path + "/README.md") ? path + "/" : nil
  }()

  /// A Python interpreter with pyarrow, DuckDB and the other oracles (`tools/test` makes it), or nil.
  public static let python: String? = {
    let path = environment("GRANDSTAND_PYTHON") ?? packageRoot + ".venv/bin/python"
    return exists(path) ? path : nil
  }()

  /// How many random cases a campaign runs: the number given, times what `GRANDSTAND_CASES` makes of the 2,000 random
  /// rules of every day.
  public static func cases(_ standard: Int) -> Int {
    let rules = environment("GRANDSTAND_CASES").flatMap { Int($0) } ?? 2000
    return max(1, standard * rules / 2000)
  }

  /// Whether `tools/test --nightly` runs.
  public static var isNightly: Bool { environment("GRANDSTAND_NIGHTLY") != nil }

  public static func environment(_ name: String) -> String? {
    getenv(name).map { String(cString: $0) }
  }

  public static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

  /// The processor time that this thread spends on something: a busy machine does not make it longer.
  public static func processorTime(_ work: () -> Void) -> Duration {
    func now() -> Duration {
      var time = timespec()
      clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
      return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
    }
    let start = now()
    work()
    return now() - start
  }
}
