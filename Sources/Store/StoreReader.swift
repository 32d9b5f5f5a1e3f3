import ArrowIPC
import Diagnostics
import Events
import Synchronization

/// One Arrow file of a snapshot, opened when it is first needed and shared by all threads.
final class StoreReader: Sendable {
  let entry: FileEntry
  private let path: String
  private let opened = Mutex<ArrowFileReader?>(nil)

  init(_ entry: FileEntry, store: String) {
    self.entry = entry
    path = store + "/" + entry.path
  }

  /// - Throws: `S2` for a file that is not the one that was committed.
  func file() throws(Diagnostic) -> ArrowFileReader {
    if let reader = opened.withLock({ $0 }) { return reader }
    let reader = try open()
    return opened.withLock { slot in
      if let known = slot { return known }
      slot = reader
      return reader
    }
  }

  private func open() throws(Diagnostic) -> ArrowFileReader {
    do throws(FormatError) {
      let input = try FileInput(path: path)
      guard input.size == entry.bytes else {
        throw FormatError("it has \(input.size) bytes; \(entry.bytes) were committed")
      }
      let reader = try ArrowFileReader(input)
      guard reader.footerHash == entry.footer else {
        throw FormatError("its footer is damaged (the checksum is wrong)")
      }
      return reader
    } catch { throw error.diagnostic(file: path) }
  }

  func batch(_ index: Int, columns: [Int]? = nil, elidesUnknown: Bool = false) throws(Diagnostic)
    -> ArrowBatch
  {
    let reader = try file()
    do throws(FormatError) {
      return try reader.batch(index, columns: columns, elidesUnknown: elidesUnknown)
    } catch {
      throw error.diagnostic(file: path, detail: "batch \(index)")
    }
  }

  func rows(ofBatch index: Int) throws(Diagnostic) -> Int {
    let reader = try file()
    do throws(FormatError) { return try reader.rows(ofBatch: index) } catch {
      throw error.diagnostic(file: path, detail: "batch \(index)")
    }
  }

  func bytes(ofBatch index: Int, columns: [Int]) throws(Diagnostic) -> Int {
    let reader = try file()
    do throws(FormatError) { return try reader.bytes(ofBatch: index, columns: columns) } catch {
      throw error.diagnostic(file: path, detail: "batch \(index)")
    }
  }

  /// XXH3-64 of all its bytes, as the manifest keeps it.
  func contentHash() throws(Diagnostic) -> String {
    do throws(FormatError) {
      let input = try FileInput(path: path)
      let hash = HashStream()
      var at = 0
      while at < input.size {
        let count = min(1 << 20, input.size - at)
        hash.update(try input.read(at, count))
        at += count
      }
      return Hash.hex(hash.value)
    } catch { throw error.diagnostic(file: path) }
  }

  func damaged(_ reason: String, batch: Int? = nil) -> Diagnostic {
    FormatError(reason).diagnostic(file: path, detail: batch.map { "batch \($0)" })
  }
}
