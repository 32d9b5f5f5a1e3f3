/// The known word nearest to a mistyped one.
public enum Nearest {
  /// The candidate with the smallest edit distance to `word`, if it is near enough to be meant: at most a third
  /// of the word's length, and at least 1. Of equally near ones the first by bytes.
  public static func word(to word: String, among candidates: some Sequence<String>) -> String? {
    let limit = max(1, word.unicodeScalars.count / 3)
    var best: (distance: Int, word: String)?
    for candidate in candidates where candidate != word {
      let distance = distance(word, candidate)
      guard distance <= limit, distance < word.unicodeScalars.count else { continue }
      if let known = best, (known.distance, known.word) <= (distance, candidate) { continue }
      best = (distance, candidate)
    }
    return best?.word
  }

  /// Optimal string alignment distance: insert, delete, replace, swap two neighbours. O(n·m).
  static func distance(_ a: String, _ b: String) -> Int {
    let a = Array(a.unicodeScalars), b = Array(b.unicodeScalars)
    guard !a.isEmpty, !b.isEmpty else { return max(a.count, b.count) }
    var before = [Int](), last = Array(0...b.count), row = last
    for i in 1...a.count {
      row[0] = i
      for j in 1...b.count {
        let change = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)
        row[j] = min(last[j] + 1, row[j - 1] + 1, change)
        if i > 1, j > 1, a[i - 1] == b[j - 2], a[i - 2] == b[j - 1] {
          row[j] = min(row[j], before[j - 2] + 1)
        }
      }
      (before, last, row) = (last, row, last)
    }
    return last[b.count]
  }
}
