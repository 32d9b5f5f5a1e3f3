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
    var dictionary: ObjectIdentifier
    var pass: Int
  }

  private let predicates: Predicates
  private let known = Mutex<[Key: [[UInt16]]]>([:])

  init(_ predicates: Predicates) { self.predicates = predicates }

  /// - Returns: layers; in each as many entries as the dictionary has values, and one for "unknown".
  func layers(_ pass: AccumulatorPlan.Pass, _ field: Field, _ dictionary: TextDictionary) -> [[UInt16]] {
    let key = Key(dictionary: ObjectIdentifier(dictionary), pass: pass.number)
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
