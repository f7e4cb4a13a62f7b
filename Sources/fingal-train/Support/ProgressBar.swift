import FingalNet
import Glibc

/// One line on standard error that is written over again, only where that is a terminal.
struct ProgressBar {
  private let isShown = isatty(STDERR_FILENO) == 1
  private var shownAt = 0.0

  mutating func show(_ progress: Fit.Progress, epochs: Int) {
    guard isShown, progress.seconds - shownAt > 0.1 || progress.seconds < shownAt else { return }
    shownAt = progress.seconds
    let width = 30
    let done = progress.of > 0 ? width * progress.events / progress.of : width
    let bar = String(repeating: "#", count: done) + String(repeating: ".", count: width - done)
    let rate = progress.seconds > 0 ? Double(progress.events) / progress.seconds : 0
    writeAll(
      "\r\u{1B}[Kepoch \(progress.epoch)/\(epochs)  \(bar)  \(grouped(Int(rate))) events/s", to: STDERR_FILENO)
  }

  func clear() {
    if isShown { writeAll("\r\u{1B}[K", to: STDERR_FILENO) }
  }
}
