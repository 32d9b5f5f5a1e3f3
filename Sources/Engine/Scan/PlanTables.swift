import Diagnostics
import Events
import Rules

/// Attribute tables and lists as they held on one day, loaded for a plan. A class, so that what was decided by it can be
/// keyed by identity; days on which the same held share one.
final class LoadedTables: Sendable {
  let articles: AttributeTable
  /// Folded values: lists are compared with texts, which are folded; and the ids as they are.
  let folded: [String: Set<[UInt8]>]
  let lists: [String: Set<[UInt8]>]
  private let source: any Dimensions

  init(_ source: any Dimensions, lists names: Set<String>, articles needed: Bool) throws(Diagnostic) {
    self.source = source
    articles = needed ? try source.articles() : AttributeTable()
    var lists: [String: Set<[UInt8]>] = [:]
    var folded: [String: Set<[UInt8]>] = [:]
    for name in names {
      // A list that did not hold yet is empty.
      let list = try source.list(name) ?? []
      lists[name] = list
      folded[name] = Set(list.map { Array(TextFold.fold(String(decoding: $0, as: UTF8.self)).utf8) })
    }
    self.lists = lists
    self.folded = folded
  }

  func users(in bucket: BucketIndex) throws(Diagnostic) -> AttributeTable { try source.users(in: bucket) }
}

/// The tables of all days that a plan reads them for.
struct PlanTables: Sendable {
  private var byDay: [Day: LoadedTables] = [:]
  private var byVersion: [String: LoadedTables] = [:]

  /// - Parameter others: of a plan of the same segments, which may have loaded the same tables for another day.
  init(_ plan: EvaluationPlan, _ source: any EventSource, reusing others: PlanTables? = nil)
    throws(Diagnostic)
  {
    byVersion = others?.byVersion ?? [:]
    let lists = plan.lists
    for day in plan.tableDays.sorted() {
      let dimensions = try source.dimensions(asOf: day)
      if let known = byVersion[dimensions.version] {
        byDay[day] = known
        continue
      }
      let loaded = try LoadedTables(dimensions, lists: lists, articles: plan.readsArticles)
      byVersion[dimensions.version] = loaded
      byDay[day] = loaded
    }
  }

  subscript(day: Day?) -> LoadedTables? { day.flatMap { byDay[$0] } }
}

extension EvaluationPlan {
  /// The days as of which tables are read.
  var tableDays: Set<Day> {
    Set(
      filters.compactMap(\.tables) + groups.compactMap(\.tables) + gauges.compactMap(\.tables)
        + groupGauges.compactMap(\.tables) + definitions.filter { !$0.program.lists.isEmpty }.map(\.asOf))
  }

  /// Names of all lists that are asked.
  var lists: Set<String> {
    var names: Set<String> = []
    for filter in filters { names.formUnion(filter.filter.lists) }
    for definition in definitions { names.formUnion(definition.program.lists) }
    return names
  }

  var readsArticles: Bool {
    filters.contains { $0.filter.fields.contains { $0.isOfArticle } }
      || groups.contains { $0.same.contains { $0.isOfArticle } }
      || (gauges.map(\.kind) + groupGauges.map(\.kind)).contains { $0.field?.isOfArticle ?? false }
  }

  /// What conditions with `same` measure.
  private var groupGauges: [GroupTest.Gauge] {
    groups.flatMap { group -> [GroupTest.Gauge] in
      if case .condition(let tests) = group.body { tests.flatMap(\.gauges) } else { [] }
    }
  }
}

extension EvaluationPlan.Program {
  var lists: Set<String> {
    switch self {
    case .list(let names): Set(names)
    case .all(let parts), .any(let parts), .none(let parts), .count(_, let parts):
      parts.reduce(into: []) { $0.formUnion($1.lists) }
    case .everyone, .test, .group, .user, .reference, .keep: []
    }
  }
}

extension EvaluationPlan.Gauge.Kind {
  /// The field whose values it reads, beside those of its filter.
  var field: Field? {
    switch self {
    case .dwell: .dwell
    case .sum(let field), .largest(let field), .smallest(let field), .distinct(let field, _): field
    case .count, .days, .streak, .extreme: nil
    }
  }

  /// Whether it needs attribute tables or lists.
  var needsTables: Bool {
    if case .distinct(_, let elements?) = self, !elements.lists.isEmpty { return true }
    return field?.isOfArticle ?? false
  }
}
