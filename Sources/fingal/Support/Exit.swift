import ArgumentParser
import Fingal
import Glibc

/// Makes `fingal dump … | head` end without a message, also where the parent process ignores `SIGPIPE`.
func dieQuietlyOnClosedPipe() {
  _ = signal(SIGPIPE, SIG_DFL)
}

/// A limit on the size of files (`ulimit -f`) shall be an error of the write, as a full disk is, and not the end of the
/// process, which would leave an unfinished file.
func reportFileSizeLimit() { _ = signal(SIGXFSZ, SIG_IGN) }

/// Prints one line that says what is wrong (`fingal: …` on standard error) and exits: 1 where the data is at fault, 2
/// where the call is, 0 where help or the version was asked for.
func exitReporting(_ error: any Error, root: (some ParsableCommand).Type) -> Never {
  if let error = error as? FingalError {
    printError(error.description)
    exit(exitStatus(of: error))
  }
  let code = root.exitCode(for: error)
  if code == .success || error is ExitCode { root.exit(withError: error) }
  if code == .validationFailure {
    printError(usageLine(of: error, root: root))
    exit(2)
  }
  printError("\(error)")
  exit(1)
}

/// The exit code for an error of the library.
func exitStatus(of error: FingalError) -> Int32 {
  switch error.code {
  case .usage, .missingFile: 2
  case .inputOutput, .badInput, .notFingal, .truncated, .damaged, .unsupported, .invalidSchema, .limit: 1
  }
}

/// Writes `fingal: MESSAGE` to standard error as one line.
func printError(_ message: String) {
  let line = message.split(separator: "\n", omittingEmptySubsequences: true).joined(separator: " ")
  writeAll(Array("fingal: \(line)\n".utf8), to: STDERR_FILENO)
}

/// Writes all bytes, or as many as the descriptor takes; nil or the `errno` of the failure.
@discardableResult
func writeAll(_ bytes: [UInt8], to descriptor: Int32) -> Int32? {
  unsafe bytes.withUnsafeBytes { buffer in
    var rest = unsafe buffer[...]
    while unsafe !rest.isEmpty {
      let written = unsafe write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
      if written < 0 {
        if errno == EINTR { continue }
        return errno
      }
      unsafe rest = rest.dropFirst(written)
    }
    return nil
  }
}

/// The parser's message on one line, with the command whose help explains it: the parser itself prints three lines.
private func usageLine(of error: any Error, root: (some ParsableCommand).Type) -> String {
  var message = root.message(for: error)
  if let first = message.first, first.isUppercase, message.dropFirst().first?.isLowercase == true {
    message = first.lowercased() + message.dropFirst()
  }
  if message.hasSuffix(".") { message.removeLast() }
  let help = root.fullMessage(for: error).split(separator: "\n").last { $0.contains("--help'") }
  let named = help.flatMap { line -> Substring? in
    guard let open = line.firstIndex(of: "'"), let close = line.lastIndex(of: "'"), open < close else { return nil }
    return line[open...close]
  }
  return message + (named.map { "; see \($0)" } ?? "")
}
