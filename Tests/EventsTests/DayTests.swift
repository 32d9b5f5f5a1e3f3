import Events
import Support
import Testing

@Suite struct `A day` {
  @Test(.enabled(if: Support.python != nil, "needs Python"))
  func `has the date and weekday that Python gives it`() throws {
    let made = try Support.runPython(
      """
      import datetime, random
      random.seed(5)
      first = datetime.date(1970, 1, 1).toordinal()
      numbers = [random.randint(1, datetime.date.max.toordinal()) for _ in range(20000)]
      numbers += [1, 2, datetime.date.max.toordinal()] + list(range(first - 800, first + 800))
      for n in numbers:
          d = datetime.date.fromordinal(n)
          print(n - first, d.isoformat(), d.year, d.month, d.day, d.isoweekday())
      """)
    for line in made.split(separator: "\n") {
      let parts = line.split(separator: " ")
      let day = try #require(Day(String(parts[1])), "\(line)")
      let civil = day.civil
      let found = "\(day.number) \(day) \(civil.year) \(civil.month) \(civil.day) \(day.weekday)"
      #expect(found == line)
    }
  }

  @Test(arguments: [
    "", "2026-11-2", "2026-11-023", "2026-02-29", "2026-13-01", "2026-00-10", "2026-04-31", "0000-01-01",
    "26-11-23",
    "2026/11/23", "2026-11-23 ", " 2026-11-23", "+026-11-23", "٢٠٢٦-١١-٢٣", "2026-1１-23", "2026-11-00",
  ])
  func `text that is no date is none`(text: String) { #expect(Day(text) == nil) }

  @Test func `29 February is there in leap years only`() {
    #expect(Day("2024-02-29") != nil && Day("2000-02-29") != nil)
    #expect(Day("1900-02-29") == nil && Day("2023-02-29") == nil)
  }

  @Test func `steps stop at the ends instead of trapping`() {
    #expect(Day(number: .max).advanced(by: .max / 2).number == .max)
    #expect(Day(number: .min).advanced(by: -10).number == .min)
    #expect(Day(number: .min).distance(to: Day(number: .max)) == Int(UInt32.max))
    #expect((1...7).contains(Day(number: .min).weekday) && (1...7).contains(Day(number: .max).weekday))
  }

  @Test(.enabled(if: Support.python != nil, "needs Python"))
  func `instants are written as Python writes them`() throws {
    let made = try Support.runPython(
      """
      import datetime, random
      random.seed(6)
      zero = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
      for _ in range(5000):
          ms = random.choice([random.randint(-60_000_000_000_000, 250_000_000_000_000), random.randint(-99_999, 99_999)])
          t = zero + datetime.timedelta(milliseconds=ms)
          print(ms, t.strftime('%Y').zfill(4) + t.isoformat(timespec='milliseconds')[4:].replace('+00:00', 'Z'))
      """)
    for line in made.split(separator: "\n") {
      let parts = line.split(separator: " ")
      let value = try #require(Int64(parts[0]))
      #expect(Milliseconds(value).text == parts[1])
    }
    #expect(Milliseconds(.min).text.hasSuffix("Z") && Milliseconds(.max).text.hasSuffix("Z"))
  }
}
