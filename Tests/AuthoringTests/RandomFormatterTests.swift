import Authoring
import Diagnostics
import Support
import Testing
import YAML

struct RandomFormatterTests {
  @Test func `random files keep their meaning and every comment, and a second time changes nothing`() throws {
    var formatted = 0
    for seed in 0..<UInt64(Support.cases(4000)) {
      let (text, _) = RandomSegmentText.file(seed: seed)
      let source = SourceText(file: "r.yaml", text: text)
      // A few ways to put things together are no YAML; most are.
      guard let document = try? YAMLDocument.parse(source, limits: .segment), document.root?.entries != nil
      else { continue }
      formatted += 1
      do {
        let once = try SegmentFormatter.format(source)
        let twice = try SegmentFormatter.format(SourceText(file: "r.yaml", text: once))
        #expect(twice == once, "seed \(seed): not stable\n\(text)")
        try Same.check(source.bytes, once)
      } catch let error as Diagnostic {
        Issue.record("seed \(seed): \(error.message)\n\(text)")
      }
    }
    #expect(formatted > Support.cases(4000) * 3 / 4, "\(formatted)")
  }

  @Test func `every comment that was written is found`() throws {
    var (files, written, found) = (0, 0, 0)
    for seed in 10_000..<10_600 as Range<UInt64> {
      let (text, comments) = RandomSegmentText.file(seed: seed)
      guard let document = try? YAMLDocument.parse(SourceText(file: "r.yaml", text: text)) else { continue }
      files += 1
      written += comments
      found += document.comments.count
    }
    #expect(files > 400 && written == found, "\(written) written, \(found) found")
  }

  @Test func `random damage to the examples does not trap, and what can be read stays the same`() throws {
    var random = SeededRandom(5)
    for path in FormatterTests.exampleFiles {
      let good = Support.read(path)
      for _ in 0..<Support.cases(1000) {
        var bytes = good
        for _ in 0..<Int.random(in: 1...4, using: &random) {
          let at = Int.random(in: 0..<bytes.count, using: &random)
          switch Int.random(in: 0...3, using: &random) {
          case 0: bytes[at] = UInt8.random(in: 0...255, using: &random)
          case 1: bytes.remove(at: at)
          case 2:
            bytes.insert(
              contentsOf: Array(
                ["# c\n", "\n", "  ", ": ", "{", "]", "'", "\"", "- ", "|\n"][
                  Int.random(in: 0..<10, using: &random)
                ].utf8), at: at)
          default: bytes.insert(good[Int.random(in: 0..<good.count, using: &random)], at: at)
          }
        }
        let source = SourceText(file: path, bytes: bytes)
        guard let once = try? SegmentFormatter.format(source) else { continue }
        try Same.check(bytes, once)
        #expect(
          try SegmentFormatter.format(SourceText(file: path, text: once)) == once,
          "\(String(decoding: bytes, as: UTF8.self))")
      }
    }
  }

  @Test(.enabled(if: Support.python != nil, "needs Python with PyYAML"))
  func `PyYAML reads the same before and after, and every text as text`() throws {
    var input = ""
    for seed in 20_000..<20_000 + UInt64(Support.cases(400)) {
      let text = RandomSegmentText.file(seed: seed).text
      guard let once = try? SegmentFormatter.format(SourceText(file: "r.yaml", text: text)) else { continue }
      input += hex(text) + " " + hex(once) + "\n"
    }
    let outcome = try Support.runPython(
      """
      import sys, yaml, datetime
      def leaves(base, safe, key=None):
          if isinstance(base, dict):
              assert list(base) == [str(k) for k in safe] and all(isinstance(k, str) for k in safe), (base, safe)
              for (k, a), b in zip(base.items(), safe.values()): leaves(a, b, k)
          elif isinstance(base, list):
              for a, b in zip(base, safe): leaves(a, b, key)
          elif isinstance(safe, bool): assert base == str(safe).lower(), (base, safe)
          elif safe is None: assert base in ('', '~', 'null', 'Null', 'NULL'), base
          elif isinstance(safe, datetime.date): assert key == 'expires', base
          else: assert str(safe) == base, (base, safe)
      compared = 0
      for line in sys.stdin:
          before, after = (bytes.fromhex(part).decode() for part in line.split())
          try: a = yaml.load(before.lstrip('\\ufeff'), yaml.BaseLoader)
          except yaml.YAMLError: continue
          b = yaml.load(after, yaml.BaseLoader)
          assert a == b, (before, after)
          leaves(b, yaml.safe_load(after))
          compared += 1
      print(compared)
      """, input: Array(input.utf8))
    #expect((Int(outcome.dropLast()) ?? 0) > Support.cases(400) / 2, "\(outcome)")
  }

  private func hex(_ text: String) -> String {
    text.utf8.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }
}

/// The test's own opinion on what "the same" is.
enum Same {
  static func check(_ before: [UInt8], _ after: String) throws {
    let first = try YAMLDocument.parse(SourceText(file: "r.yaml", bytes: before))
    let second = try YAMLDocument.parse(SourceText(file: "r.yaml", text: after))
    let (a, b) = (try #require(first.root), try #require(second.root))
    let (told, kept) = (
      Set((a.entries ?? []).map { "\($0.name): \(dump($0.value))" }),
      Set((b.entries ?? []).map { "\($0.name): \(dump($0.value))" })
    )
    #expect(told == kept, "\(String(decoding: before, as: UTF8.self))\n=====\n\(after)")
    #expect(first.comments.map(\.text).sorted() == second.comments.map(\.text).sorted(), "\(after)")
    let order = (b.entries ?? []).compactMap { SegmentFormatter.keyOrder.firstIndex(of: $0.name) }
    #expect(order == order.sorted())
  }

  private static func dump(_ node: YAMLNode) -> String {
    switch node.value {
    case .scalar(let scalar):
      let words = scalar.text.split { $0 == " " || $0 == "\t" }
      let isPhrase = [
        "last", "at", "any", "none", "ever", "before", "between", "this", "days", "exactly", "more",
      ].contains(words.first)
      let nullLike = scalar.style == .plain && ["", "~", "null", "Null", "NULL"].contains(scalar.text)
      return nullLike
        ? "<\(scalar.text)>"
        : isPhrase || scalar.text.first?.isNumber == true ? words.joined() : scalar.text.debugDescription
    case .list(let items): return "[" + items.map { dump($0) }.joined(separator: ", ") + "]"
    case .map(let entries):
      return "{" + entries.map { "\($0.name.debugDescription): \(dump($0.value))" }.joined(separator: ", ")
        + "}"
    }
  }
}
