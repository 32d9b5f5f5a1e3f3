import Events

/// The fields that rules can name, by name.
struct FieldNames: Sendable {
  /// Whose fields: those of an event and its article, or a user's attributes.
  enum Scope: Sendable { case events, users }

  private let events: [String: Field]
  private let users: [String: Field]

  init(_ context: RuleContext) {
    var ofEvents = Field.standard + context.properties + context.articleFields
    if context.articleFields.contains(.published) { ofEvents.append(.age) }
    events = Dictionary(ofEvents.map { ($0.name, $0) }) { first, _ in first }
    users = Dictionary((context.userFields + [.firstSeen]).map { ($0.name, $0) }) { first, _ in first }
  }

  subscript(name: String, scope: Scope) -> Field? { scope == .events ? events[name] : users[name] }

  /// Sorted, for hints.
  func names(_ scope: Scope) -> [String] { (scope == .events ? events : users).keys.sorted() }
}
