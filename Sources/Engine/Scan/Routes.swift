import Events
import Rules
import Synchronization

/// For each code of a field the planes that its rows add to, made once for each pass and dictionary and shared by all
/// threads.
///
/// A value may belong to several planes: `sport` and `sport/formula-1` both want `sport/formula-1`. So there are
/// layers, in each of which a code has one plane (0: none), and a pass walks its rows once a layer.
final class Routes: Sendable {
  private struct Key: Hashable {
    /// A dictionary, or what its articles have.
    var codes: ObjectIdentifier
    var pass: Int
  }

  private let predicates: Predicates
  private let known = Mutex<[Key: [[UInt16]]]>([:])
  private let counted = Mutex<[CountedKey: [UInt32]]>([:])

  private struct CountedKey: Hashable {
    var piece: Int
    var set: Int
  }

  init(_ predicates: Predicates) { self.predicates = predicates }

  /// - Returns: layers; in each as many entries as the dictionary has values, and one for "unknown".
  func layers(_ pass: AccumulatorPlan.Pass, _ field: Field, _ dictionary: TextDictionary) -> [[UInt16]] {
    let key = Key(codes: ObjectIdentifier(dictionary), pass: pass.number)
    if let made = known.withLock({ $0[key] }) { return made }
    let tables = pass.members.map { member in
      (
        UInt16(member.plane),
        member.match.map { predicates.table($0, dictionary, separator: field.separator) } ?? []
      )
    }
    let made = Self.layers(tables, codes: dictionary.values.count + 1)
    known.withLock { $0[key] = made }
    return made
  }

  /// The codes of articles that some pass of a set counts; others are `UInt32.max`, so that their rows cost next to nothing.
  /// - Parameters:
  ///   - passes: of the piece.
  ///   - shared: for each code the one of all parts.
  func counted(
    _ set: Int, piece: Int, _ passes: [AccumulatorPlan.Pass], _ batch: EventBatch, _ shared: [UInt32]
  ) -> [UInt32] {
    let key = CountedKey(piece: piece, set: set)
    if let made = counted.withLock({ $0[key] }) { return made }
    let made = Self.masked(shared, passes.filter { $0.firsts == set }) { pass in
      guard case .routed(_, let field) = pass.rows, let column = batch.articleColumns[field] else {
        return nil
      }
      return layers(pass, field, column)
    }
    counted.withLock { $0[key] = made }
    return made
  }

  private static func masked(
    _ shared: [UInt32], _ passes: [AccumulatorPlan.Pass],
    _ layers: (AccumulatorPlan.Pass) -> [[UInt16]]?
  ) -> [UInt32] {
    var isCounted = [Bool](repeating: false, count: shared.count)
    for pass in passes {
      // A pass over all rows counts every article.
      guard let layers = layers(pass) else { return shared }
      for layer in layers {
        for article in shared.indices where layer[article] != 0 { isCounted[article] = true }
      }
    }
    return shared.indices.map { isCounted[$0] ? shared[$0] : .max }
  }

  /// Planes for codes of articles, by what each article has.
  func layers(_ pass: AccumulatorPlan.Pass, _ field: Field, _ column: ArticleColumn) -> [[UInt16]] {
    let key = Key(codes: ObjectIdentifier(column), pass: pass.number)
    if let made = known.withLock({ $0[key] }) { return made }
    let layers = layers(pass, field, column.dictionary)
    let made = layers.flatMap { Self.layers($0, column.values) }
    known.withLock { $0[key] = made }
    return made
  }

  /// - Returns: as many layers as an article has planes in this one.
  private static func layers(_ layer: [UInt16], _ values: EventColumn) -> [[UInt16]] {
    switch values {
    case .codes(let codes, _): return [(0..<codes.count).map { layer[Int(codes[$0])] }]
    case .lists(let offsets, let codes, _):
      var layers: [[UInt16]] = []
      for article in 0..<(offsets.count - 1) {
        var met: [UInt16] = []
        for index in Int(offsets[article])..<Int(offsets[article + 1]) {
          let plane = layer[Int(codes[index])]
          if plane == 0 || met.contains(plane) { continue }
          if met.count == layers.count { layers.append(Array(repeating: 0, count: offsets.count - 1)) }
          layers[met.count][article] = plane
          met.append(plane)
        }
      }
      return layers
    default: return []
    }
  }

  private static func layers(_ tables: [(plane: UInt16, holds: [UInt8])], codes: Int) -> [[UInt16]] {
    var layers: [[UInt16]] = []
    for (plane, holds) in tables {
      let wanted = holds.indices.filter { holds[$0] != 0 }
      if wanted.isEmpty { continue }
      let free = layers.firstIndex { layer in wanted.allSatisfy { layer[$0] == 0 } }
      let index = free ?? layers.count
      if free == nil { layers.append(Array(repeating: 0, count: codes)) }
      for code in wanted { layers[index][code] = plane }
    }
    return layers
  }
}
