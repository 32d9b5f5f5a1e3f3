import Support
import Testing

@testable import ArrowIPC

@Suite(.enabled(if: Support.python != nil, "needs the Python oracles"))
struct ArrowOracleTests {
  @Test func `pyarrow, pandas and Polars read what we write`() throws {
    let folder = Support.temporaryFolder()
    for seed in 0..<12 {
      let table = SampleTable(seed: UInt64(seed), compressible: seed % 2 == 0)
      Support.write(table.file(compressed: seed % 3 > 0), to: "\(folder)/\(seed).arrow")
      Support.write(table.stream(), to: "\(folder)/\(seed).stream")
      let sums = table.batches.map { batch in
        (0..<batch.rows).reduce(0) { sum, row in
          batch.columns[5].isValid(row) ? sum + Int(batch.columns[5].bits(at: row) ?? 0) : sum
        }
      }.reduce(0, +)
      Support.write("\(table.batches.map(\.rows).reduce(0, +)) \(sums)".utf8, to: "\(folder)/\(seed).txt")
    }
    let script = """
      import sys, pyarrow as pa, pyarrow.compute as pc, polars as pl
      for seed in range(12):
          base = f'{sys.argv[1]}/{seed}'
          rows, total = map(int, open(base + '.txt').read().split())
          table = pa.ipc.open_file(base + '.arrow').read_all()
          table.validate(full=True)
          assert table.num_rows == rows, (seed, table.num_rows, rows)
          assert (pc.sum(table['dwell']).as_py() or 0) == total
          assert pa.ipc.open_stream(base + '.stream').read_all().equals(table)
          table.to_pandas()
          if rows:
              frame = pl.read_ipc(base + '.arrow')
              assert frame.height == rows and (frame['dwell'].sum() or 0) == total
      print('same', end='')
      """
    #expect(try Support.runPython(script, [folder]) == "same")
  }

  @Test func `we read what pyarrow writes`() throws {
    let folder = Support.temporaryFolder()
    let script = """
      import sys, random, pyarrow as pa, decimal, datetime
      random.seed(3)
      maybe = lambda f: [None if random.random() < .2 else f() for _ in range(n)]
      for seed in range(24):
          n = random.choice([0, 1, 7, 100, 3000])
          cols = {
            'i8': pa.array(maybe(lambda: random.randint(-128, 127)), pa.int8()),
            'u64': pa.array(maybe(lambda: random.randint(0, 2**64 - 1)), pa.uint64()),
            'f': pa.array(maybe(random.random), pa.float32()),
            's': pa.array(maybe(lambda: random.choice(['', 'é', 'x' * 50])), pa.string()),
            'ls': pa.array(maybe(lambda: random.choice(['', 'é', 'x' * 50])), pa.large_string()),
            'd': pa.array(maybe(lambda: random.choice(['a', 'b', 'c']))).dictionary_encode(),
            'l': pa.array(maybe(lambda: [random.randint(0, 9) for _ in range(random.randint(0, 4))]), pa.list_(pa.int32())),
            'st': pa.array(maybe(lambda: {'a': 1, 'b': 'x'}), pa.struct([('a', pa.int64()), ('b', pa.string())])),
            'dec': pa.array(maybe(lambda: decimal.Decimal('1.23')), pa.decimal128(10, 2)),
            't': pa.array(maybe(lambda: datetime.datetime(2026, 1, 1)), pa.timestamp('us', 'UTC')),
            'b': pa.array(maybe(lambda: random.random() < .5), pa.bool_()),
          }
          table = pa.table(cols)
          codec = random.choice([None, 'lz4', 'zstd'])
          options = pa.ipc.IpcWriteOptions(compression=codec)
          with pa.ipc.new_file(f'{sys.argv[1]}/{seed}.arrow', table.schema, options=options) as w:
              w.write_table(table, max_chunksize=1000)
          known = sum(1 for c in table.columns for x in c if x.is_valid)
          text = sum(len(x.as_py().encode()) for x in table['s'] if x.is_valid)
          print(seed, n, known, text)
      """
    for line in try Support.runPython(script, [folder]).split(separator: "\n") {
      let numbers = line.split(separator: " ").compactMap { Int($0) }
      let reader = try ArrowFileReader(FileInput(path: "\(folder)/\(numbers[0]).arrow"))
      var (rows, known, text) = (0, 0, 0)
      for index in 0..<reader.batchCount {
        let batch = try reader.batch(index)
        rows += batch.rows
        known += batch.columns.reduce(0) { $0 + $1.count - $1.nullCount }
        text += (0..<batch.rows).reduce(0) {
          batch.columns[3].isValid($1) ? $0 + batch.columns[3].bytes(at: $1).count : $0
        }
      }
      #expect([rows, known, text] == Array(numbers[1...]))
    }
  }

  @Test(.enabled(if: Support.fixtures != nil, "needs the fixtures"))
  func `the format's own golden files are read, and file and stream agree`() throws {
    let folder = (Support.fixtures ?? "") + "arrow/"
    let shapes = [
      "1.0.0-littleendian_generated_primitive": (37, 30), "1.0.0-littleendian_generated_dictionary": (17, 3),
      "2.0.0-compression_generated_lz4": (60, 2), "cpp-21.0.0_generated_datetime": (17, 15),
      "cpp-21.0.0_generated_nested": (17, 3),
    ]
    for (name, shape) in shapes {
      let file = try ArrowFileReader(FileInput(path: folder + name + ".arrow_file"))
      var stream = try ArrowStreamReader(FileInput(path: folder + name + ".stream"))
      #expect(file.batchCount == 2)
      var rows = 0
      for index in 0..<2 {
        let batch = try file.batch(index)
        #expect(try stream.next() == batch)
        rows += batch.rows
      }
      #expect(rows == shape.0 && file.schema.fields.count == shape.1)
      try Self.compareWithPyarrow(folder + name + ".arrow_file", file)
    }
  }

  /// Writes what we read and lets pyarrow compare it with the original.
  private static func compareWithPyarrow(_ path: String, _ file: ArrowFileReader) throws {
    var dictionaries: [(id: Int64, values: ArrowArray)] = []
    for (index, field) in file.schema.fields.enumerated() {
      if let id = field.dictionary?.id, let values = file.dictionary(ofColumn: index) {
        dictionaries.append((id, values))
      }
    }
    let batches = try (0..<file.batchCount).map { try file.batch($0) }
    let copy = Support.temporaryFolder() + "/copy.arrow"
    Support.write(ArrowFileLayout.file(file.schema, dictionaries: dictionaries, batches: batches), to: copy)
    let script = """
      import sys, pyarrow as pa
      a, b = (pa.ipc.open_file(p).read_all() for p in sys.argv[1:])
      b.validate(full=True)
      print(a.equals(b), end='')
      """
    #expect(try Support.runPython(script, [path, copy]) == "True")
  }
}
