extension Segment {
  /// What the rule says, and what becomes of those for whom it holds: sentences, some with lists below them.
  public var rulesInWords: String {
    let after = after.wordings(id)
    let who = [root.wording.sentence]
    return (after.isEmpty ? who : who + [Wording("then", parts: after, isOrdered: true).sentence]).joined(
      separator: "\n")
  }
}

extension AfterWho {
  /// In their order.
  /// - Parameter id: of the segment, whose seeds are not worth a word.
  func wordings(_ id: String) -> [Wording] {
    func seed(_ seed: String, _ what: String) -> String {
      seed == "\(id)/\(what)" ? "" : ", by the seed \(ValueText.quoted(seed))"
    }
    var wordings: [Wording] = []
    if let keep { wordings.append(keep.wording) }
    if let sample {
      wordings.append(Wording("a random \(sample.words) of them are taken\(seed(sample.seed, "sample"))"))
    }
    if let limit {
      let users = "at most \(CountText.text(limit.users)) of them are taken at random"
      wordings.append(Wording(users + seed(limit.seed, "limit")))
    }
    if let holdout {
      wordings.append(
        Wording("a random \(holdout.words) of them are held out\(seed(holdout.seed, "holdout"))"))
    }
    if let split { wordings.append(Wording(split.words + seed(split.seed, "split"))) }
    return wordings
  }
}

extension AfterWho.Keep {
  public var wording: Wording {
    guard let condition else {
      return Wording(
        "they stay for \(CountText.text(days, "day")), from the day on which they last qualified")
    }
    return Wording(
      "they stay for at most \(CountText.text(days, "day")), from the day on which they last qualified, and only while",
      parts: [condition.wording])
  }
}

extension AfterWho.Share {
  public var words: String { DecimalText.text(millionths: millionths * 100) + "%" }
}

extension AfterWho.Split {
  fileprivate var words: String {
    let shares = arms.map { "\(DecimalText.text(millionths: $0.millionths * 100))% in arm \($0.name)" }
    let rest = 1_000_000 - arms.reduce(0) { $0 + $1.millionths }
    let unassigned = rest > 0 ? ["\(DecimalText.text(millionths: rest * 100))% in none"] : []
    return "the others are split at random: \((shares + unassigned).joined(last: "and"))"
  }
}
