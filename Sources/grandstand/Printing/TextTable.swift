/// Rows of text in columns, aligned for a terminal.
struct TextTable {
  enum Alignment { case left, right }
  var headers: [String]
  var alignments: [Alignment]
  var rows: [[String]] = []

  init(_ columns: [(String, Alignment)]) {
    headers = columns.map(\.0)
    alignments = columns.map(\.1)
  }

  var text: String {
    let widths = headers.indices.map { column in
      ([headers] + rows).map { column < $0.count ? $0[column].count : 0 }.max() ?? 0
    }
    let rule = widths.map { String(repeating: "─", count: $0) }
    return ([headers, rule] + rows).map { line($0, widths) + "\n" }.joined()
  }

  private func line(_ cells: [String], _ widths: [Int]) -> String {
    let padded = zip(cells.indices, cells).map { index, cell in
      alignments[index] == .left ? cell.padded(to: widths[index]) : cell.leftPadded(to: widths[index])
    }
    var text = padded.joined(separator: "  ")
    while text.hasSuffix(" ") { text.removeLast() }
    return text
  }
}
