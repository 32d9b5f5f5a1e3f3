/// Why a path in a mapping cannot be read.
struct PathError: Error {
  var reason: String
  var hint: String
}

extension FieldPath {
  /// Reads a mapping's right side: a column, keys into a JSON line, `host(column)`, or
  /// `contexts.VENDOR/NAME/VERSION.key`.
  init(_ text: String, format: Source.Format) throws(PathError) {
    if let entity = try EntityPath(text) {
      guard format == .snowplow else {
        throw PathError(reason: "'\(text)' is a path for Snowplow data", hint: "name a column of the file")
      }
      self = .entity(entity)
    } else if text.hasPrefix("host("), text.hasSuffix(")") {
      self = .host(String(text.dropFirst(5).dropLast()))
    } else if format == .snowplow {
      guard SnowplowColumns.names.contains(text) else {
        throw PathError(
          reason: "the enriched events have no column '\(text)'",
          hint: SnowplowColumns.near(text) ?? "a column such as geo_country, or contexts.VENDOR/NAME/1.key")
      }
      self = .column(text)
    } else if format == .jsonl, text.contains(".") {
      let keys = text.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
      guard !keys.contains("") else {
        throw PathError(reason: "'\(text)' has an empty key", hint: "write keys with one dot between them")
      }
      self = .keys(keys)
    } else {
      self = .column(text)
    }
  }
}

extension EntityPath {
  /// nil where the text is no entity path at all.
  init?(_ text: String) throws(PathError) {
    guard let (column, rest) = Self.columnPrefix(text) else { return nil }
    let parts = rest.split(separator: "/", maxSplits: 2, omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 3, !parts[0].isEmpty, !parts[1].isEmpty else {
      throw PathError(
        reason: "'\(text)' is no path into an entity", hint: "contexts.com.acme/article/1.section")
    }
    guard let dot = parts[2].firstIndex(of: ".") else {
      throw PathError(reason: "'\(text)' names no key", hint: "add one: \(text).id")
    }
    var version = parts[2][..<dot]
    var index: Int?
    if version.hasSuffix("]"), let open = version.firstIndex(of: "[") {
      index = Int(version[version.index(after: open)...].dropLast())
      guard let index, (0..<1000).contains(index) else {
        throw PathError(reason: "'\(text)' has a bad index", hint: "the first is [0]")
      }
      version = version[..<open]
    }
    let numbers =
      version == "*" ? [] : version.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
    guard numbers.count <= 3, !numbers.contains(nil) else {
      throw PathError(reason: "'\(version)' is no schema version", hint: "1, 1-0, 1-0-2 or *")
    }
    let keys = parts[2][parts[2].index(after: dot)...].split(separator: ".", omittingEmptySubsequences: false)
    guard !keys.contains(""), keys.count <= 16 else {
      throw PathError(reason: "'\(text)' has an empty key", hint: "write keys with one dot between them")
    }
    self.init(
      column: column, vendor: parts[0], name: parts[1], version: numbers.compactMap { $0 },
      keys: keys.map(String.init),
      index: index)
  }

  private static func columnPrefix(_ text: String) -> (Column, Substring)? {
    for (prefix, column) in [
      ("contexts.", Column.contexts), ("unstruct.", .unstruct), ("unstruct_event.", .unstruct),
      ("derived_contexts.", .derived),
    ] where text.hasPrefix(prefix) {
      return (column, text.dropFirst(prefix.count))
    }
    return nil
  }
}
