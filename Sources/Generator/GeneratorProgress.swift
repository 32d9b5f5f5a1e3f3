import Diagnostics
import Dispatch
import Synchronization

/// What the threads of one `generate` share: the next file, the sums, the first failure.
final class GeneratorProgress: Sendable {
  private struct State {
    var next = 0
    var done = TrafficProgress(filesDone: 0, files: 0, rows: 0, bytes: 0)
    var summary = GeneratedSummary()
    var identities: IdentitySet
    var failure: Diagnostic?
  }

  private let state: Mutex<State>
  private let report: @Sendable (TrafficProgress) -> Void

  init(files: Int, users: Int, _ report: @escaping @Sendable (TrafficProgress) -> Void) {
    var state = State(identities: IdentitySet(users: users))
    state.done.files = files
    self.state = Mutex(state)
    self.report = report
  }

  /// nil when all are given out, or one has failed.
  func nextUnit() -> Int? {
    state.withLock { state in
      guard state.failure == nil, state.next < state.done.files else { return nil }
      state.next += 1
      return state.next - 1
    }
  }

  func wrote(rows: Int, bytes: Int) {
    state.withLock { state in
      state.done.rows += rows
      state.done.bytes += bytes
      report(state.done)
    }
  }

  func finish(_ summary: GeneratedSummary, _ identities: [UInt32]) {
    state.withLock { state in
      state.done.filesDone += 1
      state.summary.add(summary)
      for identity in identities { state.identities.insert(identity) }
      report(state.done)
    }
  }

  func fail(_ failure: Diagnostic) {
    state.withLock { state in if state.failure == nil { state.failure = failure } }
  }

  func result() throws(Diagnostic) -> GeneratedSummary {
    let (summary, failure) = state.withLock { state in
      var summary = state.summary
      summary.userIDs = state.identities.count
      return (summary, state.failure)
    }
    if let failure { throw failure }
    return summary
  }
}

/// A set of user ids by number: reader × 2, + 1 for the account instead of the cookie.
struct IdentitySet {
  private var words: [UInt64]

  init(users: Int) { words = Array(repeating: 0, count: (users * 2 + 63) / 64) }

  mutating func insert(_ identity: UInt32) { words[Int(identity >> 6)] |= 1 << UInt64(identity & 63) }
  var count: Int { words.reduce(0) { $0 + $1.nonzeroBitCount } }
}

/// Threads for work that hands itself out.
enum Workers {
  /// Runs `body` on `count` threads and waits for all.
  static func run(_ count: Int, _ body: @escaping @Sendable () -> Void) {
    DispatchQueue.concurrentPerform(iterations: count) { _ in body() }
  }
}
