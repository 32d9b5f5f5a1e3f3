import Events

/// A test of one event.
public indirect enum Filter: Sendable, Hashable {
  /// Every event.
  case always
  case field(Field, Match)
  case all([Filter])
  case any([Filter])
  /// No part holds (unknown counts as not holding).
  case none([Filter])
}

/// A test of one field's value on one event. Unknown matches nothing but `known(false)`.
public indirect enum Match: Sendable, Hashable {
  case text(TextTest)
  /// Any of these.
  case anyOf([Match])
  /// The value is known and does not match; of a list: it has elements and none matches.
  case not(Match)
  /// List fields: each of these is matched by some element.
  case allOf([TextTest])
  /// Number fields in millionths, `dwell` in milliseconds, `hour` and `weekday` as plain numbers. Unlike a measure,
  /// `.any` and `.none` read "more than 0" and "0" of a known value.
  case number(Threshold)
  /// `hour: between 22 and 1` wraps; both ends included.
  case hours(from: Int, through: Int)
  /// Time fields: the instant lies in this window, which may reach past the store.
  case inWindow(Window)
  /// Time fields: from the end of the as-of day, within this time. Milliseconds.
  case next(Int64)
  /// Text fields: the value is in an uploaded list.
  case list(String)
  /// The hash of an id's bytes, and the id as it was written.
  case id(UInt64, String)
  case known(Bool)
}

/// A test of one text; literals are folded with `TextFold.fold`, the value is folded before it is tested.
public enum TextTest: Sendable, Hashable {
  /// The very text, or, in a field with a separator, it and everything below.
  case value(String)
  /// `{only: x}`: that very text.
  case exactly(String)
  case contains(String)
  case starts(String)
  case ends(String)
  /// `a*b*`: pieces between the asterisks, in order; the first is anchored at the start, the last at the end. At
  /// least two pieces; empty ones where an asterisk stands at an end. No hierarchy.
  case wildcard([String])
}
