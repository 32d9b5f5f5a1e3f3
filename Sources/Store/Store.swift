#if canImport(Glibc)
  import Glibc
#endif
import ArrowIPC
import Diagnostics
import Events

/// A folder of Arrow files and manifests. `Store` finds and makes it; a `Snapshot` reads one version of it; a
/// `Transaction` makes the next.
public struct Store: Sendable {
  public let path: String
  let files: any StoreFiles

  public init(at path: String, files: any StoreFiles = SystemFiles()) {
    self.path = path
    self.files = files
  }

  static let currentName = "CURRENT"
  static let largestManifest = 256 << 20

  public var exists: Bool { unsafe access(path + "/" + Self.currentName, F_OK) == 0 }

  /// Makes an empty store.
  /// - Throws: `S1` where there is one already.
  public func create(_ settings: StoreSettings) throws(Diagnostic) {
    guard !exists else {
      throw Diagnostic(
        .s1, "there is a store already", at: Place(file: path), hint: "remove it, or use it as it is")
    }
    for folder in ["manifests", "users", "events", "index", "deletes", "tables", "runs", "rejects", "tmp"] {
      try makeFolder(folder)
    }
    let lock = try StoreLock(path)
    defer { lock.release() }
    try publish(Manifest(settings: settings))
  }

  /// The last committed version.
  /// - Throws: `S1` where there is none, `S3` for a newer format, `S2` where the manifest is damaged.
  public func snapshot() throws(Diagnostic) -> Snapshot { try Snapshot(self, try manifest()) }

  /// An earlier version, as a run was made from it.
  /// - Returns: nil where it is not there any more.
  public func snapshot(version: Int) throws(Diagnostic) -> Snapshot? {
    let current = try manifest()
    if current.version == version { return try Snapshot(self, current) }
    let name = "manifests/\(padded(version)).json"
    guard unsafe access(path + "/" + name, F_OK) == 0 else { return nil }
    return try Snapshot(self, try manifest(at: name))
  }

  /// The manifest in a file.
  func manifest(at name: String) throws(Diagnostic) -> Manifest {
    try manifest(try read(name, limit: Self.largestManifest), name)
  }

  func manifest() throws(Diagnostic) -> Manifest {
    guard exists else { throw absence }
    let pointer = String(decoding: try read(Self.currentName, limit: 4096), as: UTF8.self)
    let name = pointer.split(separator: "\n", omittingEmptySubsequences: false).first.map(String.init) ?? ""
    guard name.hasPrefix("manifests/"), !name.contains("..") else {
      throw damaged(Self.currentName, "it names no manifest")
    }
    let bytes = try read(name, limit: Self.largestManifest)
    if let format = Manifest.format(of: bytes), format != Manifest.currentFormat {
      throw Diagnostic(
        .s3, "the store has format \(format); this program reads \(Manifest.currentFormat)",
        at: Place(file: path + "/" + name),
        hint: format > Manifest.currentFormat
          ? "use a newer Grandstand" : "ingest the source files again into a new store")
    }
    guard pointer == Self.pointer(name, bytes) else {
      throw damaged(name, "the manifest is not the one that was committed (its checksum is wrong)")
    }
    return try manifest(bytes, name)
  }

  private func manifest(_ bytes: [UInt8], _ name: String) throws(Diagnostic) -> Manifest {
    do { return try Manifest.decode(bytes) } catch { throw damaged(name, "the manifest cannot be read") }
  }

  var absence: Diagnostic {
    Diagnostic(.s1, "there is no store here", at: Place(file: path), hint: "'grandstand init' makes one")
  }

  /// What CURRENT holds: the manifest's name and the hash of its bytes.
  private static func pointer(_ name: String, _ bytes: [UInt8]) -> String {
    "\(name)\n\(Hash.hex(Hash.xxh3(bytes)))\n"
  }

  /// Writes a manifest and points CURRENT at it: the moment of commit.
  func publish(_ manifest: Manifest) throws(Diagnostic) {
    guard let bytes = try? manifest.encoded() else { fatalError("a manifest that cannot be encoded") }
    let name = "manifests/\(padded(manifest.version)).json"
    try write(bytes, to: name)
    try write(Array(Self.pointer(name, bytes).utf8), to: Self.currentName)
  }

  /// Writes a file beside the versions, such as rejects.
  /// - Returns: its full path.
  @discardableResult
  public func writeFile(_ name: String, _ bytes: [UInt8]) throws(Diagnostic) -> String {
    if let slash = name.lastIndex(of: "/") { try makeFolder(String(name[..<slash])) }
    try write(bytes, to: name)
    return path + "/" + name
  }

  /// Writes a file whole: under a temporary name, synced, renamed.
  func write(_ bytes: [UInt8], to name: String) throws(Diagnostic) {
    let full = path + "/" + name
    do throws(SystemError) {
      let file = try files.open(full + ".tmp")
      try writeAll(bytes, file, full)
      try files.sync(file, full)
      try files.rename(full + ".tmp", full)
    } catch { throw error.diagnostic }
  }

  private func writeAll(_ bytes: [UInt8], _ file: Int32, _ full: String) throws(SystemError) {
    let outcome = unsafe bytes.withUnsafeBytes { raw -> SystemError? in
      do throws(SystemError) {
        try unsafe files.write(file, raw, full)
        return nil
      } catch { return error }
    }
    if let outcome {
      close(file)
      throw outcome
    }
  }

  func makeFolder(_ name: String) throws(Diagnostic) {
    var part = ""
    for piece in (path + "/" + name).split(separator: "/", omittingEmptySubsequences: false) {
      part += part.isEmpty && piece.isEmpty ? "/" : piece + "/"
      guard part != "/", part != "./" else { continue }
      guard unsafe mkdir(part, 0o700) == 0 || errno == EEXIST else {
        throw SystemError("make folder", part, errno).diagnostic
      }
    }
  }

  func read(_ name: String, limit: Int) throws(Diagnostic) -> [UInt8] {
    let full = path + "/" + name
    do throws(FormatError) {
      let input = try FileInput(path: full)
      guard input.size <= limit else { throw FormatError("it is larger than \(limit) bytes") }
      return try input.read(0, input.size)
    } catch { throw error.diagnostic(file: full) }
  }

  private func damaged(_ name: String, _ reason: String) -> Diagnostic {
    FormatError(reason).diagnostic(file: path + "/" + name)
  }
}

/// `000042`
func padded(_ version: Int) -> String {
  let text = String(version)
  return String(repeating: "0", count: max(0, 6 - text.count)) + text
}
