import CSimdjson
import Diagnostics
import Events
import Project
import Store

/// Reads one input file of a source into a sink, row after row. One a worker and file.
struct SourceReader {
  let project: Project
  let source: Source
  let layout: PartSchema
  let interners: [TextInterner]

  /// - Parameters:
  ///   - progress: told the compressed bytes and rows since its last call, every few thousand rows.
  /// - Returns: rows read.
  func read<S: RecordSink>(
    _ path: String, file: UInt32, contentHash: UInt64, into sink: inout S,
    progress: (_ bytes: Int, _ rows: Int) -> Void
  ) throws(Diagnostic) -> Int {
    if source.format == .arrow || source.format == .parquet {
      return try ArrowEventReader(reader: self, path: path, file: file)
        .read(contentHash: contentHash, into: &sink, progress)
    }
    let lines = LineReader(try ByteReader(path: path))
    var job = ReadingJob(lines: lines, file: file, record: emptyRecord(file))
    switch source.format {
    case .snowplow:
      var format = SnowplowFormat(mapper(SnowplowColumns.names, contentHash), source, project)
      try job.run(&format, &sink, progress)
    case .jsonl:
      var format = JSONLinesFormat(mapper([], contentHash))
      try job.run(&format, &sink, progress)
    case .csv:
      let header = try CSVFormat.header(lines, path: path, delimiter: source.delimiter)
      let mapper = mapper(header, contentHash)
      if let missing = mapper.plan.missing.first {
        throw missingColumn(missing, among: header, Place(file: path, line: 1))
      }
      var format = CSVFormat(mapper, columns: header.count, delimiter: source.delimiter)
      try job.run(&format, &sink, progress)
    case .arrow, .parquet: preconditionFailure("they have no lines")
    }
    return job.rows
  }

  func missingColumn(_ name: String, among columns: [String], _ place: Place) -> Diagnostic {
    Diagnostic(
      .f3, "the file has no column '\(name)', which the source '\(source.name)' maps", at: place,
      hint: Nearest.word(to: name, among: columns).map { "did you mean '\($0)'?" }
        ?? "its columns: \(columns.joined(separator: ", "))")
  }

  func mapper(_ columns: [String], _ contentHash: UInt64) -> RowMapper {
    let plan = MappingPlan(
      source, layout, columns: columns, enrichments: project.bots.excluded && project.bots.enrichments)
    return RowMapper(
      plan, source, project, layout, interners, columns: columns, contentHash: contentHash)
  }

  func emptyRecord(_ file: UInt32) -> EventRecord {
    var record = EventRecord()
    record.file = file
    record.codes = Array(repeating: .max, count: layout.texts.count)
    record.listEnds = Array(repeating: 0, count: layout.lists.count)
    record.numbers = Array(repeating: .nan, count: layout.numbers.count)
    return record
  }
}

/// What a format makes of a line.
protocol LineFormat {
  /// - Returns: nil where the line is only part of a row, or empty.
  mutating func decode(_ line: UnsafeRawBufferPointer, number: UInt64, into record: inout EventRecord)
    throws(Reject)
    -> RowMapper.Outcome?
  /// A line to be read anew after a broken row.
  mutating func heldBack() -> (line: [UInt8], number: UInt64)?
  /// The first line of a row that is still open at the end of the input; its others are held back.
  mutating func abandon() -> (line: [UInt8], number: UInt64)?
}

extension LineFormat {
  mutating func heldBack() -> (line: [UInt8], number: UInt64)? { nil }
  mutating func abandon() -> (line: [UInt8], number: UInt64)? { nil }
}

/// The loop over a file's lines; specialised for each format.
private struct ReadingJob {
  let lines: LineReader
  let file: UInt32
  var record: EventRecord
  var rows = 0
  private var reported = (bytes: 0, rows: 0)

  init(lines: LineReader, file: UInt32, record: EventRecord) {
    self.lines = lines
    self.file = file
    self.record = record
  }

  mutating func run<F: LineFormat, S: RecordSink>(
    _ format: inout F, _ sink: inout S, _ progress: (Int, Int) -> Void
  ) throws(Diagnostic) {
    loop: while true {
      switch try unsafe lines.next() {
      case .end: break loop
      case .tooLong(let head):
        rows += 1
        unsafe sink.reject(Reject(reason: .tooLong), file: file, line: lines.number, bytes: head)
      case .line(let line): unsafe take(line, lines.number, &format, &sink)
      }
      takeHeldBack(&format, &sink)
      if rows & 0xfff == 0 { report(progress) }
    }
    while let (line, number) = format.abandon() {
      rows += 1
      unsafe line.withUnsafeBytes {
        unsafe sink.reject(Reject(reason: .badQuoting), file: file, line: number, bytes: $0)
      }
      takeHeldBack(&format, &sink)
    }
    report(progress)
  }

  private mutating func takeHeldBack<F: LineFormat, S: RecordSink>(_ format: inout F, _ sink: inout S) {
    while let (line, number) = format.heldBack() {
      unsafe line.withUnsafeBytes { unsafe take($0, number, &format, &sink) }
    }
  }

  private mutating func report(_ progress: (Int, Int) -> Void) {
    progress(lines.consumed - reported.bytes, rows - reported.rows)
    reported = (lines.consumed, rows)
  }

  @inline(__always)
  private mutating func take<F: LineFormat, S: RecordSink>(
    _ line: UnsafeRawBufferPointer, _ number: UInt64, _ format: inout F, _ sink: inout S
  ) {
    do throws(Reject) {
      guard let outcome = try unsafe format.decode(line, number: number, into: &record) else { return }
      rows += 1
      switch outcome {
      case .event: sink.append(record)
      case .bot: sink.bot()
      }
    } catch {
      rows += 1
      unsafe sink.reject(error, file: file, line: number, bytes: line)
    }
  }
}

/// The checks that every line passes first.
enum LineCheck {
  @inline(__always) static func utf8(_ line: UnsafeRawBufferPointer) throws(Reject) {
    guard unsafe isUTF8(line) else { throw Reject(reason: .notUTF8) }
  }

  @inline(__always) static func isUTF8(_ bytes: UnsafeRawBufferPointer) -> Bool {
    unsafe gs_valid_utf8(bytes.baseAddress?.assumingMemoryBound(to: CChar.self), bytes.count) != 0
  }
}
