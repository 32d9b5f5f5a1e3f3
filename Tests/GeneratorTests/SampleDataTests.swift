import Generator
import Support
import Testing

/// `GRANDSTAND_UPDATE=1` writes the files anew.
@Suite struct `The sample data` {
  @Test func `data/sample.tsv is what the generator makes`() throws {
    let folder = try Scratch()
    _ = try TrafficGenerator(SampleData.traffic).generate(into: folder.path)
    try compare("cat '\(folder.path)'/*/*", with: "data/sample.tsv")
  }

  @Test func `data/readers.csv is what the generator makes`() throws {
    let folder = try Scratch()
    let csv = try SampleData.readers()
    try Command.run("cat > '\(folder.path)/readers.csv' <<'END'\n\(csv)END")
    try compare("cat '\(folder.path)/readers.csv'", with: "data/readers.csv")
    #expect((250...350).contains(csv.split(separator: "\n").count))
  }

  private func compare(_ made: String, with file: String) throws {
    let path = Support.packageRoot + file
    if Support.environment("GRANDSTAND_UPDATE") != nil { try Command.run("\(made) > '\(path)'") }
    #expect(try Command.run("\(made) | cmp - '\(path)' && echo same") == "same\n")
  }
}
