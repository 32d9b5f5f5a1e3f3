import Events
import Rules
import Synchronization

/// Predicates decided once per distinct value: for each dictionary of a part a table of codes, shared by all threads.
final class Predicates: Sendable {
  private struct Key: Hashable {
    var dictionary: ObjectIdentifier
    var separator: UInt8
    var match: Match
    /// Of the tables, where the match asks a list.
    var tables: ObjectIdentifier?
  }

  private struct ArticleKey: Hashable {
    var dictionary: ObjectIdentifier
    var tables: ObjectIdentifier
  }

  private struct State {
    var tables: [Key: [UInt8]] = [:]
    var folded: [ObjectIdentifier: [String]] = [:]
    /// Folded texts of all parts, by field, with a code each: for counting distinct values.
    var interned: [Field: [String: UInt32]] = [:]
    var codes: [DistinctKey: [UInt32]] = [:]
    /// The texts that were interned last, as they are written, and their codes.
    var latest: [Field: (texts: [String], codes: [UInt32])] = [:]
    /// For each article of a dictionary its row in the table; −1 for none.
    var articles: [ArticleKey: [Int32]] = [:]
    /// Keeps the dictionaries alive, so that identities are never used again.
    var kept: [TextDictionary] = []
  }

  private struct DistinctKey: Hashable {
    var dictionary: ObjectIdentifier
    var field: Field
  }

  private let state = Mutex(State())

  /// For each code of a dictionary 1 where a text matches; the last entry is for "unknown".
  func table(_ match: Match, _ dictionary: TextDictionary, separator: UInt8?, _ tables: LoadedTables? = nil)
    -> [UInt8]
  {
    let asksLists = !match.lists.isEmpty
    let key = Key(
      dictionary: ObjectIdentifier(dictionary), separator: separator ?? 0, match: match,
      tables: asksLists ? tables.map { ObjectIdentifier($0) } : nil)
    let lists = asksLists ? tables?.folded ?? [:] : [:]
    return state.withLock { state in
      if let known = state.tables[key] { return known }
      let texts = Self.folded(dictionary, &state)
      let literals = LiteralSet(match, separator: separator)
      var table = texts.map { text in
        (literals?.holds(text) ?? match.holds(text: text, separator: separator, lists)) ? UInt8(1) : 0
      }
      table.append(match.holds(text: nil, separator: separator, lists) ? 1 : 0)
      state.tables[key] = table
      return table
    }
  }

  /// For each code of a dictionary the code of its folded text over all parts.
  func distinctCodes(_ field: Field, _ dictionary: TextDictionary) -> [UInt32] {
    let key = DistinctKey(dictionary: ObjectIdentifier(dictionary), field: field)
    return state.withLock { state in
      if let known = state.codes[key] { return known }
      let codes = Self.codes(field, dictionary, &state)
      state.codes[key] = codes
      state.latest[field] = (dictionary.values, codes)
      state.kept.append(dictionary)
      return codes
    }
  }

  /// Dictionaries of neighbouring days have most texts in common and are sorted alike: walking through both at once finds those without
  /// hashing or folding.
  private static func codes(_ field: Field, _ dictionary: TextDictionary, _ state: inout State) -> [UInt32] {
    var interned = state.interned.removeValue(forKey: field) ?? [:]
    let (others, otherCodes) = state.latest[field] ?? ([], [])
    var other = 0
    var codes: [UInt32] = []
    codes.reserveCapacity(dictionary.values.count)
    for text in dictionary.values {
      while other < others.count, others[other] < text { other += 1 }
      if other < others.count, others[other] == text {
        codes.append(otherCodes[other])
        continue
      }
      let next = UInt32(interned.count)
      let code = interned[TextFold.fold(text), default: next]
      if code == next { interned[TextFold.fold(text)] = next }
      codes.append(code)
    }
    state.interned[field] = interned
    return codes
  }

  /// How many codes over all parts there are so far.
  func distinctCount(_ field: Field) -> Int { state.withLock { $0.interned[field]?.count ?? 0 } }

  /// For each article of a dictionary its row in the table of articles, −1 for none; one more for "unknown".
  func articleRows(_ dictionary: TextDictionary, _ tables: LoadedTables) -> [Int32] {
    let key = ArticleKey(dictionary: ObjectIdentifier(dictionary), tables: ObjectIdentifier(tables))
    return state.withLock { state in
      if let known = state.articles[key] { return known }
      let rows = dictionary.values.map { Int32(clamping: tables.articles.rows[Array($0.utf8)] ?? -1) } + [-1]
      state.articles[key] = rows
      state.kept.append(dictionary)
      return rows
    }
  }

  private static func folded(_ dictionary: TextDictionary, _ state: inout State) -> [String] {
    let key = ObjectIdentifier(dictionary)
    if let known = state.folded[key] { return known }
    let folded = dictionary.values.map { TextFold.fold($0) }
    state.folded[key] = folded
    state.kept.append(dictionary)
    return folded
  }
}

/// Many plain values as one set of bytes: a long list costs a value one look-up a level.
private struct LiteralSet {
  private let values: Set<[UInt8]>
  private let separator: UInt8?

  /// nil where the match is no long list of plain values.
  init?(_ match: Match, separator: UInt8?) {
    guard case .anyOf(let matches) = match, matches.count > 8 else { return nil }
    var values: Set<[UInt8]> = []
    for case .text(.value(let text)) in matches { values.insert(Array(text.utf8)) }
    guard matches.allSatisfy({ if case .text(.value) = $0 { true } else { false } }) else { return nil }
    self.values = values
    self.separator = separator
  }

  func holds(_ text: String) -> Bool {
    let bytes = Array(text.utf8)
    if values.contains(bytes) { return true }
    guard let separator else { return false }
    return bytes.indices.contains { bytes[$0] == separator && values.contains(Array(bytes[..<$0])) }
  }
}

extension Match {
  /// On one folded text; nil is unknown.
  /// - Parameter lists: folded values by the list's name.
  func holds(text: String?, separator: UInt8?, _ lists: [String: Set<[UInt8]>] = [:]) -> Bool {
    guard let text else { return holdsForUnknown }
    return switch self {
    case .known(let known): known
    case .text(let test): test.matches(text, separator: separator)
    case .anyOf(let matches): matches.contains { $0.holds(text: text, separator: separator, lists) }
    case .not(let match): !match.holds(text: text, separator: separator, lists)
    case .list(let name): lists[name]?.contains(Array(text.utf8)) ?? false
    case .allOf(let tests): tests.allSatisfy { $0.matches(text, separator: separator) }
    case .number, .hours, .id, .inWindow, .next: false
    }
  }

  /// Unknown matches nothing but `known(false)`.
  private var holdsForUnknown: Bool {
    switch self {
    case .known(let known): !known
    case .anyOf(let matches): matches.contains { $0.holdsForUnknown }
    default: false
    }
  }

  /// On one number in the field's unit; nil is unknown.
  func holds(number: Int64?) -> Bool {
    guard let number else { return holdsForUnknown }
    return switch self {
    case .number(let threshold): threshold.range.contains(number)
    case .hours(let from, let through):
      from <= through
        ? (Int64(from)...Int64(through)).contains(number) : number >= Int64(from) || number <= Int64(through)
    case .anyOf(let matches): matches.contains { $0.holds(number: number) }
    case .not(let match): !match.holds(number: number)
    case .id(let hash, _): number == Int64(bitPattern: hash)
    case .known(let known): known
    case .text, .allOf, .inWindow, .next, .list: false
    }
  }
}
