/// What a rule says, whatever the order and the braces in which it is written: equal ones have the same members.
indirect enum CanonicalRule: Hashable {
  case node(RuleNode)
  case condition(Set<MeasureTest>, CanonicalFilter, Window, same: String?)
  case extreme(Extreme, CanonicalFilter)
  case user(CanonicalFilter)
  case all(Set<CanonicalRule>)
  case any(Set<CanonicalRule>)
  case none(Set<CanonicalRule>)
  case count(CountTest, [CanonicalRule: Int])

  init(_ node: RuleNode) {
    switch node {
    case .all(let nodes):
      self = Self.group(nodes, Self.all) { if case .all(let inner) = $0 { inner } else { nil } }
    case .any(let nodes):
      self = Self.group(nodes, Self.any) { if case .any(let inner) = $0 { inner } else { nil } }
    // None of a or b is none of their `any`.
    case .none(let nodes):
      var parts: Set<CanonicalRule> = []
      for node in nodes {
        let part = CanonicalRule(node)
        if case .any(let inner) = part { parts.formUnion(inner) } else { parts.insert(part) }
      }
      self = .none(parts)
    case .count(let test, let nodes):
      self = .count(test, Dictionary(nodes.map { (CanonicalRule($0), 1) }, uniquingKeysWith: +))
    case .condition(let condition):
      self = .condition(
        Set(condition.tests), CanonicalFilter(condition.filter), condition.window, same: condition.same?.name)
    case .extreme(var extreme):
      let filter = CanonicalFilter(extreme.filter)
      extreme.filter = .always
      self = .extreme(extreme, filter)
    case .user(let filter): self = .user(CanonicalFilter(filter))
    case .list(let names) where names.count > 1: self = .any(Set(names.map { .node(.list([$0])) }))
    case .segment(let reference) where reference.names.count > 1:
      self = .any(
        Set(reference.names.map { .node(.segment(SegmentReference([$0], daysAgo: reference.daysAgo))) }))
    case .everyone, .sequence, .list, .segment: self = .node(node)
    }
  }

  /// Parts without those inside of the same kind; one part alone is itself.
  private static func group(
    _ nodes: [RuleNode], _ make: (Set<CanonicalRule>) -> CanonicalRule,
    _ inner: (CanonicalRule) -> Set<CanonicalRule>?
  ) -> CanonicalRule {
    var parts: Set<CanonicalRule> = []
    for node in nodes {
      let part = CanonicalRule(node)
      if let more = inner(part) { parts.formUnion(more) } else { parts.insert(part) }
    }
    return parts.count == 1 ? parts.first ?? make(parts) : make(parts)
  }
}

/// What a filter says, whatever its order.
indirect enum CanonicalFilter: Hashable {
  case field(String, CanonicalMatch)
  case all(Set<CanonicalFilter>)
  case any(Set<CanonicalFilter>)
  case none(Set<CanonicalFilter>)

  init(_ filter: Filter) {
    switch filter {
    case .always: self = .all([])
    case .field(let field, let match): self = .field(field.name, CanonicalMatch(match))
    case .any(let filters): self = .any(Set(filters.map { CanonicalFilter($0) }))
    case .none(let filters): self = .none(Set(filters.map { CanonicalFilter($0) }))
    case .all:
      let parts = Set(filter.conjuncts.map { CanonicalFilter($0) })
      self = parts.count == 1 ? parts.first ?? .all(parts) : .all(parts)
    }
  }
}

/// What a match says, whatever the order of its values.
indirect enum CanonicalMatch: Hashable {
  case match(Match)
  case anyOf(Set<CanonicalMatch>)
  case not(CanonicalMatch)

  init(_ match: Match) {
    switch match {
    case .anyOf(let matches): self = .anyOf(Set(matches.map { CanonicalMatch($0) }))
    case .not(let match): self = .not(CanonicalMatch(match))
    default: self = .match(match)
    }
  }
}
