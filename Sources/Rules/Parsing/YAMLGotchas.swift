import Diagnostics

/// YAML's traps, said in the words of somebody who writes audiences.
enum YAMLGotchas {
  /// libyaml's error, where its line shows a well-known trap, explained.
  static func explained(_ error: Diagnostic, _ source: SourceText) -> Diagnostic {
    guard let place = error.place, place.line > 0 else { return error }
    for number in [place.line, place.line - 1] {
      guard let line = source.line(number),
        let found = trap(line, error, Place(file: source.file, line: number))
      else { continue }
      return found
    }
    return error
  }

  private static func trap(_ line: String, _ error: Diagnostic, _ place: Place) -> Diagnostic? {
    guard let colon = separator(line) else { return nil }
    let value = line[colon...].dropFirst(2).drop { $0 == " " }
    var place = place
    place.column = line.distance(from: line.startIndex, to: value.startIndex) + 1
    place.length = max(1, value.count)
    if let sign = value.first, sign == ">" || sign == "|", error.code == .y0 {
      return Diagnostic(
        .y3, "'\(sign)' opens a block of text in YAML", at: place,
        hint:
          "thresholds are words: '\(value.hasPrefix(">=") ? "at least" : "more than") \(value.drop { ">=| ".contains($0) })'"
      )
    }
    if value.hasPrefix("*") {
      return Diagnostic(
        .y4, "'*' opens an alias in YAML", at: place,
        hint: "quote it: '\"\(value)\"', or write {ends: \(value.dropFirst())}")
    }
    if error.code == .y0, error.message.contains("mapping values"), value.contains(": ") {
      return Diagnostic(
        .y10, "a colon and a space begin a new value in YAML", at: place,
        hint: "quote the text: '\"\(value)\"'")
    }
    return nil
  }

  /// The first `: ` of a line.
  private static func separator(_ line: String) -> String.Index? {
    var index = line.startIndex
    while index < line.endIndex {
      let next = line.index(after: index)
      if line[index] == ":", next < line.endIndex, line[next] == " " { return index }
      index = next
    }
    return nil
  }

  /// Y11: ` #5` behind plain text; a real comment has a space behind its `#`.
  static func comments(_ source: SourceText) -> [Diagnostic] {
    guard source.bytes.count <= 64 << 10 else { return [] }
    var found: [Diagnostic] = []
    let lines = String(decoding: source.bytes, as: UTF8.self).split(
      separator: "\n", omittingEmptySubsequences: false)
    for (number, line) in lines.enumerated() {
      let scalars = Array(line.unicodeScalars)
      var quote: Unicode.Scalar?
      for index in scalars.indices {
        let scalar = scalars[index]
        if let open = quote {
          if scalar == open { quote = nil }
          continue
        }
        if scalar == "\"" || scalar == "'" {
          if index == 0 || " [{,:".unicodeScalars.contains(scalars[index - 1]) { quote = scalar }
        }
        guard scalar == "#" else { continue }
        let afterText = index > 1 && scalars[index - 1] == " " && scalars[..<index].contains { $0 != " " }
        let next = index + 1 < scalars.count ? scalars[index + 1] : " "
        if afterText, next != " ", next != "#", next != "!" {
          found.append(
            Diagnostic(
              .y11, "'#' begins a comment here, so the text ends before it",
              at: Place(
                file: source.file, line: number + 1, column: index + 1, length: scalars.count - index),
              hint: "quote the text if the '#' is part of it; a comment has a space behind '#'"))
        }
        if index == 0 || scalars[index - 1] == " " { break }
      }
    }
    return found
  }
}
