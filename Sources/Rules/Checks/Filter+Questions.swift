import Events

extension Filter {
  /// Whether a literal test of the event's name can never be this one.
  func excludes(event: String) -> Bool {
    switch self {
    case .field(.event, let match): !match.accepts(TextFold.fold(event))
    case .all(let filters): filters.contains { $0.excludes(event: event) }
    case .any(let filters): !filters.isEmpty && filters.allSatisfy { $0.excludes(event: event) }
    default: false
    }
  }

  /// What this filter asks of the elements of a list field, for `distinct`.
  func elementTest(of field: Field) -> Match? {
    guard field.kind == .textList else { return nil }
    switch self {
    case .field(field, let match): return match.elementTest
    case .all(let filters): return Self.named(filters.compactMap { $0.elementTest(of: field) })
    // Where a branch does not name the field, any element may be the reason that the event passed.
    case .any(let filters):
      let tests = filters.map { $0.elementTest(of: field) }
      return tests.contains { $0 == nil } ? nil : Self.named(tests.compactMap { $0 })
    default: return nil
    }
  }

  private static func named(_ tests: [Match]) -> Match? {
    tests.count > 1 ? .anyOf(tests) : tests.first
  }
}

extension Match {
  /// The part that names elements; `not` and `known` name none.
  fileprivate var elementTest: Match? {
    switch self {
    case .text, .anyOf, .list: self
    case .allOf(let tests): .anyOf(tests.map { .text($0) })
    default: nil
    }
  }

  /// Whether a folded text passes.
  fileprivate func accepts(_ text: String) -> Bool {
    switch self {
    case .text(let test): test.matches(text, separator: nil)
    case .anyOf(let matches): matches.contains { $0.accepts(text) }
    case .not(let match): !match.accepts(text)
    case .known(let known): known
    default: true
    }
  }
}
