import Fingal
import Glibc

/// Standard output of a command: buffered bytes, and errors that are not swallowed (`print` ignores a full disk).
final class Output {
  private var buffer: [UInt8] = []
  private let descriptor: Int32

  init(descriptor: Int32 = STDOUT_FILENO) {
    self.descriptor = descriptor
    buffer.reserveCapacity(1 << 16)
  }

  /// - Throws: `inputOutput` when the buffer must be emptied and the write fails.
  func write(_ text: String) throws(FingalError) {
    buffer.append(contentsOf: text.utf8)
    if buffer.count >= 1 << 16 { try flush() }
  }

  func line(_ text: String = "") throws(FingalError) {
    buffer.append(contentsOf: text.utf8)
    buffer.append(UInt8(ascii: "\n"))
    if buffer.count >= 1 << 16 { try flush() }
  }

  /// Hands the buffer to `body`, which appends bytes: for loops that should not make strings.
  func append(_ body: (inout [UInt8]) -> Void) throws(FingalError) {
    body(&buffer)
    if buffer.count >= 1 << 16 { try flush() }
  }

  /// Writes what is left. Every command ends with it.
  func flush() throws(FingalError) {
    if buffer.isEmpty { return }
    let failure = writeAll(buffer, to: descriptor)
    buffer.removeAll(keepingCapacity: true)
    if let failure {
      throw FingalError(.inputOutput, "cannot write to standard output: \(systemMessage(failure))")
    }
  }
}

/// The system's words for an `errno`.
func systemMessage(_ code: Int32) -> String {
  guard let text = unsafe strerror(code) else { return "error \(code)" }
  return unsafe String(cString: text)
}
