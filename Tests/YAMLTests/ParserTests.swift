import Diagnostics
import Support
import Testing
import YAML

@Suite struct `YAML` {
  private func parse(_ text: String, limits: YAMLLimits = .init()) throws(Diagnostic) -> YAMLNode? {
    try YAMLNode.parse(SourceText(file: "t.yaml", text: text), limits: limits)
  }

  private func refusal(_ text: String, limits: YAMLLimits = .init()) -> Diagnostic? {
    do throws(Diagnostic) {
      _ = try parse(text, limits: limits)
      return nil
    } catch { return error }
  }

  @Test func `nothing, blank lines, comments and a lone marker are no document`() throws {
    for text in ["", "\n\n", "# only this\n", "---\n", "---\n...\n", "  \n# x\n  \n"] {
      #expect(try parse(text) == nil)
    }
  }

  @Test func `places count scalars from 1`() throws {
    let root = try #require(try parse("é: [ün, \"zwei\"]\n  # x\nb:\n  - c: dé f\n"))
    let list = try #require(root["é"]?.items)
    #expect(list.map { [$0.place.line, $0.place.column, $0.place.length] } == [[1, 5, 2], [1, 9, 6]])
    let inner = try #require(root["b"]?.items?.first?["c"])
    #expect([inner.place.line, inner.place.column, inner.place.length] == [4, 8, 4])
  }

  @Test func `keys stay apart by bytes and repeat by bytes`() throws {
    let both = try #require(try parse("\u{e9}: 1\ne\u{301}: 2\n"))
    #expect(both.entries?.count == 2)
    let error = try #require(refusal("a: 1\nb: 2\na: 3\n"))
    #expect(error.code == .y2 && error.place?.line == 3 && error.notes.first?.place?.line == 1)
    #expect(refusal("\"a\": 1\na: 3\n")?.code == .y2)
  }

  @Test(arguments: [
    ("a: &x 1\n", "Y5"), ("a: *x\n", "Y5"), ("a: !!str 1\n", "Y5"), ("a: !x [1]\n", "Y5"),
    ("<<: {a: 1}\n", "Y5"),
    ("&x {a: 1}\n", "Y5"), ("a: &x [1]\n", "Y5"), ("? [a]\n: 1\n", "Y0"), ("? {a: b}\n: 1\n", "Y0"),
    ("a: 1\n---\nb: 2\n", "Y0"), ("a: [1\n", "Y0"), ("a: \"x\n", "Y0"), ("a: {b: 1\n", "Y0"),
    ("a: 'x\n", "Y0"),
    ("\ta: 1\n", "Y1"), ("a:\n\tb: 1\n", "Y1"), ("a:\n  \tb: 1\n", "Y1"), ("%YAML 9.9\n---\na: 1\n", "Y0"),
    ("a: b: c\n", "Y0"),
  ])
  func `what is not used here is refused with its code and place`(text: String, code: String) throws {
    let error = try #require(refusal(text))
    #expect(error.code.rawValue == code, "\(error.message)")
    #expect((error.place?.line ?? 0) > 0 && (error.place?.column ?? 0) > 0)
  }

  @Test func `a billion laughs has nothing to laugh about`() throws {
    var text = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n"
    for level in 1...9 {
      text += "a\(level): &a\(level) [" + (0..<9).map { _ in "*a\(level - 1)" }.joined(separator: ",") + "]\n"
    }
    #expect(refusal(text)?.code == .y5)
  }

  @Test func `ten thousand levels are an error, not a crash`() throws {
    let count = 10_000
    let deep = [
      String(repeating: "[", count: count) + String(repeating: "]", count: count),
      String(repeating: "[", count: count), String(repeating: "{a: ", count: count),
      String(repeating: "- ", count: count) + "x", String(repeating: "? ", count: count) + "x",
      (0..<1000).map { String(repeating: " ", count: $0) + "a:" }.joined(separator: "\n"),
    ]
    for text in deep { #expect(refusal(text)?.code == .y14, "\(text.prefix(8))") }
    #expect(refusal(String(repeating: "[", count: 1 << 20))?.code == .y14)
  }

  @Test func `depth and size are as stated, to the last`() throws {
    func nested(_ depth: Int) -> String {
      String(repeating: "[", count: depth - 1) + "x" + String(repeating: "]", count: depth - 1)
    }
    #expect(refusal(nested(64)) == nil && refusal(nested(65))?.code == .y14)
    let limits = YAMLLimits(bytes: 10, depth: 64)
    #expect(refusal("a: 4567890", limits: limits) == nil)
    #expect(refusal("a: 45678901", limits: limits)?.code == .y14)
  }

  @Test func `bytes that are no text are refused`() throws {
    for bytes in [
      [0xff], [0x61, 0x3a, 0x20, 0xc3], [0xed, 0xa0, 0x80], [0xfe, 0xff, 0, 0x61], [0x61, 0x3a, 0x20, 0],
    ] as [[UInt8]] {
      #expect(throws: Diagnostic.self) { try YAMLNode.parse(SourceText(file: "t", bytes: bytes)) }
    }
    let marked = try YAMLNode.parse(SourceText(file: "t", bytes: [0xef, 0xbb, 0xbf] + Array("a: 1\n".utf8)))
    #expect(marked?["a"]?.text == "1")
  }

  @Test func `tabs that indent nothing are no mistake`() throws {
    #expect(try parse("a: \"x\ty\"\n")?["a"]?.text == "x\ty")
    #expect(try parse("a: 1\t# note\n")?["a"]?.text == "1")
  }

  @Test func `only newlines end lines, and a byte order mark is no part of the first key`() throws {
    let text = "\u{feff}a: x\u{85}y\u{2028}z\rw\r\nb: [\n"
    let error = #expect(throws: Diagnostic.self) { try YAMLNode.parse(SourceText(file: "f", text: text)) }
    #expect(error?.place?.line == 3)
    let node = try YAMLNode.parse(SourceText(file: "f", text: "\u{feff}a: 1\r\nb: 2\r\n"))
    #expect(node?["a"]?.text == "1" && node?["b"]?.text == "2")
  }
}
