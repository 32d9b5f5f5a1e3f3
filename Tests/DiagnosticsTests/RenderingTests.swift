import Diagnostics
import Support
import Testing

@Suite struct `A rendered diagnostic` {
  private let source = SourceText(
    file: "fans.yaml",
    text: "name: Fans\r\nwho:\n  wehn: last 30d\n\tx: 1\n\n" + String(repeating: "é", count: 500) + "X")

  private func lines(_ diagnostic: Diagnostic) -> [String] {
    diagnostic.rendered(source: source).split(separator: "\n", omittingEmptySubsequences: false).map(
      String.init)
  }

  @Test func `has place, code, source line, caret, notes and help`() {
    let diagnostic = Diagnostic(
      .n1, "no key is called 'wehn'", at: Place(file: "fans.yaml", line: 3, column: 3, length: 4),
      notes: [.init("it began here", at: Place(file: "fans.yaml", line: 2, column: 1))],
      hint: "did you mean 'when'?")
    #expect(
      diagnostic.rendered(source: source) == """
        fans.yaml:3:3: error[N1]: no key is called 'wehn'
          |   wehn: last 30d
          |   ^~~~
          = note: it began here (fans.yaml:2:1)
          = help: did you mean 'when'?

        """)
  }

  @Test func `without a place or a source is one line`() {
    #expect(Diagnostic(.c3, "no such command").rendered() == "error[C3]: no such command\n")
    let elsewhere = Diagnostic(.y6, "looks like false", at: Place(file: "other.yaml", line: 1, column: 1))
    #expect(elsewhere.rendered(source: source) == "other.yaml:1:1: warning[Y6]: looks like false\n")
  }

  @Test func `of a binary file names the spot`() {
    let place = Place(file: "part.arrow", detail: "batch 3, column dwell")
    #expect(
      Diagnostic(.s2, "damaged", at: place).rendered()
        == "part.arrow (batch 3, column dwell): error[S2]: damaged\n")
  }

  @Test func `shows no carriage return, tab or escape of the file`() {
    let hostile = SourceText(file: "h", text: "a\u{1b}[31mred\u{7}\tb\r\n")
    let text = Diagnostic(.y0, "odd", at: Place(file: "h", line: 1, column: 2)).rendered(source: hostile)
    #expect(!text.unicodeScalars.contains { $0 != "\n" && $0.properties.generalCategory == .control })
  }

  @Test func `of a very long line keeps the caret under its place`() {
    let shown = lines(Diagnostic(.y0, "odd", at: Place(file: "fans.yaml", line: 6, column: 501)))
    #expect(shown[1].unicodeScalars.count < 130 && shown[2].unicodeScalars.count < 130)
    let caret = shown[2].unicodeScalars.firstIndex(of: "^").map {
      shown[2].unicodeScalars.distance(from: shown[2].unicodeScalars.startIndex, to: $0)
    }
    let marked = shown[1].unicodeScalars.firstIndex(of: "X").map {
      shown[1].unicodeScalars.distance(from: shown[1].unicodeScalars.startIndex, to: $0)
    }
    #expect(caret != nil && caret == marked)
  }

  @Test(arguments: [(0, 0), (1, 0), (-3, 5), (9999, 1), (1, 9999), (.max, .max), (.min, .min), (6, .max)])
  func `with a place that is not there does not trap`(line: Int, column: Int) {
    for length in [Int.min, 0, 1, 1000, .max] {
      let place = Place(file: "fans.yaml", line: line, column: column, length: length)
      #expect(Diagnostic(.y0, "odd", at: place).rendered(source: source, color: true).contains("odd"))
    }
  }

  @Test func `colours surround, and take nothing away`() {
    let diagnostic = Diagnostic(.n1, "bad", at: Place(file: "fans.yaml", line: 1, column: 1), hint: "good")
    var plain = diagnostic.rendered(source: source, color: true)
    for code in ["0", "1", "1;31", "1;33", "32"] {
      plain = plain.split(separator: "\u{1b}[\(code)m", omittingEmptySubsequences: false).joined()
    }
    #expect(plain == diagnostic.rendered(source: source))
  }

  @Test func `lines of a source are found to the last byte`() {
    #expect(source.line(1) == "name: Fans")
    #expect(source.line(5) == "" && source.line(7) == nil && source.line(0) == nil && source.line(-1) == nil)
    let ended = SourceText(file: "f", text: "a\nb\n")
    #expect(ended.line(2) == "b" && ended.line(3) == "" && ended.line(4) == nil)
    #expect(
      SourceText(file: "f", bytes: []).line(1) == ""
        && SourceText(file: "f", bytes: [0xff]).line(1) == "\u{fffd}")
  }
}

@Suite struct `JSON of a diagnostic` {
  @Test(.enabled(if: Support.python != nil, "needs Python"))
  func `is read back by Python to the same text, whatever the scalars`() throws {
    var random = SeededRandom(2)
    var texts = [
      "", "\"", "\\", "\u{0}\u{1f}\u{7f}\u{80}", "\u{2028}\u{2029}", "a/b", "é😀", "\r\n\t\u{8}\u{c}",
    ]
    for _ in 0..<500 {
      let scalars = (0..<Int.random(in: 1...12, using: &random)).compactMap { _ in
        Unicode.Scalar(
          UInt32.random(in: 0...(0x7f << UInt32.random(in: 0...14, using: &random)), using: &random))
      }
      texts.append(String(String.UnicodeScalarView(scalars)))
    }
    let lines = texts.map { text in
      let scalars = text.unicodeScalars.map { "\($0.value)" }.joined(separator: ",")
      let place = Place(file: text, line: 2, column: 3, length: 4, detail: text)
      return Diagnostic(.w6, text, at: place, notes: [.init(text)], hint: text).json + "\n[\(scalars)]\n"
    }
    let made = try Support.runPython(
      """
      import sys, json
      lines = sys.stdin.buffer.read().decode().split('\\n')
      for row, scalars in zip(lines[::2], lines[1::2]):
          d, text = json.loads(row), ''.join(map(chr, json.loads(scalars)))
          assert d == dict(code='W6', severity='warning', message=text, file=text, line=2, column=3, length=4,
                           detail=text, hint=text, notes=[text]), (d, text)
      print(len(lines) // 2)
      """, input: Array(lines.joined().utf8))
    #expect(made == "\(texts.count)\n")
  }

  @Test func `has no members for what is not there`() {
    #expect(Diagnostic(.c3, "no").json == #"{"code":"C3","severity":"error","message":"no"}"#)
  }
}
