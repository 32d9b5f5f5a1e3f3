import Diagnostics
import Support
import Testing
import YAML

/// PyYAML's base loader keeps every scalar a text, as this parser does.
@Suite struct `YAML against PyYAML` {
  @Test(.enabled(if: Support.python != nil, "needs Python with PyYAML"))
  func `documents that PyYAML writes, in all its styles, are read to the same tree`() throws {
    let made = try Support.runPython(
      """
      import sys, json, random, yaml
      random.seed(11)
      words = ['', 'a', 'yes', 'null', '~', '1', '1.5', '0x1f', '2026-11-23', 'a: b', '# x', 'x # y', "it's", '"', '\\\\',
               'line\\nnext', 'end\\n', '\\n\\nx', '  lead', 'trail  ', 'é', '日本', '😀', '- a', '[x', '{', '*x', '&x', '!x', '%', '@',
               '`', 'tab\\there', '\\x07', 'a' * 90 + ' ' + 'b' * 90, ':', '?', '? a', '<<x', '=', '>', '|']
      def node(depth):
          kind = random.random()
          if depth == 0 or kind < .45: return random.choice(words) + random.choice(['', '', 'z'])
          if kind < .7: return [node(depth - 1) for _ in range(random.randint(0, 4))]
          return {random.choice(words) + str(i): node(depth - 1) for i in range(random.randint(0, 4))}
      class D(yaml.SafeDumper):
          def ignore_aliases(self, data): return True
      for _ in range(int(sys.argv[1])):
          tree = node(random.randint(1, 5))
          text = yaml.dump(tree, Dumper=D, default_flow_style=random.choice([True, False, None]),
                           default_style=random.choice([None, None, "'", '"', '|', '>']), indent=random.choice([2, 4, 7]),
                           width=random.choice([20, 80, 500]), allow_unicode=random.choice([True, False]))
          try: tree = yaml.load(text, yaml.BaseLoader)
          except yaml.YAMLError: continue
          if '!!' in text: continue
          print(json.dumps({'text': text}, ensure_ascii=False).encode().hex(), json.dumps(tree).encode().hex())
      """, ["\(Support.cases(1500))"])
    var compared = 0
    for line in made.split(separator: "\n") {
      let parts = line.split(separator: " ").map { bytes(hex: $0) }
      // The document comes inside a JSON string, which YAML's double quotes read.
      let text = try #require(try YAMLNode.parse(SourceText(file: "w", bytes: parts[0]))?["text"]?.text)
      let tree: YAMLNode?
      do { tree = try YAMLNode.parse(SourceText(file: "t", text: text)) } catch {
        Issue.record("\(error.message): \(text.debugDescription)")
        continue
      }
      let expected = String(decoding: parts[1], as: UTF8.self)
      #expect(json(tree) == expected, "\(text.debugDescription)")
      compared += 1
    }
    #expect(compared > 800)
  }

  private func bytes(hex: Substring) -> [UInt8] {
    var out: [UInt8] = []
    var high: UInt8?
    for digit in hex.utf8 {
      let value = digit < 0x3a ? digit - 0x30 : digit - 0x57
      if let first = high { out.append(first << 4 | value) }
      high = high == nil ? value : nil
    }
    return out
  }

  /// As Python's `json.dumps` writes it.
  private func json(_ node: YAMLNode?) -> String {
    switch node?.value {
    case nil: "\"\""
    case .scalar(let scalar)?: "\"" + scalar.text.utf16.map(escaped).joined() + "\""
    case .list(let items)?: "[" + items.map { json($0) }.joined(separator: ", ") + "]"
    case .map(let entries)?:
      "{" + entries.map { json($0.key) + ": " + json($0.value) }.joined(separator: ", ") + "}"
    }
  }

  private func escaped(_ unit: UInt16) -> String {
    switch unit {
    case 0x22: return "\\\""
    case 0x5c: return "\\\\"
    case 0x0a: return "\\n"
    case 0x0d: return "\\r"
    case 0x09: return "\\t"
    case 0x08: return "\\b"
    case 0x0c: return "\\f"
    case 0x20...0x7e: return String(UnicodeScalar(UInt8(unit)))
    default:
      let hex = String(unit, radix: 16)
      return "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
    }
  }
}
