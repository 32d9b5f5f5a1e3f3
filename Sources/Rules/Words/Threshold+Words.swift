extension Threshold {
  /// `at least 3`
  /// - Parameter text: writes a quantity.
  func words(_ text: (Int64) -> String) -> String {
    switch self {
    case .any: "more than \(text(0))"
    case .none: "exactly \(text(0))"
    case .atLeast(let q): "at least \(text(q))"
    case .atMost(let q): "at most \(text(q))"
    case .moreThan(let q): "more than \(text(q))"
    case .lessThan(let q): "less than \(text(q))"
    case .exactly(let q): "exactly \(text(q))"
    case .between(let a, let b): "between \(text(a)) and \(text(b))"
    case .top(let cut): "in the top \(cut.words)"
    case .bottom(let cut): "in the bottom \(cut.words)"
    }
  }

  /// `at least 3 articles`, `any article`, `no article`
  func words(_ one: String, _ many: String) -> String {
    switch self {
    case .any: "any \(one)"
    case .none: "no \(one)"
    case .lessThan(let q): "fewer than \(CountText.text(q)) \(many)"
    case .atLeast(1), .atMost(1), .moreThan(1), .exactly(1): words { CountText.text($0) } + " \(one)"
    default: words { CountText.text($0) } + " \(many)"
    }
  }
}

extension RankCut {
  var words: String {
    switch self {
    case .share(let millionths): DecimalText.text(millionths: millionths * 100) + "%"
    case .users(let count): CountText.text(count)
    }
  }
}

extension CountTest {
  var words: String {
    switch self {
    case .atLeast(let n): "at least \(n)"
    case .atMost(let n): "at most \(n)"
    case .exactly(let n): "exactly \(n)"
    }
  }
}
