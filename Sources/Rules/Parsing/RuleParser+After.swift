import Diagnostics
import Events
import YAML

/// What follows `who`: `keep`, `sample`, `limit`, `holdout`, `split`.
extension RuleParser {
  static let afterKeys = ["keep", "sample", "limit", "holdout", "split"]
  private static let longestKeep = 366
  private static let mostArms = 100

  /// - Parameter id: of the segment; seeds are made of it.
  mutating func after(_ root: YAMLNode, id: String) -> AfterWho {
    var after = AfterWho()
    if let node = root["keep"] {
      keepPlace = node.place
      after.keep = keep(node)
    }
    if let node = root["sample"] { after.sample = share(node, "sample", id, 1...1_000_000) }
    if let node = root["limit"] { after.limit = limit(node, id) }
    if let node = root["holdout"] { after.holdout = share(node, "holdout", id, 1...999_999) }
    if let node = root["split"] { after.split = split(node, id) }
    return after
  }

  // MARK: keep

  /// `30d`, or `{for: 90d, while: NODE}`
  private mutating func keep(_ raw: YAMLNode) -> AfterWho.Keep? {
    guard let node = resolve(raw) else { return nil }
    guard let entries = node.entries else {
      guard let text = text(node, "'keep'") else { return nil }
      return wholeDays(text, node, upTo: Self.longestKeep).map { .init(days: $0) }
    }
    checkKeys(entries, ["for", "while"], "keep")
    let condition = node["while"].flatMap { nodeOrList($0, depth: 1) }
    guard let length = node["for"] else {
      report(.w1, "'keep' does not say for how long", at: node.place, hint: "add 'for: 90d'")
      return nil
    }
    guard let text = resolvedText(length, "'for'"), let days = wholeDays(text, length, upTo: Self.longestKeep)
    else { return nil }
    return .init(days: days, while: condition)
  }

  private mutating func checkKeys(_ entries: [YAMLNode.Entry], _ known: [String], _ what: String) {
    for entry in entries where !known.contains(entry.name) {
      report(
        .n1, "'\(what)' knows no key '\(entry.name)'", at: entry.key.place,
        hint: Self.nearest(entry.name, among: known) ?? "it knows \(known.joined(separator: ", "))")
    }
  }

  // MARK: Shares of users

  /// A value, or a map of it and a `seed`.
  private mutating func seeded(_ raw: YAMLNode, _ key: String, _ what: String, _ id: String) -> (
    value: YAMLNode, seed: String
  )? {
    let standard = "\(id)/\(what)"
    guard let node = resolve(raw) else { return nil }
    guard let entries = node.entries else { return (node, standard) }
    checkKeys(entries, [key, "seed"], what)
    guard let value = node[key] else {
      report(.n1, "'\(what)' does not say how many", at: node.place, hint: "add '\(key): …'")
      return nil
    }
    guard let given = node["seed"] else { return resolve(value).map { ($0, standard) } }
    guard let seed = resolvedText(given, "'seed'"), let resolved = resolve(value) else { return nil }
    return (resolved, seed)
  }

  /// `10%`, or `{share: 10%, seed: xmas}`
  private mutating func share(_ raw: YAMLNode, _ what: String, _ id: String, _ range: ClosedRange<Int64>)
    -> AfterWho.Share?
  {
    guard let (node, seed) = seeded(raw, "share", what, id), let text = text(node, "'\(what)'"),
      let share = percent(text, node, what)
    else { return nil }
    guard range.contains(share) else {
      report(
        .t6,
        share > 1_000_000
          ? "there are no more than 100%"
          : share > 0 ? "nobody would be left" : "'\(what): \(text)' takes nobody",
        at: node.place, hint: "such as 10%, or drop it")
      return nil
    }
    if share == 1_000_000 {
      report(.t7, "'\(what): \(text)' takes everybody", at: node.place, hint: "drop it")
    }
    return .init(millionths: share, seed: seed)
  }

  /// `50000`, or `{users: 50000, seed: xmas}`
  private mutating func limit(_ raw: YAMLNode, _ id: String) -> AfterWho.Limit? {
    guard let (node, seed) = seeded(raw, "users", "limit", id), let text = text(node, "'limit'") else {
      return nil
    }
    guard !text.hasSuffix("%") else {
      report(.t5, "'limit' is a number of users", at: node.place, hint: "'sample: \(text)' takes a share")
      return nil
    }
    guard let users = decimal(text, decimals: 0, node, "limit") else { return nil }
    guard users > 0 else {
      report(.t6, "'limit: \(text)' takes nobody", at: node.place, hint: "such as 50000, or drop it")
      return nil
    }
    return .init(users: Int(users), seed: seed)
  }

  // MARK: split

  /// `{a: 50%, b: 50%}`, or `{arms: {a: 50%, b: 50%}, seed: xmas}`
  private mutating func split(_ raw: YAMLNode, _ id: String) -> AfterWho.Split? {
    guard var node = resolve(raw) else { return nil }
    var seed = "\(id)/split"
    if let arms = node["arms"].flatMap({ resolve($0) }), arms.entries != nil {
      checkKeys(node.entries ?? [], ["arms", "seed"], "split")
      if let given = node["seed"] {
        guard let text = resolvedText(given, "'seed'") else { return nil }
        seed = text
      }
      node = arms
    }
    guard let entries = node.entries, !entries.isEmpty, entries.count <= Self.mostArms else {
      let isMany = (node.entries?.count ?? 0) > Self.mostArms
      report(
        isMany ? .y14 : .y13, isMany ? "more than \(Self.mostArms) arms" : "'split' names no arms",
        at: node.place, hint: "such as {a: 50%, b: 50%}")
      return nil
    }
    let arms = entries.map { arm($0) }
    guard !arms.contains(where: { $0 == nil }) else { return nil }
    let good = arms.compactMap { $0 }
    let sum = good.reduce(0) { $0 + $1.millionths }
    guard sum <= 1_000_000 else {
      report(
        .t6, "the arms are \(DecimalText.text(millionths: sum * 100))% together", at: node.place,
        hint: "at most 100%; 'sample' makes the whole smaller")
      return nil
    }
    return .init(arms: good, seed: seed)
  }

  private mutating func arm(_ entry: YAMLNode.Entry) -> AfterWho.Split.Arm? {
    guard entry.name != "holdout", SegmentFile.isID(entry.name) else {
      report(
        .n9, "'\(entry.name)' is no name of an arm", at: entry.key.place,
        hint: entry.name == "holdout"
          ? "'holdout: 10%' beside 'split' is what holds users out" : "a–z, 0–9 and -, such as 'a'")
      return nil
    }
    guard let node = resolve(entry.value), let text = text(node, "an arm's share"),
      let share = percent(text, node, entry.name)
    else { return nil }
    guard (1...1_000_000).contains(share) else {
      report(
        .t6, share > 0 ? "there are no more than 100%" : "the arm '\(entry.name)' takes nobody",
        at: node.place,
        hint: "such as 50%")
      return nil
    }
    return .init(name: entry.name, millionths: share)
  }
}
