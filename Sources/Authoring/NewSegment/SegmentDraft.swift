import Diagnostics
import Events

/// What somebody wants from a new audience, and the first file for it, with tests that it passes.
public struct SegmentDraft: Sendable {
  public enum Kind: String, Sendable, CaseIterable {
    case readers, loyal, new, lapsed, clickers, sequence

    /// For people who choose among them.
    public var words: String {
      switch self {
      case .readers: "read three articles or more"
      case .loyal: "came on three days or more"
      case .new: "came for the first time"
      case .lapsed: "came before, and no more"
      case .clickers: "clicked on something"
      case .sequence: "clicked soon after they had read"
      }
    }
  }

  public var name: String
  public var owner: String
  public var purpose: String
  public var kind: Kind
  /// nil: the whole site.
  public var section: String?
  /// How many days back.
  public var days: Int
  public var events: EventNames

  public init(
    name: String, owner: String, purpose: String, kind: Kind, section: String?, days: Int,
    events: EventNames = .init()
  ) {
    self.name = name
    self.owner = owner
    self.purpose = purpose
    self.kind = kind
    self.section = section
    self.days = days
    self.events = events
  }

  /// The file's text in the canonical layout.
  /// - Throws: where a name or section cannot stand in a file.
  public func text() throws(Diagnostic) -> String {
    var lines = ["name: \(quoted(name))", "description: \(quoted(description))"]
    if !owner.isEmpty { lines.append("owner: \(quoted(owner))") }
    lines +=
      ["purpose: \(purpose)", "who:"] + rule.map { "  " + $0 } + ["tests:"] + tests.map { "  - " + $0 }
    return try SegmentFormatter.format(SourceText(file: "new.yaml", text: lines.joined(separator: "\n")))
  }

  /// An id made of a name: `Fórmula 1 fans` is `formula-1-fans`.
  public static func id(from name: String) -> String {
    // Folded, then without the marks that stand on letters.
    let letters = TextFold.fold(name).unicodeScalars.map { scalar -> Character in
      let base = String(scalar.properties.isAlphabetic ? decomposed(scalar) : scalar)
      let isPlain =
        base.utf8.count == 1
        && base.utf8.allSatisfy { (0x61...0x7a).contains($0) || (0x30...0x39).contains($0) }
      return isPlain ? Character(base) : "-"
    }
    return String(letters).split(separator: "-").joined(separator: "-")
  }

  private static func decomposed(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
    let table: [Unicode.Scalar: Unicode.Scalar] = [
      "à": "a", "á": "a", "â": "a", "ã": "a", "ä": "a", "å": "a", "ç": "c", "è": "e", "é": "e", "ê": "e",
      "ë": "e",
      "ì": "i", "í": "i", "î": "i", "ï": "i", "ñ": "n", "ò": "o", "ó": "o", "ô": "o", "õ": "o", "ö": "o",
      "ø": "o",
      "ù": "u", "ú": "u", "û": "u", "ü": "u", "ý": "y", "ÿ": "y",
    ]
    return table[scalar] ?? scalar
  }

  // MARK: Words

  private var description: String {
    let about = section.map { " in \($0)" } ?? ""
    let span = days == 1 ? "on the day" : "in \(days) days"
    switch kind {
    case .readers: return "Read three articles\(about) or more \(span)."
    case .loyal: return "Read\(about) on \(loyalDays) \(loyalDays == 1 ? "day" : "days") or more \(span)."
    case .new: return "Read\(about) for the first time \(span)."
    case .lapsed: return "Read\(about) before, but not \(span)."
    case .clickers: return "Clicked\(about) \(span)."
    case .sequence: return "Read\(about) and clicked within half an hour, \(span)."
    }
  }

  private var loyalDays: Int { min(3, days) }
  private var window: String { "last \(days)d" }

  private var rule: [String] {
    switch kind {
    case .readers: ["- reads: at least 3"] + whereLines([]) + ["  when: \(window)"]
    case .loyal: ["- days: at least \(loyalDays)"] + whereLines([view]) + ["  when: \(window)"]
    case .new: ["- first: \(window)"] + whereLines([view])
    case .lapsed: ["- latest: before \(window)"] + whereLines([view])
    case .clickers: ["- clicks: any"] + whereLines([]) + ["  when: \(window)"]
    case .sequence:
      ["- sequence:", "    - {\(fields([view]))}", "    - {\(click), within: 30m}", "  when: \(window)"]
    }
  }

  /// Who is in, and who just is not.
  private var tests: [String] {
    let last = days + 1
    switch kind {
    case .readers:
      return [
        given(["times: 3"], "in"), given(["times: 2"], "out"), given(["times: 3, day: \(last)"], "out"),
      ]
    case .loyal:
      let enough = (1...loyalDays).map { "day: \($0)" }
      return [given(enough, "in"), given(Array(enough.dropLast()), "out")]
    case .new: return [given(["day: \(days)"], "in"), given(["day: 1", "day: \(last)"], "out")]
    case .lapsed: return [given(["day: \(last)"], "in"), given(["day: \(last)", "day: 1"], "out")]
    case .clickers:
      return [given([click], "in"), given([""], "out"), given([click + ", day: \(last)"], "out")]
    case .sequence:
      return [
        given(["at: 10h", "\(click), at: 10h20m"], "in"), given(["at: 10h", "\(click), at: 10h40m"], "out"),
        given(["\(click), at: 10h", "at: 10h20m"], "out"),
      ]
    }
  }

  private var view: String { "event: \(quoted(events.view))" }
  private var click: String { "event: \(quoted(events.click))" }
  private var sectionField: [String] { section.map { ["section: \(quoted($0))"] } ?? [] }

  private func fields(_ more: [String]) -> String {
    (sectionField + more).filter { !$0.isEmpty }.joined(separator: ", ")
  }

  private func whereLines(_ more: [String]) -> [String] {
    let text = fields(more)
    return text.isEmpty ? [] : ["  where: {\(text)}"]
  }

  private func given(_ events: [String], _ expected: String) -> String {
    "{given: [\(events.map { "{\(fields([$0]))}" }.joined(separator: ", "))], expect: \(expected)}"
  }

  private func quoted(_ text: String) -> String { ScalarText.quoted(text) }
}
