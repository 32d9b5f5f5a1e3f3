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
    /// By code of the article in all parts; nil: not met yet.
    var values: [[UInt32]?] = []
    for piece in pieces where event.holds(any: piece.reader.namesWithArticles(piece.names)) {
      guard let column = piece.reader.articleColumns[field], let articles = piece.reader.articles else {
        return false
      }
      let shared = predicates.distinctCodes(field, column.dictionary)
      for (index, article) in predicates.distinctCodes(.article, articles).enumerated()
      where column.isMet[index] {
        let article = Int(article)
        if article >= values.count { values += Array(repeating: nil, count: article + 1 - values.count) }
        let value = column.values.codes(at: index, shared)
        if let known = values[article], known != value { return false }
        values[article] = value
      }
    }
    return true
  }
}

extension EventColumn {
  /// The values on a row as codes of all parts, each once, ascending; none for unknown.
  fileprivate func codes(at row: Int, _ shared: [UInt32]) -> [UInt32] {
    switch self {
    case .codes(let codes, _): return Int(codes[row]) < shared.count ? [shared[Int(codes[row])]] : []
    case .lists(let offsets, let codes, _):
      return Set((Int(offsets[row])..<Int(offsets[row + 1])).map { shared[Int(codes[$0])] }).sorted()
    default: return []
    }
  }
}
