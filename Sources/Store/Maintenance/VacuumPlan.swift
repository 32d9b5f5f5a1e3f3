#if canImport(Glibc)
  import Glibc
#endif
import Diagnostics

/// What can be deleted.
public struct VacuumOptions: Sendable {
  /// A version stays that was the current one so many seconds ago or later, because a reader may still use it.
  public var seconds = 86_400
  /// So many of the newest versions stay in any case; the current one always does.
  public var versions = 1
  /// Rejected rows older than so many seconds go too; nil: they stay.
  public var rejectSeconds: Int?
  /// Seconds since 1970.
  public var now: Int

  public init(now: Int = time(nil)) { self.now = now }
}

/// The files of a store that no kept version needs: a value, printed by a dry run, then executed.
public struct VacuumPlan: Sendable {
  public enum Reason: String, Sendable, CaseIterable {
    /// A manifest of an earlier version that nobody reads any more.
    case version
    /// A file that no kept version names.
    case replaced
    /// What a writer that ended early left.
    case leftover
    case rejects
  }

  public struct Item: Sendable, Equatable {
    /// Relative to the store.
    public var path: String
    public var bytes: Int
    public var reason: Reason
  }

  /// Manifests first, so that none is ever found whose files are gone.
  public var items: [Item] = []
  /// The versions that stay.
  public var kept: [Int] = []

  public var bytes: Int { items.reduce(0) { $0 + $1.bytes } }

  /// While another process writes, its files look like leftovers: what is to be deleted has to be planned under the writer's lock, as `Vacuum` does.
  public init(_ store: Store, _ options: VacuumOptions) throws(Diagnostic) {
    let current = try store.manifest()
    var needed = Set(current.files.map(\.path))
    try planManifests(store, current, options, &needed)
    for folder in ["users", "events", "index", "presence", "articles", "deletes", "tables"] {
      for file in try store.allFiles(in: folder) where !needed.contains(file.path) {
        if file.isTemporary {
          add(file, .leftover)
        } else if let version = file.version {
          add(file, version > current.version ? .leftover : .replaced)
        }
      }
    }
    for file in try store.allFiles(in: "tmp") { add(file, .leftover) }
    try planRuns(store)
    try planRejects(store, options)
  }

  private mutating func add(_ file: StoredFile, _ reason: Reason) {
    items.append(Item(path: file.path, bytes: file.bytes, reason: reason))
  }

  private mutating func planManifests(
    _ store: Store, _ current: Manifest, _ options: VacuumOptions, _ needed: inout Set<String>
  ) throws(Diagnostic) {
    var versions: [(number: Int, file: StoredFile)] = []
    for file in try store.allFiles(in: "manifests") {
      if file.isTemporary {
        add(file, .leftover)
      } else if file.name.hasSuffix(".json"), let number = Int(file.name.dropLast(5)) {
        number > current.version ? add(file, .leftover) : versions.append((number, file))
      }
    }
    versions.sort { $0.number < $1.number }
    for (place, version) in versions.enumerated() {
      let isNewest = version.number == current.version || versions.count - place <= options.versions
      // It was the current one until the next was written.
      let isUsed =
        place + 1 == versions.count || versions[place + 1].file.modified > options.now - options.seconds
      guard isNewest || isUsed else {
        add(version.file, .version)
        continue
      }
      kept.append(version.number)
      if version.number != current.version {
        needed.formUnion(try store.manifest(at: version.file.path).files.map(\.path))
      }
    }
  }

  /// A run without a record is not there.
  private mutating func planRuns(_ store: Store) throws(Diagnostic) {
    for file in try store.allFiles(in: "runs") {
      let pieces = file.path.split(separator: "/")
      if file.isTemporary || pieces.count > 2 && !store.hasRun(String(pieces[1])) { add(file, .leftover) }
    }
  }

  private mutating func planRejects(_ store: Store, _ options: VacuumOptions) throws(Diagnostic) {
    for file in try store.allFiles(in: "rejects") {
      if file.isTemporary {
        add(file, .leftover)
      } else if let seconds = options.rejectSeconds, file.modified <= options.now - seconds {
        add(file, .rejects)
      }
    }
  }
}
