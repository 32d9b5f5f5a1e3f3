import Diagnostics
import Events
import Gzip
import Store
import Support
import Testing

@testable import Ingest

/// Broken and hostile files of attributes and lists: counted rows, or an error with its place; never a crash.
struct HostileLoadTests {
  @Test func `one broken line harms itself only`() throws {
    let bench = try LoadBench()
    var bytes = Array((LoadTests.header + "anna,gold,,,\nbe\u{0}n,gold,,,\n").utf8)
    bytes += Array("caf".utf8) + [0xe9] + Array(",gold,,,\n".utf8)
    // Two halves of a character that only meet without the comma between them.
    bytes += [0xc3, 0x2c, 0xa9] + Array(",,,\n".utf8)
    bytes += Array("\"open,gold,,,\n".utf8)
    bytes += Array(repeating: UInt8(ascii: "x"), count: 3 << 20) + [0x0a]
    bytes += Array("zoe,silver,,,".utf8)
    let summary = try bench.load(.users, bytes)
    #expect(
      Set(summary.problems.map(\.words)) == [
        "nul_byte: 1 row rejected (line 3)", "not_utf8: 2 rows rejected (lines 4, 5)",
        "bad_quoting: 1 row rejected (line 6)", "line_too_long: 1 row rejected (line 7)",
      ])
    #expect(try bench.users() == ["anna tier=gold", "zoe tier=silver"])
    #expect(StoreVerification.run(try bench.bench.store.snapshot()).findings == [])
  }

  @Test func `events whose values are halves of a character are rejected, and the store stays readable`()
    throws
  {
    let bench = try IngestBench(LoadBench.text)
    let path = bench.folder + "/a.csv"
    Support.write(
      Array("u,t,a\nanna,2026-01-01,x\n".utf8) + [0xc3] + Array(",2026-01-01,".utf8) + [0xa9, 0x0a], to: path)
    let summary = try bench.ingest([path])
    #expect(summary.entry.stored == 1 && summary.entry.reasons == ["not_utf8": 1])
    #expect(StoreVerification.run(try bench.store.snapshot()).findings == [])
  }

  @Test func `a line of a hundred megabytes streams through`() throws {
    let bench = try LoadBench()
    let packer = GzipStream()
    var packed = packer.compress(Array("anna\n".utf8), last: false)
    let piece = [UInt8](repeating: UInt8(ascii: "x"), count: 1 << 20)
    for _ in 0..<100 { packed += packer.compress(piece, last: false) }
    packed += packer.compress(Array("\nben\n".utf8), last: true)
    let summary = try bench.load(.list("vips", column: nil), packed)
    #expect(summary.rows == 2 && summary.problems.map(\.reason) == ["line_too_long"])
  }

  @Test func `a missing column is named with the nearest one`() throws {
    let bench = try LoadBench()
    for (header, missing, near) in [
      ("user_ids,tier,since,age,is_premium", "user_id", "user_ids"),
      ("user_id,tire,since,age,is_premium", "tier", "tire"),
    ] {
      let error = #expect(throws: Diagnostic.self) {
        try bench.load(.users, "\(header)\nanna,1,2,3,4\n".utf8)
      }
      #expect(error?.code == .f3 && error?.place?.line == 1)
      #expect(error?.message == "the file has no column '\(missing)'")
      #expect(error?.hint == "did you mean '\(near)'?")
    }
    let list = #expect(throws: Diagnostic.self) {
      try bench.load(.list("a", column: "id"), "user,name\n1,2\n".utf8)
    }
    #expect(list?.hint == "its columns: user, name")
  }

  @Test(arguments: ["PK\u{3}\u{4}", "ORC", "BZh9"])
  func `files of other formats are called by their name`(_ beginning: String) throws {
    let error = #expect(throws: Diagnostic.self) {
      try LoadBench().load(.list("a", column: nil), (beginning + "\nanna\n").utf8)
    }
    #expect(error?.code == .f3 && error?.message.hasPrefix("the file is ") == true)
  }

  @Test func `a folder, a file that is not there and broken gzip are errors with their place`() throws {
    let bench = try LoadBench()
    func code(_ path: String) -> Diagnostic.Code? {
      let job = LoadJob(
        project: bench.bench.project, store: bench.bench.store, target: .list("a", column: nil),
        options: LoadOptions(from: bench.day))
      let error = #expect(throws: Diagnostic.self) { try job.run(path) }
      #expect(error?.place?.file == path)
      return error?.code
    }
    #expect(code(bench.bench.folder) == .f1 && code("/nowhere") == .f1)
    let packed = GzipStream().compress(Array("anna\nben\n".utf8), last: true)
    Support.write(packed.dropLast(5), to: bench.bench.folder + "/cut")
    #expect(code(bench.bench.folder + "/cut") == .i3)
    #expect(try bench.bench.store.snapshot().manifest.version == 0)
  }

  @Test func `random bytes never trap, and never harm the store`() throws {
    let bench = try LoadBench()
    var random = SeededRandom(5)
    let seed = Array((LoadTests.header + "anna,gold,2026-01-01,1,true\n\"b\"\"en\",\"x\ny\",,,\n").utf8)
    for _ in 0..<400 {
      var bytes = seed
      for _ in 0..<Int.random(in: 1...8, using: &random) {
        bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
      }
      // Whatever is wrong is a diagnostic; anything else fails the test.
      do { try bench.load(.users, bytes) } catch is Diagnostic {}
      do { try bench.load(.list("a", column: nil), bytes) } catch is Diagnostic {}
    }
    let snapshot = try bench.bench.store.snapshot()
    #expect(snapshot.manifest.version > 100)
    #expect(StoreVerification.run(snapshot).findings == [])
  }
}
