import Events
import Rules

/// An event that a filter is satisfied with, as far as one can be made up. Whether it really passes is for the engine to say.
struct ExampleEvent {
  private(set) var texts: [Field: String] = [:]
  private(set) var lists: [Field: [String]] = [:]
  private(set) var numbers: [Field: Double] = [:]
  /// Milliseconds.
  private(set) var dwell: UInt32?
  /// In the store's zone.
  private(set) var hour: Int?

  /// nil where the filter asks what cannot be made up: attributes of articles, uploaded lists, a given session.
  init?(_ filter: Filter) {
    guard satisfy(filter) else { return nil }
  }

  private mutating func satisfy(_ filter: Filter) -> Bool {
    switch filter {
    // What is not there matches nothing.
    case .always, .none: return true
    case .field(let field, let match): return satisfy(field, match)
    case .all(let parts): return parts.allSatisfy { satisfy($0) }
    case .any(let parts): return first(of: parts) { $0.satisfy($1) }
    }
  }

  /// The first of some choices that can be made.
  private mutating func first<Choice>(of choices: [Choice], _ make: (inout Self, Choice) -> Bool) -> Bool {
    for choice in choices {
      var copy = self
      if make(&copy, choice) {
        self = copy
        return true
      }
    }
    return false
  }

  private mutating func satisfy(_ field: Field, _ match: Match) -> Bool {
    if field.isOfArticle { return false }
    switch match {
    case .anyOf(let matches): return first(of: matches) { $0.satisfy(field, $1) }
    case .text(let test): return set(field, test.example)
    case .allOf(let tests): return tests.allSatisfy { set(field, $0.example) }
    case .not, .known(true):
      return field.kind == .text || field.kind == .textList
        ? set(field, "something else") : set(field, 1_000_000)
    case .known(false): return true
    case .number(let threshold):
      let range = threshold.range
      return set(field, range.lowerBound > .min ? range.lowerBound : min(0, range.upperBound))
    case .hours(let from, _):
      hour = from
      return true
    case .inWindow, .next, .list, .id: return false
    }
  }

  private mutating func set(_ field: Field, _ text: String) -> Bool {
    switch field.kind {
    case .textList: lists[field, default: []].append(text)
    case .text: texts[field] = texts[field] ?? text
    default: return false
    }
    return true
  }

  /// - Parameter number: in the unit of a threshold.
  private mutating func set(_ field: Field, _ number: Int64) -> Bool {
    switch field.kind {
    case .number: numbers[field] = Double(number) / 1_000_000
    case .duration: dwell = UInt32(clamping: number)
    case .hour: hour = Int(clamping: number)
    // The day decides it.
    case .weekday: break
    default: return false
    }
    return true
  }
}

extension TextTest {
  /// A text that passes.
  fileprivate var example: String {
    switch self {
    case .value(let text), .exactly(let text), .contains(let text), .starts(let text), .ends(let text): text
    case .wildcard(let pieces): pieces.joined()
    }
  }
}
