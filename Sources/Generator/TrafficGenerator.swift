import Diagnostics
import Events
import Glibc

/// Makes believable publisher traffic as Snowplow enriched TSV, with the dirt of real life and the truth about it.
///
/// Files are `dt=YYYY-MM-DD/part-NN.tsv[.gz]`, each sorted by collector time with all its readers interleaved, as a
/// shard of a stream is. A reader is always in the same shard. Every file is a pure function of the options: it
/// plans its readers' visits of its own day and of the day before, and keeps what arrives on its day. Planning
/// twice costs about 50 ns a row; writing one costs microseconds.
public struct TrafficGenerator: Sendable {
  public let options: TrafficOptions
  let world: World

  /// - Throws: `C3` for options that cannot be.
  public init(_ options: TrafficOptions) throws(Diagnostic) {
    if let problem = options.problem { throw Diagnostic(.c3, problem) }
    self.options = options
    world = World(options)
  }

  /// Writes all files into a folder, which is made where it is missing; files of the same names are replaced.
  /// - Parameters:
  ///   - workers: how many threads; never changes what comes out.
  ///   - progress: called after about every megabyte, from any thread, one call at a time.
  /// - Throws: `F1` or `F2` when a file cannot be written; finished files stay, half ones go.
  public func generate(
    into folder: String, workers: Workers = Workers(),
    progress: @escaping @Sendable (TrafficProgress) -> Void = { _ in }
  ) throws(Diagnostic) -> GeneratedSummary {
    let folders = (0..<options.days).map { "\(folder)/dt=\(options.firstDay.advanced(by: $0))" }
    try Folder.make(folder)
    for day in folders { try Folder.make(day) }
    let world = world
    let files = options.days * options.filesPerDay
    let meter = ProgressMeter(files: files, progress)
    let shares = try workers.run(files) { () throws(Diagnostic) in
      WorkerShare(users: world.options.users)
    } _: { (file: Int, share: inout WorkerShare) throws(Diagnostic) in
      let (day, shard) = file.quotientAndRemainder(dividingBy: world.options.filesPerDay)
      var shardDay = ShardDay(world, day: day, shard: shard)
      try shardDay.write(to: "\(folders[day])/\(world.options.fileName(of: shard))", meter)
      share.add(shardDay)
      meter.finishedFile()
    }
    return WorkerShare.total(shares)
  }
}

/// Folders on the way to a file.
enum Folder {
  static func make(_ path: String) throws(Diagnostic) {
    var made = path.hasPrefix("/") ? "" : "."
    for part in path.split(separator: "/") {
      made += "/" + part
      if unsafe mkdir(made, 0o755) != 0, errno != EEXIST { throw PartFile.failure("cannot be made", path) }
    }
  }
}
