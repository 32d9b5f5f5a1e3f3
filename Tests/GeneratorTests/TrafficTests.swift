import Diagnostics
import Events
import Generator
import Support
import Testing

@Suite struct `Traffic` {
  static func options(seed: UInt64 = 7, zone: CalendarZone = .utc) throws -> TrafficOptions {
    // A day without end of summer time would test less: 25 October 2026 has 25 hours in Europe.
    let day = try #require(Day("2026-10-24"))
    return TrafficOptions(
      users: 600, days: 3, firstDay: day, eventsPerUserPerDay: 12, seed: seed, filesPerDay: 2,
      compression: .none,
      bigDay: 1, zone: zone)
  }

  @Test(arguments: [2, 4, 7])
  func `any number of threads writes the same bytes`(threads: Int) throws {
    let one = try Scratch()
    let many = try Scratch()
    let first = try TrafficGenerator(Self.options()).generate(into: one.path, workers: Workers(threads: 1))
    let second = try TrafficGenerator(Self.options())
      .generate(into: many.path, workers: Workers(threads: threads))
    #expect(first == second)
    #expect(try one.hashes() == many.hashes())
  }

  @Test func `another seed makes other files of the same size`() throws {
    let one = try Scratch()
    let other = try Scratch()
    let first = try TrafficGenerator(Self.options()).generate(into: one.path)
    let second = try TrafficGenerator(Self.options(seed: 8)).generate(into: other.path)
    #expect(try one.hashes() != other.hashes())
    #expect(abs(first.rows - second.rows) < first.rows / 4)
  }

  @Test func `the amount is about what was asked for`() throws {
    let folder = try Scratch()
    var options = try Self.options()
    options.users = 4000
    options.aim(forRows: 60_000)
    let summary = try TrafficGenerator(options).generate(into: folder.path)
    #expect((54_000...66_000).contains(summary.rows), "\(summary.rows)")
  }

  @Test func `the parts of the truth add up`() throws {
    let folder = try Scratch()
    let truth = try TrafficGenerator(Self.options()).generate(into: folder.path)
    let copies = truth.duplicates + truth.conflicts
    #expect(truth.rows == truth.good + copies + truth.bots + truth.anonymous + truth.broken)
    #expect(truth.viewsByDay.reduce(0, +) == truth.views)
    #expect(truth.engagedViews <= truth.views && truth.engagedSeconds >= 5 * truth.engagedViews)
    #expect(truth.engagedSeconds <= 10 * (truth.pings - truth.orphanPings))
    #expect(truth.files == 6)
  }

  @Test func `gzip holds the same rows`() throws {
    let plain = try Scratch()
    let packed = try Scratch()
    var options = try Self.options()
    let first = try TrafficGenerator(options).generate(into: plain.path)
    options.compression = .gzip
    let second = try TrafficGenerator(options).generate(into: packed.path)
    #expect(first == second)
    for file in try plain.files() {
      let unpacked = try Command.run(
        "gzip -dc '\(packed.path)/\(file).gz' | cmp - '\(plain.path)/\(file)' && echo same")
      #expect(unpacked == "same\n")
    }
  }

  @Test func `a user's session counter never falls`() throws {
    let folder = try Scratch()
    _ = try TrafficGenerator(Self.options()).generate(into: folder.path)
    // Columns: 16 domain_userid, 17 domain_sessionidx, 124 domain_sessionid, 125 derived_tstamp.
    let falls = try Command.run(
      """
      cat '\(folder.path)'/*/* | awk -F'\\t' 'NF == 131 && $16 ~ /-/ && $16 !~ /^0000/ && $125 !~ /-13-/ \
      {print $124 "\\t" $16 "\\t" $125 "\\t" $17}' | sort -k1,1 -k3 | sort -u -s -k1,1 | sort -t"$(printf '\\t')" -k2,2 -k3,3 \
      | awk -F'\\t' '$2 == u && $4 + 0 <= i {n++} {u = $2; i = $4} END {print n + 0, (NR > 1000)}'
      """)
    #expect(falls == "0 1\n")
  }

  @Test func `options that cannot be are refused before anything is written`() throws {
    var options = try Self.options()
    options.bigDay = 3
    #expect(throws: Diagnostic.self) { try TrafficGenerator(options) }
    options = try Self.options()
    options.users = 0
    #expect(throws: Diagnostic.self) { try TrafficGenerator(options) }
  }

  @Test func `a folder that cannot be made is an error with its path`() throws {
    let generator = try TrafficGenerator(Self.options())
    do throws(Diagnostic) {
      _ = try generator.generate(into: "/dev/null/below")
      Issue.record("a folder below a device was made")
    } catch {
      #expect(error.code == .f1)
      #expect(error.place?.file.hasPrefix("/dev/null/below") == true)
    }
  }

  @Test func `a full disk is an error and leaves no half file`() throws {
    let folder = try Scratch()
    // The first file that is written is a link to a device that is always full.
    try Command.run(
      "mkdir -p '\(folder.path)/dt=2026-10-24' && ln -s /dev/full '\(folder.path)/dt=2026-10-24/part-00.tsv.tmp'"
    )
    let generator = try TrafficGenerator(Self.options())
    do throws(Diagnostic) {
      _ = try generator.generate(into: folder.path)
      Issue.record("a full device took the rows")
    } catch {
      #expect(error.code == .f2)
    }
    #expect(try Command.run("find '\(folder.path)' -name '*.tmp' | wc -l") == "0\n")
  }
}
