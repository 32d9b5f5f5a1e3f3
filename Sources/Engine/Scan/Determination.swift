import Diagnostics
import Events
import Rules

/// What is read of a day: pieces of rows that share event names.
struct DayRows {
  struct Piece {
    var reader: any EventReader
    var names: [String?]
  }
  private(set) var pieces: [Piece] = []

  init(_ day: Day, _ plan: EvaluationPlan.DayPlan, _ source: any EventSource) throws(Diagnostic) {
    if plan.isEmpty { return }
    var names: [[String?]] = []
    let readers = try source.readers(of: day) { piece in
      let columns = plan.columns(of: piece)
      if columns != nil { names.append(piece) }
      return columns
    }
    pieces = zip(readers, names).map { Piece(reader: $0, names: $1) }
  }
}

/// Whether what an article has is the same on all its rows of all days that are read, told by what parts say of their articles.
///
/// Then the first row of a user and an article counts for all sections, authors and tags at once, and one set of pairs serves
/// all planes that count different articles.
struct Determination {
  private let pieces: [DayRows.Piece]
  private let predicates: Predicates
  private let known = Memory()

  /// Asked while a plan is made, on one thread.
  private final class Memory { var answers: [Question: Bool] = [:] }
  private struct Question: Hashable {
    var event: Match?
    var other: Field
  }

  init(_ days: [DayRows], _ predicates: Predicates) {
    pieces = days.flatMap(\.pieces)
    self.predicates = predicates
  }

  /// How many articles all parts have together; every article's shared code is below it.
  var articleCount: Int {
    for articles in pieces.compactMap(\.reader.articles) { _ = predicates.distinctCodes(.article, articles) }
    return predicates.distinctCount(.article)
  }

  /// Whether among rows of an event all rows of one value of a field have the same values of another.
  func holds(event: Match?, _ field: Field, determines other: Field) -> Bool {
    guard field == .article else { return false }
    let question = Question(event: event, other: other)
    if let known = known.answers[question] { return known }
    let answer = decide(EventNameTest(event), other)
    known.answers[question] = answer
    return answer
  }

  private func decide(_ event: EventNameTest, _ field: Field) -> Bool {
    var columns: [(values: EventColumn, shared: [UInt32])] = []
    /// By code of the article in all parts: the column and row where it was met first.
    var places: [(column: Int, row: Int)?] = []
    for piece in pieces where event.holds(any: piece.reader.namesWithArticles(piece.names)) {
      guard let column = piece.reader.articleColumns[field], let articles = piece.reader.articles else {
        return false
      }
      columns.append((column.values, predicates.distinctCodes(field, column.dictionary)))
      let here = columns[columns.count - 1]
      for (row, article) in predicates.distinctCodes(.article, articles).enumerated() where column.isMet[row]
      {
        let article = Int(article)
        if article >= places.count {
          places += Array(repeating: nil, count: article + 1 - places.count)
        }
        guard let place = places[article] else {
          places[article] = (columns.count - 1, row)
          continue
        }
        let there = columns[place.column]
        guard here.values.isSame(at: row, here.shared, as: there.values, at: place.row, there.shared) else {
          return false
        }
      }
    }
    return true
  }
}

extension EventColumn {
  /// Whether the values on two rows are the same, as codes of all parts. Lists in another order are not.
  fileprivate func isSame(
    at row: Int, _ shared: [UInt32], as other: EventColumn, at otherRow: Int, _ otherShared: [UInt32]
  ) -> Bool {
    switch (self, other) {
    case (.codes(let codes, _), .codes(let others, _)):
      let (code, other) = (Int(codes[row]), Int(others[otherRow]))
      guard code < shared.count, other < otherShared.count else {
        return code >= shared.count && other >= otherShared.count
      }
      return shared[code] == otherShared[other]
    case (.lists(let offsets, let codes, _), .lists(let otherOffsets, let others, _)):
      let (first, second) = (Int(offsets[row]), Int(otherOffsets[otherRow]))
      let count = Int(offsets[row + 1]) - first
      guard Int(otherOffsets[otherRow + 1]) - second == count else { return false }
      return (0..<count).allSatisfy {
        shared[Int(codes[first + $0])] == otherShared[Int(others[second + $0])]
      }
    default: return false
    }
  }
}
