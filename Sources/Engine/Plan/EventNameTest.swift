import Events
import Rules

/// Which event names a filter can match at all, so that rows of others need not be read.
struct EventNameTest: Sendable, Hashable {
  /// One of these; nil: the filter does not say.
  private let anyOf: [Match]?

  fileprivate init(anyOf: [Match]?) { self.anyOf = anyOf }

  /// - Parameter event: of the event's name; nil: of all names.
  init(_ event: Match?) { self = (event.map { Filter.field(.event, $0) } ?? .always).eventNames }

  /// - Parameter names: as they were written; nil is an unknown one.
  func holds(any names: [String?]) -> Bool {
    guard let anyOf else { return true }
    return names.contains { name in
      let text = name.map { TextFold.fold($0) }
      return anyOf.contains { $0.holds(text: text, separator: nil) }
    }
  }
}

extension Filter {
  var eventNames: EventNameTest { EventNameTest(anyOf: eventMatches) }

  /// A row that passes matches one of these; nil: not known.
  private var eventMatches: [Match]? {
    switch self {
    case .field(.event, let match): match.lists.isEmpty ? [match] : nil
    case .all(let parts): parts.lazy.compactMap(\.eventMatches).first
    case .any(let parts):
      parts.reduce([]) { known, part in
        guard let known, let more = part.eventMatches else { return nil }
        return known + more
      }
    case .always, .field, .none: nil
    }
  }
}
