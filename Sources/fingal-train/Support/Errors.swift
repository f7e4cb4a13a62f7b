import ArgumentParser
import Fingal
import Glibc

/// Prints one line that says what is wrong (`fingal-train: …` on standard error) and exits: 1 where the data is at
/// fault, 2 where the call is, 0 where help or the version was asked for.
func exitReporting(_ error: any Error) -> Never {
  if let error = error as? FingalError {
    printNote(error.description)
    switch error.code {
    case .usage, .missingFile: exit(2)
    default: exit(1)
    }
  }
  let code = FingalTrainTool.exitCode(for: error)
  if code == .success || error is ExitCode { FingalTrainTool.exit(withError: error) }
  var message = FingalTrainTool.message(for: error)
  if let first = message.first, first.isUppercase, message.dropFirst().first?.isLowercase == true {
    message = first.lowercased() + message.dropFirst()
  }
  if message.hasSuffix(".") { message.removeLast() }
  printNote(message + "; see 'fingal-train --help'")
  exit(code == .validationFailure ? 2 : 1)
}

/// Writes `fingal-train: MESSAGE` to standard error as one line.
func printNote(_ message: String) {
  let line = message.split(separator: "\n", omittingEmptySubsequences: true).joined(separator: " ")
  writeAll("fingal-train: \(line)\n", to: STDERR_FILENO)
}

/// Writes a text; false if the descriptor refuses.
@discardableResult
func writeAll(_ text: String, to descriptor: Int32) -> Bool {
  var rest = Array(text.utf8)[...]
  while !rest.isEmpty {
    let written = unsafe rest.withUnsafeBytes { unsafe write(descriptor, $0.baseAddress, $0.count) }
    if written < 0 {
      if errno == EINTR { continue }
      return false
    }
    rest = rest.dropFirst(written)
  }
  return true
}

/// A line on standard output, at once: an epoch may take minutes.
///
/// - Throws: `inputOutput` when the disk is full or the reader has gone.
func printLine(_ text: String) throws(FingalError) {
  if !writeAll(text + "\n", to: STDOUT_FILENO) {
    throw FingalError(.inputOutput, "cannot write to standard output: error \(errno)")
  }
}
