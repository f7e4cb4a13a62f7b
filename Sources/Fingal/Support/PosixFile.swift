import Glibc

/// A file descriptor with the calls the library needs, each failing with a `FingalError` that names the file. For
/// tests and fuzzing it may stand for bytes in memory, which can be read only.
package final class PosixFile: Sendable {
  package let path: String
  /// Negative for bytes in memory.
  package let descriptor: Int32
  private let memory: [UInt8]
  /// The byte ranges read, while a test asks for them.
  private let trace = Guarded<[Range<Int>]?>(nil)

  /// Opens for reading.
  package init(reading path: String) throws(FingalError) {
    // To open a pipe without a writer would wait for one; to a file the flag means nothing.
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    if descriptor < 0 {
      let code = errno
      throw FingalError(
        [ENOENT, ENOTDIR, EACCES, ELOOP, ENAMETOOLONG].contains(code) ? .missingFile : .inputOutput,
        "cannot open: \(Self.reason(code))", file: path)
    }
    var info = stat()
    if unsafe fstat(descriptor, &info) == 0, info.st_mode & S_IFMT != S_IFREG {
      close(descriptor)
      let isFolder = info.st_mode & S_IFMT == S_IFDIR
      throw FingalError(
        .missingFile, isFolder ? "is a directory, not a file" : "is a pipe or a device, not a file", file: path,
        advice: isFolder ? nil : "its end is read first: write it to a file")
    }
    self.path = path
    self.descriptor = descriptor
    memory = []
  }

  /// Bytes in memory under a name.
  package init(bytes: [UInt8], named path: String) {
    self.path = path
    descriptor = -1
    memory = bytes
  }

  /// Creates a new file for writing; fails if it exists.
  package init(creating path: String) throws(FingalError) {
    let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
    if descriptor < 0 {
      let code = errno
      if code == ENAMETOOLONG {
        throw FingalError(
          .usage, "cannot create: \(Self.reason(code))", file: path,
          advice: "choose a shorter name: while it is written, the file is called NAME.NUMBER.partial")
      }
      throw FingalError(
        code == ENOENT || code == ENOTDIR || code == EACCES ? .missingFile : .inputOutput,
        "cannot create: \(Self.reason(code))", file: path)
    }
    self.path = path
    self.descriptor = descriptor
    memory = []
  }

  /// Opens an existing file for reading and writing.
  package init(updating path: String) throws(FingalError) {
    let descriptor = unsafe open(path, O_RDWR | O_CLOEXEC)
    if descriptor < 0 {
      let code = errno
      throw FingalError(
        [ENOENT, ENOTDIR, EACCES, EISDIR, EROFS, ENAMETOOLONG].contains(code)
          ? .missingFile : .inputOutput,
        "cannot open for writing: \(Self.reason(code))", file: path)
    }
    var info = stat()
    guard unsafe fstat(descriptor, &info) == 0, info.st_mode & S_IFMT == S_IFREG else {
      close(descriptor)
      throw FingalError(.missingFile, "is not a regular file", file: path)
    }
    self.path = path
    self.descriptor = descriptor
    memory = []
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  package func size() throws(FingalError) -> Int {
    if descriptor < 0 { return memory.count }
    var info = stat()
    guard unsafe fstat(descriptor, &info) == 0 else { throw failure("cannot read its size") }
    return Int(info.st_size)
  }

  /// Fills `target` from `offset`.
  ///
  /// - Throws: `truncated` if the file ends before.
  package func read(into target: UnsafeMutableRawBufferPointer, at offset: Int) throws(FingalError) {
    trace.withLock { $0?.append(offset..<offset + target.count) }
    if descriptor < 0 {
      guard offset >= 0, offset <= memory.count, target.count <= memory.count - offset else {
        throw FingalError(
          .truncated,
          "the file ends at byte \(memory.count), \(target.count - max(0, memory.count - offset)) bytes too early",
          file: path)
      }
      unsafe memory.withUnsafeBytes {
        unsafe target.copyMemory(from: .init(rebasing: $0[offset..<offset + target.count]))
      }
      return
    }
    var done = 0
    while done < target.count {
      let n = unsafe pread(descriptor, target.baseAddress! + done, target.count - done, off_t(offset + done))
      if n < 0 {
        if errno == EINTR { continue }
        throw failure("cannot read at byte \(offset + done)")
      }
      if n == 0 {
        throw FingalError(
          .truncated, "the file ends at byte \(offset + done), \(target.count - done) bytes too early", file: path)
      }
      done += n
    }
  }

  package func read(_ count: Int, at offset: Int) throws(FingalError) -> [UInt8] {
    // Swift writes the length of an array without room into the one empty array that all share: a race, if a harmless one.
    if count == 0 { return [] }
    var failure: FingalError?
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
      do throws(FingalError) {
        try unsafe read(
          into: UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(buffer)[..<count]), at: offset)
        initialized = count
      } catch { failure = error }
    }
    if let failure { throw failure }
    return bytes
  }

  /// Runs `body` and tells which byte ranges were read meanwhile, in the order of their beginning: what lets tests
  /// prove that pages were left alone.
  package func reads(during body: () throws -> Void) rethrows -> [Range<Int>] {
    trace.withLock { $0 = [] }
    defer { trace.withLock { $0 = nil } }
    try body()
    return trace.withLock { $0 ?? [] }
  }

  package func write(_ bytes: UnsafeRawBufferPointer) throws(FingalError) {
    var done = 0
    while done < bytes.count {
      let n = unsafe Glibc.write(descriptor, bytes.baseAddress! + done, bytes.count - done)
      if n < 0 {
        if errno == EINTR { continue }
        throw failure("cannot write")
      }
      done += n
    }
  }

  package func write(_ bytes: [UInt8]) throws(FingalError) {
    var failure: FingalError?
    unsafe bytes.withUnsafeBytes { buffer in
      do throws(FingalError) { try unsafe write(buffer) } catch { failure = error }
    }
    if let failure { throw failure }
  }

  /// Moves to where the next bytes are written.
  package func seek(to offset: Int) throws(FingalError) {
    if lseek(descriptor, off_t(offset), SEEK_SET) < 0 { throw failure("cannot seek") }
  }

  /// Takes the lock of the only writer, without waiting; false if another program holds it. Closing the file gives it
  /// back. A file system without locks is taken at its word.
  package func lock() throws(FingalError) -> Bool {
    while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
      switch errno {
      case EINTR: continue
      case EWOULDBLOCK: return false
      case ENOLCK, EOPNOTSUPP, ENOSYS: return true
      default: throw failure("cannot lock")
      }
    }
    return true
  }

  package func unlock() { flock(descriptor, LOCK_UN) }

  /// Cuts the file back, when giving up: there is nobody to tell if that fails too.
  package func truncate(to size: Int) {
    while ftruncate(descriptor, off_t(size)) != 0 && errno == EINTR {}
    fsync(descriptor)
  }

  package func synchronize() throws(FingalError) {
    // A file system that cannot flush (EINVAL) has nothing to flush.
    if fsync(descriptor) != 0 && errno != EINVAL { throw failure("cannot flush to disk") }
  }

  private func failure(_ what: String) -> FingalError {
    FingalError(.inputOutput, "\(what): \(Self.reason(errno))", file: path)
  }

  package static func reason(_ code: Int32) -> String {
    unsafe strerror(code).map { unsafe String(cString: $0) } ?? "error \(code)"
  }
}
