import Diagnostics
import Events

/// W6 for a store that is younger than windows ask for: one warning for all files, since a new store would otherwise
/// be told of in nearly every one.
struct StoreYouth {
  /// A window that begins before the store does.
  struct Window: Hashable {
    var text: String
    var place: Place
  }

  /// Each place once: a template's window is that of many segments.
  private var windows: Set<Window> = []

  mutating func take(_ file: SegmentFile) { windows.formUnion(file.earlyWindows) }

  /// nil: every window has all its days.
  func diagnostic(_ context: RuleContext) -> Diagnostic? {
    guard let first = context.firstDay, let asOf = context.asOf else { return nil }
    let sorted = windows.sorted { a, b in
      (a.place.file, a.place.line, a.place.column) < (b.place.file, b.place.line, b.place.column)
    }
    guard let example = sorted.first else { return nil }
    let days = max(0, first.distance(to: asOf) + 1)
    let store =
      "further than the store, which has events since \(first) (\(days == 1 ? "1 day" : "\(days) days"))"
    guard sorted.count > 1 else {
      return Diagnostic(.w6, "'\(example.text)' looks back \(store)", at: example.place)
    }
    let files = Set(sorted.map(\.place.file)).count
    return Diagnostic(
      .w6,
      "\(sorted.count) windows in \(files == 1 ? "1 file" : "\(files) files") look back \(store)",
      notes: [.init("one of them, '\(example.text)'", at: example.place)])
  }
}
