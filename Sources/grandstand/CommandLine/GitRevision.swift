import Diagnostics

/// The segment files of a git revision, read without a checkout.
struct GitRevision {
  /// As it was named: `HEAD~1`.
  let name: String
  private let commit: String
  private let git: Git
  private let folder: String

  private static let largestFile = 1 << 22

  /// - Throws: where the folder is in no repository, or the revision names no commit.
  init(_ name: String, segments folder: String) throws(Diagnostic) {
    (self.name, self.folder) = (name, folder)
    git = Git(folder)
    let place = git.run(["rev-parse", "--show-prefix"], showsErrors: true)
    guard place.code == 0 else {
      let words = String(decoding: place.output, as: UTF8.self).split(separator: "\n").first.map(String.init)
      throw Diagnostic(
        .f1, "the segments are in no git repository, so '\(name)' names nothing", at: Place(file: folder),
        notes: (words.map { [.init("git: \($0)")] } ?? []),
        hint: "runs are named by their day: grandstand diff 2026-11-22 2026-11-23")
    }
    let arguments = ["rev-parse", "--verify", "--quiet", "--end-of-options", "\(name)^{commit}"]
    guard let id = git.output(arguments) else {
      throw Diagnostic(
        .n5, "git knows no revision '\(name)'", at: Place(file: folder),
        hint: "a commit, branch or tag, such as HEAD~1; runs are named by their day")
    }
    commit = String(decoding: id, as: UTF8.self).split(separator: "\n").last.map(String.init) ?? ""
  }

  private struct Entry {
    var path: String
    var blob: String
  }

  /// All segment files of the revision as `Workspace` would find them; none where the folder did not exist yet.
  func files() throws(Diagnostic) -> (segments: [SourceText], definitions: SourceText?) {
    let entries = try entries()
    var texts: [SourceText] = []
    // 500 names of at most 65 bytes fit into a pipe.
    for start in stride(from: 0, to: entries.count, by: 500) {
      texts += try contents(Array(entries[start..<min(entries.count, start + 500)]))
    }
    let definitions = texts.first { $0.file == label("definitions.yaml") }
    return (texts.filter { $0.file != label("definitions.yaml") }, definitions)
  }

  private func label(_ path: String) -> String { "\(name):\(folder)/\(path)" }

  private func entries() throws(Diagnostic) -> [Entry] {
    // Between zeros, since a name may hold anything else: "mode type id size<tab>path".
    guard let list = git.output(["ls-tree", "-r", "-l", "-z", commit]) else { throw unreadable("its files") }
    var entries: [Entry] = []
    for line in list.split(separator: 0) {
      let parts = line.split(separator: UInt8(ascii: "\t"), maxSplits: 1)
      let facts = parts[0].split(separator: UInt8(ascii: " ")).map { String(decoding: $0, as: UTF8.self) }
      guard parts.count == 2, facts.count == 4, facts[0].hasPrefix("100") else { continue }
      let path = String(decoding: parts[1], as: UTF8.self)
      guard Workspace.isSegmentFile(path) else { continue }
      guard let size = Int(facts[3]), size <= Self.largestFile else {
        throw Diagnostic(
          .f1, "the file is larger than \(HumanText.bytes(Self.largestFile))", at: Place(file: label(path)))
      }
      entries.append(Entry(path: path, blob: facts[2]))
    }
    return entries
  }

  private func contents(_ entries: [Entry]) throws(Diagnostic) -> [SourceText] {
    let names = entries.map { $0.blob + "\n" }.joined()
    guard let bytes = git.output(["cat-file", "--batch"], input: Array(names.utf8)) else {
      throw unreadable("its files")
    }
    var rest = bytes[...]
    var texts: [SourceText] = []
    for entry in entries {
      // "id blob size", the content, a line end.
      guard let end = rest.firstIndex(of: 0x0a),
        let size = rest[..<end].split(separator: UInt8(ascii: " ")).last.flatMap({
          Int(String(decoding: $0, as: UTF8.self))
        }), size >= 0, size < rest.endIndex - end - 1
      else { throw unreadable(entry.path) }
      texts.append(SourceText(file: label(entry.path), bytes: Array(rest[(end + 1)..<(end + 1 + size)])))
      rest = rest[(end + size + 2)...]
    }
    return texts
  }

  private func unreadable(_ what: String) -> Diagnostic {
    Diagnostic(
      .f1, "git cannot read \(what) at '\(name)'", at: Place(file: folder),
      hint: "'git fsck' checks a repository")
  }
}
