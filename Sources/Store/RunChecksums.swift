/// The XXH3-64 of each file of a run (`checksums`), and who wrote them: what another version evaluated is not reused.
struct RunChecksums {
  /// Name and version.
  var program: String
  var files: [(name: String, hash: String)] = []

  init(program: String) { self.program = program }

  /// - Returns: nil where it is not whole.
  init?(_ text: String) {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    guard let first = lines.first, lines.last == "", lines.count > 2 else { return nil }
    program = String(first)
    for line in lines.dropFirst().dropLast() {
      let parts = line.split(separator: " ", maxSplits: 1).map(String.init)
      guard parts.count == 2, parts[0].utf8.count == 16, !parts[1].contains("..") else { return nil }
      files.append((parts[1], parts[0]))
    }
    guard files.last?.name == "record.json" else { return nil }
  }

  var text: String { ([program] + files.map { "\($0.hash) \($0.name)" }).joined(separator: "\n") + "\n" }
}
