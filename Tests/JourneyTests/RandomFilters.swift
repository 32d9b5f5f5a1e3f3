import Events
import Rules
import Support

/// Windows, thresholds and filters.
extension RandomRules {
  mutating func closedWindow() -> Window {
    let a = Int.random(in: 1...12, using: &random)
    return pick([
      .days(near: a, far: a + 9), .lastTime(Int64(a) * 3_600_000), .previous(.week), .days(near: 1, far: a),
    ])
  }

  mutating func threshold(_ values: [Int64]) -> Threshold {
    let (a, b) = (pick(values), pick(values))
    return pick([
      .any, .none, .atLeast(a), .atMost(a), .moreThan(a), .lessThan(a), .exactly(a),
      .between(min(a, b), max(a, b)),
    ])
  }

  mutating func window() -> Window {
    let (a, b) = (Int.random(in: 1...12, using: &random), Int.random(in: 1...45, using: &random))
    let day = asOf.advanced(by: -Int.random(in: 0...30, using: &random))
    return pick([
      .ever, .days(near: 1, far: b), .days(near: a, far: a + b), .beforeLast(days: a),
      .lastTime(Int64(b) * 3_600_000),
      .dates(from: day, through: nil), .dates(from: nil, through: day),
      .dates(from: day, through: day.advanced(by: a)),
      .current(pick(Window.Period.allCases)), .previous(pick(Window.Period.allCases)),
    ])
  }

  mutating func filter(depth: Int) -> Filter {
    if chance(15) { return .always }
    if depth < 2, chance(35) {
      let parts = (0..<Int.random(in: 1...3, using: &random)).map { _ in filter(depth: depth + 1) }
      return pick([.all(parts), .any(parts), .none(parts)])
    }
    let (field, match) = leafMatch()
    let test: Match = chance(12) ? .not(match) : match
    return .field(field, chance(6) ? .known(chance(50)) : test)
  }

  mutating func leafMatch() -> (Field, Match) {
    switch Int.random(in: 0...15, using: &random) {
    case 10:
      return pick([
        (.ofArticle("desk", .text), texts(["gold", "silver"])),
        (.ofArticle("words", .number), .number(threshold([0, 1_000_000, 2_500_000]))),
      ])
    case 11:
      return pick([
        (.age, .number(threshold([0, 7_200_000, 864_000_000]))), (.published, .inWindow(window())),
        (.published, .next(86_400_000)),
      ])
    case 12:
      return pick([(.country, .list("countries")), (.article, .list("articles")), (.tag, .list("tags"))])
    case 13:
      let ids = (0..<2).map {
        let text = "s\($0)-user-\(Int.random(in: 0..<9, using: &random))"
        return Match.id(Hash.xxh3(Array(text.utf8)), text)
      }
      return (.session, chance(50) ? ids[0] : .anyOf(ids))
    case 14: return (pick(SampleWorld.plainTexts + [.author]), texts(["spring-sale", "été", "x"]))
    case 15:
      return (pick([.scroll, .position, SampleWorld.score]), .number(threshold([0, 1_500_000, 4_000_000])))
    case 0: return (.event, .text(.value(pick(["page_view", "link_click", "subscribe"]))))
    case 1, 2: return (.section, texts(["sport", "sport/formula-1", "news", "économie", "sport/tennis"]))
    case 3: return (.device, texts(SampleWorld.devices))
    case 4: return (.country, texts(["nl", "be", "no"]))
    case 5: return (.element, texts(SampleWorld.elements))
    case 6:
      return chance(25)
        ? (.tag, .allOf([.value("a"), .value(pick(["b", "long-read"]))]))
        : (.tag, texts(["a", "b", "été", "long-read"]))
    case 7: return (.experiment, texts(["homepage", "homepage:a", "paywall"]))
    case 8: return (.value, .number(threshold([-1_000_000, 0, 2_500_000])))
    default:
      return pick([
        (.dwell, .number(threshold([0, 30_000, 60_000]))), (.hour, .number(threshold([0, 6, 22]))),
        (.hour, .hours(from: pick([22, 6, 0]), through: pick([1, 8, 23]))),
        (.weekday, .anyOf([.number(.exactly(1)), .number(.exactly(Int64(pick([5, 6, 7]))))])),
      ])
    }
  }

  mutating func texts(_ values: [String]) -> Match {
    let value = pick(values)
    let (head, tail) = (String(value.prefix(2)), String(value.suffix(3)))
    let tests: [TextTest] = [
      .value(value), .exactly(value), .contains(String(value.prefix(3))), .starts(head), .ends(tail),
      .wildcard([head, ""]),
      .wildcard(["", tail]), .wildcard([head, tail]),
      .wildcard(["", String(value.dropFirst().prefix(2)), ""]),
    ]
    return chance(15) ? .anyOf([.text(.value(value)), .text(.value(pick(values)))]) : .text(pick(tests))
  }

  mutating func userFilter() -> Filter {
    let field = pick(SampleWorld.userFields + [.firstSeen])
    let match: Match =
      switch field.kind {
      case .text: chance(20) ? .list("tiers") : texts(["gold", "silver", "free"])
      case .time: chance(20) ? .next(pick([86_400_000, 864_000_000])) : .inWindow(window())
      default: .number(threshold([0, 500_000, 2_000_000]))
      }
    let test = Filter.field(field, chance(10) ? .known(chance(50)) : chance(10) ? .not(match) : match)
    return chance(25)
      ? pick([.all([test, userFilter()]), .any([test, userFilter()]), .none([test])]) : test
  }
}
