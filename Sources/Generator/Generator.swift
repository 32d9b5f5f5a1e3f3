import Diagnostics
import Events

public struct TrafficOptions: Sendable {
  public var users = 10_000
  public var days = 7
  public var firstDay = Day(number: 20_773)
  public var seed: UInt64 = 1
  public var compressed = true
  public init() {}
}
public struct TrafficSummary: Sendable {
  public var rows = 0, bytes = 0, files = 0, views = 0, pings = 0, duplicates = 0, bots = 0, anonymous = 0, broken = 0
}
public struct Traffic: Sendable {
  public init(_ options: TrafficOptions) {}
  public func write(to folder: String, _ workers: Workers, progress: @escaping @Sendable (Int, Int) -> Void) throws(Diagnostic) -> TrafficSummary { TrafficSummary() }
}
