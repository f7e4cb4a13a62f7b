import Glibc

/// A file that appears under its name only when it is complete: written beside it under a temporary name, flushed,
/// then renamed. An error or a forgotten `commit` leaves nothing behind, nor does an interrupt in a program that calls
/// `UnfinishedFiles.removeOnSignals`; a killed process leaves the temporary file (`NAME.PID.partial`) and whatever stood
/// under the name before.
///
/// A symbolic link under the name stays: what it points to is replaced.
package final class OutputFile: OutputSink {
  package let path: String
  /// Where the file goes: the path with links followed.
  private let target: String
  private let temporaryPath: String
  private var file: PosixFile?
  private let overwrite: Bool
  /// Place in the list of what a signal removes.
  private var slot: Int?

  /// - Throws: `usage` if the name is taken and `overwrite` is not set, or is taken by something that is no file;
  ///   `missingFile` if the folder does not exist; `inputOutput`.
  package init(_ path: String, overwrite: Bool) throws(FingalError) {
    self.path = path
    self.overwrite = overwrite
    try Self.check(path, overwrite: overwrite)
    target = try Self.followingLinks(path)
    temporaryPath = "\(target).\(getpid()).partial"
    slot = UnfinishedFiles.add(temporaryPath)
    do throws(FingalError) {
      file = try PosixFile(creating: temporaryPath)
    } catch {
      UnfinishedFiles.remove(slot)
      // The user named the final file, so that is what the message names.
      var renamed = error
      renamed.file = path
      throw renamed
    }
  }

  deinit { cancel() }

  private static func check(_ path: String, overwrite: Bool) throws(FingalError) {
    var info = stat()
    guard unsafe lstat(path, &info) == 0 else { return }
    let kind = info.st_mode & S_IFMT
    if kind == S_IFDIR { throw FingalError(.usage, "is a directory", file: path, advice: "name a file") }
    if kind != S_IFREG && kind != S_IFLNK {
      throw FingalError(.usage, "is not a regular file", file: path, advice: "name a file that can be replaced")
    }
    if !overwrite {
      throw FingalError(.usage, "already exists", file: path, advice: "choose another name or pass --force")
    }
  }

  /// The file that a symbolic link leads to; any other path as it is.
  private static func followingLinks(_ path: String) throws(FingalError) -> String {
    var info = stat()
    guard unsafe lstat(path, &info) == 0, info.st_mode & S_IFMT == S_IFLNK else { return path }
    guard let resolved = unsafe realpath(path, nil) else {
      throw FingalError(
        .usage, "is a symbolic link that leads nowhere", file: path, advice: "remove the link or name the file itself")
    }
    defer { unsafe free(resolved) }
    let target = unsafe String(cString: resolved)
    try check(target, overwrite: true)
    return target
  }

  package func write(_ bytes: [UInt8]) throws(FingalError) {
    try named { (f) throws(FingalError) in try f.write(bytes) }
  }

  package func write(_ bytes: UnsafeRawBufferPointer) throws(FingalError) {
    try named { (f) throws(FingalError) in try unsafe f.write(bytes) }
  }

  private func named(_ body: (PosixFile) throws(FingalError) -> Void) throws(FingalError) {
    guard let file else { throw FingalError(.usage, "the file is finished", file: path) }
    do throws(FingalError) {
      try body(file)
    } catch {
      var renamed = error
      renamed.file = path
      throw renamed
    }
  }

  /// Flushes and puts the file under its name.
  package func commit() throws(FingalError) {
    try named { (f) throws(FingalError) in try f.synchronize() }
    do throws(FingalError) { try Self.check(path, overwrite: overwrite) } catch {
      cancel()
      throw error
    }
    file = nil
    defer { UnfinishedFiles.remove(slot) }
    if unsafe rename(temporaryPath, target) != 0 {
      let reason = PosixFile.reason(errno)
      _ = unsafe unlink(temporaryPath)
      throw FingalError(.inputOutput, "cannot rename the finished file: \(reason)", file: path)
    }
    // The rename itself must survive a power cut; a folder that cannot be flushed is not worth failing for.
    let folder = target.lastIndex(of: "/").map { $0 == target.startIndex ? "/" : String(target[..<$0]) } ?? "."
    let descriptor = unsafe open(folder, O_RDONLY | O_CLOEXEC)
    if descriptor >= 0 {
      fsync(descriptor)
      close(descriptor)
    }
  }

  /// Removes the temporary file; nothing appears under the name.
  package func cancel() {
    guard file != nil else { return }
    file = nil
    _ = unsafe unlink(temporaryPath)
    UnfinishedFiles.remove(slot)
  }
}
