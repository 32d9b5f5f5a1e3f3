@_spi(_Unicode) import Swift

/// How rule text compares: NFC, then locale-free simple lower case. Accents count; ids never pass here.
public enum TextFold {
  /// The folded form of UTF-8 bytes; bytes that are not UTF-8 are repaired first. ASCII takes a short way.
  public static func fold(_ text: String) -> String {
    if text.utf8.allSatisfy({ $0 < 0x80 }) {
      return text.utf8.contains { isUpper($0) } ? text.lowercased() : text
    }
    // Lower case can compose anew or reorder, so NFC once more; two rounds are enough (checked in tests).
    return nfc(lowered(nfc(text)))
  }

  private static func isUpper(_ byte: UInt8) -> Bool { byte >= 0x41 && byte <= 0x5a }

  private static func nfc(_ text: String) -> String {
    var scalars = String.UnicodeScalarView()
    for scalar in text._nfc { scalars.append(scalar) }
    return String(scalars)
  }

  /// Simple lower case: one scalar to one scalar, the first of a longer mapping (U+0130 İ becomes i, as
  /// UnicodeData.txt says).
  private static func lowered(_ text: String) -> String {
    var scalars = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      scalars.append(scalar.properties.lowercaseMapping.unicodeScalars.first ?? scalar)
    }
    return String(scalars)
  }
}
