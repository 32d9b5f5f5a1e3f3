import Diagnostics
import Synchronization

/// Lets items that many threads finish in any order be written in the order of their numbers, so that memory holds only
/// those that came early.
///
/// `@unchecked`: `write` may hold files, and is called under the lock only.
public final class InOrder<Item: Sendable>: @unchecked Sendable {
  private struct State: Sendable {
    var next = 0
    var waiting: [Int: Item] = [:]
  }

  private let state = Mutex(State())
  private let write: (Item) throws(Diagnostic) -> Void

  public init(_ write: @escaping (Item) throws(Diagnostic) -> Void) { self.write = write }

  /// - Parameter number: from 0; each once.
  public func put(_ number: Int, _ item: Item) throws(Diagnostic) {
    let failure = state.withLock { state -> Diagnostic? in
      state.waiting[number] = item
      do throws(Diagnostic) {
        while let ready = state.waiting.removeValue(forKey: state.next) {
          try write(ready)
          state.next += 1
        }
        return nil
      } catch { return error }
    }
    if let failure { throw failure }
  }
}
