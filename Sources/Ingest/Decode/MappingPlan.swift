import CSimdjson
import Events
import Project
import Store

/// A source's mapping with its names resolved: column numbers and slots of extracted JSON values.
struct MappingPlan: Sendable {
  enum Place: Sendable, Equatable {
    case column(Int)
    case host(Int)
    case slot(Int32)
  }

  /// One wanted value of a JSON column, as the extractor takes it.
  struct Want: Sendable {
    /// 0 contexts, 1 unstruct_event, 2 derived_contexts, 3 a whole line.
    var column: Int
    var schema: String
    var version: [Int]
    var keys: [String]
    var slot: Int32
    var index: Int
  }

  private(set) var wants: [Want] = []
  private(set) var user: [Place] = []
  private(set) var time: [Place] = []
  private(set) var eventID: [Place] = []
  private(set) var session: [Place] = []
  private(set) var view: [Place] = []
  private(set) var event: [Place] = []
  private(set) var dwell: [Place] = []
  /// In the order of the layout.
  private(set) var texts: [[Place]] = []
  private(set) var lists: [[Place]] = []
  private(set) var numbers: [[Place]] = []
  /// Verdicts of Snowplow's bot enrichments.
  private(set) var spider: Place?
  private(set) var agentClass: Place?
  /// Names that the file's header does not have.
  private(set) var missing: [String] = []

  /// - Parameter columns: the file's columns in order; of Arrow and Parquet the mapped ones.
  init(_ source: Source, _ layout: PartSchema, columns: [String], enrichments: Bool) {
    var numbers: [String: Int] = [:]
    for (index, name) in columns.enumerated() where numbers[name] == nil { numbers[name] = index }
    func places(_ paths: [FieldPath]?) -> [Place] {
      (paths ?? []).compactMap { place($0, numbers, source.format) }
    }
    user = places(source.user)
    time = places(source.time)
    eventID = places(source.eventID)
    session = places(source.session)
    view = places(source.view)
    event = places(source.fields[.event])
    dwell = places(source.fields[.dwell])
    texts = layout.texts.map { places(source.fields[$0]) }
    lists = layout.lists.map { places(source.fields[$0]) }
    self.numbers = layout.numbers.map { places(source.fields[$0]) }
    guard source.format == .snowplow, enrichments else { return }
    spider = want(
      EntityPath(
        column: .derived, vendor: "com.iab.snowplow", name: "spiders_and_robots", version: [1],
        keys: ["spiderOrRobot"]))
    agentClass = want(
      EntityPath(
        column: .derived, vendor: "nl.basjes", name: "yauaa_context", version: [1], keys: ["agentClass"]))
  }

  private mutating func place(_ path: FieldPath, _ numbers: [String: Int], _ format: Source.Format) -> Place?
  {
    switch path {
    case .entity(let entity): return want(entity)
    case .keys(let keys): return want(line: keys)
    case .column(let name) where format == .jsonl: return want(line: [name])
    case .column(let name): return column(name, numbers).map { .column($0) }
    case .host(let name): return column(name, numbers).map { .host($0) }
    }
  }

  private mutating func column(_ name: String, _ numbers: [String: Int]) -> Int? {
    if numbers[name] == nil { missing.append(name) }
    return numbers[name]
  }

  /// `contexts` means both columns of contexts.
  private mutating func want(_ entity: EntityPath) -> Place {
    let slot = Int32((wants.map(\.slot).max() ?? -1) + 1)
    let columns = entity.column == .contexts ? [0, 2] : entity.column == .unstruct ? [1] : [2]
    for column in columns {
      wants.append(
        Want(
          column: column, schema: "\(entity.vendor)/\(entity.name)", version: entity.version,
          keys: entity.keys,
          slot: slot, index: entity.index ?? -1))
    }
    return .slot(slot)
  }

  private mutating func want(line keys: [String]) -> Place {
    let slot = Int32((wants.map(\.slot).max() ?? -1) + 1)
    wants.append(Want(column: 3, schema: "", version: [], keys: keys, slot: slot, index: -1))
    return .slot(slot)
  }

  /// What is read from a column of Arrow or Parquet.
  func use(ofColumn index: Int) -> CellLoader.Use {
    func reads(_ places: [Place]) -> Bool { places.contains(.column(index)) || places.contains(.host(index)) }
    return CellLoader.Use(
      text: ([user, eventID, session, view, event] + texts + lists).contains(where: reads),
      number: (numbers + [dwell]).contains(where: reads), time: reads(time))
  }

  /// Whether anything of a JSON column is wanted.
  func wantsColumn(_ column: Int) -> Bool { wants.contains { $0.column == column } }
}

/// simdjson behind its shim. One a thread; made in `init`, freed in `deinit`, never leaves.
@safe final class JSONExtractor {
  private let extractor: OpaquePointer

  init(_ wants: [MappingPlan.Want]) {
    guard let made = unsafe gs_extractor_new() else { fatalError("simdjson has no memory") }
    unsafe extractor = made
    for want in wants {
      let version = (0..<3).map { $0 < want.version.count ? Int32(want.version[$0]) : -1 }
      let keys = want.keys.flatMap { Array($0.utf8CString) }
      unsafe gs_extractor_want(
        extractor, Int32(want.column), want.schema, version[0], version[1], version[2], keys,
        Int32(want.keys.count),
        want.slot, Int32(want.index))
    }
  }

  deinit { unsafe gs_extractor_free(extractor) }

  func begin() { unsafe gs_extractor_begin(extractor) }

  /// - Returns: nil, or simdjson's words.
  @inline(__always) func read(_ column: Int, _ json: UnsafeRawBufferPointer) -> String? {
    let code = unsafe gs_extractor_read(
      extractor, Int32(column), json.baseAddress?.assumingMemoryBound(to: CChar.self), json.count)
    return unsafe code == 0 ? nil : String(cString: gs_json_error(code))
  }

  var values: UnsafePointer<gs_value>? { unsafe gs_extractor_values(extractor) }
  var count: Int { unsafe gs_extractor_count(extractor) }
  var firsts: UnsafePointer<Int32>? { unsafe gs_extractor_firsts(extractor) }
}
