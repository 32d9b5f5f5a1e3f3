import Events
import Rules

/// Filters that mean the same look the same: nested `all`s are flat, their parts in a fixed order, each once. Tests of
/// the event's name come first, since many filters share one.
enum CanonicalFilter {
  static func of(_ filter: Filter) -> Filter {
    switch filter {
    case .always, .field: return filter
    case .all(let parts):
      let flat = unique(
        parts.map(of).flatMap { part -> [Filter] in
          if case .all(let inner) = part { inner } else { part == .always ? [] : [part] }
        })
      return flat.isEmpty ? .always : flat.count == 1 ? flat[0] : .all(flat)
    case .any(let parts):
      let kept = unique(parts.map(of))
      return kept.count == 1 ? kept[0] : .any(kept)
    case .none(let parts): return .none(unique(parts.map(of)))
    }
  }

  private static func unique(_ filters: [Filter]) -> [Filter] {
    var seen: Set<Filter> = []
    return filters.filter { seen.insert($0).inserted }.map { ($0, key($0)) }.sorted { $0.1 < $1.1 }.map(\.0)
  }

  private static func key(_ filter: Filter) -> String {
    if case .field(.event, _) = filter { return "0 \(filter.wording.line)" }
    if case .field = filter { return "1 \(filter.wording.line)" }
    return "2 \(filter.wording.line)"
  }
}

extension Filter {
  /// All fields that it tests.
  var fields: Set<Field> {
    switch self {
    case .always: []
    case .field(let field, _): [field]
    case .all(let filters), .any(let filters), .none(let filters):
      filters.reduce(into: []) { $0.formUnion($1.fields) }
    }
  }

  /// Whether it needs attribute tables or lists.
  var needsTables: Bool {
    switch self {
    case .always: false
    case .field(let field, let match): field.isOfArticle || !match.lists.isEmpty
    case .all(let filters), .any(let filters), .none(let filters): filters.contains { $0.needsTables }
    }
  }

  /// Names of the lists that it asks.
  var lists: Set<String> {
    switch self {
    case .always: []
    case .field(_, let match): match.lists
    case .all(let filters), .any(let filters), .none(let filters):
      filters.reduce(into: []) { $0.formUnion($1.lists) }
    }
  }

  /// With windows of time fields as instants.
  func bound(asOf: Day, zone: CalendarZone) -> Filter {
    switch self {
    case .always: self
    case .field(let field, let match): .field(field, match.bound(asOf: asOf, zone: zone))
    case .all(let filters): .all(filters.map { $0.bound(asOf: asOf, zone: zone) })
    case .any(let filters): .any(filters.map { $0.bound(asOf: asOf, zone: zone) })
    case .none(let filters): .none(filters.map { $0.bound(asOf: asOf, zone: zone) })
    }
  }
}

extension Match {
  var lists: Set<String> {
    switch self {
    case .list(let name): [name]
    case .anyOf(let matches): matches.reduce(into: []) { $0.formUnion($1.lists) }
    case .not(let match): match.lists
    default: []
    }
  }

  fileprivate func bound(asOf: Day, zone: CalendarZone) -> Match {
    switch self {
    case .inWindow(let window):
      let range = InstantRange(window, asOf: asOf, zone: zone, isAttribute: true)
      return range.end > range.first ? .number(.between(range.first, range.end - 1)) : .anyOf([])
    case .next(let length):
      let end = zone.start(of: asOf.advanced(by: 1)).value
      return .number(.between(end, end.addingReportingOverflow(length).partialValue))
    case .anyOf(let matches): return .anyOf(matches.map { $0.bound(asOf: asOf, zone: zone) })
    case .not(let match): return .not(match.bound(asOf: asOf, zone: zone))
    default: return self
    }
  }
}

/// The instants of a window: `first..<end`.
struct InstantRange: Sendable, Hashable {
  let first: Int64
  let end: Int64

  /// - Parameter isAttribute: times of attributes may lie after the as-of day: `since` and `DATE to DATE` are not cut there.
  init(_ window: Window, asOf: Day, zone: CalendarZone, isAttribute: Bool = false) {
    var days = window.days(asOf: asOf, zone: zone)
    var isOpen = false
    if isAttribute, case .dates(_, let through) = window {
      days.last = through ?? days.last
      isOpen = through == nil
    }
    first =
      window.firstInstant(asOf: asOf, zone: zone)?.value ?? days.first.map { zone.start(of: $0).value }
      ?? .min + 1
    end = isOpen ? .max : zone.start(of: days.last.advanced(by: 1)).value
  }

  func contains(_ time: Int64) -> Bool { time >= first && time < end }
}
