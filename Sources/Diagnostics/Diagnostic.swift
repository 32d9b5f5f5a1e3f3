/// What a user can mend: a code, a place, what is wrong, what to do.
///
/// The room knows no parser and no store; whoever finds a mistake makes a `Diagnostic`, and the command line
/// renders it for people or machines.
public struct Diagnostic: Error, Sendable, Equatable {
  public enum Severity: String, Sendable { case error, warning }

  /// From the one list of codes; literal, never reused.
  public var code: Code
  public var severity: Severity
  /// One whole sentence: what is wrong. No final full stop.
  public var message: String
  public var place: Place?
  /// Related places: "first defined here".
  public var notes: [Note]
  /// What to do about it.
  public var hint: String?

  public struct Note: Sendable, Equatable {
    public var message: String
    public var place: Place?
    public init(_ message: String, at place: Place? = nil) {
      self.message = message
      self.place = place
    }
  }

  /// - Parameter severity: the code's own unless said.
  public init(
    _ code: Code, _ message: String, at place: Place? = nil, severity: Severity? = nil, notes: [Note] = [],
    hint: String? = nil
  ) {
    self.code = code
    self.severity = severity ?? code.severity
    self.message = message
    self.place = place
    self.notes = notes
    self.hint = hint
  }

  public var isError: Bool { severity == .error }
}

/// Where in the outside world a mistake is: a file and, where it is text, a range of it; or a named spot such
/// as "batch 3" of a binary file.
public struct Place: Sendable, Equatable, Hashable {
  public var file: String
  /// Line and column from 1; the column counts Unicode scalars. 0: the file as a whole.
  public var line: Int
  public var column: Int
  /// How many Unicode scalars the caret underlines, at least 1.
  public var length: Int
  /// A spot inside a binary file: "batch 3, column dwell".
  public var detail: String?

  public init(file: String, line: Int = 0, column: Int = 0, length: Int = 1, detail: String? = nil) {
    self.file = file
    self.line = line
    self.column = column
    self.length = max(1, length)
    self.detail = detail
  }

  /// `file:line:column`, `file:line`, or `file (detail)`.
  public var text: String {
    var text = file
    if line > 0 { text += ":\(line)" }
    if line > 0, column > 0 { text += ":\(column)" }
    if let detail { text += " (\(detail))" }
    return text
  }
}
