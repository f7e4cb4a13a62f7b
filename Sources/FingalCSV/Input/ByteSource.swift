internal import Glibc
package import Fingal

/// Bytes that are read once, from front to end. Sources wrap one another: file → inflate → transcode.
package protocol ByteSource: AnyObject {
  /// Fills `buffer` from its start and returns how many bytes it wrote: 0 at the end only, fewer than asked at any time.
  func read(into buffer: UnsafeMutableRawBufferPointer) throws(FingalError) -> Int
}

/// A file, or standard input, read with `read(2)`. Not mapped: a file that shrinks while it is read must end in an error
/// and not in a signal.
package final class DescriptorSource: ByteSource {
  private let descriptor: CInt
  private let owned: Bool
  private let file: String
  /// Bytes that must come before the end does.
  private let expected: Int
  private var position = 0

  /// - Parameters:
  ///   - path: `-` is standard input.
  ///   - expected: bytes that the file had when it was first looked at. An end before them is an error: a table
  ///     that lacks its last lines looks like any other.
  /// - Throws: `missingFile` if there is no such file or it may not be read, `usage` if it is a directory.
  package init(path: String, expecting expected: Int = 0) throws(FingalError) {
    self.expected = expected
    if path == "-" {
      descriptor = STDIN_FILENO
      owned = false
      file = "stdin"
      return
    }
    file = path
    owned = true
    descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    if descriptor < 0 {
      throw FingalError(.missingFile, "cannot be opened: \(Self.reason(errno))", file: path)
    }
    var status = stat()
    if unsafe fstat(descriptor, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR {
      close(descriptor)
      throw FingalError(.usage, "is a directory", file: path, advice: "name the files in it")
    }
  }

  deinit { if owned { close(descriptor) } }

  package func read(into buffer: UnsafeMutableRawBufferPointer) throws(FingalError) -> Int {
    while true {
      let count = unsafe Glibc.read(descriptor, buffer.baseAddress, buffer.count)
      if count == 0 && position < expected {
        throw FingalError(
          .inputOutput, "became shorter while it was read: \(position) bytes of \(expected)", file: file,
          advice: "convert it when nothing writes to it")
      }
      if count >= 0 {
        position += count
        return count
      }
      if errno != EINTR { throw FingalError(.inputOutput, "cannot be read: \(Self.reason(errno))", file: file) }
    }
  }

  private static func reason(_ code: CInt) -> String {
    guard let text = unsafe strerror(code) else { return "error \(code)" }
    return unsafe String(cString: text)
  }
}

/// Bytes in memory: standard in tests, and what peeking took from a source, put back before the rest of it.
package final class MemorySource: ByteSource {
  private let bytes: [UInt8]
  private var position = 0
  private let rest: (any ByteSource)?

  package init(_ bytes: [UInt8], before rest: (any ByteSource)? = nil) {
    self.bytes = bytes
    self.rest = rest
  }

  package func read(into buffer: UnsafeMutableRawBufferPointer) throws(FingalError) -> Int {
    let count = min(buffer.count, bytes.count - position)
    if count > 0 {
      unsafe bytes.withUnsafeBytes { source in
        unsafe buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: source[position..<position + count]))
      }
      position += count
      return count
    }
    guard let rest else { return 0 }
    return try unsafe rest.read(into: buffer)
  }
}

extension ByteSource {
  /// Reads until `count` bytes are there or the source ends.
  package func readUp(to count: Int) throws(FingalError) -> [UInt8] {
    var bytes: [UInt8] = []
    var filled = 0
    while filled < count {
      // Doubling steps: a small file must not cost the whole allowance, nor a slow pipe a new buffer a read.
      if filled == bytes.count {
        bytes.append(contentsOf: [UInt8](repeating: 0, count: min(count - filled, max(4 << 10, filled))))
      }
      var got = 0
      var failure: FingalError?
      unsafe bytes.withUnsafeMutableBytes { all in
        do throws(FingalError) {
          got = try unsafe read(into: UnsafeMutableRawBufferPointer(rebasing: all[filled...]))
        } catch { failure = error }
      }
      if let failure { throw failure }
      if got == 0 { break }
      filled += got
    }
    bytes.removeLast(bytes.count - filled)
    return bytes
  }
}
