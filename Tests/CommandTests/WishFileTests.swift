import Support
import Testing

/// `segments/wishes.md`: every wish has a file that grants it, and what stands there in English is what the file says.
struct WishFileTests {
  private static let segments = Support.packageRoot + "segments/"
  private let wishes = CaseFile(path: WishFileTests.segments + "wishes.md")

  @Test func `every wish is granted by a file, and every file grants one`() {
    #expect(wishes.cases.count >= 40)
    let text = Self.read("wishes.md")
    let files =
      Support.names(in: Self.segments).filter { $0.hasSuffix(".yaml") }
      + Support.names(in: Self.segments + "wishes").map { "wishes/\($0)" }
    for file in files { #expect(text.contains("](\(file))"), "\(file) is not in wishes.md") }
    for wish in wishes.cases {
      #expect(wish.blocks.count == 1 && files.contains(wish.blocks[0].file ?? ""), "\(wish.name)")
    }
  }

  @Test func `every file has a test of somebody who is in and of somebody who is not`() {
    for wish in wishes.cases {
      let text = Self.read(wish.blocks.first?.file ?? "")
      // One made of a template has the template's tests.
      guard !text.contains("template:") else { continue }
      #expect(text.contains("expect: in"), "\(wish.name)")
      #expect(text.contains("expect: out") || text.contains("who: everyone"), "\(wish.name)")
    }
  }

  @Test func `the English is what describe prints`() throws {
    let files = wishes.cases.compactMap { $0.blocks.first?.file }
    let script =
      "for file in \(files.joined(separator: " ")); do grandstand describe segments/$file; printf '\\f'; done"
    let outcome = try Program.bash(script, in: try Self.project())
    #expect(outcome.code == 0 && outcome.errors.isEmpty, "\(outcome.errors)")
    let found = outcome.output.split(separator: "\u{c}", omittingEmptySubsequences: false).map(String.init)
    var changes: [(CaseFile.Block, String)] = []
    for (wish, text) in zip(wishes.cases, found) {
      #expect(CaseFile.updates || wish.blocks.first?.text == text, "\(wish.name)")
      if let block = wish.blocks.first { changes.append((block, text)) }
    }
    if CaseFile.updates { wishes.rewrite(changes) }
  }

  @Test func `the files have no mistakes, are laid out well, and their tests pass on any day`() throws {
    let outcome = try Program.bash(
      "grandstand check && grandstand fmt --check && grandstand test && grandstand test --as-of 2031-02-28",
      in: try Self.project())
    #expect(outcome.code == 0 && outcome.errors.isEmpty, "\(outcome.errors)\(outcome.output)")
    #expect(
      outcome.output.contains("no mistakes") && outcome.output.contains("all pass"), "\(outcome.output)")
  }

  private static func read(_ name: String) -> String {
    String(decoding: Support.read(segments + name), as: UTF8.self)
  }

  /// The example project without a store.
  private static func project() throws -> String {
    let folder = Support.temporaryFolder()
    _ = try Support.run(
      "/bin/cp", ["-r", Support.packageRoot + "grandstand.yaml", Support.packageRoot + "segments", folder])
    return folder
  }
}
