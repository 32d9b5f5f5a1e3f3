import Glibc
import Testing

/// A folder for one test, removed with it.
final class Scratch {
  let path: String

  init() throws {
    path = try Command.run("mktemp -d /tmp/grandstand-generator-XXXXXX").split(separator: "\n").joined()
  }

  deinit { _ = try? Command.run("rm -rf '\(path)'") }  // A folder left behind in /tmp harms no test.

  func files() throws -> [String] {
    try Command.run("cd '\(path)' && find . -type f | sort").split(separator: "\n").map(String.init)
  }

  func hashes() throws -> String {
    try Command.run("cd '\(path)' && find . -type f | sort | xargs sha256sum")
  }
}

/// A shell command with its output.
enum Command {
  struct Failed: Error { var command: String }

  @discardableResult static func run(_ command: String) throws -> String {
    guard let pipe = unsafe popen("set -e; \(command)", "r") else { throw Failed(command: command) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = unsafe fread(&buffer, 1, buffer.count, pipe)
      if count == 0 { break }
      bytes += buffer[..<count]
    }
    guard unsafe pclose(pipe) == 0 else { throw Failed(command: command) }
    return String(decoding: bytes, as: UTF8.self)
  }
}
