import Diagnostics
import Ingest

extension Arguments {
  /// A number of rows or a share of them: `100`, `1%`.
  func rejectLimit(_ name: String) throws(Diagnostic) -> IngestOptions.RejectLimit? {
    guard let text = self[name] else { return nil }
    if text.hasSuffix("%"), let percent = Double(text.dropLast()), (0...100).contains(percent) {
      return .share(percent / 100)
    }
    if let count = Int(text), count >= 0 { return .count(count) }
    throw Diagnostic(.c3, "\(name) must be a number or a share, not '\(text)'", hint: "100, or 1%")
  }
}
