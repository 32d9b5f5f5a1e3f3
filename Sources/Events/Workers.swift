import Dispatch
import Synchronization

/// The threads of a job: items are taken one by one from a shared counter, so a slow one holds up nobody.
public struct Workers: Sendable {
  public let threads: Int

  /// - Parameter threads: 0 means as many as the machine has.
  public init(threads: Int = 0) {
    self.threads = threads > 0 ? min(threads, 256) : max(1, Self.processors)
  }

  private static var processors: Int { min(256, Processors.count) }

  /// Runs `body` for every item. Each worker has a state of its own, made by `start` on its thread.
  /// - Returns: the states, in no particular order.
  /// - Throws: the error of the smallest item that failed; the others are not begun any more.
  public func run<State: Sendable, Failure: Error>(
    _ count: Int, start: @escaping @Sendable () throws(Failure) -> State,
    _ body: @escaping @Sendable (_ item: Int, _ state: inout State) throws(Failure) -> Void
  ) throws(Failure) -> [State] {
    let next = Atomic<Int>(0)
    let outcome = Mutex<(states: [State], failure: (item: Int, error: Failure)?)>(([], nil))
    DispatchQueue.concurrentPerform(iterations: max(1, min(threads, count))) { _ in
      var item = -1
      do throws(Failure) {
        var state = try start()
        while true {
          item = next.wrappingAdd(1, ordering: .relaxed).oldValue
          guard item < count else { break }
          try body(item, &state)
        }
        let made = state
        outcome.withLock { $0.states.append(made) }
      } catch {
        next.store(count, ordering: .relaxed)
        let failed = error
        outcome.withLock { known in
          if known.failure.map({ $0.item > item }) ?? true { known.failure = (item, failed) }
        }
      }
    }
    let (states, failure) = outcome.withLock { $0 }
    if let failure { throw failure.error }
    return states
  }
}
