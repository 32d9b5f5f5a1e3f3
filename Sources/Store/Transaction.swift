#if canImport(Glibc)
  import Glibc
#endif
import ArrowIPC
import Diagnostics
import Events

/// The making of the next version: new files first, then the manifest. Until `commit` nobody sees anything of it, and
/// without `commit` its files are removed.
public final class Transaction {
  public let base: Snapshot
  /// The version to come.
  public let version: Int
  let store: Store
  private let lock: StoreLock
  private var made: [String] = []
  private var committed = false

  /// Takes the writer's lock and looks at the newest version under it.
  public init(_ store: Store) throws(Diagnostic) {
    // Where there is no store, its own words come before those of a lock that cannot be made.
    guard store.exists else { throw store.absence }
    lock = try StoreLock(store.path)
    self.store = store
    base = try store.snapshot()
    version = base.manifest.version + 1
  }

  deinit {
    guard !committed else { return }
    // What cannot be removed is no part of any version; vacuum finds it.
    for path in made.flatMap({ [$0, $0 + ".tmp"] }) { try? store.files.remove(path) }
  }

  /// A new file of this version.
  /// - Parameter name: relative to the store; its folder is made.
  public func file(_ name: String) throws(Diagnostic) -> StoreFile {
    if let slash = name.lastIndex(of: "/") { try store.makeFolder(String(name[..<slash])) }
    let full = store.path + "/" + name
    made.append(full)
    do throws(SystemError) { return try StoreFile(name: name, path: full, files: store.files) } catch {
      throw error.diagnostic
    }
  }

  /// Makes the version visible; the requirement "nobody committed meanwhile" holds by the lock.
  public func commit(_ manifest: Manifest) throws(Diagnostic) {
    var manifest = manifest
    manifest.version = version
    try store.publish(manifest)
    committed = true
    removeUnnamed(manifest)
    lock.release()
  }

  /// Files without rows are written and then not named.
  private func removeUnnamed(_ manifest: Manifest) {
    let named = Set(manifest.files.map { store.path + "/" + $0.path })
    // What cannot be removed is no part of any version; vacuum finds it.
    for path in made where !named.contains(path) { try? store.files.remove(path) }
  }

  /// A folder for temporary files, emptied of what earlier crashes left.
  public func scratchFolder() throws(Diagnostic) -> String {
    try store.makeFolder("tmp")
    return store.path + "/tmp"
  }
}

/// A file that is being written: bytes are gathered, hashed and written through the store's calls.
public final class StoreFile {
  public let name: String
  private let path: String
  private let files: any StoreFiles
  private var descriptor: Int32
  private var pending: [UInt8] = []
  private let hash = HashStream()
  private var bytes = 0

  private static let block = 1 << 20

  init(name: String, path: String, files: any StoreFiles) throws(SystemError) {
    self.name = name
    self.path = path
    self.files = files
    descriptor = try files.open(path + ".tmp")
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  public func append(_ more: [UInt8]) throws(Diagnostic) {
    pending += more
    if pending.count >= Self.block { try flush() }
  }

  /// Makes it durable.
  /// - Returns: its size and hash.
  public func finish() throws(Diagnostic) -> (bytes: Int, hash: String) {
    try flush()
    let file = descriptor
    descriptor = -1
    do throws(SystemError) {
      try files.sync(file, path)
      try files.rename(path + ".tmp", path)
    } catch { throw error.diagnostic }
    return (bytes, Hash.hex(hash.value))
  }

  private func flush() throws(Diagnostic) {
    hash.update(pending)
    bytes += pending.count
    let outcome = unsafe pending.withUnsafeBytes { raw -> SystemError? in
      do throws(SystemError) {
        try unsafe files.write(descriptor, raw, path)
        return nil
      } catch { return error }
    }
    pending.removeAll(keepingCapacity: true)
    if let outcome { throw outcome.diagnostic }
  }
}

/// An Arrow file of the store that is being written.
public final class StoreArrowFile {
  private let file: StoreFile
  private var layout: ArrowFileLayout
  private var rows = 0

  public init(_ file: StoreFile, _ schema: ArrowSchema) throws(Diagnostic) {
    self.file = file
    layout = ArrowFileLayout(schema, checksummed: true)
    try file.append(layout.begin())
  }

  public func append(dictionary id: Int64, _ values: ArrowArray) throws(Diagnostic) {
    try file.append(layout.append(layout.encode(dictionary: id, values)))
  }

  /// What other threads encode batches with.
  public var encoder: ArrowFileLayout { layout }

  public func append(_ message: EncodedMessage, rows: Int) throws(Diagnostic) {
    self.rows += rows
    try file.append(layout.append(message))
  }

  public func finish() throws(Diagnostic) -> FileEntry {
    let end = layout.end()
    let footer = layout.footerHash(end)
    try file.append(end)
    let (bytes, hash) = try file.finish()
    return FileEntry(path: file.name, rows: rows, bytes: bytes, hash: hash, footer: footer)
  }
}
