import Authoring
import Diagnostics
import Support
import Testing

struct CodeTextsTests {
  @Test func `every code of docs/rules.md has its texts, and no other`() {
    let docs = String(decoding: Support.read(Support.packageRoot + "docs/rules.md"), as: UTF8.self)
    let codes = docs.split(separator: "\n").compactMap {
      $0.firstMatch(of: #/^\| ([A-Z][0-9]+) (error|warning) \|/#)
    }.map {
      String($0.1)
    }
    #expect(codes.count > 40 && Set(codes) == Set(CodeTexts.all.map(\.code.rawValue)))
    #expect(CodeTexts.all.count == Set(CodeTexts.all.map(\.code)).count)
  }
}
