import Support
import Testing

@testable import ArrowIPC

/// A table of all layouts that the store writes, with random values.
struct SampleTable {
  var schema: ArrowSchema
  var batches: [ArrowBatch] = []
  var dictionary: ArrowArray

  init(seed: UInt64, compressible: Bool = true) {
    var random = SeededRandom(seed)
    let index = ArrowField.Dictionary(id: 7, index: .int(bits: 8, signed: false))
    let listed = ArrowField.Dictionary(id: 8, index: .int(bits: 16, signed: false))
    schema = ArrowSchema(
      [
        ArrowField("user", .utf8, nullable: false), ArrowField("time", .timestamp(.millisecond, zone: "UTC")),
        ArrowField("section", .utf8, dictionary: index),
        ArrowField("tags", .list, children: [ArrowField("item", .utf8, dictionary: listed)]),
        ArrowField("value", .float(bits: 64)), ArrowField("dwell", .int(bits: 32, signed: false)),
        ArrowField("ok", .bool), ArrowField("hash", .fixedBinary(width: 16)),
      ], metadata: ["made": "by a test"])
    dictionary = ArrowArray(strings: ["a", "bé", "", "🙂"])
    for _ in 0..<Int.random(in: 0...3, using: &random) {
      batches.append(Self.batch(Int.random(in: 0...400, using: &random), dictionary, compressible, &random))
    }
  }

  private static func batch(
    _ rows: Int, _ dictionary: ArrowArray, _ compressible: Bool, _ random: inout SeededRandom
  )
    -> ArrowBatch
  {
    func known() -> [UInt8]? {
      ArrowArray.bitmap((0..<rows).map { _ in Int.random(in: 0...9, using: &random) > 0 })
    }
    var offsets: [UInt32] = [0]
    for _ in 0..<rows {
      offsets.append(offsets[offsets.count - 1] + UInt32.random(in: 0...3, using: &random))
    }
    let elements = Int(offsets[rows])
    let limit: UInt64 = compressible ? 1000 : .max
    return ArrowBatch(
      rows: rows,
      columns: [
        ArrowArray((0..<rows).map { _ in Array("u\(Int.random(in: 0...99, using: &random))".utf8) }),
        ArrowArray(
          count: rows, validity: known(),
          storage: .u64((0..<rows).map { _ in .random(in: 0...(limit >> 1), using: &random) })),
        ArrowArray(
          count: rows, validity: nil,
          storage: .dictionary(
            ArrowArray(count: rows, storage: .u8((0..<rows).map { _ in .random(in: 0...3, using: &random) })),
            values: dictionary)),
        ArrowArray(
          count: rows, validity: nil,
          storage: .list(
            offsets: offsets,
            child: ArrowArray(
              count: elements,
              storage: .dictionary(
                ArrowArray(
                  count: elements,
                  storage: .u16((0..<elements).map { _ in .random(in: 0...3, using: &random) })),
                values: dictionary)))),
        ArrowArray(
          count: rows, validity: known(),
          storage: .u64((0..<rows).map { _ in Double.random(in: -1e6...1e6, using: &random).bitPattern })),
        ArrowArray(
          count: rows, validity: known(),
          storage: .u32((0..<rows).map { _ in .random(in: 0...90000, using: &random) })),
        ArrowArray(
          count: rows, storage: .bits((0..<(rows + 7) / 8).map { _ in .random(in: 0...255, using: &random) })),
        ArrowArray(
          count: rows,
          storage: .wide((0..<rows * 16).map { _ in .random(in: 0...255, using: &random) }, width: 16)),
      ])
  }

  var dictionaries: [(id: Int64, values: ArrowArray)] { [(7, dictionary), (8, dictionary)] }
  func file(compressed: Bool = true) -> [UInt8] {
    ArrowFileLayout.file(schema, dictionaries: dictionaries, batches: batches, compressed: compressed)
  }
  func stream() -> [UInt8] { ArrowFileLayout.stream(schema, dictionaries: dictionaries, batches: batches) }
}

struct ArrowFileTests {
  @Test(arguments: 0..<40)
  func `what was written is read back`(_ seed: Int) throws {
    let table = SampleTable(seed: UInt64(seed), compressible: seed % 2 == 0)
    let reader = try ArrowFileReader(BytesInput(table.file(compressed: seed % 3 > 0)))
    #expect(reader.schema == table.schema && reader.batchCount == table.batches.count)
    for index in 0..<reader.batchCount {
      let batch = try reader.batch(index)
      #expect(batch == table.batches[index])
      let projected = try reader.batch(index, columns: [2, 5])
      #expect(projected.columns == [batch.columns[2], batch.columns[5]])
    }
    var stream = try ArrowStreamReader(BytesInput(table.stream()))
    for batch in table.batches { #expect(try stream.next() == batch) }
    #expect(try stream.next() == nil)
  }

  @Test func `a flipped bit of a compressed buffer is noticed, and no flip or cut ever traps`() throws {
    let table = SampleTable(seed: 5)
    let file = table.file()
    for at in stride(from: 0, to: file.count, by: 3) {
      var broken = file
      broken[at] ^= 1 << UInt8(at % 8)
      Self.readAll(broken)
      Self.readAll(Array(file.prefix(at)))
      Self.readStream(Array(table.stream().prefix(at)))
    }
  }

  private static func readAll(_ bytes: [UInt8]) {
    do throws(FormatError) {
      let reader = try ArrowFileReader(BytesInput(bytes))
      for index in 0..<min(8, reader.batchCount) { _ = try reader.batch(index) }
    } catch {}
  }

  private static func readStream(_ bytes: [UInt8]) {
    do throws(FormatError) {
      var reader = try ArrowStreamReader(BytesInput(bytes))
      while try reader.next() != nil {}
    } catch {}
  }
}
