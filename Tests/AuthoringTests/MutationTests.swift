import Authoring
import Diagnostics
import Rules
import Support
import Testing
import YAML

/// Slips of the pen in files that are right: each is told, or it changes what the file says where everybody can see it.
struct MutationTests {
  /// Random mutations of one file: 50, and 1,000 at night.
  private static var count: Int { min(1000, Support.cases(50)) }

  @Test(arguments: RuleExample.all.map(\.name))
  func `a mutated file is refused, or says what it looks like`(name: String) throws {
    let example = try #require(RuleExample.all.first { $0.name == name })
    let original = example.compile(Array(example.text.utf8))
    #expect(original.diagnostics.filter(\.isError) == [])
    let (originalLook, originalValues) = (try look(Array(example.text.utf8)), try values(of: example.text))
    var random = SeededRandom(seed(of: name))
    for _ in 0..<Self.count {
      let bytes = mutated(Array(example.text.utf8), &random)
      let compilation = example.compile(bytes)
      guard compilation.diagnostics.count <= original.diagnostics.count else { continue }
      let isSame = meanings(compilation) == meanings(original)
      let (look, text) = (try look(bytes), String(decoding: bytes, as: UTF8.self))
      // What looks the same in the canonical layout is the same, and what does not is not passed over.
      #expect(isSame || look != originalLook, "\(text)")
      let saysMore = try look != originalLook && values(of: text) != originalValues
      #expect(!isSame || !saysMore, "\(text)")
    }
  }

  @Test(arguments: RuleExample.all.map(\.name))
  func `a misspelt key is never passed over`(name: String) throws {
    let example = try #require(RuleExample.all.first { $0.name == name })
    let original = example.compile(Array(example.text.utf8))
    var random = SeededRandom(seed(of: name))
    let keys = try places(of: example.text)
    for _ in 0..<Self.count {
      let place = keys[Int.random(in: 0..<keys.count, using: &random)]
      var bytes = Array(example.text.utf8)
      misspell(&bytes, place.range, &random)
      let compilation = example.compile(bytes)
      let isTold = compilation.diagnostics.count > original.diagnostics.count
      let text = String(decoding: bytes, as: UTF8.self)
      // The file itself chooses the names of definitions, parameters, arms and segments.
      #expect(isTold || (place.isChosen && meanings(compilation) != meanings(original)), "\(text)")
    }
  }

  private func seed(of name: String) -> UInt64 { name.utf8.reduce(7) { $0 &* 31 &+ UInt64($1) } }

  private func meanings(_ compilation: Compilation) -> [SegmentMeaning] {
    compilation.segments.map { SegmentMeaning($0) }
  }

  private func look(_ bytes: [UInt8]) throws -> String {
    try SegmentFormatter.format(SourceText(file: "a.yaml", bytes: bytes))
  }

  /// All keys and values of a file, sorted. Where they stand may differ in files that say the same (a `when` of the file or
  /// of its condition, a list of one or its item), so may case and blanks, and defaults of parameters that every segment
  /// made of the template sets.
  private func values(of text: String) throws -> [String] {
    func words(_ node: YAMLNode) -> [String] {
      let entries = (node.entries ?? []).filter { $0.name != "parameters" }
      let inside = (node.items ?? []).flatMap(words) + entries.flatMap { [$0.name] + words($0.value) }
      guard let text = node.text else { return inside }
      return [text.lowercased().split(separator: " ").joined(separator: " ")]
    }
    let root = try YAMLDocument.parse(SourceText(file: "a.yaml", text: text)).root
    return root.map(words)?.sorted() ?? []
  }

  // MARK: Mutations

  private func mutated(_ text: [UInt8], _ random: inout SeededRandom) -> [UInt8] {
    var bytes = text
    let at = Int.random(in: 0..<bytes.count, using: &random)
    let end = min(bytes.count, at + Int.random(in: 1...12, using: &random))
    switch Int.random(in: 0...5, using: &random) {
    case 0: bytes[at] = UInt8.random(in: 0x20...0x7e, using: &random)
    case 1: bytes.remove(at: at)
    case 2: bytes.insert(UInt8.random(in: 0x20...0x7e, using: &random), at: at)
    case 3: bytes.removeSubrange(at..<end)
    case 4: bytes.insert(contentsOf: bytes[at..<end], at: Int.random(in: 0...bytes.count, using: &random))
    default: bytes.swapAt(at, min(bytes.count - 1, at + 1))
    }
    return bytes
  }

  /// Another letter, one less, one more, or two swapped.
  private func misspell(_ bytes: inout [UInt8], _ range: Range<Int>, _ random: inout SeededRandom) {
    let before = bytes
    while bytes == before {
      let at = Int.random(in: range, using: &random)
      let letter = UInt8.random(in: UInt8(ascii: "a")...UInt8(ascii: "z"), using: &random)
      switch Int.random(in: 0...3, using: &random) {
      case 0: bytes[at] = letter
      case 1 where range.count > 1: bytes.remove(at: at)
      case 2: bytes.insert(letter, at: at)
      default: if at > range.lowerBound { bytes.swapAt(at, at - 1) }
      }
    }
  }

  // MARK: Keys

  private struct Key {
    var range: Range<Int>
    var isChosen: Bool
  }

  private func places(of text: String) throws -> [Key] {
    let document = try YAMLDocument.parse(SourceText(file: "a.yaml", text: text))
    var starts = [0]
    for (index, byte) in text.utf8.enumerated() where byte == 0x0a { starts.append(index + 1) }
    var keys: [Key] = []
    func visit(_ node: YAMLNode, isChosen: Bool) {
      for item in node.items ?? [] { visit(item, isChosen: false) }
      for entry in node.entries ?? [] {
        let start = starts[entry.key.place.line - 1] + entry.key.place.column - 1
        keys.append(Key(range: start..<start + entry.name.utf8.count, isChosen: isChosen))
        let names = ["let", "make", "parameters", "split", "arms"].contains(entry.name)
        visit(entry.value, isChosen: names)
      }
    }
    if let root = document.root { visit(root, isChosen: false) }
    return keys
  }
}
