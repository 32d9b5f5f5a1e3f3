import Events
import Support
import Testing

@Suite struct `A zone's calendar` {
  /// Zones with whole and half hours, none and late summer time, skipped days (Apia, Kwajalein), changes at midnight
  /// (Santiago, Beirut, Havana, Sao Paulo), half an hour of summer time (Lord Howe), winter as "summer" (Dublin,
  /// Casablanca), and odd seconds before 1900.
  static let zones = [
    "Europe/Brussels", "Europe/Amsterdam", "Europe/London", "Europe/Dublin", "Europe/Moscow",
    "Africa/Casablanca",
    "America/New_York", "America/Los_Angeles", "America/St_Johns", "America/Sao_Paulo", "America/Santiago",
    "America/Havana", "Asia/Tokyo", "Asia/Kolkata", "Asia/Kathmandu", "Asia/Beirut", "Asia/Gaza",
    "Australia/Sydney",
    "Australia/Lord_Howe", "Pacific/Apia", "Pacific/Kwajalein", "Pacific/Chatham", "Antarctica/Troll", "UTC",
    "Etc/GMT+5",
  ]

  @Test(.enabled(if: Support.python != nil, "needs Python with zoneinfo"), arguments: zones)
  func `offsets, days, hours and midnights are those of Python`(name: String) throws {
    let zone = try CalendarZone(named: name)
    let made = try Support.runPython(script, [name])
    for line in made.split(separator: "\n") {
      let numbers = line.split(separator: " ").compactMap { Int64($0) }
      let instant = Milliseconds(numbers[0])
      let day = zone.day(of: instant)
      let range = zone.range(of: day)
      let found = [
        numbers[0], Int64(zone.offset(at: instant)), Int64(day.number), Int64(zone.hour(of: instant)),
        range.lowerBound.value, range.upperBound.value,
      ]
      try #require(found == numbers, "\(name) \(instant.text)")
    }
  }

  /// Random instants and all around changes; the bounds of a day by bisection over its local dates.
  private let script = """
    import sys, random, datetime, zoneinfo
    zone = zoneinfo.ZoneInfo(sys.argv[1])
    random.seed(sys.argv[1])
    zero = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
    local = lambda s: (zero + datetime.timedelta(seconds=s)).astimezone(zone)
    number = lambda s: local(s).date().toordinal() - 719163
    offset = lambda s: int(local(s).utcoffset().total_seconds())

    def first(day):
        # The first second of a day: dates only rise, except where clocks go back over midnight, so scan there.
        middle = day * 86400
        return next((s for q in range(middle - 100800, middle + 100801, 900) if number(q) >= day
                     for s in range(q - 900, q + 1) if number(s) >= day), None)

    low, high = -1_500_000_000, 3_900_000_000
    instants = [random.randint(low, high) for _ in range(60)]
    previous, step = offset(0), 6 * 3600
    changes = []
    for year in random.sample(range(1975, 2037), 10):
        start = int((datetime.datetime(year, 1, 1, tzinfo=datetime.timezone.utc) - zero).total_seconds())
        for s in range(start, start + 366 * 86400, step):
            if offset(s) != offset(s + step):
                a, b = s, s + step
                while b - a > 1:
                    m = (a + b) // 2
                    a, b = (m, b) if offset(m) == offset(s) else (a, m)
                changes += [b - 1, b, b + random.randint(-90000, 90000)]
    for s in instants + changes:
        day = number(s)
        print(s * 1000 + 0, offset(s), day, local(s).hour, first(day) * 1000, first(day + 1) * 1000)
    """

  @Test func `days of summer time's ends have 23 and 25 hours`() throws {
    let zone = try CalendarZone(named: "Europe/Brussels")
    let hours = try ["2026-03-29", "2026-10-25", "2026-10-26"].map { text in
      let range = zone.range(of: try #require(Day(text)))
      return (range.upperBound.value - range.lowerBound.value) / 3_600_000
    }
    #expect(hours == [23, 25, 24])
  }

  @Test func `a day that a zone skipped is empty`() throws {
    let zone = try CalendarZone(named: "Pacific/Apia")
    let skipped = try #require(Day("2011-12-30"))
    #expect(zone.range(of: skipped).isEmpty)
    #expect(zone.range(of: skipped.advanced(by: -1)).upperBound == zone.start(of: skipped.advanced(by: 1)))
  }

  @Test(arguments: [
    "", "Europe", "Europe/", "/etc/passwd", "../../etc/passwd", "Europe/Brüssel", "Mars/Olympus", "tzdata.zi",
    "zone.tab", "Europe/Brussels\u{0}", "Europe//Brussels/", "leapseconds", String(repeating: "A", count: 70),
  ])
  func `a name that is none is refused`(name: String) {
    #expect(throws: ZoneError.self) { try CalendarZone(named: name) }
  }

  @Test func `instants at the ends of time give a day and do not trap`() throws {
    for name in Self.zones {
      let zone = try CalendarZone(named: name)
      for value in [Int64.min, .min + 1, -1, 0, .max - 1, .max] {
        _ = zone.day(of: Milliseconds(value))
        #expect((0...23).contains(zone.hour(of: Milliseconds(value))))
      }
      for number in [Int32.min, .max] { _ = zone.range(of: Day(number: number)) }
    }
  }
}
