#if canImport(Glibc)
  import Glibc
#endif
import Diagnostics
import Events
import Gzip
import Synchronization

/// What traffic to make.
public struct TrafficOptions: Sendable {
  public var users = 10_000
  public var days = 7
  public var firstDay = Day(number: 20_773)
  public var seed: UInt64 = 1
  public var compressed = true
  /// Sessions a user and day, in thousandths of the usual.
  public var density = 1000
  public var filesPerDay = 4

  public init() {}
}

/// What was made; a truth to compare an ingest with.
public struct TrafficSummary: Sendable, Equatable {
  public var rows = 0
  public var bytes = 0
  public var files = 0
  /// Rows by what becomes of them, copies and broken ones left out.
  public var views = 0
  public var pings = 0
  public var others = 0
  public var duplicates = 0
  public var bots = 0
  /// Rows without a usable id, pings left out.
  public var anonymous = 0
  public var broken = 0

  mutating func form(_ other: TrafficSummary) {
    rows += other.rows
    bytes += other.bytes
    files += other.files
    views += other.views
    pings += other.pings
    others += other.others
    duplicates += other.duplicates
    bots += other.bots
    anonymous += other.anonymous
    broken += other.broken
  }
}

/// Believable traffic of a publisher as enriched TSV: a folder a day, some files in each. Any file can be written
/// alone, since everything is a function of the seed.
public struct Traffic: Sendable {
  let options: TrafficOptions
  let world: World

  public init(_ options: TrafficOptions) {
    self.options = options
    world = World(seed: options.seed)
  }

  /// - Parameter progress: files done, of how many.
  public func write(to folder: String, _ workers: Workers, progress: @escaping @Sendable (Int, Int) -> Void)
    throws(Diagnostic)
    -> TrafficSummary
  {
    for day in 0..<options.days { try makeFolder(folder + "/dt=\(options.firstDay.advanced(by: day))") }
    let count = options.days * options.filesPerDay
    let done = Atomic<Int>(0)
    let states = try workers.run(count) { () throws(Diagnostic) in
      TrafficSummary()
    } _: {
      (item, summary: inout TrafficSummary) throws(Diagnostic) in
      let (day, part) = (item / options.filesPerDay, item % options.filesPerDay)
      summary.form(try writeFile(folder, day, part))
      progress(done.wrappingAdd(1, ordering: .relaxed).newValue, count)
    }
    return states.reduce(into: TrafficSummary()) { $0.form($1) }
  }

  private func writeFile(_ folder: String, _ day: Int, _ part: Int) throws(Diagnostic) -> TrafficSummary {
    let suffix = options.compressed ? "tsv.gz" : "tsv"
    let path = "\(folder)/dt=\(options.firstDay.advanced(by: day))/part-\(part).\(suffix)"
    let file = unsafe fopen(path + ".tmp", "wb")
    guard let file = unsafe file else { throw Self.problem(path) }
    var job = FileJob(traffic: self, day: day, part: part)
    let gzip = options.compressed ? GzipStream() : nil
    var failed = false
    job.run { bytes, last in
      let out = gzip?.compress(bytes, last: last) ?? bytes
      if unsafe fwrite(out, 1, out.count, file) != out.count { failed = true }
    }
    let closed = unsafe fclose(file) == 0
    guard closed, !failed, unsafe rename(path + ".tmp", path) == 0 else {
      let problem = Self.problem(path)
      unsafe unlink(path + ".tmp")
      throw problem
    }
    job.summary.files = 1
    return job.summary
  }

  private func makeFolder(_ path: String) throws(Diagnostic) {
    if unsafe mkdir(path, 0o755) == 0 || errno == EEXIST { return }
    if errno == ENOENT, let slash = path.lastIndex(of: "/"), slash > path.startIndex {
      try makeFolder(String(path[..<slash]))
      if unsafe mkdir(path, 0o755) == 0 || errno == EEXIST { return }
    }
    throw Self.problem(path)
  }

  private static func problem(_ path: String) -> Diagnostic {
    Diagnostic(
      errno == ENOSPC ? .f2 : .f1, "cannot write: \(unsafe String(cString: strerror(errno)))",
      at: Place(file: path),
      hint: "check the folder and its space")
  }
}
