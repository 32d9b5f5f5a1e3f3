import Diagnostics
import Events

extension EvaluationPlan {
  /// About how many bytes the measurements of a source's largest bucket take on each thread.
  public func measurementBytes(_ source: any EventSource) throws(Diagnostic) -> Int {
    let users = try source.userCounts.max() ?? 0
    // Which planes there are does not depend on the days that are read.
    let planes = AccumulatorPlan(self, wholeScope, days: [], users: users, keepsValues: false) { _, _, _ in
      false
    }
    let narrow = planes.planes[.narrow] ?? 0
    let wide = (planes.planes[.wide] ?? 0) + 2 * planes.others.count
    return (narrow + wide * 4) * (users + Accumulators.padding)
  }
}
