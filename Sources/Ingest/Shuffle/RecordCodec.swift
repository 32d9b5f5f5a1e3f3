import Events
import Store

/// Event records as bytes between the steps of an ingest: a fixed head, numbers, codes, lists, the user id; each
/// begins at a multiple of 8. They never leave the process but for spill files that nobody else can open.
struct RecordCodec: Sendable {
  let texts: Int
  let lists: Int
  let numbers: Int

  init(_ layout: PartSchema) {
    texts = layout.texts.count
    lists = layout.lists.count
    numbers = layout.numbers.count
  }

  static let head = 104

  var codesAt: Int { Self.head + numbers * 8 }
  var endsAt: Int { codesAt + texts * 4 }
  var listsAt: Int { endsAt + lists * 4 }

  /// Bytes that a record takes.
  func size(_ record: borrowing EventRecord) -> Int {
    (listsAt + record.lists.count * 4 + record.user.count + 7) & ~7
  }

  /// - Parameter target: as long as `size` says.
  func write(_ record: borrowing EventRecord, to target: UnsafeMutableRawBufferPointer) {
    let size = target.count
    unsafe target.storeBytes(of: UInt32(size), toByteOffset: 0, as: UInt32.self)
    unsafe target.storeBytes(of: record.kind.rawValue, toByteOffset: 4, as: UInt8.self)
    unsafe target.storeBytes(of: record.foldsPings ? 1 : 0, toByteOffset: 5, as: UInt8.self)
    unsafe target.storeBytes(of: UInt16(record.user.count), toByteOffset: 6, as: UInt16.self)
    unsafe target.storeBytes(
      of: UInt64(truncatingIfNeeded: record.eventID >> 64), toByteOffset: 8, as: UInt64.self)
    unsafe target.storeBytes(
      of: UInt64(truncatingIfNeeded: record.eventID), toByteOffset: 16, as: UInt64.self)
    unsafe target.storeBytes(of: record.fingerprint, toByteOffset: 24, as: UInt64.self)
    unsafe target.storeBytes(of: record.collector, toByteOffset: 32, as: Int64.self)
    unsafe target.storeBytes(of: record.time, toByteOffset: 40, as: Int64.self)
    unsafe target.storeBytes(of: record.session, toByteOffset: 48, as: UInt64.self)
    unsafe target.storeBytes(of: record.view, toByteOffset: 56, as: UInt64.self)
    unsafe target.storeBytes(of: record.deviceTime, toByteOffset: 64, as: Int64.self)
    unsafe target.storeBytes(of: record.day, toByteOffset: 72, as: Int32.self)
    unsafe target.storeBytes(of: record.dwell, toByteOffset: 76, as: UInt32.self)
    unsafe target.storeBytes(of: record.file, toByteOffset: 80, as: UInt32.self)
    unsafe target.storeBytes(of: UInt32(record.lists.count), toByteOffset: 84, as: UInt32.self)
    unsafe target.storeBytes(of: record.line, toByteOffset: 88, as: UInt64.self)
    unsafe target.storeBytes(of: record.rewritten ? 1 : 0, toByteOffset: 96, as: UInt64.self)
    unsafe copy(record.numbers, target, Self.head)
    unsafe copy(record.codes, target, codesAt)
    unsafe copy(record.listEnds, target, endsAt)
    unsafe copy(record.lists, target, listsAt)
    unsafe copy(record.user, target, listsAt + record.lists.count * 4)
    let end = listsAt + record.lists.count * 4 + record.user.count
    for offset in end..<size { unsafe target[offset] = 0 }
  }

  private func copy<T: BitwiseCopyable>(_ values: [T], _ target: UnsafeMutableRawBufferPointer, _ at: Int) {
    unsafe values.withUnsafeBytes { source in
      unsafe UnsafeMutableRawBufferPointer(rebasing: target[at..<at + source.count]).copyMemory(from: source)
    }
  }
}

/// A record among the bytes of a partition. Valid while the partition's bytes are.
@unsafe struct RecordView {
  let base: UnsafeRawPointer

  var size: Int { Int(unsafe base.load(as: UInt32.self)) }
  var kind: EventRecord.Kind {
    EventRecord.Kind(rawValue: unsafe base.load(fromByteOffset: 4, as: UInt8.self)) ?? .other
  }
  var foldsPings: Bool { unsafe base.load(fromByteOffset: 5, as: UInt8.self) != 0 }
  var userCount: Int { Int(unsafe base.load(fromByteOffset: 6, as: UInt16.self)) }
  var idHigh: UInt64 { unsafe base.load(fromByteOffset: 8, as: UInt64.self) }
  var idLow: UInt64 { unsafe base.load(fromByteOffset: 16, as: UInt64.self) }
  var eventID: UInt128 { unsafe UInt128(idHigh) << 64 | UInt128(idLow) }
  var fingerprint: UInt64 { unsafe base.load(fromByteOffset: 24, as: UInt64.self) }
  var collector: Int64 { unsafe base.load(fromByteOffset: 32, as: Int64.self) }
  var time: Int64 { unsafe base.load(fromByteOffset: 40, as: Int64.self) }
  var session: UInt64 { unsafe base.load(fromByteOffset: 48, as: UInt64.self) }
  var view: UInt64 { unsafe base.load(fromByteOffset: 56, as: UInt64.self) }
  var deviceTime: Int64 { unsafe base.load(fromByteOffset: 64, as: Int64.self) }
  var day: Int32 { unsafe base.load(fromByteOffset: 72, as: Int32.self) }
  var dwell: UInt32 { unsafe base.load(fromByteOffset: 76, as: UInt32.self) }
  var file: UInt32 { unsafe base.load(fromByteOffset: 80, as: UInt32.self) }
  var listCount: Int { Int(unsafe base.load(fromByteOffset: 84, as: UInt32.self)) }
  var line: UInt64 { unsafe base.load(fromByteOffset: 88, as: UInt64.self) }
  var rewritten: Bool { unsafe base.load(fromByteOffset: 96, as: UInt64.self) != 0 }

  func number(_ index: Int) -> Double {
    unsafe base.load(fromByteOffset: RecordCodec.head + index * 8, as: Double.self)
  }
  func code(_ index: Int, _ codec: RecordCodec) -> UInt32 {
    unsafe base.load(fromByteOffset: codec.codesAt + index * 4, as: UInt32.self)
  }
  func listEnd(_ index: Int, _ codec: RecordCodec) -> Int {
    index < 0 ? 0 : Int(unsafe base.load(fromByteOffset: codec.endsAt + index * 4, as: UInt32.self))
  }
  func element(_ index: Int, _ codec: RecordCodec) -> UInt32 {
    unsafe base.load(fromByteOffset: codec.listsAt + index * 4, as: UInt32.self)
  }
  func user(_ codec: RecordCodec) -> UnsafeRawBufferPointer {
    unsafe UnsafeRawBufferPointer(start: base + codec.listsAt + listCount * 4, count: userCount)
  }
  var bytes: UnsafeRawBufferPointer { unsafe UnsafeRawBufferPointer(start: base, count: size) }
  static let dwellAt = 76
}
