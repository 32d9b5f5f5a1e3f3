import Diagnostics
import Rules
import YAML

/// Segment files in their one canonical layout.
///
/// Comments and blank lines stay with what they stand beside; the top-level keys come in the order of the reference;
/// braces that fit a line stay on it, longer ones become a block. What a file means never changes. `definitions.yaml` is
/// laid out likewise, its names in their own order.
public enum SegmentFormatter {
  /// The top-level keys in the order of the reference; others follow as they stood.
  public static let keyOrder = [
    "name", "description", "owner", "purpose", "tags", "destinations", "expires", "draft", "when", "where",
    "let",
    "who", "keep", "sample", "limit", "holdout", "split", "parameters", "template", "make", "tests",
  ]

  /// The file's canonical text.
  /// - Throws: what is wrong with a file that cannot be read; it is to be left alone.
  public static func format(_ source: SourceText) throws(Diagnostic) -> String {
    let document = try read(source)
    guard let root = document.root, root.entries != nil else { throw noSegment(source) }
    // The project's definitions are a map of names in an order of its own.
    let isDefinitions = source.file.split(separator: "/").last == "definitions.yaml"
    let meant = isDefinitions ? ShortDurations.shortened(definitions: root) : ShortDurations.shortened(root)
    var builder = LayoutBuilder(document)
    let layout = builder.document(meant, keyOrder: isDefinitions ? [] : keyOrder)
    let text = LayoutWriter.text(layout)
    guard try isSame(SourceText(file: source.file, text: text), meant, document.comments) else {
      throw Diagnostic(
        .y0, "the file cannot be laid out anew without changing what it says", at: Place(file: source.file),
        hint: "it is left as it is; a key of more than 1,000 characters may be the reason")
    }
    return text
  }

  private static func read(_ source: SourceText) throws(Diagnostic) -> YAMLDocument {
    do throws(Diagnostic) { return try YAMLDocument.parse(source, limits: .segment) } catch {
      // The checker knows the usual traps behind libyaml's words.
      throw RuleCompiler.compile([source], context: .init()).diagnostics.first(where: \.isError) ?? error
    }
  }

  private static func noSegment(_ source: SourceText) -> Diagnostic {
    RuleCompiler.compile([source], context: .init()).diagnostics.first(where: \.isError)
      ?? Diagnostic(.y13, "the file holds no segment", at: Place(file: source.file))
  }

  /// After writing, reading: the same values and all comments, or nothing is written.
  private static func isSame(_ text: SourceText, _ meant: YAMLNode, _ comments: [YAMLDocument.Comment])
    throws(Diagnostic) -> Bool
  {
    // A text that cannot be read is no diagnostic of the user's: it is a layout that does not do.
    guard let again = try? YAMLDocument.parse(text, limits: .segment), let root = again.root else {
      return false
    }
    return SameMeaning.ofFiles(root, meant)
      && again.comments.map(\.text).sorted() == comments.map(\.text).sorted()
  }
}

/// Whether two trees say the same to the checker.
enum SameMeaning {
  /// Top-level keys may stand in any order.
  static func ofFiles(_ a: YAMLNode, _ b: YAMLNode) -> Bool {
    guard let first = a.entries, let second = b.entries, first.count == second.count else { return false }
    let byName = Dictionary(second.map { ($0.name, $0.value) }) { first, _ in first }
    return first.allSatisfy { entry in byName[entry.name].map { same(entry.value, $0) } ?? false }
  }

  static func same(_ a: YAMLNode, _ b: YAMLNode) -> Bool {
    switch (a.value, b.value) {
    case (.scalar(let a), .scalar(let b)):
      // Only of these words the checker asks whether they are quoted.
      let nullLike = ScalarText.isNullLike(a.text)
      return a.text.utf8.elementsEqual(b.text.utf8)
        && (!nullLike || (a.style == .plain) == (b.style == .plain))
    case (.list(let a), .list(let b)):
      return a.count == b.count && zip(a, b).allSatisfy { same($0, $1) }
    case (.map(let a), .map(let b)):
      return a.count == b.count
        && zip(a, b).allSatisfy { $0.name.utf8.elementsEqual($1.name.utf8) && same($0.value, $1.value) }
    default: return false
    }
  }
}
