import Support
import Testing

/// `grandstand diff` on real runs in a real repository, against sets of exported members.
struct DiffTests {
  private static let setup = """
    set -e
    export GIT_AUTHOR_NAME=x GIT_AUTHOR_EMAIL=x GIT_COMMITTER_NAME=x GIT_COMMITTER_EMAIL=x GIT_CONFIG_GLOBAL=/dev/null
    mkdir -p p/segments/sub && cd p && git -c init.defaultBranch=x init -q
    cat > grandstand.yaml <<'END'
    sources: {web: {format: csv, files: ["*.csv"], user: u, time: t, fields: {section: s}}}
    buckets: 4
    END
    echo 'motor: {section: [s0, s1]}' > segments/definitions.yaml
    printf 'purpose: ads\nparameters: {n: required}\nwho: {views: at least $n, where: $motor, when: last 4d}\n' > segments/sub/pattern.yaml
    printf 'template: pattern\nmake: {two: {n: 2}, three: {n: 3}}\n' > segments/made.yaml
    printf 'purpose: ads\nwho: {views: at least 2, where: {section: s2}, when: last 3d}\n' > segments/fans.yaml
    printf 'purpose: ads\nwho: [{segment: three}, {none: [{segment: fans}]}]\nkeep: 2d\n' > segments/mixed.yaml
    printf 'purpose: ads\nwho: {days: at least 2, when: last 4d}\n' > segments/same.yaml
    git add -A . && git commit -qm one

    """

  private static func events(_ random: inout SeededRandom, _ count: Int) -> String {
    (0..<count).map { _ in
      let (user, day) = (Int.random(in: 0..<60, using: &random), Int.random(in: 10...20, using: &random))
      let hour = Int.random(in: 10...19, using: &random)
      return "u\(user),2026-11-\(day) \(hour):00:00,s\(Int.random(in: 0...3, using: &random))\n"
    }.joined()
  }

  private static func lines(_ path: String) -> Set<String> {
    Set(
      String(decoding: Support.read(path), as: UTF8.self).split(separator: "\n").dropFirst().map(String.init))
  }

  @Test func `two runs differ by what exported members differ, and the causes add up`() throws {
    for seed in UInt64(1)...4 {
      var random = SeededRandom(seed)
      let folder = Support.temporaryFolder()
      Support.write(("u,t,s\n" + Self.events(&random, 400)).utf8, to: folder + "/a.csv")
      Support.write(("u,t,s\n" + Self.events(&random, 60)).utf8, to: folder + "/late.csv")
      let edits = [
        "sed -i 's/s1/s3/' segments/definitions.yaml",
        "sed -i 's/last 4d/last 2d/' segments/sub/pattern.yaml",
        "sed -i 's/n: 3/n: 1/' segments/made.yaml", "sed -i 's/at least 2/any/' segments/fans.yaml",
        "sed -i 's/ads/analytics/' segments/same.yaml",
      ].filter { _ in Bool.random(using: &random) }
      let ids = ["fans", "mixed", "same", "three", "two"]
      // The old rules on the new day are a run of their own in a copy of the store.
      let script =
        Self.setup + """
          grandstand ingest ../a.csv --quiet
          grandstand run --as-of 2026-11-15 --quiet && grandstand export --all --to ../before >/dev/null
          grandstand ingest ../late.csv --quiet
          cp -r . ../q && (cd ../q && grandstand run --as-of 2026-11-18 --quiet && grandstand export --all --to ../still >/dev/null)
          \(edits.joined(separator: "\n"))
          grandstand run --as-of 2026-11-18 --quiet && grandstand export --all --to ../after >/dev/null
          for id in \(ids.joined(separator: " ")); do grandstand diff --members $id > ../$id.csv; done
          grandstand diff --json
          """
      let outcome = try Program.bash(script, in: folder)
      #expect(outcome.code == 0, "\(outcome.errors)")
      for id in ids {
        let (before, after) = (
          Self.lines("\(folder)/before/\(id).csv"), Self.lines("\(folder)/after/\(id).csv")
        )
        let still = Self.lines("\(folder)/still/\(id).csv")
        let (entered, left) = (after.subtracting(before), before.subtracting(after))
        let expected =
          entered.map { "\($0),entered,\(still.contains($0) ? "behaviour" : "rule")" }
          + left.map { "\($0),left,\(still.contains($0) ? "rule" : "behaviour")" }
        #expect(Self.lines("\(folder)/\(id).csv") == Set(expected), "seed \(seed), \(id), \(edits)")
        let figures =
          "\"before\":\(before.count),\"after\":\(after.count),\"stayed\":\(before.intersection(after).count),"
          + "\"entered\":{\"users\":\(entered.count),\"by_rule\":\(entered.subtracting(still).count),\"by_behaviour\":\(entered.intersection(still).count)},"
          + "\"left\":{\"users\":\(left.count),\"by_rule\":\(left.intersection(still).count),\"by_behaviour\":\(left.subtracting(still).count)}"
        #expect(outcome.output.contains(figures), "seed \(seed), \(id), \(edits): \(outcome.output)")
      }
    }
  }

  @Test func `names that a shell or git would trip over are only names`() throws {
    let script =
      Self.setup + """
        cd segments && rm -r sub made.yaml fans.yaml mixed.yaml && mkdir .hidden experiments 'a b'
        text='{purpose: ads, who: everyone}'
        for name in 'a b/one.yaml' './-x.yaml' '$(touch pwned).yaml' 'tab\tline\n.yaml' .hidden/no.yaml experiments/no.yaml 'ü"q.yml'; do
          printf '%s\n' "$text" > "$(printf "$name")"
        done
        ln -s same.yaml link.yaml
        cd .. && git add -A . && git commit -qm two && git tag -- 'v;1'
        printf 'u,t,s\nanna,2026-11-20 10:00:00,s\n' > a.csv && grandstand ingest a.csv --quiet
        grandstand diff HEAD~1 'v;1' --as-of 2026-11-20 --json || true
        grandstand diff 'HEAD; touch pwned' --as-of 2026-11-20 2>&1 || true
        grandstand diff -- '--output=pwned' --as-of 2026-11-20 2>&1 || true
        git ls-files --others --exclude-standard
        """
    let outcome = try Program.bash(script, in: Support.temporaryFolder())
    #expect(outcome.code == 0, "\(outcome.errors)")
    #expect(outcome.output.contains(#"{"id":"one","rule":"added","before":null,"after":1"#))
    #expect(outcome.output.contains(#"{"id":"fans","rule":"removed""#))
    #expect(outcome.output.contains(#""withheld":["$(touch pwned)","#), "\(outcome.output)")
    #expect(outcome.output.contains("git knows no revision 'HEAD; touch pwned'"))
    #expect(!outcome.output.contains("\"no\"") && !outcome.output.contains("\"link\""))
    #expect(
      !outcome.output.split(separator: "\n").contains { $0.hasSuffix("pwned") && !$0.contains("error") })
  }

  @Test func `a folder that did not exist then has no segments, and many files are read`() throws {
    let script =
      Self.setup + """
        git mv segments other && sed -i '1a segments: other' grandstand.yaml
        for i in $(seq 700); do echo "{name: n, purpose: ads, who: {views: at least $i, when: last 7d}}" > other/s$i.yaml; done
        git add -A . && git commit -qm two
        printf 'u,t,s\nanna,2026-11-20 10:00:00,s\n' > a.csv && grandstand ingest a.csv --quiet
        grandstand diff HEAD~1 HEAD --as-of 2026-11-20 --json | grep -o '"added"' | wc -l
        sed -i 's/at least 7,/at least 1,/' other/s7.yaml
        grandstand diff HEAD --as-of 2026-11-20
        """
    let outcome = try Program.bash(script, in: Support.temporaryFolder())
    #expect(outcome.code == 0, "\(outcome.errors)")
    #expect(outcome.output.hasPrefix("705\n"), "\(outcome.output)")
    #expect(
      outcome.output.contains("s7.yaml (s7)") && outcome.output.contains("704 segments with the same rule"))
  }
}
