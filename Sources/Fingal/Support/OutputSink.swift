/// Where a writer's bytes go: a new file that appears when it is complete, or the end of one that exists.
package protocol OutputSink: AnyObject {
  /// As the user named it.
  var path: String { get }
  func write(_ bytes: [UInt8]) throws(FingalError)
  /// Flushes; from now on everything written is there for good.
  func commit() throws(FingalError)
  /// Leaves things as they were before.
  func cancel()
}

/// The end of a file that exists. Until `commit()` the file can be put back to the size it had, which an error, a
/// forgotten `commit` and, in a program that calls `UnfinishedFiles.removeOnSignals`, an interrupt do. A killed process
/// leaves a file whose end is not valid.
///
/// The file is locked, so that two programs do not write to one end at the same time. Readers need no lock: what they
/// have opened does not change.
package final class AppendedFile: OutputSink {
  package let path: String
  /// For reading what is there.
  package let file: PosixFile
  package let oldSize: Int
  private var isOpen = true
  private var slot: Int?

  /// - Throws: `missingFile`; `usage` if another writer is at work; `inputOutput`.
  package init(_ path: String) throws(FingalError) {
    self.path = path
    file = try PosixFile(updating: path)
    guard try file.lock() else {
      throw FingalError(
        .usage, "another program is writing to it", file: path, advice: "wait until it has finished, then try again")
    }
    oldSize = try file.size()
    try file.seek(to: oldSize)
    slot = UnfinishedFiles.add(file.descriptor, truncatingTo: oldSize)
  }

  deinit { cancel() }

  package func write(_ bytes: [UInt8]) throws(FingalError) { try file.write(bytes) }

  package func commit() throws(FingalError) {
    try file.synchronize()
    isOpen = false
    UnfinishedFiles.remove(slot)
    file.unlock()
  }

  package func cancel() {
    guard isOpen else { return }
    isOpen = false
    file.truncate(to: oldSize)
    UnfinishedFiles.remove(slot)
    file.unlock()
  }
}
