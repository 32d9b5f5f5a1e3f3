import Support
import Testing

struct CheckFormatTests {
  private static let project = """
    mkdir -p segments
    echo 'sources: {web: {format: csv, files: ["*.csv"], user: u, time: t}}' > grandstand.yaml
    good='{name: Good, purpose: ads, who: {views: any, when: last 7d}}'
    bad='{name: Bad, purpose: ads, who: [{veiws: any, when: last 7d}, {views: any, when: last 7d, country: no}]}'

    """

  @Test(.enabled(if: Support.python != nil, "needs Python with jsonschema"))
  func `SARIF has what its standard asks for, with a rule and a region for each finding`() throws {
    let script =
      Self.project
      + "echo \"$good\" > segments/good.yaml; echo \"$bad\" > 'segments/bad one é.yaml'; printf 'a: 1\\na: 2\\n' > segments/twice.yaml\n"
      + "grandstand check --format sarif"
    let outcome = try Program.bash(script, in: Support.temporaryFolder())
    #expect(outcome.code == 1 && outcome.errors.isEmpty)
    // The parts of the standard's own schema (sarif-schema-2.1.0.json) that we use, closed against anything else.
    let verdict = try Support.runPython(
      """
      import sys, json, jsonschema
      log = json.load(sys.stdin)
      def obj(required, **props): return dict(type='object', required=required, properties=props, additionalProperties=False)
      message = obj(['text'], text=dict(type='string', minLength=1))
      one = dict(type='integer', minimum=1)
      physical = obj(['artifactLocation'], artifactLocation=obj(['uri'], uri=dict(type='string', pattern='^[A-Za-z0-9%._~/-]+$')),
                     region=obj(['startLine'], startLine=one, startColumn=one, endColumn=one))
      location = obj(['physicalLocation'], id=dict(type='integer', minimum=-1), physicalLocation=physical, message=message)
      level = dict(enum=['none', 'note', 'warning', 'error'])
      rule = obj(['id'], id=dict(type='string'), shortDescription=message, defaultConfiguration=obj([], level=level),
                 help=obj(['text'], text=dict(type='string'), markdown=dict(type='string')))
      result = obj(['message'], ruleId=dict(type='string'), ruleIndex=dict(type='integer', minimum=-1), level=level, message=message,
                   locations=dict(type='array', items=location), relatedLocations=dict(type='array', items=location, uniqueItems=True))
      run = obj(['tool'], tool=obj(['driver'], driver=obj(['name'], name=dict(type='string'), version=dict(type='string'),
                rules=dict(type='array', items=rule, uniqueItems=True))),
                columnKind=dict(enum=['utf16CodeUnits', 'unicodeCodePoints']), results=dict(type='array', items=result))
      schema = obj(['version', 'runs'], version=dict(const='2.1.0'), runs=dict(type='array', items=run), **{'$schema': dict(type='string')})
      jsonschema.Draft202012Validator(schema).validate(log)
      rules = log['runs'][0]['tool']['driver']['rules']
      assert len({r['id'] for r in rules}) == len(rules) > 50
      results = log['runs'][0]['results']
      for r in results:
          assert rules[r['ruleIndex']]['id'] == r['ruleId'], r
          where = r['locations'][0]['physicalLocation']
          region = where.get('region')
          assert r['ruleId'] == 'N9' or region['endColumn'] > region['startColumn'], r
          print(r['ruleId'], where['artifactLocation']['uri'])
      """, input: Array(outcome.output.utf8))
    #expect(
      verdict == """
        N9 segments/bad%20one%20%C3%A9.yaml
        N4 segments/bad%20one%20%C3%A9.yaml
        N1 segments/bad%20one%20%C3%A9.yaml
        Y2 segments/twice.yaml

        """)
  }

  /// Waits for a text in a file, at most ten seconds.
  private static let await =
    "await() { for _ in $(seq 100); do grep -q \"$1\" out && return; sleep 0.1; done; echo \"no $1\"; }\n"

  @Test func `watching checks again when a file changes, comes or goes, and ends on an interrupt`() throws {
    let script =
      Self.project + Self.await
        + """
        echo "$bad" > segments/a.yaml
        grandstand check --watch > out 2>&1 & watcher=$!
        await '1 segment file: 2 errors'
        echo "$good" > segments/a.yaml; await '1 segment file: no mistakes'
        echo "${good/7d/8d}" > segments/b.yaml; await '2 segment files: no mistakes'
        rm segments/a.yaml; await '── segments/a.yaml changed ──'; sleep 0.5
        echo 'sources: {}' > grandstand.yaml; await 'C1'
        kill -INT $watcher; wait $watcher; echo "ended $?"
        grep -c '\\x1b' out
        grep -v '^ ' out
        """
    let outcome = try Program.bash(
      script.replacing("grandstand check --watch", with: "\"\(Program.path)\" check --watch"),
      in: Support.temporaryFolder())
    #expect(
      outcome.output.hasPrefix("ended 0\n0\n"), "\(outcome.output)")
    #expect(
      outcome.output.contains(
        "── segments/a.yaml changed ──\n1 segment file: no mistakes\n── segments/b.yaml changed ──\n2 segment files: no mistakes\n── segments/a.yaml changed ──\n1 segment file: no mistakes\n── grandstand.yaml changed ──\n"
      ), "\(outcome.output)")
  }

  @Test func `watching a terminal clears its screen`() throws {
    let script =
      Self.project + Self.await
        + """
        echo "$good" > segments/a.yaml
        script -qfec "exec '\(Program.path)' check --watch" out > /dev/null < /dev/null & watcher=$!
        await 'no mistakes'
        sleep 0.4; echo "$bad" > segments/a.yaml; await '2 errors'
        pkill -INT -P $watcher; wait $watcher
        printf '%s' "$(grep -c $'\\e\\\\[2J' out)"
        """
    let outcome = try Program.bash(script, in: Support.temporaryFolder(), environment: ["TERM": "xterm"])
    #expect(outcome.output == "2", "\(outcome.output) \(outcome.errors)")
  }
}
