#if canImport(Glibc)
  import Glibc
#endif
import Bitmaps
import Diagnostics
import Events

/// Runs of a store: a folder each, with its record and a bitmap a segment.
extension Store {
  /// Writes a run: its files first, then the pointer to the latest. A run of the same id is written again.
  /// - Parameters:
  ///   - rules: the text of the segment files, so that the run can be compared with others later.
  ///   - members: by segment id; `universe` under a name of its own.
  ///   - advances: whether it becomes the latest.
  public func writeRun(
    _ id: String, record: String, timings: String, rules: String, universe: Membership,
    members: [(id: String, membership: Membership)],
    advances: Bool
  ) throws(Diagnostic) {
    let lock = try StoreLock(path)
    defer { lock.release() }
    try makeFolder("runs/\(id)/members")
    // Hundreds of small files wait for the disk, so they do it side by side.
    _ = try Workers(threads: 8).run(members.count) { () throws(Diagnostic) in
      ()
    } _: { (index, _: inout Void) throws(Diagnostic) in
      let (segment, membership) = members[index]
      try write(membership.bytes, to: "runs/\(id)/members/\(segment).roaring")
    }
    try write(universe.bytes, to: "runs/\(id)/universe.roaring")
    try write(Array(rules.utf8), to: "runs/\(id)/rules.json")
    try write(Array(timings.utf8), to: "runs/\(id)/timings.json")
    // The record comes last: a run without one is not there.
    try write(Array(record.utf8), to: "runs/\(id)/record.json")
    if advances { try write(Array("\(id)\n".utf8), to: "runs/LATEST") }
  }

  /// The latest run's id; nil before the first.
  public func latestRun() -> String? {
    // No file means no run; a damaged one names no folder and is found by whoever reads the run.
    guard let bytes = try? read("runs/LATEST", limit: 4096) else { return nil }
    let id = String(decoding: bytes, as: UTF8.self).split(separator: "\n").first.map(String.init) ?? ""
    return Self.isRunID(id) && hasRun(id) ? id : nil
  }

  public func hasRun(_ id: String) -> Bool {
    guard Self.isRunID(id) else { return false }
    return unsafe access(path + "/runs/\(id)/record.json", R_OK) == 0
  }

  /// Runs by name.
  public func runs() throws(Diagnostic) -> [String] {
    try Folder.names(in: path + "/runs").filter { hasRun($0) }
  }

  /// Whether a run has members of a segment.
  public func hasMembership(_ segment: String, run: String) -> Bool {
    guard Self.isRunID(run), !segment.contains("/") else { return false }
    return unsafe access(path + "/" + Self.membershipName(segment, run), F_OK) == 0
  }

  private static func membershipName(_ segment: String, _ run: String) -> String {
    segment == "universe" ? "runs/\(run)/universe.roaring" : "runs/\(run)/members/\(segment).roaring"
  }

  /// The text of a run's segment files; nil of a run that did not keep it.
  public func runRules(_ run: String) throws(Diagnostic) -> [UInt8]? {
    let name = "runs/\(run)/rules.json"
    guard Self.isRunID(run), unsafe access(path + "/" + name, F_OK) == 0 else { return nil }
    return try read(name, limit: 1 << 30)
  }

  public func runRecord(_ run: String) throws(Diagnostic) -> [UInt8] {
    try read("runs/\(run)/record.json", limit: 256 << 20)
  }

  /// Members of a segment in a run.
  /// - Throws: where the run has no such segment, or its file is damaged.
  public func membership(_ segment: String, run: String, buckets: Int) throws(Diagnostic) -> Membership {
    let name = Self.membershipName(segment, run)
    guard hasMembership(segment, run: run) else {
      throw Diagnostic(
        .n5, "the run \(run) has no segment '\(segment)'", at: Place(file: path + "/runs/" + run),
        hint: "run it first: 'grandstand run'")
    }
    let bytes = try read(name, limit: 1 << 31)
    do throws(RoaringError) { return try Membership(bytes: bytes, bucketCount: buckets) } catch {
      throw Diagnostic(
        .s2, "the membership file \(error.reason)",
        at: Place(file: path + "/" + name, detail: "byte \(error.offset)"),
        hint: "run 'grandstand run' again")
    }
  }

  private static func isRunID(_ id: String) -> Bool {
    !id.isEmpty
      && id.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x7a).contains($0) || $0 == 0x2d }
  }
}
