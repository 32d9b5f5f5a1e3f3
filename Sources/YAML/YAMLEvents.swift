import CYAML
import Diagnostics

/// libyaml's event stream over bytes that stay alive as long as it does.
/// The two buffers are made in `init`, freed in `deinit`, and never leave.
@safe final class YAMLEvents {
  struct Event {
    enum Kind {
      case streamEnd, documentStart, other
      case scalar(YAMLNode.Scalar)
      case listStart, listEnd, mapStart, mapEnd
      /// An alias, an anchor or a tag.
      case refused(String)
    }
    var kind: Kind
    var place: Place
    var extent: YAMLNode.Extent
  }

  private let source: SourceText
  private let parser: UnsafeMutablePointer<yaml_parser_t>
  private let input: UnsafeMutableBufferPointer<UInt8>

  init(_ source: SourceText) {
    self.source = source
    unsafe parser = .allocate(capacity: 1)
    unsafe input = .allocate(capacity: max(1, source.bytes.count))
    unsafe _ = input.initialize(from: source.bytes)
    // It fails only for want of memory, which Swift does not survive either.
    guard unsafe yaml_parser_initialize(parser) == 1 else { fatalError("libyaml has no memory") }
    unsafe yaml_parser_set_input_string(parser, input.baseAddress, source.bytes.count)
    unsafe yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
  }

  deinit {
    unsafe yaml_parser_delete(parser)
    unsafe parser.deallocate()
    unsafe input.deallocate()
  }

  /// - Throws: `Y0` with libyaml's words and place.
  func next() throws(Diagnostic) -> Event {
    var raw = unsafe yaml_event_t()
    guard unsafe yaml_parser_parse(parser, &raw) == 1 else { throw problem() }
    defer { unsafe yaml_event_delete(&raw) }
    let place = unsafe place(raw.start_mark, raw.end_mark)
    return unsafe Event(kind: kind(raw), place: place, extent: extent(raw))
  }

  private func extent(_ raw: yaml_event_t) -> YAMLNode.Extent {
    let isFlow =
      switch unsafe raw.type {
      case YAML_SEQUENCE_START_EVENT:
        unsafe raw.data.sequence_start.style == YAML_FLOW_SEQUENCE_STYLE
      case YAML_MAPPING_START_EVENT: unsafe raw.data.mapping_start.style == YAML_FLOW_MAPPING_STYLE
      default: false
      }
    return unsafe YAMLNode.Extent(
      endLine: Int(raw.end_mark.line) + 1, endColumn: Int(raw.end_mark.column) + 1, isFlow: isFlow)
  }

  private func kind(_ raw: yaml_event_t) -> Event.Kind {
    switch unsafe raw.type {
    case YAML_STREAM_END_EVENT: return .streamEnd
    case YAML_DOCUMENT_START_EVENT: return .documentStart
    case YAML_ALIAS_EVENT: return .refused("an alias ('*name')")
    case YAML_SCALAR_EVENT:
      let scalar = unsafe raw.data.scalar
      if unsafe scalar.anchor != nil { return .refused("an anchor ('&name')") }
      if unsafe scalar.tag != nil { return .refused("a tag ('!name')") }
      let bytes = unsafe UnsafeBufferPointer(start: scalar.value, count: scalar.length)
      return unsafe .scalar(.init(text: String(decoding: bytes, as: UTF8.self), style: style(scalar.style)))
    case YAML_SEQUENCE_START_EVENT:
      if unsafe raw.data.sequence_start.anchor != nil { return .refused("an anchor ('&name')") }
      if unsafe raw.data.sequence_start.tag != nil { return .refused("a tag ('!name')") }
      return .listStart
    case YAML_MAPPING_START_EVENT:
      if unsafe raw.data.mapping_start.anchor != nil { return .refused("an anchor ('&name')") }
      if unsafe raw.data.mapping_start.tag != nil { return .refused("a tag ('!name')") }
      return .mapStart
    case YAML_SEQUENCE_END_EVENT: return .listEnd
    case YAML_MAPPING_END_EVENT: return .mapEnd
    default: return .other
    }
  }

  private func style(_ raw: yaml_scalar_style_t) -> YAMLNode.Scalar.Style {
    switch raw {
    case YAML_SINGLE_QUOTED_SCALAR_STYLE: .singleQuoted
    case YAML_DOUBLE_QUOTED_SCALAR_STYLE: .doubleQuoted
    case YAML_LITERAL_SCALAR_STYLE, YAML_FOLDED_SCALAR_STYLE: .block
    default: .plain
    }
  }

  private func place(_ start: yaml_mark_t, _ end: yaml_mark_t) -> Place {
    let length = start.line == end.line ? Int(end.column) - Int(start.column) : 1
    return Place(file: source.file, line: Int(start.line) + 1, column: Int(start.column) + 1, length: length)
  }

  private func problem() -> Diagnostic {
    let words = unsafe parser.pointee.problem.map { unsafe String(cString: $0) } ?? "this is not YAML"
    let mark = unsafe parser.pointee.problem_mark
    let context = unsafe parser.pointee.context.map { unsafe String(cString: $0) }
    return Diagnostic(
      .y0, "not readable as YAML: \(words)" + (context.map { ", \($0)" } ?? ""),
      at: Place(file: source.file, line: Int(mark.line) + 1, column: Int(mark.column) + 1),
      hint: "check the indentation and quotes around here")
  }
}
