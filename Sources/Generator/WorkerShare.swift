import Synchronization

/// What one thread has made: sums, and which user ids it has met.
struct WorkerShare: Sendable {
  private var summary = GeneratedSummary()
  /// A bit for each reader's cookie and account (reader × 2, + 1 for the account): 10 million readers are 2.5 MB.
  private var identities: [UInt64]

  init(users: Int) { identities = Array(repeating: 0, count: (users * 2 + 63) / 64) }

  mutating func add(_ file: ShardDay) {
    summary.add(file.summary)
    for identity in file.identities { identities[Int(identity >> 6)] |= 1 << UInt64(identity & 63) }
  }

  static func total(_ shares: [WorkerShare]) -> GeneratedSummary {
    var summary = GeneratedSummary()
    for share in shares { summary.add(share.summary) }
    let words = shares.map(\.identities.count).max() ?? 0
    summary.userIDs = (0..<words).reduce(0) { count, word in
      count + shares.reduce(0 as UInt64) { $0 | $1.identities[word] }.nonzeroBitCount
    }
    return summary
  }
}

/// How far all threads have come.
final class ProgressMeter: Sendable {
  private let done: Mutex<TrafficProgress>
  private let report: @Sendable (TrafficProgress) -> Void

  init(files: Int, _ report: @escaping @Sendable (TrafficProgress) -> Void) {
    done = Mutex(TrafficProgress(filesDone: 0, files: files, rows: 0, bytes: 0))
    self.report = report
  }

  func wrote(rows: Int, bytes: Int) {
    done.withLock { done in
      done.rows += rows
      done.bytes += bytes
      report(done)
    }
  }

  func finishedFile() {
    done.withLock { done in
      done.filesDone += 1
      report(done)
    }
  }
}
