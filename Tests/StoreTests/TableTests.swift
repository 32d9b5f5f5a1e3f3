import ArrowIPC
import Diagnostics
import Events
import Support
import Testing

@testable import Store

struct TableTests {
  private static let buckets: UInt32 = 2
  private static let fields = [
    Field(name: "tier", kind: .text), Field(name: "age", kind: .number), Field(name: "since", kind: .time),
  ]

  private static func ids(_ bucket: UInt32) -> [[UInt8]] {
    (0..<60).map { Array("user-\($0)".utf8) }.filter { id in
      unsafe id.withUnsafeBytes { unsafe BucketIndex(user: $0, buckets: buckets).value } == bucket
    }.sorted { $0.lexicographicallyPrecedes($1) }
  }

  private static func batch(_ ids: [[UInt8]], columns: [TableBatch.Column] = []) -> TableBatch {
    var batch = TableBatch(keyOffsets: [0], keys: [], columns: columns)
    for id in ids {
      batch.keys += id
      batch.keyOffsets.append(UInt32(batch.keys.count))
    }
    return batch
  }

  /// A commit of users whose age is `age`; every third knows nothing else.
  private static func loadUsers(_ store: Store, age: Double, from: Int32) throws {
    let transaction = try Transaction(store)
    let writer = try TableWriter(
      transaction, .users, fields: fields, dictionaries: [["gold", "silver"]])
    for bucket in 0..<buckets {
      let ids = ids(bucket)
      try writer.append(
        batch(
          ids,
          columns: [
            .codes(ids.indices.map { $0 % 3 == 0 ? .max : UInt32($0 % 2) }),
            .numbers(ids.indices.map { _ in age }),
            .times(ids.indices.map { $0 % 3 == 0 ? .min : Int64($0) * 1000 }),
          ]))
    }
    var manifest = transaction.base.manifest
    manifest.tables.append(try writer.finish(from: Day(number: from)))
    try transaction.commit(manifest)
  }

  private static func loadList(_ store: Store, _ name: String, _ ids: [String], from: Int32) throws {
    let transaction = try Transaction(store)
    let writer = try TableWriter(transaction, .list, name: name, fields: [], dictionaries: [])
    try writer.append(batch(ids.map { Array($0.utf8) }))
    var manifest = transaction.base.manifest
    manifest.tables.append(try writer.finish(from: Day(number: from)))
    try transaction.commit(manifest)
  }

  private static func freshStore() throws -> String {
    let path = Support.temporaryFolder() + "/store"
    try Store(at: path).create(StoreSettings(timeZone: "UTC", buckets: Int(buckets)))
    return path
  }

  private static func age(_ path: String, asOf day: Int32) throws -> Double? {
    let table = try Store(at: path).snapshot().dimensions(asOf: Day(number: day)).users(in: BucketIndex(1))
    guard case .numbers(let numbers)? = table.columns[Field(name: "age", kind: .number)] else { return nil }
    return numbers.first
  }

  @Test func `what was written comes back, unknown values as such`() throws {
    let path = try Self.freshStore()
    try Self.loadUsers(Store(at: path), age: 40, from: 20_000)
    let dimensions = try Store(at: path).snapshot().dimensions(asOf: Day(number: 20_000))
    for bucket in 0..<Self.buckets {
      let table = try dimensions.users(in: BucketIndex(bucket))
      let ids = Self.ids(bucket)
      #expect(table.rows.count == ids.count && table.columns.count == 3)
      guard case .codes(.u32(let codes), let dictionary)? = table.columns[Self.fields[0]],
        case .times(let times)? = table.columns[Self.fields[2]]
      else {
        Issue.record("a column is missing")
        return
      }
      #expect(dictionary.values == ["gold", "silver"])
      for (row, id) in ids.enumerated() {
        #expect(table.rows[id] == row)
        #expect(codes[row] == (row % 3 == 0 ? 2 : UInt32(row % 2)))
        #expect(times[row] == (row % 3 == 0 ? .min : Int64(row) * 1000))
      }
      // One dictionary for all buckets, so that a scan decides a value once.
      guard case .codes(_, let other)? = try dimensions.users(in: BucketIndex(0)).columns[Self.fields[0]]
      else { continue }
      #expect(other === dictionary)
    }
    #expect(StoreVerification.run(try Store(at: path).snapshot()).findings == [])
  }

  @Test func `on a day the table with the latest beginning holds, of equal ones the later commit`() throws {
    let path = try Self.freshStore()
    #expect(try Store(at: path).snapshot().dimensions(asOf: Day(number: 20_000)).version == "")
    try Self.loadUsers(Store(at: path), age: 1, from: 20_010)
    try Self.loadUsers(Store(at: path), age: 2, from: 20_000)
    #expect(try Self.age(path, asOf: 19_999) == nil)
    #expect(try Self.age(path, asOf: 20_000) == 2 && Self.age(path, asOf: 20_009) == 2)
    #expect(try Self.age(path, asOf: 20_010) == 1 && Self.age(path, asOf: 30_000) == 1)
    let before = try Store(at: path).snapshot().dimensions(asOf: Day(number: 20_010)).version
    try Self.loadUsers(Store(at: path), age: 3, from: 20_010)
    #expect(try Self.age(path, asOf: 20_010) == 3 && Self.age(path, asOf: 20_009) == 2)
    #expect(try Store(at: path).snapshot().dimensions(asOf: Day(number: 20_010)).version != before)

    try Self.loadList(Store(at: path), "vips", ["a", "b"], from: 20_000)
    try Self.loadList(Store(at: path), "vips", [], from: 20_005)
    let snapshot = try Store(at: path).snapshot()
    #expect(try snapshot.dimensions(asOf: Day(number: 19_999)).list("vips") == nil)
    #expect(
      try snapshot.dimensions(asOf: Day(number: 20_004)).list("vips") == [Array("a".utf8), Array("b".utf8)])
    #expect(try snapshot.dimensions(asOf: Day(number: 20_005)).list("vips") == [])
    #expect(try snapshot.dimensions(asOf: Day(number: 20_005)).list("others") == nil)
    #expect(snapshot.manifest.listNames == ["vips"])
  }

  @Test(arguments: [FaultyFiles.Fault.killed, .diskFull])
  func `killed or out of disk at every writing call of a load leaves the old or the new version, whole`(
    _ fault: FaultyFiles.Fault
  ) throws {
    var step = 1
    var finished = false
    while !finished {
      let path = try Self.freshStore()
      try Self.loadUsers(Store(at: path), age: 1, from: 20_000)
      let files = FaultyFiles(at: step, fault)
      do {
        try Self.loadUsers(Store(at: path, files: files), age: 2, from: 20_000)
        finished = files.count < step
      } catch let error as Diagnostic {
        #expect(error.code == .f2 && error.place != nil)
      }
      let snapshot = try Store(at: path).snapshot()
      #expect(try Self.age(path, asOf: 20_000) == Double(snapshot.manifest.version))
      #expect(StoreVerification.run(snapshot).findings == [], "step \(step)")
      // The next writer goes on as if nothing had been.
      try Self.loadUsers(Store(at: path), age: 7, from: 20_000)
      #expect(try Self.age(path, asOf: 20_000) == 7)
      #expect(StoreVerification.run(try Store(at: path).snapshot()).findings == [])
      step += 1
    }
    #expect(step > 8)
  }

  @Test func `a flipped bit in any table or list is found, and reading never traps or lies`() throws {
    let path = try Self.freshStore()
    try Self.loadUsers(Store(at: path), age: 1, from: 20_000)
    try Self.loadList(Store(at: path), "vips", ["a", "b", "ç"], from: 20_000)
    let good = try Self.everything(path)
    for entry in try Store(at: path).snapshot().manifest.tables {
      let file = path + "/" + entry.file.path
      let bytes = Support.read(file)
      for at in stride(from: 0, to: bytes.count, by: 3) {
        var broken = bytes
        broken[at] ^= 1 << UInt8(at % 8)
        Support.write(broken, to: file)
        let report = StoreVerification.run(try Store(at: path).snapshot())
        #expect(report.findings.contains { $0.place?.file == file }, "byte \(at) of \(entry.file.path)")
        do {
          #expect(try Self.everything(path) == good, "byte \(at) of \(entry.file.path)")
        } catch let error as Diagnostic {
          #expect(error.code == .s2 && error.place?.file == file)
        }
      }
      Support.write(bytes.dropLast(9), to: file)
      let error = #expect(throws: Diagnostic.self) { try Self.everything(path) }
      #expect(error?.code == .s2 && error?.place?.file == file)
      Support.write(bytes, to: file)
    }
  }

  private static func everything(_ path: String) throws -> [String] {
    let dimensions = try Store(at: path).snapshot().dimensions(asOf: Day(number: 20_000))
    var all = ["\(try dimensions.list("vips")?.map { "\($0)" }.sorted() ?? [])"]
    for bucket in 0..<buckets {
      let table = try dimensions.users(in: BucketIndex(bucket))
      all += table.rows.map { "\($0.key) \($0.value)" }.sorted()
      for (field, column) in table.columns.sorted(by: { $0.key < $1.key }) {
        switch column {
        case .codes(let codes, let dictionary): all.append("\(field.name) \(codes) \(dictionary.values)")
        case .numbers(let numbers): all.append("\(field.name) \(numbers)")
        case .times(let times): all.append("\(field.name) \(times)")
        default: all.append("\(field.name) of another kind")
        }
      }
    }
    return all
  }

  @Test func `tables that are not sorted, or users in a foreign bucket, are found`() throws {
    let path = try Self.freshStore()
    try Self.loadList(Store(at: path), "vips", ["b", "a"], from: 20_000)
    try Self.loadList(Store(at: path), "twice", ["a", "a"], from: 20_000)
    let transaction = try Transaction(Store(at: path))
    let writer = try TableWriter(transaction, .users, fields: [], dictionaries: [])
    try writer.append(Self.batch(Self.ids(1)))
    try writer.append(Self.batch(Self.ids(1)))
    var manifest = transaction.base.manifest
    manifest.tables.append(try writer.finish(from: Day(number: 20_000)))
    try transaction.commit(manifest)
    let findings = StoreVerification.run(try Store(at: path).snapshot()).findings
    #expect(findings.count == 3 && findings.allSatisfy { $0.code == .s2 })
  }
}
