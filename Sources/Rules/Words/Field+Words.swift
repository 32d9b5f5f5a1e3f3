import Events

extension Field {
  /// What it is called: `country`.
  var noun: String {
    switch self {
    case .event: "event name"
    case .article: "article id"
    case .age: "article age"
    case .published: "publication"
    case .firstSeen: "first visit"
    default: ValueText.text(name)
    }
  }

  /// What leads to its value: `in country`, `by author`.
  var lead: String {
    switch self {
    case .event: "named"
    case .firstSeen: "first seen"
    default: "\(preposition) \(noun)"
    }
  }

  var preposition: String {
    switch self {
    case .section, .experiment, .session, .country, .region: "in"
    case .brand, .device, .os, .element: "on"
    case .author: "by"
    case .referrer, .campaign: "from"
    default: "with"
    }
  }
}
