#if canImport(Glibc)
  import Glibc
#endif
import Diagnostics

/// Deletes what no kept version needs. It holds the writer's lock from plan to end, so that the files of a commit under way are not taken for leftovers.
public final class Vacuum {
  public let plan: VacuumPlan
  private let store: Store
  private let lock: StoreLock

  /// - Throws: `S4` where another process writes.
  public init(_ store: Store, _ options: VacuumOptions) throws(Diagnostic) {
    guard store.exists else { throw store.absence }
    lock = try StoreLock(store.path)
    self.store = store
    plan = try VacuumPlan(store, options)
  }

  deinit { lock.release() }

  /// Deletes in the plan's order. Where it ends early, the next one goes on: what is left is still needed by nobody.
  /// - Parameter progress: files done, of how many.
  public func run(progress: (Int, Int) -> Void = { _, _ in }) throws(Diagnostic) {
    let manifests = plan.items.prefix { $0.path.hasPrefix("manifests/") }.count
    for (index, item) in plan.items.enumerated() {
      do throws(SystemError) {
        // Also where power fails, no manifest comes back whose files are gone.
        if index == manifests, manifests > 0 { try store.syncFolder("manifests") }
        try store.files.remove(store.path + "/" + item.path)
      } catch { throw error.diagnostic }
      progress(index + 1, plan.items.count)
    }
  }
}

extension Store {
  /// Makes what was deleted in a folder stay so.
  fileprivate func syncFolder(_ name: String) throws(SystemError) {
    let full = path + "/" + name
    let folder = unsafe open(full, O_RDONLY | O_CLOEXEC | O_DIRECTORY)
    guard folder >= 0 else { throw SystemError("open", full, errno) }
    try files.sync(folder, full)
  }
}
