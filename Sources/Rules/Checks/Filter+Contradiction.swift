import Events

extension Filter {
  /// The most tests of a conjunction that are compared with each other.
  private static let mostCompared = 16

  /// Two tests of one field that no event (or user) can pass together; nil where none are seen. What it finds is
  /// certain, but it does not look into `any` and `none`.
  var contradiction: (Field, Match, Match)? {
    var tests: [(field: Field, match: Match)] = []
    collectTests(into: &tests)
    guard tests.count > 1, tests.count <= Self.mostCompared else { return nil }
    for (index, test) in tests.enumerated() {
      for other in tests[..<index] where other.field == test.field {
        if Match.exclude(other.match, test.match, test.field) { return (test.field, other.match, test.match) }
      }
    }
    return nil
  }

  private func collectTests(into tests: inout [(field: Field, match: Match)]) {
    switch self {
    case .field(let field, let match): tests.append((field, match))
    case .all(let filters):
      // Those inside were looked at where they stand; the limit of the caller bounds the work here.
      for filter in filters where tests.count <= Self.mostCompared { filter.collectTests(into: &tests) }
    case .always, .any, .none: break
    }
  }

  /// The parts that must all hold.
  var conjuncts: [Filter] {
    switch self {
    case .always: []
    case .all(let filters): filters.flatMap(\.conjuncts)
    default: [self]
    }
  }
}

extension Match {
  /// The most literals that are compared with each other.
  private static let mostLiterals = 32

  /// Whether no value passes both; false where it cannot be told.
  static func exclude(_ a: Match, _ b: Match, _ field: Field) -> Bool {
    if a == .known(false) { return b.wantsValue }
    if b == .known(false) { return a.wantsValue }
    // Of a list, one element may pass the one test and another element the other.
    guard field.kind != .textList else { return false }
    if case .number(let p) = a, case .number(let q) = b { return Threshold.exclude(p, q) }
    guard let first = a.literals, let second = b.literals, first.count + second.count <= mostLiterals else {
      return false
    }
    // Where two hierarchies meet, the lower literal passes both.
    let separator = field.separator
    return !(first + second).contains { candidate in
      first.contains { $0.test.matches(candidate.text, separator: separator) }
        && second.contains { $0.test.matches(candidate.text, separator: separator) }
    }
  }

  /// Whether it takes known values only.
  private var wantsValue: Bool { self != .known(false) && !isAnyOfUnknown }

  private var isAnyOfUnknown: Bool {
    if case .anyOf(let matches) = self { matches.contains { !$0.wantsValue } } else { false }
  }

  /// The texts that it takes, where it takes nothing else (but what is below them).
  private var literals: [(text: String, test: TextTest)]? {
    switch self {
    case .text(let test):
      switch test {
      case .value(let text), .exactly(let text): return [(text, test)]
      default: return nil
      }
    case .anyOf(let matches):
      var all: [(text: String, test: TextTest)] = []
      for match in matches {
        guard let more = match.literals else { return nil }
        all += more
      }
      return all
    default: return nil
    }
  }
}
