import Authoring
import Diagnostics
import Events
import Rules

/// What `--select` says: `tag:ads,owner:x` wants both, several words any; `+id` adds what the segment refers to, `id+` what
/// refers to it.
struct Selector {
  /// One condition on segments.
  struct Term: Equatable {
    enum Method: String, CaseIterable { case id, tag, owner, purpose, state }
    var method: Method
    /// With `*` for any run of characters.
    var pattern: String
    var addsReferences = false
    var addsReferrers = false
  }

  /// For the help of commands.
  static let option = CommandSpecification.Option.value(
    "--select", "WORDS", "which segments, see below; may be repeated", repeats: true)
  static let help = """
    --select takes ids, with '*' for anything, and tag:T, owner:O, purpose:P, state:modified (changed or new since the latest
    run). A comma means and, a space or a second --select means or. '+ID' adds what the segment refers to, 'ID+' what refers
    to it.
    """

  /// Any of these, of each all.
  let alternatives: [[Term]]

  /// - Throws: `C3` for a word that says nothing.
  init(_ words: [String]) throws(Diagnostic) {
    var alternatives: [[Term]] = []
    for word in words.flatMap({ $0.split(whereSeparator: \.isWhitespace) }) {
      var terms: [Term] = []
      for part in word.split(separator: ",", omittingEmptySubsequences: false) {
        terms.append(try Self.term(part))
      }
      alternatives.append(terms)
    }
    self.alternatives = alternatives
  }

  private static func term(_ text: Substring) throws(Diagnostic) -> Term {
    var rest = text
    let (before, behind) = (rest.hasPrefix("+"), rest.count > 1 && rest.hasSuffix("+"))
    rest = rest.dropFirst(before ? 1 : 0).dropLast(behind ? 1 : 0)
    let parts = rest.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    guard let pattern = parts.last, !pattern.isEmpty else {
      throw Diagnostic(
        .c3, "'\(text)' selects nothing", hint: "an id, or tag:T, owner:O, purpose:P, state:modified")
    }
    guard parts.count == 2 else {
      return Term(method: .id, pattern: pattern, addsReferences: before, addsReferrers: behind)
    }
    guard let method = Term.Method(rawValue: parts[0]) else {
      let known = Term.Method.allCases.map(\.rawValue)
      throw Diagnostic(
        .c3, "segments cannot be selected by '\(parts[0])'",
        hint: Nearest.word(to: parts[0], among: known).map { "did you mean '\($0):\(pattern)'?" }
          ?? "by \(known.joined(separator: ", "))")
    }
    guard method != .state || pattern == "modified" else {
      throw Diagnostic(
        .c3, "there is no state '\(pattern)'", hint: "state:modified has what changed since the latest run")
    }
    return Term(method: method, pattern: pattern, addsReferences: before, addsReferrers: behind)
  }

  /// Ids that are named alone and in full.
  var namedIDs: [String] {
    alternatives.filter { $0.count == 1 }.compactMap(\.first).filter {
      $0.method == .id && !$0.pattern.contains("*")
    }.map(
      \.pattern)
  }

  /// Whether it matters what the latest run had.
  var asksForState: Bool { alternatives.contains { $0.contains { $0.method == .state } } }

  // MARK: Resolving

  /// The ids that are selected.
  /// - Parameter latestHash: of a segment's file in the latest run, hexadecimal; nil: it was not there.
  /// - Throws: `N5` where a word fits no segment, with the nearest that is known.
  func ids(among segments: [SegmentOutline], latestHash: (String) -> String?) throws(Diagnostic) -> Set<
    String
  > {
    var wanted: Set<String> = []
    for terms in alternatives {
      var all: Set<String>?
      for term in terms {
        let ids = try ids(term, segments, latestHash)
        all = all?.intersection(ids) ?? ids
      }
      wanted.formUnion(all ?? [])
    }
    return wanted
  }

  private func ids(_ term: Term, _ segments: [SegmentOutline], _ latestHash: (String) -> String?)
    throws(Diagnostic)
    -> Set<String>
  {
    let fitting = segments.filter { Self.fits($0, term, latestHash) }
    guard !fitting.isEmpty || term.method == .state else { throw Self.unknown(term, segments) }
    var ids = Set(fitting.map(\.id))
    if term.addsReferences {
      let byID = Dictionary(segments.map { ($0.id, $0.references) }) { first, _ in first }
      ids.formUnion(Self.reached(from: ids) { byID[$0] ?? [] })
    }
    if term.addsReferrers {
      ids.formUnion(
        Self.reached(from: Set(fitting.map(\.id))) { id in
          Set(segments.filter { $0.references.contains(id) }.map(\.id))
        })
    }
    return ids.intersection(segments.map(\.id))
  }

  private static func fits(_ segment: SegmentOutline, _ term: Term, _ latestHash: (String) -> String?) -> Bool
  {
    if term.method == .state { return latestHash(segment.id) != Hash.hex(segment.contentHash) }
    return texts(segment, term.method).contains { matches($0, term.pattern) }
  }

  private static func texts(_ segment: SegmentOutline, _ method: Term.Method) -> [String] {
    switch method {
    case .id: [segment.id]
    case .tag: segment.tags
    case .owner: [segment.owner]
    case .purpose: [segment.purpose]
    case .state: []
    }
  }

  private static func matches(_ text: String, _ pattern: String) -> Bool {
    let pieces = TextFold.fold(pattern).split(separator: "*", omittingEmptySubsequences: false).map(
      String.init)
    let test: TextTest = pieces.count > 1 ? .wildcard(pieces) : .exactly(pieces[0])
    return test.matches(TextFold.fold(text), separator: nil)
  }

  /// All that can be reached from some ids, themselves included.
  private static func reached(from start: Set<String>, _ next: (String) -> Set<String>) -> Set<String> {
    var (seen, open) = (start, Array(start))
    while let id = open.popLast() {
      for other in next(id) where seen.insert(other).inserted { open.append(other) }
    }
    return seen
  }

  private static func unknown(_ term: Term, _ segments: [SegmentOutline]) -> Diagnostic {
    let known = Set(segments.flatMap { texts($0, term.method) }).filter { !$0.isEmpty }.sorted()
    let near = Nearest.word(to: term.pattern, among: known)
    let prefix = term.method == .id ? "" : "\(term.method.rawValue):"
    let what =
      term.method != .id
      ? "no segment has the \(term.method.rawValue) '\(term.pattern)'"
      : term.pattern.contains("*")
        ? "no segment's id is like '\(term.pattern)'" : "there is no segment '\(term.pattern)'"
    return Diagnostic(
      .n5, what,
      hint: near.map { "did you mean '\(prefix)\($0)'?" }
        ?? (term.method == .id || known.isEmpty || known.count > 20
          ? nil : "there are: \(known.joined(separator: ", "))"))
  }
}
