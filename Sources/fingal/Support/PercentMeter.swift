import Fingal
import Glibc

/// One line on the terminal that is rewritten in place while long work runs, ten times a second at the most:
/// `merging 45 %`. Nothing where standard error is no terminal, and nothing in the first half second.
final class PercentMeter {
  private let enabled: Bool
  private let what: String
  private let clock = ContinuousClock()
  private var last: ContinuousClock.Instant
  private var shown = false

  init(_ what: String, quiet: Bool = false) {
    self.what = what
    enabled = !quiet && isatty(STDERR_FILENO) == 1
    last = clock.now + .milliseconds(400)
  }

  func show(_ done: Int, of whole: Int) {
    guard enabled, whole > 0 else { return }
    let now = clock.now
    if last.duration(to: now) < .milliseconds(100) { return }
    last = now
    shown = true
    writeAll(Array("\r\(what) \(min(100, done * 100 / whole)) %\u{1B}[K".utf8), to: STDERR_FILENO)
  }

  /// Takes the line away, before anything else is printed.
  func clear() {
    if shown { writeAll(Array("\r\u{1B}[K".utf8), to: STDERR_FILENO) }
    shown = false
  }
}
