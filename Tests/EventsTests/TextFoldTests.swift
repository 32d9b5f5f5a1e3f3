import Events
import Support
import Testing

@Suite struct `Folded text` {
  /// Scalars that Python's Unicode 14 does not know yet are left out; of the rest, none may differ.
  @Test(.enabled(if: Support.python != nil, "needs Python"))
  func `is NFC and simple lower case for every scalar`() throws {
    let made = try Support.runPython(
      """
      import unicodedata as u
      nfc = lambda s: u.normalize('NFC', s)
      # lower() of one character is its full mapping; the simple one of U+0130, the only longer, is i.
      low = lambda s: ''.join(c.lower() if len(c.lower()) == 1 else c.lower()[0] for c in s)
      for n in range(0x80, 0x110000):
          c = chr(n)
          if 0xd800 <= n < 0xe000 or u.category(c) == 'Cn': continue
          print(n, *(format(ord(x), 'x') for x in nfc(low(nfc(c)))))
      """)
    var different = 0
    for line in made.split(separator: "\n") {
      let parts = line.split(separator: " ")
      let scalar = try #require(UInt32(parts[0]).flatMap(Unicode.Scalar.init))
      let folded = TextFold.fold(String(scalar)).unicodeScalars.map { String($0.value, radix: 16) }
      if folded != parts.dropFirst().map(String.init) {
        different += 1
        if different < 5 { Issue.record("U+\(String(scalar.value, radix: 16)): \(folded), Python \(parts)") }
      }
    }
    #expect(different == 0)
  }

  @Test(.enabled(if: Support.python != nil, "needs Python"))
  func `of random words is what Python makes of them`() throws {
    let made = try Support.runPython(
      """
      import random, unicodedata as u
      random.seed(8)
      nfc = lambda s: u.normalize('NFC', s)
      low = lambda s: ''.join(c.lower() if len(c.lower()) == 1 else c.lower()[0] for c in s)
      pool = 'aAéÉeE\\u0301\\u0300\\u0323ßẞİIıiΣσςǅÅ\\u212b\\u1e9b가\\u1100\\u1161\\u11a8ﬁÆ\\u0345ᾼ\\u0340\\u0958' + 'xyz'
      for _ in range(20000):
          s = ''.join(random.choices(pool, k=random.randint(1, 6)))
          f = nfc(low(nfc(s)))
          print(*(format(ord(x), 'x') for x in s), '>', *(format(ord(x), 'x') for x in f))
      """)
    for line in made.split(separator: "\n") {
      let sides = line.split(separator: ">").map { side in
        String(
          String.UnicodeScalarView(
            side.split(separator: " ").compactMap {
              UInt32($0, radix: 16).flatMap(Unicode.Scalar.init)
            }))
      }
      try #require(Array(TextFold.fold(sides[0]).utf8) == Array(sides[1].utf8), "\(line)")
    }
  }

  @Test func `folded again is the same`() {
    // All of planes 0 and 1, and every 97th of the rest, which hardly has letter case.
    let numbers = Array(0...0x1ffff as ClosedRange<UInt32>) + stride(from: 0x20000, to: 0x110000, by: 97)
    for number in numbers {
      guard let scalar = Unicode.Scalar(number) else { continue }
      for text in [String(scalar), "A\(scalar)\u{301}"] {
        let once = TextFold.fold(text)
        if Array(TextFold.fold(once).utf8) != Array(once.utf8) {
          Issue.record("U+\(String(number, radix: 16)) folds again to something else")
        }
      }
    }
  }

  @Test func `accents count, letter case does not`() {
    #expect(TextFold.fold("CAFÉ") == TextFold.fold("cafe\u{301}"))
    #expect(Array(TextFold.fold("CAFE\u{301}").utf8) == Array("café".utf8))
    #expect(TextFold.fold("cafe") != TextFold.fold("café"))
    #expect(TextFold.fold("STRASSE") != TextFold.fold("straße"))
    #expect(TextFold.fold("") == "")
  }
}
