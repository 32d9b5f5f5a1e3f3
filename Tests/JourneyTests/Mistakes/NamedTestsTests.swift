import Support
import Testing

/// The tables of the docs that name tests.
struct NamedTestsTests {
  /// Names of tests and of cases.
  private static let names: Set<String> = {
    var names = Set(CaseFile.all(with: "yaml").map { $0.file.cases[$0.index].name })
    names.formUnion(CaseFile.all(with: "console").map { $0.file.cases[$0.index].name })
    for folder in Support.names(in: Support.packageRoot + "Tests") { collect("Tests/" + folder, &names) }
    return names
  }()

  private static func collect(_ path: String, _ names: inout Set<String>) {
    guard path.hasSuffix(".swift") else {
      for name in Support.names(in: Support.packageRoot + path) { collect(path + "/" + name, &names) }
      return
    }
    let text = String(decoding: Support.read(Support.packageRoot + path), as: UTF8.self)
    for match in text.matches(of: /func\s+`([^`]+)`/) { names.insert(String(match.1)) }
  }

  /// The cells of a table's rows below the heading.
  private func rows(_ document: String, under heading: String) throws -> [[String]] {
    let text = String(decoding: Support.read(Support.packageRoot + "docs/\(document).md"), as: UTF8.self)
    let section = try #require(text.ranges(of: heading).first.map { text[$0.upperBound...] })
    let lines = section.split(separator: "\n", omittingEmptySubsequences: false).drop {
      !$0.hasPrefix("| ---")
    }
    return lines.dropFirst().prefix { $0.hasPrefix("|") }.map {
      $0.dropFirst().dropLast().split(separator: "|", omittingEmptySubsequences: false).map {
        String($0.drop { $0 == " " })
      }
    }
  }

  private func named(in cell: String) -> [String] { cell.matches(of: /`([^`]+)`/).map { String($0.1) } }

  @Test func `every mistake of others has tests that exist, or says why not`() throws {
    let rows = try rows("mistakes", under: "# Mistakes of others")
    #expect(rows.map { $0.first?.split(separator: " ").first.flatMap { Int($0) } } == (1...75).map { $0 })
    for row in rows {
      let tests = named(in: row[2])
      for test in tests { #expect(Self.names.contains(test), "\(row[0]): \(test)") }
      let isExcused = row[2].hasPrefix("later: ") || row[2].hasPrefix("does not apply: ")
      #expect(!tests.isEmpty || isExcused, "\(row[0])")
    }
  }

  @Test func `every construct of the reference has tests that exist`() throws {
    let rows = try rows("rules", under: "## What proves it")
    #expect(rows.count > 35)
    for row in rows {
      let tests = named(in: row[3])
      for test in tests { #expect(Self.names.contains(test), "\(row[0]): \(test)") }
      #expect(!tests.isEmpty || row[3].hasPrefix("NDW"), "\(row[0])")
    }
  }
}
