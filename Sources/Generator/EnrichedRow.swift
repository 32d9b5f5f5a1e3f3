import Events

/// Writes planned events as lines of Snowplow's enriched TSV: 131 columns, no quoting.
struct EnrichedRow {
  let world: World
  /// The dates of written times as decimal digits, one a nibble; remembered, since most rows are of one date.
  private var knownDay: Int64 = .min
  private var knownDate: UInt64 = 0

  init(_ world: World) { self.world = world }

  /// Appends one line with its end.
  /// - Parameter text: the bytes of `world.templates`.
  mutating func write(_ event: PlannedEvent, _ text: UnsafePointer<UInt8>, into row: inout RowBuffer) {
    let pieces = world.pieces
    unsafe row.append(pieces.brands[Int(event.brand)].application, text)
    collection(event, &row)
    unsafe row.append(pieces.kinds[Int(event.kind.rawValue)].event, text)
    row.append(uuid: event.event)
    row.append("\t\tgs\tjs-3.24.4\tssc-3.2.1-kinesis\tsnowplow-enrich-kinesis-5.1.0\t")
    identity(event, &row)
    unsafe row.append(pieces.places[Int(event.place)].geography, text)
    unsafe page(event, text, &row)
    unsafe contexts(event, text, &row)
    unsafe behaviour(event, text, &row)
    unsafe row.append(pieces.devices[Int(event.device)].columns, text)
    unsafe row.append(pieces.places[Int(event.place)].zone, text)
    unsafe closing(event, text, &row)
  }

  /// Columns 3 to 5: when it was enriched, collected, created.
  private mutating func collection(_ event: PlannedEvent, _ row: inout RowBuffer) {
    time(event.collector + 1200, &row)
    row.append(0x09)
    if event.role == .brokenTimes {
      row.append("yesterday at noon")
    } else {
      time(event.collector, &row)
    }
    row.append(0x09)
    time(event.time + Int64(event.clockError), &row)
    row.append(0x09)
  }

  /// Columns 13 to 18.
  private func identity(_ event: PlannedEvent, _ row: inout RowBuffer) {
    let seed = Chance.mix(world.options.seed) ^ UInt64(event.user) &* 0x9e37_79b9
    if event.identity == .account {
      row.append(0x75)
      row.append(number: 1_000_000 + Int(event.user))
    }
    row.append("\t192.0.2.")
    row.append(number: Int(seed & 255))
    row.append("\t\t")
    switch event.identity {
    case .cookie, .account: row.append(uuid: seed)
    case .nothing: break
    case .undefined: row.append("undefined")
    case .null: row.append("null")
    case .zeroes: row.append("00000000-0000-0000-0000-000000000000")
    }
    row.append(0x09)
    row.append(number: Int(event.sessionIndex))
    row.append(0x09)
    if event.identity == .cookie || event.identity == .account { row.append(uuid: seed ^ 0x6e75) }
    row.append(0x09)
  }

  /// Columns 30 to 52: the page, where the reader came from, the campaign.
  private func page(_ event: PlannedEvent, _ text: UnsafePointer<UInt8>, _ row: inout RowBuffer) {
    let pieces = world.pieces
    let brand = pieces.brands[Int(event.brand)]
    let campaign = pieces.campaigns[Int(event.campaign)]
    unsafe row.append(brand.origin, text)
    unsafe row.append(path(event.article), text)
    unsafe row.append(campaign.query, text)
    row.append(0x09)
    if event.strayQuote { row.append(0x22) }
    unsafe row.append(
      isArticle(event.article) ? world.articles.all[Int(event.article)].title : brand.title, text)
    if event.role == .brokenColumns, event.event & 1 == 0 { row.append(0x09) }
    row.append(0x09)
    if event.previous == PlannedEvent.noPage {
      unsafe row.append(pieces.referrers[Int(event.referrer)].url, text)
    } else {
      unsafe row.append(brand.origin, text)
      unsafe row.append(path(event.previous), text)
      row.append(0x09)
    }
    unsafe row.append(brand.host, text)
    unsafe row.append(path(event.article), text)
    row.append(0x09)
    unsafe row.append(campaign.parameters, text)
    row.append("\t\t")
    if event.previous == PlannedEvent.noPage {
      unsafe row.append(pieces.referrers[Int(event.referrer)].parts, text)
    } else {
      unsafe row.append(brand.referringHost, text)
      unsafe row.append(path(event.previous), text)
      row.append("\t\t\tinternal\t\t\t")
    }
    unsafe row.append(campaign.columns, text)
  }

  /// Column 53.
  private func contexts(_ event: PlannedEvent, _ text: UnsafePointer<UInt8>, _ row: inout RowBuffer) {
    row.append(
      """
      {"schema":"iglu:com.snowplowanalytics.snowplow/contexts/jsonschema/1-0-0","data":[{"schema":\
      "iglu:com.snowplowanalytics.snowplow/web_page/jsonschema/1-0-0","data":{"id":"
      """)
    row.append(uuid: event.view)
    row.append("\"}}")
    if isArticle(event.article) { unsafe row.append(world.articles.all[Int(event.article)].context, text) }
    unsafe row.append(world.pieces.profiles[Int(event.profile)], text)
    if event.kind == .click {
      row.append(",{\"schema\":\"iglu:com.acme/teaser/jsonschema/1-0-0\",\"data\":{\"position\":")
      row.append(number: Int(event.scroll))
      row.append("}}")
    }
    row.append("]}")
    if event.role == .brokenJSON { row.cut(to: row.count - 1 - Int(event.event % 40)) }
    row.append(0x09)
  }

  /// Columns 54 to 77: the event's own JSON, and how far a ping has scrolled.
  private func behaviour(_ event: PlannedEvent, _ text: UnsafePointer<UInt8>, _ row: inout RowBuffer) {
    row.append("\t\t\t\t\t")
    switch event.kind {
    case .view, .ping: break
    case .click: unsafe row.append(world.pieces.elements[Int(event.detail)], text)
    case .subscribe: unsafe row.append(world.pieces.subscriptions[Int(event.detail)], text)
    case .donate: unsafe row.append(world.pieces.donations[Int(event.detail)], text)
    }
    row.append("\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t")
    guard event.kind == .ping else {
      row.append("\t\t\t\t")
      return
    }
    row.append("0\t0\t0\t")
    row.append(number: Int(event.scroll) * 64)
    row.append(0x09)
  }

  /// Columns 120 to 131 and the line's end.
  private mutating func closing(_ event: PlannedEvent, _ text: UnsafePointer<UInt8>, _ row: inout RowBuffer) {
    // Snowplow derives: event time = collector − (sent − created), so a wrong clock cancels out.
    time(event.collector + Int64(event.clockError), &row)
    row.append("\t\t\t")
    let device = world.pieces.devices[Int(event.device)]
    unsafe row.append(event.role == .botByEnrichment ? device.derivedBot : device.derived, text)
    row.append(uuid: event.session)
    row.append(0x09)
    if event.role == .brokenTimes { row.append("2026-13-45 25:61:00") } else { time(event.time, &row) }
    row.append(0x09)
    if event.role == .brokenColumns, event.event & 1 == 1 {
      row.append(0x0a)
      return
    }
    unsafe row.append(world.pieces.kinds[Int(event.kind.rawValue)].name, text)
    row.append(hash: event.event)
    row.append("\t\n")
  }

  private func isArticle(_ page: UInt32) -> Bool { page < PlannedEvent.noPage }

  private func path(_ page: UInt32) -> Piece {
    isArticle(page) ? world.articles.all[Int(page)].path : world.pieces.frontPath
  }

  @inline(__always) private mutating func time(_ time: Int64, _ row: inout RowBuffer) {
    let day = time / 86_400_000
    if day != knownDay { remember(day) }
    row.append(date: knownDate, clock: Int(time - day * 86_400_000))
  }

  private mutating func remember(_ day: Int64) {
    knownDay = day
    let (year, month, dayOfMonth) = Day(number: Int32(clamping: day)).civil
    var rest = year * 10_000 + month * 100 + dayOfMonth
    knownDate = 0
    for shift in stride(from: UInt64(0), through: 28, by: 4) {
      knownDate |= UInt64(rest % 10) << shift
      rest /= 10
    }
  }
}
