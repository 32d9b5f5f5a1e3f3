import Events

/// A table of attributes or an uploaded list that holds from a day on, until another of its kind and name does.
public struct TableEntry: Codable, Sendable, Equatable {
  public enum Kind: String, Codable, Sendable, CaseIterable { case users, articles, list }

  public var kind: Kind
  /// Of a list; "" for the others.
  public var name: String
  /// The first day on which it holds, `2026-11-23`.
  public var from: String
  public var file: FileEntry
  /// The version that added it.
  public var version: Int

  public init(kind: Kind, name: String = "", from: Day, file: FileEntry, version: Int) {
    self.kind = kind
    self.name = name
    self.from = from.description
    self.file = file
    self.version = version
  }

  /// Names of lists: 1 to 64 of a–z, 0–9, `-` and `_`, so that they can stand in rules and file names.
  public static func isListName(_ name: String) -> Bool {
    (1...64).contains(name.utf8.count)
      && name.utf8.allSatisfy {
        (0x30...0x39).contains($0) || (0x61...0x7a).contains($0) || $0 == 0x2d || $0 == 0x5f
      }
  }
}

extension TableEntry: Comparable {
  /// By kind, name, day and commit.
  public static func < (a: Self, b: Self) -> Bool {
    (a.kind.place, a.name, a.from, a.version) < (b.kind.place, b.name, b.from, b.version)
  }
}

extension TableEntry.Kind {
  fileprivate var place: Int {
    switch self {
    case .users: 0
    case .articles: 1
    case .list: 2
    }
  }
}

extension Manifest {
  /// The table that holds on a day: of those whose `from` is not later the one with the greatest, of equal ones the
  /// later commit.
  public func table(_ kind: TableEntry.Kind, _ name: String = "", asOf day: Day) -> TableEntry? {
    let text = day.description
    // Days are written with four digits for the year, so their texts sort as they do.
    return tables.filter { $0.kind == kind && $0.name == name && $0.from <= text }.max()
  }

  /// The tables that hold on some day, in order: those that a later one from the same day on replaced are left out.
  public var heldTables: [TableEntry] {
    let sorted = tables.sorted()
    return sorted.indices.filter { place in
      guard place + 1 < sorted.count else { return true }
      let (table, next) = (sorted[place], sorted[place + 1])
      return (table.kind, table.name, table.from) != (next.kind, next.name, next.from)
    }.map { sorted[$0] }
  }

  /// The table that takes its place, on the first day after.
  public func nextTable(_ kind: TableEntry.Kind, _ name: String = "", after day: Day) -> TableEntry? {
    let text = day.description
    return tables.filter { $0.kind == kind && $0.name == name && $0.from > text }.min()
  }

  /// Names of the lists that the store has on any day, sorted.
  public var listNames: [String] { listNames(asOf: nil) }

  /// Of those the ones that hold on a day; nil: on any.
  public func listNames(asOf day: Day?) -> [String] {
    let holding = tables.filter { $0.kind == .list && (day.map(\.description) ?? "9999-99-99") >= $0.from }
    return Set(holding.map(\.name)).sorted()
  }
}
