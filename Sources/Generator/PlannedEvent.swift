/// One row to be written, small enough to be sorted by the million: 80 bytes of numbers, no text.
struct PlannedEvent {
  enum Kind: UInt8 { case view, ping, click, subscribe, donate }

  /// Why a row is there, and what is wrong with it.
  enum Role: UInt8 {
    case good, duplicate, conflict, botByUserAgent, botByEnrichment, anonymous, brokenColumns, brokenTimes,
      brokenJSON
  }

  /// How a row without a user says so.
  enum Identity: UInt8 { case cookie, account, nothing, undefined, null, zeroes }

  /// Milliseconds: when it happened, and when the collector got it.
  var time: Int64
  var collector: Int64
  /// What the ids are made of.
  var event, session, view: UInt64
  var user: UInt32
  /// Index of the article; `frontPage`: the brand's home page.
  var article: UInt32
  /// The page before in this session, else `noPage`.
  var previous: UInt32
  var clockError: Int32
  var sessionIndex: UInt32
  var scroll: UInt16
  var kind: Kind
  var role: Role
  var identity: Identity
  var brand, place, device, referrer, campaign: UInt8
  /// subscription × 4 + arms.
  var profile: UInt8
  /// Index of the element of a click, or of the price of a purchase.
  var detail: UInt8
  var strayQuote: Bool

  static let frontPage = UInt32.max
  static let noPage = UInt32.max - 1
}
