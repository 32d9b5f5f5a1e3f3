import Support
import Testing

/// `grandstand run --as-of A..B` and kept runs, on files.
struct BackfillRunTests {
  private static let setup = """
    set -e
    mkdir -p p/segments && cd p
    cat > grandstand.yaml <<'END'
    sources: {web: {format: csv, files: ["*.csv"], user: u, time: t, fields: {section: s}}}
    buckets: 4
    END
    printf 'purpose: ads\nwho: {views: at least 2, where: {section: s2}, when: last 3d}\nkeep: 2d\n' > segments/fans.yaml
    printf 'purpose: ads\nwho: {rank of views: top 10, when: last 5d}\nholdout: 20%%\nsplit: {a: 50%%, b: 50%%}\n' > segments/top.yaml
    printf 'purpose: ads\nwho: [{segment: fans, ago: 1d}, {days: at least 2, when: last 4d}]\nlimit: 8\n' > segments/mixed.yaml
    printf 'purpose: ads\nwho: [{views: any, when: last 2d}, {none: [{list: opt-out}]}]\n' > segments/open.yaml
    printf 'purpose: ads\nexpires: 2026-11-16\nwho: {views: any, where: {section: s1}, when: ever}\n' > segments/old.yaml
    grandstand ingest ../a.csv --quiet

    """

  private static func folder(seed: UInt64) -> String {
    var random = SeededRandom(seed)
    let folder = Support.temporaryFolder()
    let rows = (0..<500).map { _ in
      let (user, day) = (Int.random(in: 0..<60, using: &random), Int.random(in: 10...20, using: &random))
      let section = Int.random(in: 0...3, using: &random)
      return "u\(user),2026-11-\(day) \(Int.random(in: 10...19, using: &random)):00:00,s\(section)\n"
    }
    Support.write(("u,t,s\n" + rows.joined()).utf8, to: folder + "/a.csv")
    Support.write("u1\nu2\nu3\n".utf8, to: folder + "/out.txt")
    return folder
  }

  @Test func `a range of days leaves the files that its days leave one by one`() throws {
    for seed in UInt64(1)...3 {
      // A list holds from a day in the middle on, and a segment that needs it is withheld before.
      let script =
        Self.setup + """
          grandstand load list opt-out ../out.txt --from 2026-11-14 --quiet
          cp -r . ../q
          for day in 11 12 13 14 15 16 17 18 19; do grandstand run --as-of 2026-11-$day --quiet 2>/dev/null || true; done
          cd ../q
          grandstand run --as-of 2026-11-11..2026-11-19 --json > ../records.json 2>/dev/null || true
          cd .. && find p/.grandstand/store/runs q/.grandstand/store/runs -name timings.json -delete
          diff -r p/.grandstand/store/runs q/.grandstand/store/runs && ls q/.grandstand/store/runs | wc -l
          grep -c '"run": ' records.json
          grep -l '"withheld": \\["open"\\]' q/.grandstand/store/runs/*/record.json | wc -l
          """
      let outcome = try Program.bash(script, in: Self.folder(seed: seed))
      #expect(outcome.code == 0 && outcome.output == "10\n9\n3\n", "\(outcome.output) \(outcome.errors)")
    }
  }

  @Test func `a damaged run is evaluated again, with a warning, and a whole one is not`() throws {
    let run = "grandstand run --as-of 2026-11-12..2026-11-14 2>&1"
    let damages = [
      "truncate -s -1 $R/members/fans.roaring", "rm $R/members/top.a.roaring", "rm $R/record.json",
      "rm $R/universe.roaring", "sed -i 's/\"rows\": /\"rows\": 1/' $R/record.json",
      "truncate -s 30 $R/checksums",
      "printf x >> $R/rules.json", "sed -i '1s/.*/grandstand 0.0.1/' $R/checksums", "rm $R/checksums",
    ]
    let script =
      Self.setup + """
        grandstand load list opt-out ../out.txt --from 2026-11-01 --quiet
        \(run) | grep -c reused || true
        R=$(echo .grandstand/store/runs/2026-11-13-*)
        cp -r $R ../kept
        check() { rm -f $R/timings.json ../kept/timings.json; diff -r $R ../kept; }
        \(damages.map { "\($0)\n\(run) | grep -c 'warning\\[\\|(reused)'; check" }.joined(separator: "\n"))
        \(run) | grep -c '(reused)'
        grandstand run --as-of 2026-11-13 --from-scratch | grep -c ' rows read'
        grandstand run --as-of 2026-11-13 | grep -c 'taken from the kept run'
        """
    let outcome = try Program.bash(script, in: Self.folder(seed: 4))
    // Two days are reused, and the damage is said; another program's run and one without checksums are none to reuse.
    let expected = "0\n" + String(repeating: "3\n", count: 7) + "2\n2\n" + "3\n1\n1\n"
    #expect(outcome.code == 0 && outcome.output == expected, "\(outcome.output) \(outcome.errors)")
  }

  @Test func `members that are not those from scratch are named, and the night is not kept`() throws {
    let script =
      Self.setup + """
        grandstand load list opt-out ../out.txt --from 2026-11-01 --quiet
        grandstand run --as-of 2026-11-12..2026-11-14 --check-against-scratch | tail -n 1 | cut -d' ' -f1-2
        R=$(echo .grandstand/store/runs/2026-11-13-*)
        # Wrong members with checksums that agree.
        cp $R/members/open.roaring $R/members/fans.roaring
        H=$(grep members/open.roaring $R/checksums | cut -d' ' -f1)
        sed -i "s#.* members/fans.roaring#$H members/fans.roaring#" $R/checksums
        grandstand run --as-of 2026-11-12..2026-11-14 --check-against-scratch 2>&1 | grep -o "as of 2.*\\|1 day"
        grandstand run --as-of 2026-11-13 --check-against-scratch --quiet 2>/dev/null || echo exit $?
        grandstand run --as-of 2026-11-13 --from-scratch --quiet
        grandstand run --as-of 2026-11-12..2026-11-14 --check-against-scratch --quiet && echo same
        """
    let outcome = try Program.bash(script, in: Self.folder(seed: 5))
    let expected = """
      3 days
      1 day
      as of 2026-11-13 'fans' is not what it is from scratch; the night is not kept
      exit 1
      same

      """
    #expect(outcome.code == 0 && outcome.output == expected, "\(outcome.output) \(outcome.errors)")
  }

  @Test func `a day that cannot be evaluated stops a range, and those before it are kept`() throws {
    let script =
      Self.setup + """
        rm segments/top.yaml segments/mixed.yaml segments/old.yaml segments/open.yaml
        f=$(echo .grandstand/store/events/dt=2026-11-16/*.arrow)
        truncate -s 100 $f
        grandstand run --as-of 2026-11-13..2026-11-18 2>&1 | grep -o 'error.S2.\\|^[0-9]* days' || true
        ls .grandstand/store/runs
        """
    let outcome = try Program.bash(script, in: Self.folder(seed: 6))
    let runs = outcome.output.split(separator: "\n").map(String.init)
    #expect(
      runs.count == 6 && Set(runs.prefix(2)) == ["3 days", "error[S2]"], "\(outcome.output) \(outcome.errors)"
    )
    #expect(runs.dropFirst(2).map { $0.prefix(10) } == ["2026-11-13", "2026-11-14", "2026-11-15", "LATEST"])
  }
}
