#if canImport(Glibc)
  import Glibc
#endif
import Diagnostics

/// Decides what quiet, JSON, colours and progress show. Results go to standard output, all else to standard error.
struct Printer: Sendable {
  let json: Bool
  let quiet: Bool
  /// Colours on standard error and output.
  let colorErrors: Bool
  let colorOutput: Bool
  let showsProgress: Bool

  /// Reads its own switches out of the words, since it must be there before they are parsed.
  init(_ words: [String]) {
    json = words.contains("--json")
    quiet = words.contains("--quiet")
    let plain =
      words.contains("--no-color") || Environment["NO_COLOR"].map { !$0.isEmpty } ?? false
      || Environment["TERM"] == "dumb"
    colorErrors = !plain && isatty(2) == 1
    colorOutput = !plain && isatty(1) == 1
    showsProgress =
      isatty(2) == 1 && !quiet && !json && !words.contains("--no-progress") && Environment["TERM"] != "dumb"
  }

  /// A printer that shows errors only, on standard error.
  var silent: Printer { Printer(["--quiet", "--no-color"]) }

  /// Whether standard output is a terminal whose screen may be cleared.
  var clearsScreen: Bool { !json && !quiet && isatty(1) == 1 && Environment["TERM"] != "dumb" }
  static let clearScreen = "\u{1b}[2J\u{1b}[3J\u{1b}[H"

  /// Writes a result.
  func out(_ text: String) { write(text, to: 1) }

  /// Writes a sentence for people, beside the result; nothing when quiet or for machines.
  func say(_ text: String) {
    if !quiet, !json { write(text + "\n", to: 1) }
  }

  /// Writes to standard error.
  func note(_ text: String) {
    if !quiet { write(text + "\n", to: 2) }
  }

  /// One diagnostic: rendered to standard error, or as one JSON line to standard output.
  func diagnostic(_ diagnostic: Diagnostic, source: SourceText? = nil) {
    if json {
      out(diagnostic.json + "\n")
    } else if diagnostic.isError || !quiet {
      write(diagnostic.rendered(source: source, color: colorErrors), to: 2)
    }
  }

  /// What made a command fail, with the lines of the file it is in.
  func failure(_ failure: Diagnostic) {
    let file = failure.place.flatMap { $0.line > 0 ? $0.file : nil }
    let source = file.flatMap { path in
      // A line of a file that cannot be read any more, is large or is packed is not shown.
      (try? Files.read(path, limit: 1 << 20)).flatMap { bytes in
        bytes.contains(0) ? nil : SourceText(file: path, bytes: bytes)
      }
    }
    diagnostic(failure, source: source)
  }

  private func write(_ text: String, to descriptor: Int32) {
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
      let count = unsafe bytes.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return }
      bytes = bytes.dropFirst(count)
    }
  }
}

/// The process's environment.
enum Environment {
  static subscript(name: String) -> String? { unsafe getenv(name).map { unsafe String(cString: $0) } }
}
