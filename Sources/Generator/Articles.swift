import Events

/// What the newsroom publishes: about five articles a section and day, from a month before the first day on.
struct Articles: Sendable {
  struct Article: Sendable {
    /// Milliseconds since 1970.
    var published: Int64
    var path: Piece
    var title: Piece
    /// The article's entity, with a comma before it.
    var context: Piece
    var section: UInt8
    var premium: Bool
  }

  private(set) var all: [Article] = []
  /// Indexes of `all` by section, oldest first.
  private(set) var bySection: [[UInt32]] = []

  static let history = 30
  static let perSectionAndDay = 5

  init(options: TrafficOptions, templates: inout Templates) {
    let first = Int64(options.firstDay.number) - Int64(Self.history)
    bySection = Array(repeating: [], count: Vocabulary.sections.count)
    for day in 0..<options.days + Self.history {
      for section in Vocabulary.sections.indices {
        var chance = Chance(options.seed, UInt64(day) << 8 | UInt64(section), 0xa27)
        // Published from 05:00 on, so that the order within a section is that of time.
        var minute = 300 + chance.below(120)
        for _ in 0..<Self.perSectionAndDay {
          let published = ((first + Int64(day)) * 1440 + Int64(minute)) * 60_000
          bySection[section].append(UInt32(all.count))
          all.append(Self.article(all.count, section, published, &chance, &templates))
          minute += 60 + chance.below(120)
        }
      }
    }
  }

  /// An article of a section that was out at `time`: half of all reading is of the newest three or four.
  func pick(section: Int, at time: Int64, _ chance: inout Chance) -> UInt32 {
    let list = bySection[section]
    var low = 0
    var high = list.count
    while low < high {
      let middle = (low + high) / 2
      if all[Int(list[middle])].published <= time { low = middle + 1 } else { high = middle }
    }
    var age = 0
    while age < low - 1, chance.below(100) < 83 { age += 1 }
    return list[max(0, low - 1 - age)]
  }

  private static func article(
    _ number: Int, _ section: Int, _ published: Int64, _ chance: inout Chance, _ templates: inout Templates
  ) -> Article {
    let name = Vocabulary.sections[section].name
    let words = (0..<4 + chance.below(4)).map { _ in
      Vocabulary.titleWords[chance.below(Vocabulary.titleWords.count)]
    }
    let title = words.joined(separator: " ")
    let slug = words.map { plain($0) }.joined(separator: "-")
    let premium = chance.below(100) < (name.hasPrefix("news") ? 15 : 30)
    let authors = (0..<(chance.below(100) < 80 ? 1 : 2)).map { _ in author(&chance) }
    let own = Vocabulary.tags[name] ?? []
    var tags = [own[chance.below(max(1, own.count))]]
    if chance.below(2) == 0 { tags.append(Vocabulary.commonTags[chance.below(Vocabulary.commonTags.count)]) }
    let context = """
      ,{"schema":"iglu:com.acme/article/jsonschema/1-0-2","data":{"id":"a\(100_000 + number)","section":"\(name)",\
      "authors":\(list(authors)),"tags":\(list(tags)),"premium":\(premium),\
      "publishedAt":"\(Milliseconds(published).text)"}}
      """
    return Article(
      published: published, path: templates.add("/\(name)/\(slug)-\(100_000 + number)"),
      title: templates.add(title.prefix(1).uppercased() + title.dropFirst()), context: templates.add(context),
      section: UInt8(section), premium: premium)
  }

  /// As newsrooms make slugs: lower case, no accents (the only ones here are on an e).
  private static func plain(_ word: String) -> String {
    String(word.lowercased().map { $0.isASCII ? $0 : "e" })
  }

  private static func author(_ chance: inout Chance) -> String {
    Vocabulary.firstNames[chance.below(Vocabulary.firstNames.count)] + "-"
      + Vocabulary.lastNames[chance.below(Vocabulary.lastNames.count)]
  }

  private static func list(_ texts: [String]) -> String {
    "[" + texts.map { "\"\($0)\"" }.joined(separator: ",") + "]"
  }
}
