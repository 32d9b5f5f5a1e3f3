import ArrowIPC
import Diagnostics
import Events
import Support
import Synchronization
import Testing

@testable import Store

#if canImport(Glibc)
  import Glibc
#endif

/// Writing calls that fail, or pretend that the process died, at the n-th call.
final class FaultyFiles: StoreFiles {
  enum Fault { case diskFull, killed }
  private let real = SystemFiles()
  private let calls = Mutex(0)
  private let at: Int
  private let fault: Fault

  init(at: Int, _ fault: Fault) {
    self.at = at
    self.fault = fault
  }

  var count: Int { calls.withLock { $0 } }

  /// After its step a killed process makes no call at all any more.
  private func step(_ call: String, _ path: String) throws(SystemError) {
    let number = calls.withLock { calls in
      calls += 1
      return calls
    }
    if fault == .killed ? number >= at : number == at { throw SystemError(call, path, ENOSPC) }
  }

  func open(_ path: String) throws(SystemError) -> Int32 {
    try step("open", path)
    return try real.open(path)
  }

  func write(_ file: Int32, _ bytes: UnsafeRawBufferPointer, _ path: String) throws(SystemError) {
    do throws(SystemError) { try step("write", path) } catch {
      // Half of it reached the disk.
      try unsafe real.write(file, UnsafeRawBufferPointer(rebasing: bytes[..<(bytes.count / 2)]), path)
      throw error
    }
    try unsafe real.write(file, bytes, path)
  }

  func sync(_ file: Int32, _ path: String) throws(SystemError) {
    try step("sync", path)
    try real.sync(file, path)
  }

  func rename(_ from: String, _ to: String) throws(SystemError) {
    try step("rename", to)
    try real.rename(from, to)
  }

  func remove(_ path: String) throws(SystemError) {
    try step("remove", path)
    try real.remove(path)
  }
}

struct FaultTests {
  private static let schema = PartSchema(fields: [.event, .section, .tag, .value])

  /// A commit of a day's part with 200 users.
  static func commit(_ store: Store, day: Int32, replacing deletions: [Deletion] = []) throws {
    let transaction = try Transaction(store)
    let base = transaction.base
    let writer = try PartWriter(
      transaction, day: Day(number: day), schema: schema,
      dictionaries: [["page_view"], ["news", "sport"], ["a", "b"]],
      clusters: [PartCluster(event: "page_view", byArticle: false)])
    let users = try UserWriter(transaction)
    for bucket in 0..<UInt32(2) {
      var rows = PartRows(schema)
      let known = try base.users(in: BucketIndex(bucket)).count
      let ids =
        known > 0
        ? []
        : (0..<200).map { Array("user-\($0)".utf8) }.filter { id in
          unsafe id.withUnsafeBytes { unsafe BucketIndex(user: $0, buckets: 2).value } == bucket
        }
      try users.append(ids)
      for ordinal in 0..<UInt32(max(known, ids.count)) {
        rows.ordinals.append(ordinal)
        rows.times.append(Int64(day) * 86_400_000 + Int64(ordinal))
        rows.users += Array("u".utf8)
        rows.userOffsets.append(UInt32(rows.users.count))
        rows.texts[0].append(0)
        rows.texts[1].append(ordinal % 3)
        rows.lists[0].append(ordinal % 2)
        rows.listOffsets[0].append(UInt32(rows.lists[0].count))
        rows.numbers[0].append(ordinal % 4 == 0 ? .nan : Double(ordinal))
        rows.dwell.append(ordinal % 5 == 0 ? .max : ordinal)
        rows.sessions.append(UInt64(ordinal))
        rows.eventIDs.append(UInt128(day) << 64 | UInt128(ordinal))
        rows.views.append(7)
      }
      try writer.append(writer.encoder.encode(rows))
    }
    var manifest = base.manifest
    manifest.parts.append(try writer.finish())
    let index = try IndexWriter(transaction, kind: "events", columns: ["high", "low", "fingerprint"])
    for partition in 0..<UInt64(2) { try index.append([[UInt64(day)], [partition], [7]]) }
    manifest.indexes.append(try index.finish())
    let entry = try users.finish()
    if entry.rows > 0 { manifest.users.append(entry) }
    if !deletions.isEmpty { manifest.deletions.append(try transaction.write(deletions)) }
    try transaction.commit(manifest)
  }

  static func freshStore() throws -> String {
    let path = Support.temporaryFolder() + "/store"
    try Store(at: path).create(StoreSettings(timeZone: "UTC", buckets: 2))
    try commit(Store(at: path), day: 20_000)
    return path
  }

  @Test(arguments: [FaultyFiles.Fault.killed, .diskFull])
  func `killed or out of disk at every writing call of a commit leaves the old or the new version, whole`(
    _ fault: FaultyFiles.Fault
  ) throws {
    var step = 1
    var finished = false
    while !finished {
      let path = try Self.freshStore()
      let files = FaultyFiles(at: step, fault)
      do {
        try Self.commit(Store(at: path, files: files), day: 20_001)
        finished = files.count < step
      } catch let error as Diagnostic {
        #expect(error.code == .f2 && error.place != nil)
      }
      let snapshot = try Store(at: path).snapshot()
      #expect([1, 2].contains(snapshot.manifest.version))
      #expect(StoreVerification.run(snapshot).findings == [], "step \(step)")
      // The next writer goes on as if nothing had been.
      try Self.commit(Store(at: path), day: 20_002)
      #expect(StoreVerification.run(try Store(at: path).snapshot()).findings == [])
      step += 1
    }
    #expect(step > 10)
  }

  @Test func `a flipped bit in any file is found, and reading never traps or lies`() throws {
    let path = try Self.freshStore()
    let manifest = try Store(at: path).snapshot().manifest
    let good = try Self.everything(path)
    for entry in manifest.users + manifest.parts.flatMap(\.files) {
      let file = path + "/" + entry.path
      let bytes = Support.read(file)
      for at in stride(from: 0, to: bytes.count, by: 7) {
        var broken = bytes
        broken[at] ^= 1 << UInt8(at % 8)
        Support.write(broken, to: file)
        let report = StoreVerification.run(try Store(at: path).snapshot())
        #expect(report.findings.contains { $0.place?.file == file }, "byte \(at) of \(entry.path)")
        // The scan's own path: the same rows, or an error with the file.
        do {
          let rows = try Self.everything(path)
          #expect(rows == good, "byte \(at) of \(entry.path)")
        } catch let error as Diagnostic {
          #expect(error.code == .s2 && error.place?.file == file)
        }
      }
      Support.write(bytes.dropLast(9), to: file)
      #expect(throws: Diagnostic.self) { try Self.everything(path) }
      Support.write(bytes, to: file)
    }
  }

  @Test func `a damaged, cut off, newer or older manifest is an error with its file`() throws {
    let path = try Self.freshStore()
    let file = path + "/manifests/000001.json"
    let bytes = Support.read(file)
    for broken in [Array(bytes.dropLast(20)), bytes + [0x20], Array("{}".utf8), []] {
      Support.write(broken, to: file)
      let error = #expect(throws: Diagnostic.self) { try Store(at: path).snapshot() }
      #expect(error?.code == .s2 && error?.place?.file == file)
    }
    Support.write(
      String(decoding: bytes, as: UTF8.self).replacing("\"format\" : 2", with: "\"format\" : 9").utf8,
      to: file)
    let error = #expect(throws: Diagnostic.self) { try Store(at: path).snapshot() }
    #expect(error?.code == .s3 && error?.hint == "use a newer Grandstand")
    Support.write(
      String(decoding: bytes, as: UTF8.self).replacing("\"format\" : 2", with: "\"format\" : 1").utf8,
      to: file)
    let older = #expect(throws: Diagnostic.self) { try Store(at: path).snapshot() }
    #expect(older?.code == .s3 && older?.hint?.contains("ingest the source files again") == true)
  }

  @Test func `a second writer is refused, and a reader keeps its version`() throws {
    let path = try Self.freshStore()
    let reader = try Store(at: path).snapshot()
    let writer = try Transaction(Store(at: path))
    let error = #expect(throws: Diagnostic.self) { try Transaction(Store(at: path)) }
    #expect(error?.code == .s4)
    try writer.commit(writer.base.manifest)
    #expect(reader.manifest.version == 1 && StoreVerification.run(reader).findings == [])
    #expect(try Store(at: path).snapshot().manifest.version == 2)
  }

  /// All that a scan sees, as text.
  private static func everything(_ path: String) throws -> [String] {
    let snapshot = try Store(at: path).snapshot()
    var all: [String] = []
    for day in snapshot.days {
      for bucket in 0..<UInt32(2) {
        all.append("\(try snapshot.users(in: BucketIndex(bucket)).bytes)")
        all.append("\(try snapshot.presence(on: day, in: BucketIndex(bucket)))")
        for rows in try snapshot.storedRows(of: day, in: BucketIndex(bucket), fields: []) {
          all.append("\(rows.eventIDs) \(rows.views)")
        }
        for batch in try snapshot.batches(
          of: day, in: BucketIndex(bucket), fields: Field.stored + [.eventTime])
        {
          var columns: [String] = []
          for (field, column) in batch.columns.sorted(by: { $0.key < $1.key }) {
            switch column {
            case .codes(let codes, let dictionary):
              columns.append("\(field.name) \(codes) \(dictionary.values)")
            case .lists(let offsets, let codes, let dictionary):
              columns.append("\(field.name) \(offsets) \(codes) \(dictionary.values)")
            case .numbers(let values): columns.append("\(values)")
            case .durations(let values): columns.append("\(values)")
            case .times: break
            case .ids(let values): columns.append("\(values)")
            }
          }
          all.append("\(batch.users) \(batch.times) \(columns)")
        }
      }
    }
    return all
  }
}
