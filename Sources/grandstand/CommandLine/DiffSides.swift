import Diagnostics
import Events
import Store

/// Finds what the words of `grandstand diff` name: two runs, or two states of the segment files.
enum DiffSides {
  static func open(_ arguments: Arguments, _ workspace: Workspace, _ printer: Printer) throws(Diagnostic) -> (
    before: DiffSide, after: DiffSide
  ) {
    let words = arguments.positional
    var runs: [String] = []
    for word in words where isRun(word) { runs.append(try run(word, workspace.store, printer)) }
    guard runs.count == words.count else {
      guard runs.isEmpty else {
        throw Diagnostic(
          .c3, "a run and a git revision cannot be compared",
          hint: "two runs by their days, or two revisions; a tag that looks like a day is tags/2026-11-23")
      }
      return try revisions(words, arguments, workspace)
    }
    guard !arguments.has("--as-of") else {
      throw Diagnostic(
        .c3, "runs have their days, so --as-of is for git revisions", hint: "grandstand diff HEAD")
    }
    let after = if runs.count == 2 { runs[1] } else { try latest(workspace) }
    let before = if let named = runs.first { named } else { try previous(to: after, workspace, printer) }
    return (try .run(before, workspace, printer), try .run(after, workspace, printer))
  }

  private static func revisions(_ words: [String], _ arguments: Arguments, _ workspace: Workspace)
    throws(Diagnostic) -> (DiffSide, DiffSide)
  {
    let snapshot = try workspace.store.snapshot()
    let asOf = try workspace.asOf(arguments, snapshot)
    let before = try DiffSide.revision(words[0], workspace, snapshot, asOf)
    guard words.count == 2 else { return (before, try .files(workspace, snapshot, asOf)) }
    return (before, try .revision(words[1], workspace, snapshot, asOf))
  }

  // MARK: Runs

  /// `2026-11-23`, or that with a fingerprint of 16 digits behind it.
  private static func isRun(_ word: String) -> Bool {
    guard Day(word.prefix(10)) != nil else { return false }
    let rest = word.dropFirst(10)
    return rest.isEmpty
      || rest.utf8.count == 17 && rest.hasPrefix("-") && rest.dropFirst().allSatisfy(\.isHexDigit)
  }

  private static func run(_ word: String, _ store: Store, _ printer: Printer) throws(Diagnostic) -> String {
    if store.hasRun(word) { return word }
    if let day = Day(word), store.exists, let run = try RunHistory.wholeRun(of: day, store, printer) {
      return run
    }
    let known = store.exists ? Set(try store.runs().map { String($0.prefix(10)) }).sorted() : []
    throw Diagnostic(
      .n5, "there is no run \(word.utf8.count == 10 ? "of " : "")\(word)", at: Place(file: store.path),
      hint: known.isEmpty
        ? "'grandstand run' makes one" : "the last days with one: \(known.suffix(5).joined(separator: ", "))")
  }

  private static func latest(_ workspace: Workspace) throws(Diagnostic) -> String {
    guard let run = workspace.store.latestRun() else {
      throw Diagnostic(
        .s6, "there is no run to compare", at: Place(file: workspace.project.store),
        hint: "'grandstand run' makes one; 'grandstand diff HEAD' compares segment files")
    }
    return run
  }

  private static func previous(to run: String, _ workspace: Workspace, _ printer: Printer) throws(Diagnostic)
    -> String
  {
    let store = workspace.store
    if let day = Day(run.prefix(10)), let earlier = try RunHistory.wholeRun(before: day, store, printer),
      let before = Day(earlier.prefix(10)), let run = try RunHistory.wholeRun(of: before, store, printer)
    {
      return run
    }
    throw Diagnostic(
      .s6, "there is no run of an earlier day than \(run.prefix(10))",
      at: Place(file: workspace.project.store),
      hint: "'grandstand run --as-of DAY' makes one; 'grandstand diff HEAD' compares segment files")
  }
}
