#if canImport(Glibc)
  import Glibc
#endif
import Diagnostics

/// Questions on a terminal.
struct Questions {
  /// Whether somebody is there to answer.
  static var canAsk: Bool { isatty(0) == 1 && isatty(1) == 1 }

  let printer: Printer

  /// Asks until an answer does.
  /// - Parameters:
  ///   - standard: for an empty answer; nil: something must be said.
  ///   - check: what is wrong with an answer; nil: nothing.
  /// - Throws: where the answers end.
  func ask(_ question: String, standard: String?, check: (String) -> String? = { _ in nil })
    throws(Diagnostic) -> String
  {
    while true {
      printer.out(question + (standard.map { $0.isEmpty ? "" : " [\($0)]" } ?? "") + ": ")
      guard let line = readLine() else {
        printer.out("\n")
        throw Diagnostic(.c3, "the questions were not answered; nothing is written")
      }
      let text = line.split(whereSeparator: \.isWhitespace).joined(separator: " ")
      let answer = text.isEmpty ? standard : text
      guard let answer else {
        printer.out("  Something has to be said here.\n")
        continue
      }
      guard let problem = check(answer) else { return answer }
      printer.out("  \(problem)\n")
    }
  }
}
