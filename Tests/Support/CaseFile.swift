/// A Markdown file of cases: each `## heading` is one, its fenced blocks are input and what must come out.
///
/// - `yaml` (or `yaml file=other.yaml`): a segment file, `case.yaml` unless named. A first line `name:`/`purpose:` may be
///   left out: they are put in front where the text has none.
/// - `events`: a line a user, `anna: {section: sport, times: 3}, {day: 2}`, in the words of a segment's tests.
/// - `members`: the users that `events` makes members of `case.yaml`, one line.
/// - `diagnostics`: what the checker prints.
/// - `console`: commands behind `$ ` and what they print; run in a folder of their own.
public struct CaseFile {
  public struct Block {
    public var kind: String
    public var file: String?
    public var text: String
    /// Line of the file on which its text begins, from 0.
    public var line: Int
    public var lineCount: Int
  }

  public struct Case {
    public var name: String
    public var blocks: [Block]

    public func text(_ kind: String) -> String? { blocks.first { $0.kind == kind }?.text }
  }

  public let path: String
  public private(set) var cases: [Case] = []
  private let lines: [String]

  public init(path: String) {
    self.path = path
    lines = String(decoding: Support.read(path), as: UTF8.self).split(
      separator: "\n", omittingEmptySubsequences: false
    ).map(String.init)
    var open: Block?
    for (number, line) in lines.enumerated() {
      if let block = open {
        guard line == "```" else { continue }
        var done = block
        done.lineCount = number - block.line
        done.text = lines[block.line..<number].map { $0 + "\n" }.joined()
        cases[cases.count - 1].blocks.append(done)
        open = nil
      } else if line.hasPrefix("## ") {
        cases.append(Case(name: String(line.dropFirst(3)), blocks: []))
      } else if line.hasPrefix("```"), !cases.isEmpty {
        let words = line.dropFirst(3).split(separator: " ").map(String.init)
        let file = words.dropFirst().first { $0.hasPrefix("file=") }.map { String($0.dropFirst(5)) }
        open = Block(kind: words.first ?? "", file: file, text: "", line: number + 1, lineCount: 0)
      }
    }
  }

  /// All case files of the package, and which of their cases have a block of a kind.
  public static func all(with kind: String) -> [(file: CaseFile, index: Int)] {
    let folder = Support.packageRoot + "Tests/Cases"
    return Support.names(in: folder).filter { $0.hasSuffix(".md") }.flatMap { name in
      let file = CaseFile(path: folder + "/" + name)
      return file.cases.indices.filter { file.cases[$0].text(kind) != nil }.map { (file, $0) }
    }
  }

  /// Whether expected blocks are to be written anew: `GRANDSTAND_UPDATE_CASES=1`.
  public static var updates: Bool { Support.environment("GRANDSTAND_UPDATE_CASES") == "1" }

  /// Puts new text into blocks and writes the file.
  public func rewrite(_ changes: [(block: Block, text: String)]) {
    var lines = lines
    for change in changes.sorted(by: { $0.block.line > $1.block.line }) {
      let text = change.text.hasSuffix("\n") ? String(change.text.dropLast()) : change.text
      let new =
        change.text.isEmpty
        ? [] : text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
      lines.replaceSubrange(change.block.line..<change.block.line + change.block.lineCount, with: new)
    }
    Support.write(lines.joined(separator: "\n").utf8, to: path)
  }
}
