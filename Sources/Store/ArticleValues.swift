import ArrowIPC
import Events

/// What articles have in one cluster of a part, field by field, as far as each article has one value: gathered bucket by bucket.
/// A scan then looks the section, authors and tags of a row up by its article, instead of reading a column of each.
struct ArticleValues {
  private let schema: PartSchema
  private let articleField: Int
  /// By text field of the schema: the code of each article.
  private var texts: [[UInt32]]
  /// By list field: the codes of each article.
  private var lists: [[[UInt32]]]
  private var met: [Bool]
  /// By text and then list field: so far each article has one value.
  private(set) var isOne: [Bool]

  /// - Parameter articles: how many the part has.
  init(_ schema: PartSchema, articleField: Int, articles: Int) {
    self.schema = schema
    self.articleField = articleField
    texts = Array(repeating: Array(repeating: 0, count: articles), count: schema.texts.count)
    lists = Array(repeating: Array(repeating: [], count: articles), count: schema.lists.count)
    met = Array(repeating: false, count: articles)
    isOne = (schema.texts + schema.lists).map { $0 != .event && $0 != .article }
  }

  /// - Parameters:
  ///   - rows: one for each article of a bucket.
  ///   - others: fields of which the bucket has several values of one article.
  mutating func take(_ rows: PartRows, notOne others: [Int]) {
    for field in others { isOne[field] = false }
    let fields = isOne.indices.filter { isOne[$0] }
    for row in 0..<rows.count {
      let article = Int(rows.texts[articleField][row])
      for field in fields where isOne[field] {
        if field < texts.count {
          let code = rows.texts[field][row]
          if met[article], texts[field][article] != code { isOne[field] = false }
          texts[field][article] = code
        } else {
          let list = field - texts.count
          let codes = rows.list(list, row)
          if met[article], !lists[list][article].elementsEqual(codes) { isOne[field] = false }
          lists[list][article] = Array(codes)
        }
      }
      met[article] = true
    }
  }

  /// The names of fields of which each article has one value, and some article a known one.
  /// - Parameter dictionaries: by text and then list field how many values it has.
  func names(_ dictionaries: [Int]) -> [String] {
    (schema.texts + schema.lists).enumerated().filter { index, _ in
      guard isOne[index] else { return false }
      if index >= texts.count { return lists[index - texts.count].contains { !$0.isEmpty } }
      return met.indices.contains { met[$0] && texts[index][$0] < UInt32(dictionaries[index]) }
    }.map(\.element.name)
  }

  /// The batch of `PartSchema.articles`. Articles without rows in the cluster are null.
  func batch(_ dictionaries: [Int]) -> ArrowBatch {
    let columns = schema.articleFields.map { field -> ArrowArray in
      if let list = schema.lists.firstIndex(of: field) { return listColumn(list) }
      let index = schema.texts.firstIndex(of: field) ?? 0
      let unknown = UInt32(dictionaries[index])
      let codes = met.indices.map { isOne[index] && met[$0] ? texts[index][$0] : unknown }
      return ArrowArray(count: met.count, validity: ArrowArray.bitmap(met), storage: .u32(codes))
    }
    return ArrowBatch(rows: met.count, columns: columns)
  }

  private func listColumn(_ list: Int) -> ArrowArray {
    var (offsets, codes): ([UInt32], [UInt32]) = ([0], [])
    for article in met.indices {
      if isOne[texts.count + list] { codes += lists[list][article] }
      offsets.append(UInt32(codes.count))
    }
    return ArrowArray(
      count: met.count, validity: ArrowArray.bitmap(met),
      storage: .list(offsets: offsets, child: ArrowArray(count: codes.count, storage: .u32(codes))))
  }
}

extension PartRows {
  /// The codes of a list field on a row.
  func list(_ list: Int, _ row: Int) -> ArraySlice<UInt32> {
    lists[list][Int(listOffsets[list][row])..<Int(listOffsets[list][row + 1])]
  }

  /// A row for each article, and the fields of which some article has several values.
  /// - Parameters:
  ///   - articles: how many the part has; every row's is one of them.
  ///   - fields: which to compare, by text and then list field.
  func articles(_ articleField: Int, _ articles: Int, comparing fields: [Int]) -> (
    rows: PartRows, notOne: [Int]
  ) {
    var first = [Int32](repeating: -1, count: articles)
    var rows: [Range<Int>] = []
    var fields = fields
    var notOne: [Int] = []
    for row in 0..<count {
      let article = Int(texts[articleField][row])
      let known = Int(first[article])
      if known < 0 {
        first[article] = Int32(truncatingIfNeeded: row)
        rows.append(row..<(row + 1))
        continue
      }
      var differs = false
      for field in fields where !isSame(field, known, row) {
        notOne.append(field)
        differs = true
      }
      if differs { fields.removeAll { notOne.contains($0) } }
    }
    return (joined(rows), notOne)
  }

  private func isSame(_ field: Int, _ a: Int, _ b: Int) -> Bool {
    if field < texts.count { return texts[field][a] == texts[field][b] }
    let index = field - texts.count
    return list(index, a).elementsEqual(list(index, b))
  }
}
