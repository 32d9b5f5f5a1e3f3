import Events

/// The rows of one file: the sessions of some users on one day, and what arrives late from the day before.
struct FileJob {
  let traffic: Traffic
  let day: Int
  let part: Int
  var summary = TrafficSummary()
  private var writer = RowWriter()
  private static let block = 1 << 18

  init(traffic: Traffic, day: Int, part: Int) {
    self.traffic = traffic
    self.day = day
    self.part = part
  }

  /// - Parameter emit: takes the next bytes; `last` once, at the end.
  mutating func run(_ emit: (_ bytes: [UInt8], _ last: Bool) -> Void) {
    writer.reserve(Self.block + 8192)
    var id = UInt64(part)
    while id < UInt64(traffic.options.users) {
      let user = traffic.world.user(id)
      if day > 0 { sessions(user, day - 1, late: true) }
      sessions(user, day, late: false)
      if writer.bytes.count >= Self.block { flush(emit, last: false) }
      id += UInt64(traffic.options.filesPerDay)
    }
    flush(emit, last: true)
  }

  private mutating func flush(_ emit: ([UInt8], Bool) -> Void, last: Bool) {
    let bytes = writer.take()
    summary.bytes += bytes.count
    emit(bytes, last)
  }

  /// The sessions of a user on a day; with `late` only what arrives a day late.
  private mutating func sessions(_ user: World.User, _ day: Int, late: Bool) {
    // The fourth day of seven has a race: twice the volume.
    let factor = UInt64(traffic.options.density) * (day % 7 == 3 ? 2 : 1)
    let world = traffic.world
    for session in 0..<world.sessions(user, UInt64(day), factor: factor) {
      self.session(user, day, UInt64(session), late)
    }
  }

  private mutating func session(_ user: World.User, _ day: Int, _ session: UInt64, _ late: Bool) {
    let world = traffic.world
    let r = world.random(user.id, UInt64(day), session, salt: 3)
    let midnight = Int64(traffic.options.firstDay.number + Int32(day)) * 86_400_000
    var time =
      midnight + Int64(World.hours[Int(r % 104) % World.hours.count]) * 3_600_000 + Int64(r >> 8 & 0x3f_ffff)
      % 3_600_000
    let views = 1 + Int(r >> 32 & 7) * Int(r >> 36 & 3) / 4
    let loginAt = user.logsIn ? Int(r >> 40 & 3) : Int.max
    for view in 0..<views {
      var row = self.row(user, day, session, r, UInt64(view), time)
      row.loggedIn = view >= loginAt
      time = self.view(&row, user, day, UInt64(view), time, late, first: view == 0, midnight)
    }
  }

  private func row(
    _ user: World.User, _ day: Int, _ session: UInt64, _ r: UInt64, _ view: UInt64, _ time: Int64
  ) -> RowWriter.Row {
    let world = traffic.world
    let v = world.random(user.id, UInt64(day) << 8 | session, view, salt: 4)
    let race = day % 7 == 3 && v & 3 == 0
    let section =
      race
      ? 0 : v >> 2 & 7 < 3 ? user.favourites.0 : v >> 2 & 7 < 5 ? user.favourites.1 : Int(v >> 5 % 21) % 21
    return RowWriter.Row(
      user: user, brand: r >> 44 & 7 == 0 ? Int(r >> 47) % 5 : user.brand, event: "page_view",
      eventName: "page_view",
      eventID: v, idSalt: 1, session: r, sessionIndex: day * 4 + Int(session) + 1, view: v ^ 0x5555,
      time: time,
      collector: time + 120, article: world.article(section, UInt64(day), v >> 16).number, section: section,
      element: nil,
      price: false, loggedIn: false, referrer: view == 0 ? Int(r >> 50) % World.referrers.count : 4,
      campaign: view == 0 && r >> 53 & 15 == 0 ? Int(r >> 57) % 3 : nil, breakage: nil)
  }

  /// A view, its pings and clicks.
  /// - Returns: when the next view begins.
  private mutating func view(
    _ row: inout RowWriter.Row, _ user: World.User, _ day: Int, _ view: UInt64, _ time: Int64, _ late: Bool,
    first: Bool, _ midnight: Int64
  ) -> Int64 {
    let w = traffic.world.random(row.eventID, salt: 5)
    let pings = Int(min(w & 7, w >> 3 & 7)) * (w >> 6 & 15 == 0 ? 5 : 1)
    // One view in 200 has its pings a day late, one in 400 comes late itself.
    let latePings = w >> 10 & 0xff == 0
    let lateView = w >> 18 & 0x1ff == 0
    emit(row, late: late, isLate: lateView, midnight)
    for ping in 0..<pings {
      var next = row
      next.event = "page_ping"
      next.eventName = "page_ping"
      next.idSalt = 100 + UInt64(ping)
      next.time = time + Int64(ping + 1) * 10_000
      next.collector = next.time + 120
      next.eventID = row.eventID &+ UInt64(ping + 1) &* 0x9e37_79b9_7f4a_7c15
      emit(next, late: late, isLate: latePings, midnight)
    }
    if w >> 27 & 3 == 0 { click(row, user, w, late, midnight) }
    return time + Int64(pings) * 10_000 + 2000 + Int64(w >> 40 & 0xffff)
  }

  private mutating func click(
    _ row: RowWriter.Row, _ user: World.User, _ w: UInt64, _ late: Bool, _ midnight: Int64
  ) {
    var click = row
    click.event = "unstruct"
    click.time += 1500
    click.collector = click.time + 120
    click.eventID = row.eventID ^ 0x1234_5678_9abc_def0
    let roll = Int(w >> 29 & 0xff)
    if roll < 2 {
      click.eventName = "subscribe"
      click.price = true
    } else {
      click.eventName = "link_click"
      click.element =
        roll < 120
        ? 0 : roll < 180 ? 1 : roll < 225 ? 2 : roll < 240 ? 6 : roll < 248 ? 4 : roll < 253 ? 3 : 5
    }
    emit(click, late: late, isLate: false, midnight)
  }

  /// Writes a row where it belongs, with the dirt that real files have.
  private mutating func emit(_ row: RowWriter.Row, late: Bool, isLate: Bool, _ midnight: Int64) {
    let dirt = traffic.world.random(row.eventID, row.idSalt, salt: 6)
    let copied = dirt & 0xff == 0
    if late {
      // What comes in the file of the next day: late rows, and some copies.
      var row = row
      row.collector = midnight + 86_400_000 + Int64(dirt >> 20 & 0xff_ffff)
      if isLate { write(row, copy: false) } else if copied && dirt >> 8 & 1 == 1 { write(row, copy: true) }
      return
    }
    if isLate { return }
    var row = row
    if dirt >> 9 & 0x7ff == 0 { row.breakage = Int(dirt >> 20 & 3) }
    if row.breakage == 2, row.element == nil { row.breakage = 1 }
    write(row, copy: false)
    if row.breakage == nil, copied && dirt >> 8 & 1 == 0 { write(row, copy: true) }
    // Now and then an id is used again with other content.
    if row.breakage == nil, dirt >> 32 & 0xfff == 0 {
      row.collector += 60_000
      row.time += 60_000
      write(row, copy: true)
    }
  }

  private mutating func write(_ row: RowWriter.Row, copy: Bool) {
    writer.append(row)
    summary.rows += 1
    if row.breakage != nil {
      summary.broken += 1
    } else if row.user.isBot {
      summary.bots += 1
    } else if copy {
      summary.duplicates += 1
    } else if row.event == "page_ping" {
      summary.pings += 1
    } else {
      if row.event == "page_view" { summary.views += 1 } else { summary.others += 1 }
      if row.user.isAnonymous, !row.loggedIn { summary.anonymous += 1 }
    }
  }
}
