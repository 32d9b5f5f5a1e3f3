import Events

extension Filter {
  /// What passes, behind "event" or "user": `in country be, on device mobile`, or a list.
  public var wording: Wording {
    let parts = conjuncts
    if let inline { return Wording(inline) }
    guard parts.count == 1 else { return Wording("matching all of these", parts: parts.map(\.wording)) }
    return switch parts[0] {
    case .any(let filters): Wording("matching any of these", parts: filters.map(\.wording))
    case .none(let filters): Wording("matching none of these", parts: filters.map(\.wording))
    default: Wording("of any kind")
    }
  }

  /// `in country be, on device mobile`; nil where it needs a list.
  var inline: String? {
    let parts = conjuncts
    let phrases = (parts.filter(\.isOfName) + parts.filter { !$0.isOfName }).map { part in
      if case .field(let field, let match) = part { match.words(field) } else { String?.none }
    }
    guard !phrases.contains(nil) else { return nil }
    return phrases.isEmpty ? "of any kind" : phrases.compactMap { $0 }.joined(separator: ", ")
  }

  /// On one line behind a space or a comma; nothing where every event passes.
  func inline(_ lead: String) -> String {
    self == .always || conjuncts.isEmpty ? "" : lead + (inline ?? wording.line)
  }

  /// Whether it tests the event's name, which is said first.
  var isOfName: Bool { if case .field(.event, _) = self { true } else { false } }

  /// Whether it needs lines of its own.
  var isNested: Bool { inline == nil }
}
